"""Recording: facts, answers that save as one types, conflicts, guides."""

from datetime import date

import pytest
from django.urls import reverse

from interviews import services
from interviews.models import Answer, Guide, Interview, Segment
from tests.factories import interviews as factory

JSON = {"Accept": "application/json"}


@pytest.fixture
def dora(in_workspace, designer, client_of):
    return client_of(designer)


@pytest.fixture
def made(in_workspace, designer):
    return factory.interview(designer)


def facts(**changed):
    return {
        "customer": "Velden Bakeries",
        "role": "owner",
        "segment_name": "food",
        "held_on": "2026-02-03",
        "outcome": "lost",
        "weight": "2",
        "consent": "on",
        "notes": "",
    } | changed


def test_interview_is_recorded_and_its_segment_made(dora):
    response = dora.post(reverse("interviews:add"), facts())
    made = Interview.objects.get()
    assert (response.status_code, response.url) == (302, made.get_absolute_url())
    assert (made.customer, made.segment.name, made.held_on, made.outcome, made.weight, made.consent) == (
        "Velden Bakeries",
        "food",
        date(2026, 2, 3),
        "lost",
        2,
        True,
    )
    dora.post(reverse("interviews:add"), facts(customer="Another", segment_name="FOOD "))
    assert Segment.objects.count() == 1


def test_wrong_facts_are_shown_again_with_what_was_typed(dora):
    response = dora.post(reverse("interviews:add"), facts(customer="", weight="0"))
    assert response.status_code == 422
    assert "Velden" not in response.content.decode()
    assert 'value="owner"' in response.content.decode()
    assert (Interview.objects.count(), Segment.objects.count()) == (0, 0)


def test_answer_saves_as_json_while_it_is_typed(dora, made):
    answer = factory.answer(made, 1)
    url = reverse("interviews:answer", args=[answer.pk])
    response = dora.post(url, {"text": "We noticed.", "version": "1"}, headers=JSON)
    answer.refresh_from_db()
    assert (response.status_code, response.json()["version"], answer.text) == (200, 2, "We noticed.")
    assert "saved_at" in response.json()


def test_answer_saved_by_another_gives_both_values(dora, made, designer):
    answer = factory.answer(made, 1)
    services.answer_save(answer=answer, text="Theirs", version=1, actor=designer)
    url = reverse("interviews:answer", args=[answer.pk])
    response = dora.post(url, {"text": "Mine", "version": "1"}, headers=JSON)
    told = response.json()
    assert (response.status_code, told["version"], told["fields"], told["by"]) == (
        409,
        2,
        {"text": "Theirs"},
        "Dora Designer",
    )
    page = dora.post(url, {"text": "Mine", "version": "1"})
    assert page.status_code == 409
    assert "Theirs" in page.content.decode()
    assert ">Mine</textarea>" in page.content.decode()
    assert Answer.objects.get(pk=answer.pk).text == "Theirs"


@pytest.mark.parametrize(
    "data", [{"text": "x"}, {"text": "x" * 100_001, "version": "1"}, {"text": "\x00", "version": "1"}]
)
def test_answer_that_does_not_fit_is_refused(dora, made, data):
    answer = factory.answer(made, 1)
    response = dora.post(reverse("interviews:answer", args=[answer.pk]), data, headers=JSON)
    assert response.status_code == 422
    assert response.json()["errors"]


def test_answer_saves_without_scripts(dora, made):
    answer = factory.answer(made, 1)
    response = dora.post(reverse("interviews:answer", args=[answer.pk]), {"text": "Typed.", "version": "1"})
    assert response.status_code == 302
    assert Answer.objects.get(pk=answer.pk).text == "Typed."


def test_facts_changed_by_another_show_theirs_and_save_yours_again(dora, made, designer):
    url = reverse("interviews:facts", args=[made.pk])
    services.interview_update(interview=made, version=None, actor=designer, customer="Harbour Mill Ltd")
    response = dora.post(url, facts(version="1"))
    assert response.status_code == 422
    assert "Harbour Mill Ltd" in response.content.decode()
    assert Interview.objects.get().customer == "Harbour Mill Ltd"
    assert dora.post(url, facts(version="2")).status_code == 302
    assert Interview.objects.get().customer == "Velden Bakeries"


