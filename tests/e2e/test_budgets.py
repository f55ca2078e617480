"""How much a page makes a browser fetch."""

import gzip

import pytest

from tests.e2e.conftest import MANAGER, REP

SCRIPT, STYLE, REQUESTS = 75_000, 90_000, 25


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (REP, "/deals/board/"),
        (MANAGER, "/deals/team/"),
        (MANAGER, "/process/"),
        (REP, "/"),
    ],
)
def test_a_page_stays_light(page_of, role, address):
    page = page_of(role)
    answers = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  Playwright marks the function
    page.goto(address, wait_until="networkidle")
    sizes = {"script": 0, "stylesheet": 0}
    for answer in answers:
        if answer.request.resource_type in sizes:
            sizes[answer.request.resource_type] += len(gzip.compress(answer.body()))
    assert 0 < sizes["script"] <= SCRIPT
    assert 0 < sizes["stylesheet"] <= STYLE
    assert len(answers) <= REQUESTS
