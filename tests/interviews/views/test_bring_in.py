"""Bring interviews in, in the browser's way: upload, look through, move, confirm; surveys."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from interviews.models import Intake, Interview, Passage
from tests.factories import interviews as factory
from tests.factories.sources import CALL, SURVEY, brought, call, work


@pytest.fixture
def dora(in_workspace, designer, client_of):
    return client_of(designer)


@pytest.fixture
def source(in_workspace, designer):
    return call(designer)


@pytest.fixture
def survey(in_workspace, designer):
    return brought(designer, ("survey.csv", SURVEY)).sources.get().survey


def facts(**changed):
    plain = {"customer": "Harbour Mills", "held_on": "2026-03-02", "outcome": "won", "weight": "1"}
    return plain | {"segment_name": "food"} | changed


def test_files_lead_to_their_progress_and_then_to_what_became_of_them(dora):
    files = [SimpleUploadedFile("call.vtt", CALL.encode()), SimpleUploadedFile("empty.txt", b"")]
    response = dora.post(reverse("interviews:bring_in"), {"upload": files}, follow=True)
    intake = Intake.objects.get()
    assert response.redirect_chain == [(intake.get_absolute_url(), 302)]
    assert b"<progress" in response.content
    work(intake.job)
    content = dora.get(intake.get_absolute_url()).content.decode()
    assert "empty.txt is empty." in content
    assert reverse("interviews:source", args=[intake.sources.get(name="call.vtt").pk]) in content
    assert "<progress" not in content


def test_pasted_text_is_read_under_the_customers_name(dora):
    data = {"customer": "Osier / Sons", "text": "We searched the internet for other products."}
    dora.post(reverse("interviews:bring_in"), data)
    intake = Intake.objects.get()
    work(intake.job)
    made = intake.sources.get()
    assert (made.state, made.facts["customer"]) == ("sorted", "Osier / Sons")


@pytest.mark.parametrize("data", [{}, {"text": "", "customer": "A"}])
def test_nothing_given_is_said_in_the_form(dora, data):
    response = dora.post(reverse("interviews:bring_in"), data)
    assert response.status_code == 422
    assert Intake.objects.count() == 0


def test_passage_moves_and_the_counts_with_it(dora, source):
    passage = source.passages.filter(told=True).first()
    address = reverse("interviews:passage_move", args=[passage.pk])
    response = dora.post(address, {"question": "4"}, headers={"HX-Request": "true"})
    content = response.content.decode()
    assert 'hx-swap-oob="true"' in content
    assert '<option value="4" title="' in content
    passage.refresh_from_db()
    assert (passage.question.position, passage.placed_by) == (4, "person")
    assert dora.post(address, {"question": ""}).url.endswith(f"#passage-{passage.pk}")
    passage.refresh_from_db()
    assert not passage.told
    assert dora.post(address, {"question": "9"}).status_code == 400


def test_confirming_leads_to_the_interview_and_wrong_facts_are_shown_again(dora, source):
    address = reverse("interviews:source_confirm", args=[source.pk])
    assert dora.post(address, facts(customer="")).status_code == 422
    assert Interview.objects.count() == 0
    response = dora.post(address, facts())
    made = Interview.objects.get()
    assert (response.url, made.segment.name, made.outcome) == (made.get_absolute_url(), "food", "won")
    assert source.get_absolute_url() in dora.get(made.get_absolute_url()).content.decode()
    assert dora.post(address, facts()).url == source.get_absolute_url()
    assert Interview.objects.count() == 1


def test_excerpt_leads_to_where_it_was_said(dora, source, designer):
    dora.post(reverse("interviews:source_confirm", args=[source.pk]), facts())
    made = Interview.objects.get()
    excerpt = factory.coded(made, "contract was signed", "Sign", actor=designer, position=6)
    passage = Passage.objects.get(starts_ms=74_000)
    said = reverse("interviews:said", args=[excerpt.pk])
    assert dora.get(said).url == f"{source.get_absolute_url()}#passage-{passage.pk}"
    assert said in dora.get(reverse("interviews:coding", args=[made.pk])).content.decode()
    assert "1:14" in dora.get(source.get_absolute_url()).content.decode()
    other = factory.told_interview(designer, "Recorded by hand").answers.get(question__position=3).excerpts.first()
    assert dora.get(reverse("interviews:said", args=[other.pk])).status_code == 404


def test_speakers_and_filters(dora, source):
    page = source.get_absolute_url()
    assert "Look through" in dora.get(f"{page}?show=1").content.decode()
    for show in ("out", "unsure", "6", "77", "²", "'"):
        assert dora.get(f"{page}?show={show}").status_code == 200
    dora.post(reverse("interviews:source_speakers", args=[source.pk]), {"tell": ["0"]})
    assert set(source.passages.filter(told=True).values_list("speaker", flat=True)) == {"Ida Sand"}
    response = dora.post(reverse("interviews:source_speakers", args=[source.pk]), {}, follow=True)
    assert "Somebody&#x27;s words have to be the answers." in response.content.decode()


def test_survey_is_mapped_checked_and_loaded(dora, survey):
    columns = {f"column_{name}": column for name, column in survey.mapping["columns"].items()} | {"dates": "day"}
    bad = dora.post(reverse("interviews:survey_columns", args=[survey.source_id]), columns | {"column_role": "Company"})
    assert bad.status_code == 422
    assert "chosen twice" in bad.content.decode()
    assert dora.post(reverse("interviews:survey_columns", args=[survey.source_id]), columns).status_code == 302
    outcomes = {"outcome_0": "no_decision", "outcome_1": "won", "outcome_2": "lost"}
    dora.post(reverse("interviews:survey_check", args=[survey.source_id]), outcomes)
    survey.refresh_from_db()
    assert b"<progress" in dora.get(survey.get_absolute_url()).content
    work(survey.job)
    content = dora.get(survey.get_absolute_url()).content.decode()
    assert "Load 2 interviews" in content
    assert "The customer is missing." in content
    dora.post(reverse("interviews:survey_load", args=[survey.source_id]))
    survey.refresh_from_db()
    work(survey.job)
    assert Interview.objects.count() == 2
    text = dora.get(reverse("interviews:survey_errors", args=[survey.source_id])).getvalue().decode("utf-8-sig")
    assert text.splitlines()[:2] == ["row,column,value,reason", "4,Company,,The customer is missing."]


@pytest.mark.parametrize("person", ["manager", "rep"])
def test_only_designers_bring_in(person, request, client_of, source, survey):
    client = client_of(request.getfixturevalue(person))
    assert client.get(reverse("interviews:bring_in")).status_code == 403
    assert client.post(reverse("interviews:source_confirm", args=[source.pk]), facts()).status_code == 403
    content = client.get(source.get_absolute_url(), follow=True).content.decode()
    assert "Tom Berg" not in content
    assert "Harbour Mills" not in client.get(survey.get_absolute_url(), follow=True).content.decode()


def test_other_workspace_finds_nothing(client_of, outsider, source, survey):
    client = client_of(outsider)
    assert client.get(source.get_absolute_url()).status_code == 404
    assert client.get(source.intake.get_absolute_url()).status_code == 404
    assert client.post(reverse("interviews:survey_load", args=[survey.source_id])).status_code == 404
    assert "Harbour" not in client.get(reverse("interviews:bring_in")).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_pages_take_a_constant_number_of_queries(number, dora, designer, django_assert_num_queries):
    intake = brought(designer, *((f"{place}.txt", f"{CALL} {place}") for place in range(number)))
    for _ in range(number - 1):
        brought(designer, ("x.txt", b""))
    source = intake.sources.first()
    for address, queries in (
        (reverse("interviews:bring_in"), 11),
        (intake.get_absolute_url(), 7),
        (source.get_absolute_url(), 12),
    ):
        with django_assert_num_queries(queries):
            assert dora.get(address).status_code == 200
