"""Several people code: in place, alone, read, in agreement, settled; and a page that stays quick."""

import json

import pytest
from django.urls import reverse

from accounts.choices import Role
from interviews import services
from interviews.models import Excerpt, Reading, Ruling
from tests.factories import interviews as factory
from tests.factories.accounts import MembershipFactory

HTMX = {"HX-Request": "true"}
DECISION_QUERIES = 26
PAGE_QUERIES = 20
AGREEMENT_QUERIES = 19
DIFFERENCES_QUERIES = 12


@pytest.fixture
def dora(in_workspace, designer, client_of):
    return client_of(designer)


@pytest.fixture
def told(in_workspace, designer):
    return factory.told_interview(designer)


def toast(response):
    return json.loads(response["HX-Trigger"])["toast"]


def span(told, quote):
    answer = factory.answer(told)
    start = answer.text.index(quote)
    return answer, {"start": start, "end": start + len(quote), "version": answer.version}


@pytest.fixture
def ida(designer):
    return MembershipFactory(workspace=designer.workspace, role=Role.DESIGNER, user__full_name="Ida Second")


def test_removal_and_decisions_are_undone_in_place(dora, told, designer):
    answer, data = span(told, "with finance")
    added = dora.post(reverse("interviews:excerpt_add", args=[answer.pk]), data | {"name": "Finance"}, headers=HTMX)
    assert toast(added)["undo_target"] == f"#coded-{answer.pk}"
    undone = dora.post(toast(added)["undo_url"], headers=HTMX)
    assert f'id="coded-{answer.pk}"' in undone.content.decode()
    assert not Excerpt.objects.filter(quote="with finance").exists()


def test_last_decisions_stand_beside_the_answers_with_their_undo(dora, told, designer):
    made = factory.suggestion(told, "The numbers did not add up", "Count again", actor=designer)
    response = dora.post(reverse("interviews:suggestion_accept", args=[made.pk]), headers=HTMX)
    shown = response.content.decode()
    assert 'id="decisions" hx-swap-oob' in shown
    assert "<strong>1 of the last 1</strong>" in shown
    undo = reverse("interviews:suggestion_reopen", args=[made.pk])
    assert f'action="{undo}"' in shown
    assert f'action="{undo}"' in dora.get(reverse("interviews:coding", args=[told.pk])).content.decode()


def test_refusal_of_what_another_accepted_shows_how_it_stands(told, designer, ida, client_of):
    made = factory.suggestion(told, "The numbers did not add up", "Count again", actor=designer)
    services.suggestion_accept(suggestion=made, actor=designer)
    response = client_of(ida).post(reverse("interviews:suggestion_refuse", args=[made.pk]), headers=HTMX)
    assert response.status_code == 200
    assert toast(response)["level"] == "warning"
    assert "suggested 0.80" not in response.content.decode()


def test_acceptance_after_another_is_undone_alone(told, designer, ida, client_of):
    made = factory.suggestion(told, "The numbers did not add up", "Count again", actor=designer)
    excerpt = services.suggestion_accept(suggestion=made, actor=designer)
    second = client_of(ida)
    response = second.post(reverse("interviews:suggestion_accept", args=[made.pk]), headers=HTMX)
    assert "Dora Designer, Ida Second" in response.content.decode()
    second.post(toast(response)["undo_url"], headers=HTMX)
    made.refresh_from_db()
    assert (made.state, made.excerpt, excerpt.also_coded.count()) == ("accepted", excerpt, 0)


def test_coder_alone_sees_their_own_codes_only(told, designer, ida, client_of):
    factory.coded(told, "with finance", "Finance", actor=ida)
    second = client_of(ida)
    page = reverse("interviews:coding", args=[told.pk])
    everybody = second.get(page).content.decode()
    assert "Maintenance lead</a>" in everybody
    assert second.post(reverse("interviews:alone", args=[told.pk]), {"alone": "1"}).status_code == 302
    own = second.get(page).content.decode()
    assert "Finance</a>" in own
    assert "Maintenance lead</a>" not in own
    assert "Measure it apart" not in own.split('<datalist id="codes">')[0]
    second.post(reverse("interviews:read", args=[factory.answer(told).pk]), {"read": "1"}, headers=HTMX)
    assert Reading.objects.get().alone
    second.post(reverse("interviews:alone", args=[told.pk]), {"alone": "0"})
    assert "Maintenance lead</a>" in second.get(page).content.decode()


def test_answer_is_marked_as_read_and_not(dora, told, designer):
    url = reverse("interviews:read", args=[factory.answer(told).pk])
    assert "Read by Dora Designer" in dora.post(url, {"read": "1"}, headers=HTMX).content.decode()
    assert "Read by Dora" not in dora.post(url, {"read": "0"}, headers=HTMX).content.decode()
    assert not Reading.objects.exists()