def test_stored_markup_is_shown_as_words(dora, designer, in_workspace):
    nasty = "<script>alert(1)</script>"
    made = factory.interview(designer, nasty, role=nasty, notes=nasty, texts={1: nasty})
    factory.coded(made, nasty, nasty, actor=designer, position=1)
    services.moments_draft(interview=made, actor=designer)
    for name in ("interview", "coding", "timeline"):
        shown = dora.get(reverse(f"interviews:{name}", args=[made.pk])).content.decode()
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in dora.get(reverse("interviews:list")).content.decode()


def guide_data(rows, **extra):
    data = {"title": "How you buy", "introduction": "", "form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": len(rows)}
    for number, (text, job) in enumerate(rows):
        data |= {f"form-{number}-text": text, f"form-{number}-job": job, f"form-{number}-prompts": ""}
    return data | extra


def test_guide_in_use_is_saved_as_the_next_version(dora, made):
    guide = Guide.objects.get()
    url = reverse("interviews:guide", args=[guide.pk])
    assert "Interviews use this version" in dora.get(url).content.decode()
    response = dora.post(url, guide_data([("Why?", "recognise"), ("How?", "solve")], based_on=1))
    assert response.status_code == 302
    assert [row.text for row in guide.versions.get(number=2).questions.all()] == ["Why?", "How?"]
    assert dora.post(url, guide_data([("Late", "solve")], based_on=1)).status_code == 422
    listed = dora.get(reverse("interviews:guides")).content.decode()
    assert "1 interview<" in listed
    assert "0 interviews" in listed


@pytest.mark.parametrize(
    ("action", "order"),
    [
        ({"add": "1"}, ["Why?", "How?", ""]),
        ({"up": "1"}, ["How?", "Why?"]),
        ({"down": "0"}, ["How?", "Why?"]),
        ({"drop": "0"}, ["How?"]),
        ({"drop": "9"}, ["Why?", "How?"]),
        ({"up": "x"}, ["Why?", "How?"]),
        ({"drop": "1" * 5000}, ["Why?", "How?"]),
    ],
)
def test_questions_are_rearranged_before_saving(dora, made, action, order):
    guide = Guide.objects.get()
    url = reverse("interviews:guide", args=[guide.pk])
    response = dora.post(url, guide_data([("Why?", "recognise"), ("How?", "solve")], based_on=1, **action))
    assert response.status_code == 200
    assert [row["text"].value() for row in response.context["questions"]] == order
    assert guide.versions.count() == 1


def test_another_guide_is_made_and_asked_by(dora, designer, in_workspace):
    dora.post(reverse("interviews:guides"), {"starter": "1"})
    dora.post(reverse("interviews:guides"), {"title": "Churn", "introduction": ""})
    guide = Guide.objects.get(title="Churn")
    dora.post(reverse("interviews:add"), facts(guide=guide.pk))
    assert Interview.objects.get().guide_version.guide == guide
    assert dora.post(reverse("interviews:guides"), {"title": "churn"}).status_code == 422


def test_codes_and_segments_are_added_and_changed(dora):
    dora.post(reverse("interviews:codes"), {"kind": "role", "name": "Plant  manager", "description": ""})
    from interviews.models import Code

    code = Code.objects.get()
    assert code.name == "Plant manager"
    again = dora.post(reverse("interviews:codes"), {"kind": "role", "name": "plant manager"})
    assert again.status_code == 422
    dora.post(code.get_absolute_url(), {"kind": "obstacle", "name": "Manager changes"})
    code.refresh_from_db()
    assert (code.kind, code.name) == ("obstacle", "Manager changes")
    dora.post(reverse("interviews:segments"), {"name": "Food"})
    segment = Segment.objects.get()
    dora.post(reverse("interviews:segment", args=[segment.pk]), {"name": "Drink", "description": "Bottlers"})
    segment.refresh_from_db()
    assert (segment.name, segment.description) == ("Drink", "Bottlers")
