"""The reference page under the content security policy, and the guide's commands as they stand."""

import gzip
import json
import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from core import scope
from deals.models import Deal
from interviews.models import Code
from tests.factories import deals as factory

GUIDE = Path(settings.BASE_DIR) / "docs" / "how-to" / "use-the-api.md"
pytestmark = pytest.mark.django_db


def commands():
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), flags=re.DOTALL)
    return [block.replace("\\\n", " ").strip() for block in blocks]


def run(api, command):
    """Send what the last curl of a command sends, with what is piped into it."""
    words = shlex.split(command)
    headers, options, address, method = {}, words[words.index("curl") + 1 :], "", "GET"
    body = b""
    while options:
        word = options.pop(0)
        if word == "-H":
            name, value = options.pop(0).split(": ", 1)
            headers[name] = value
        elif word == "-X":
            method = options.pop(0)
        elif word == "-d":
            body, method = options.pop(0).encode(), "POST"
        elif word == "--data-binary":
            assert options.pop(0) == "@-"
            lines = words[words.index("printf") + 2 : words.index("|")]
            assert words[words.index("|") :][:3] == ["|", "gzip", "|"]
            body, method = gzip.compress("".join(f"{line}\n" for line in lines).encode()), "POST"
        elif word.startswith("$API"):
            address = word.replace("$API", "/api/v1")
        else:
            assert word == "-s"
    assert headers.pop("Authorization") == "Bearer $TOKEN"
    kind = headers.pop("Content-Type", "application/json")
    return api.generic(method, address, body, content_type=kind, headers=headers)


def test_commands_of_the_guide_do_what_it_says(api_of, designer, workspace):
    api = api_of(designer)
    with scope.in_workspace(workspace.pk):
        version = factory.live_version(workspace, designer)
        activity = version.stages.first().activities.filter(actor="customer").first()
        Code.objects.filter(pk=activity.code_id).update(name="Compare vendors")
    _, read, write, bulk, derive = commands()
    assert run(api, read).json()["results"] == []
    made = run(api, write)
    assert (made.status_code, made.json()["external_id"]) == (201, "crm-7")
    assert run(api, write).headers["Idempotent-Replayed"] == "true"
    with scope.in_workspace(workspace.pk):
        Deal.objects.update(opened_at="2026-01-01T00:00:00Z")
    answer = run(api, bulk).json()
    shown = json.loads(re.search(r'```json\n(\{"lines".*?)```', GUIDE.read_text(), flags=re.DOTALL)[1])
    reasons = {(error["line"], error["field"]) for error in answer.pop("errors")}
    assert (answer["lines"], answer["created"], answer["failed"]) == (2, 1, 1)
    assert reasons == {(error["line"], error["field"]) for error in shown["errors"]}
    answer = run(api, derive.replace("/1/", f"/{version.process_id}/"))
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert api.get(answer.json()["url"]).json()["kind"] == "derive"


def test_command_that_makes_a_token_exists():
    assert "create_token --workspace harbour --email dora@example.com" in commands()[0]


def test_reference_page_has_no_inline_script_or_style(client):
    answer = client.get(reverse("docs"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "<style" not in page
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\son\w+=", page) == []
    script = client.get(re.search(r'src="([^"]*\?script=[^"]*)"', page)[1])
    assert (script.status_code, script.headers["Content-Type"]) == (200, "application/javascript")
    assert f'"{reverse("schema")}"' in script.content.decode().replace("\\u002D", "-")