@pytest.mark.parametrize("number", [1, 20])
def test_decision_asks_the_database_a_set_number_of_times(
    dora, told, designer, number, django_assert_num_queries, client_of
):
    words = " ".join(f"They counted batch {n} again." for n in range(number + 1))
    services.answer_save(answer=factory.answer(told, 6), text=words, version=None, actor=designer)
    rows = [
        factory.suggestion(told, f"They counted batch {n} again.", f"Count {n}", actor=designer, position=6)
        for n in range(number + 1)
    ]
    dora.get(reverse("interviews:coding", args=[told.pk]))
    with django_assert_num_queries(DECISION_QUERIES):
        dora.post(reverse("interviews:suggestion_refuse", args=[rows[0].pk]), headers=HTMX)
    with django_assert_num_queries(PAGE_QUERIES):
        page = dora.get(reverse("interviews:coding", args=[told.pk])).content.decode()
    assert page.count("data-suggestion=") == min(number, 6)


def test_unlikely_suggestions_are_asked_last(dora, told, designer):
    factory.suggestion(told, "At first each department measured something else.", "A", actor=designer, score=0.1)
    factory.suggestion(told, "The numbers did not add up", "B", actor=designer, score=0.6)
    page = dora.get(reverse("interviews:coding", args=[told.pk])).content.decode()
    assert page.index("Suggestion: B") < page.index("Suggestion: A")
    assert "probably not 0.10" in page


@pytest.fixture
def differing(told, designer, ida):
    factory.coded(told, "with finance", "Finance", actor=ida)
    for coder in (designer, ida):
        services.reading_mark(answer=factory.answer(told), actor=coder, alone=True)
    return told


def test_agreement_says_on_how_many_passages_it_stands(dora, differing):
    page = dora.get(reverse("interviews:agreement")).content.decode()
    assert "Dora Designer and Ida Second have read <strong>5 passages</strong>" in " ".join(page.split())
    assert "All of them were coded without seeing" in page
    assert "used too rarely to judge" in page
    assert "Settle 5 differences" in page
    by_name = dora.get(reverse("interviews:agreement"), {"sort": "name", "interview": differing.pk}, headers=HTMX)
    assert by_name.content.decode().lstrip().startswith('<div id="figures"')
    elsewhere = dora.get(reverse("interviews:agreement"), {"interview": 10**12})
    assert "5 passages" in elsewhere.content.decode()


def test_agreement_without_readers_says_what_to_do(dora, told):
    assert "No passage was read by two people yet" in dora.get(reverse("interviews:agreement")).content.decode()
    assert "Nothing to settle" in dora.get(reverse("interviews:differences")).content.decode()


def test_difference_is_settled_and_opened_again(dora, differing, ida):
    page = dora.get(reverse("interviews:differences")).content.decode()
    assert page.count("data-difference>") == 5
    url = reverse("interviews:settle", args=[factory.answer(differing).pk])
    start = factory.answer(differing).text.index("So we walked")
    data = {"start": start, "end": start + len("So we walked the line together with finance."), "chosen": ida.pk}
    response = dora.post(url, data, headers=HTMX)
    assert response.content.decode().count("data-difference>") == 4
    assert toast(response)["message"] == "Taken: the coding of Ida Second."
    again = dora.post(url, data, headers=HTMX)
    assert toast(again)["level"] == "warning"
    opened = dora.post(toast(response)["undo_url"], headers=HTMX)
    assert opened.content.decode().count("data-difference>") == 5
    assert dora.post(url, {"start": "x"}, headers=HTMX).status_code == 400
    kept = dora.post(f"{url}?interview={differing.pk}", data | {"chosen": ""})
    assert kept.url == f"{reverse('interviews:differences')}?interview={differing.pk}"
    assert Ruling.objects.get().chosen is None


def test_passage_of_another_workspace_is_not_settled(dora, differing):
    stranger = MembershipFactory(role=Role.DESIGNER)
    data = {"start": 0, "end": 5, "chosen": stranger.pk}
    assert dora.post(reverse("interviews:settle", args=[factory.answer(differing).pk]), data).status_code == 400


@pytest.mark.parametrize("interviews", [1, 3])
def test_agreement_asks_the_database_a_set_number_of_times(
    dora, designer, ida, in_workspace, interviews, django_assert_num_queries
):
    for number in range(interviews):
        made = factory.told_interview(designer, f"Mill {number}")
        factory.coded(made, "with finance", "Finance", actor=ida)
        for coder in (designer, ida):
            services.reading_mark(answer=factory.answer(made), actor=coder)
    dora.get(reverse("interviews:agreement"))
    with django_assert_num_queries(AGREEMENT_QUERIES):
        dora.get(reverse("interviews:agreement"))
    with django_assert_num_queries(DIFFERENCES_QUERIES):
        dora.get(reverse("interviews:differences"))
