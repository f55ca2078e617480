"""What they need to know, as a page to shape and as a table."""

import csv
import io

import pytest
from django.urls import reverse

from buying_process import services
from buying_process.models import StageNeed
from tests.factories import buying_process as make

HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft(in_workspace, designer):
    for interview in make.check_interviews(in_workspace)[:2]:
        make.beside(interview, "=Price", "information", "The price.", channel="online")
    return make.draft(in_workspace, designer)


def url_of(name, draft, *args):
    return reverse(f"buying_process:{name}", args=[draft.process_id, draft.number, *args])


def test_page_is_shaped_with_scripts_and_without(draft, client_of, designer):
    client, page = client_of(designer), url_of("information", draft)
    shown = client.get(page).text
    assert "2 gaps" not in shown
    assert "1 gap" in shown
    assert "The price." in shown
    need = StageNeed.objects.get(name="=Price")
    add = url_of("information_add", draft, need.stage_id)
    made = client.post(add, {"name": "Lead time", "channel": "sales", "page": "information"})
    assert made.url == page
    assert StageNeed.objects.get(name="Lead time").channel == "sales"
    assert client.post(add, {"name": "Lead time", "channel": "sales"}, headers=HTMX).status_code == 400
    moved = client.post(
        url_of("need", draft, need.pk), {"name": "=Price", "seen": "=Price", "channel": "partner"}, headers=HTMX
    )
    assert "process-changed" in moved.headers["HX-Trigger"]
    assert "with partners" in client.get(page).text
    client.post(url_of("undo", draft))
    need.refresh_from_db()
    assert need.channel == "online"


def test_table_has_a_line_for_each_need_and_no_formula(draft, client_of, designer):
    reply = client_of(designer).get(url_of("information_table", draft))
    rows = list(csv.DictReader(io.StringIO(reply.getvalue().decode("utf-8-sig"))))
    assert [(row["Channel"], row["Told by"], row["Missing"]) for row in rows] == [("Online", "2", "Something of ours")]
    assert rows[0]["Information"] == "'=Price"
    assert rows[0]["In their words"] == "The price."


def test_reps_read_it_once_published_and_see_no_names(draft, client_of, designer, rep):
    client, page = client_of(rep), url_of("information", draft)
    assert client.get(page).status_code == 404
    services.version_publish(version=draft, actor=designer)
    shown = client.get(page).text
    assert "Customer 1" not in shown
    assert "The price." in shown
    assert "Add it" not in shown
    assert client.post(url_of("information_add", draft, draft.stages.first().pk), {"name": "X"}).status_code == 403
