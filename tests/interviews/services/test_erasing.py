"""Interviews go, people are erased and get what is kept of them; published versions keep their figures."""

import io
import json
import zipfile

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from audit.models import AuditEvent
from buying_process.models import Stage, Transition, Version
from core.exceptions import ConflictError
from interviews import services
from interviews.choices import SourceState
from interviews.models import Answer, Excerpt, ExchangeFile, Intake, Interview, Moment, Passage, Source, Suggestion
from interviews.selectors import dependents
from interviews.services.intake import Given, intake_start
from tests.factories import buying_process as process_factory
from tests.factories import interviews as factory

CANARY = "Zyzzogeton"


@pytest.fixture
def told(in_workspace, designer):
    """Tell of a person in every place that an interview has."""
    made = factory.told_interview(
        designer, f"{CANARY} Mills", role=f"{CANARY} the miller", notes=CANARY, account=CANARY, external_id=CANARY
    )
    services.answers_save(interview=made, texts={1: f"I am {CANARY}."}, actor=designer)
    factory.coded(made, CANARY, "Say who one is", actor=designer, position=1)
    factory.suggestion(made, f"I am {CANARY}.", "Say who one is", actor=designer, position=1)
    Moment.objects.filter(interview=made).update(place_words=CANARY, date_words=CANARY)
    inside = {"workspace": in_workspace}
    intake = Intake.objects.create(**inside, guide_version=made.guide_version)
    source = Source.objects.create(
        **inside,
        intake=intake,
        name=f"{CANARY}.txt",
        digest="0" * 64,
        state=SourceState.DONE,
        facts={"who": CANARY},
        speakers=[{"name": CANARY}],
        content=CANARY.encode(),
    )
    Passage.objects.create(**inside, source=source, position=1, speaker=CANARY, text=CANARY, interview=made)
    Interview.objects.filter(pk=made.pk).update(source=source)
    again = intake_start(actor=designer, files=[Given(f"{CANARY} again.txt", CANARY.encode())])
    Source.objects.filter(intake=again).update(digest=source.digest, state=SourceState.KNOWN, content=b"")
    services.suggest_start(interview=made, actor=designer)
    services.exchange_hand_in(actor=designer, name="p.qdpx", content=services.project_export(workspace=in_workspace))
    made.refresh_from_db()
    return made


def places_of(word):
    """Give each column of the database that holds a word: table.column."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'jsonb', 'bytea') ORDER BY 1, 2"
        )
        for table, column in cursor.fetchall():
            kind = f"encode(\"{column}\", 'escape')" if column in {"content", "vector"} else f'"{column}"::text'
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {kind} LIKE %s', [f"%{word}%"])
            if cursor.fetchone()[0]:
                found.append(f"{table}.{column}")
    return found


def test_erasing_leaves_no_word_of_the_person_anywhere_but_in_the_record(told, designer):
    with pytest.raises(ConflictError, match="may still hold"):
        services.interview_erase(interview=told, actor=designer)
    ExchangeFile.objects.update(content=b"")  # as after it was brought in
    assert len(places_of(CANARY)) > 15
    services.interview_erase(interview=told, actor=designer)
    assert places_of(CANARY) == ["audit_auditevent.object_label"]
    told.refresh_from_db()
    assert (told.customer, told.outcome, told.moments.count()) == ("Erased", "won", 4)
    assert not Excerpt.objects.exists()
    assert not Suggestion.objects.exists()
    assert set(Answer.objects.values_list("text", flat=True)) == {""}
    assert AuditEvent.objects.get(verb="interview.erase").changes == {"passages": 6}


def test_a_file_that_still_holds_their_words_is_named(told, designer):
    Source.objects.update(state=SourceState.SORTED)
    with pytest.raises(ConflictError, match="may still hold their words"):
        services.interview_erase(interview=told, actor=designer)


def test_everything_about_a_person_in_one_file(told, client_of, designer, manager):
    url = reverse("interviews:everything", args=[told.pk])
    reply = client_of(designer).get(url)
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        assert archive.read(f"source/{CANARY}.txt") == CANARY.encode()
        found = json.loads(archive.read("interview.json"))
    assert found["interviews.interview"][0]["fields"]["notes"] == CANARY
    assert {"interviews.answer", "interviews.excerpt", "interviews.suggestion", "interviews.moment"} <= set(found)
    assert {"interviews.passage", "interviews.source", "audit.auditevent"} <= set(found)
    assert client_of(manager).get(url).status_code == 403


def test_a_deleted_interview_takes_its_rows_and_its_file_along(told, client_of, designer):
    client = client_of(designer)
    url = reverse("interviews:delete", args=[told.pk])
    assert "No process was derived from it" in client.get(url).text
    assert client.post(url).url == reverse("interviews:list")
    assert not Interview.objects.exists()
    assert not Source.objects.exists()
    assert AuditEvent.objects.get(verb="interview.delete").changes["moments"] == 4


def test_published_versions_keep_their_figures(in_workspace, designer):
    version = process_factory.published(in_workspace, designer)
    before = figures(version)
    gone, erased = version.interviews.order_by("pk")[:2]
    assert dependents(gone).versions == 1
    services.interview_delete(interview=gone, actor=designer)
    services.interview_erase(interview=erased, actor=designer)
    assert figures(version) == before


def figures(version):
    found = Version.objects.values("derivation", "cyclic_share", "status").get(pk=version.pk)
    stages = list(Stage.objects.filter(version=version).values_list("name", "told", "typical_days"))
    return found, stages, list(Transition.objects.filter(version=version).values_list("share", "seen"))


def test_models_of_this_room_say_what_they_hang_on():
    """A new link to an interview from another room is found by what is linked."""
    links = [row.related_model for row in Interview._meta.get_fields(include_hidden=True) if row.many_to_many]
    assert links == [apps.get_model("buying_process.Version")]
