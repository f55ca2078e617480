"""The page that answers whether there are enough interviews."""

import csv
import io

import pytest
from django.urls import reverse

from interviews import services
from interviews.models import Segment
from tests.factories import interviews as factory

PAGE = "interviews:enough"


@pytest.fixture
def dora(in_workspace, designer, client_of):
    return client_of(designer)


def words(response):
    return " ".join(response.content.decode().split())


def told(actor, customer, segment=None, **facts):
    return factory.told_interview(actor, customer, segment=segment, **facts)


def test_nobody_asked_one_and_two_say_what_to_do(dora, designer):
    assert "Nobody has been asked yet" in words(dora.get(reverse(PAGE)))
    food = services.segment_create(name="Food", actor=designer)
    factory.interview(designer, "Osier Tools", segment=None)
    shown = words(dora.get(reverse(PAGE)))
    assert "1 interview has no timeline yet and tells no activity here" in shown
    assert "What each further interview brought" not in shown
    assert "Nobody of this segment has been asked yet" in words(dora.get(reverse(PAGE), {"segment": food.pk}))
    told(designer, "Harbour Mills")
    shown = words(dora.get(reverse(PAGE)))
    assert "One interview with a timeline makes no course" in shown
    assert "With 1 account nobody can say what the next one will bring" in shown
    told(designer, "Velden Bakeries")
    shown = words(dora.get(reverse(PAGE)))
    assert "Too few to tell yet" in shown
    assert '<svg class="curve"' in shown


def test_page_says_what_is_solid_what_rests_on_one_voice_and_whom_to_ask(dora, designer):
    food = services.segment_create(name="Food", actor=designer)
    for customer in ("Harbour Mills", "Velden Bakeries", "Quay Foods"):
        last = told(designer, customer, food)
    excerpt = factory.coded(last, "The numbers did not add up", "Count again", actor=designer)
    factory.code(designer, "Count again", job="align")
    services.moment_add(interview=last, code=excerpt.code, actor=designer)
    told(designer, "Osier Tools", role="", outcome="lost")

    shown = words(dora.get(reverse(PAGE)))
    assert '?kind=activity&amp;sort=told">3</a> of <a href="#jobs-heading">4 activities</a> are told' in shown
    assert "A 5th interview is likely to bring 0.2 new activities." in shown
    assert "Yes for those whom you asked, but not for everybody" in shown
    assert "a customer of Food who decided nothing; nobody speaks for them yet." in shown
    assert "Maintenance lead</a>”: 4 customers name it, and nobody in it was asked." in shown
    assert "“The numbers did not add up”" in shown
    assert f"{reverse('interviews:coding', args=[last.pk])}#coded-{excerpt.answer_id}" in shown
    listed = reverse("interviews:list")
    assert f"{listed}?segment={food.pk}&amp;outcome=won" in shown
    assert f"{listed}?role=plant%20manager&amp;outcome=won" in shown
    assert f"{reverse('buying_process:stages_held')}?" in shown
    of_food = dora.get(reverse(PAGE), {"segment": food.pk, "job": "align"}, headers={"HX-Request": "true"})
    assert "Osier Tools" not in words(of_food)
    assert f"segment={food.pk}&amp;role=plant%20manager" in words(of_food)
    assert f"{reverse('interviews:coverage')}?segment={food.pk}" in words(of_food)
    assert "<html" not in words(of_food)
    assert "What rests on one voice" in words(dora.get(reverse(PAGE), {"segment": "nobody", "job": "x", "page": "9"}))


def test_links_of_the_tables_find_as_many_as_they_say(dora, designer):
    food = services.segment_create(name="Food", actor=designer)
    factory.interview(designer, "Harbour Mills", role="Owner", segment=food)
    factory.interview(designer, "Velden Bakeries", role="owner", segment=food)
    factory.interview(designer, "Osier Tools", role="", outcome="lost")
    for query, found in (
        ({"role": "owner"}, 2),
        ({"role": "-"}, 1),
        ({"segment": "0", "outcome": "lost"}, 1),
        ({"segment": food.pk, "outcome": "won", "role": "Owner"}, 2),
    ):
        assert dora.get(reverse("interviews:list"), query).context["page"].paginator.count == found


def test_coverage_goes_out_as_csv_with_its_gaps(dora, designer):
    food = services.segment_create(name="=Food", actor=designer)
    factory.interview(designer, "Harbour Mills", role="owner", segment=food)
    response = dora.get(reverse("interviews:coverage"), {"segment": food.pk})
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["segment", "role", "outcome", "interviews", "with_timeline"]
    assert sorted(row[1:] for row in rows[1:]) == [
        ["", "lost", "0", "0"],
        ["", "no_decision", "0", "0"],
        ["owner", "won", "1", "0"],
    ]
    assert not any(row[0].startswith("=") for row in rows)


@pytest.mark.parametrize("rows", [1, 3])
def test_page_takes_a_constant_number_of_queries(dora, designer, django_assert_num_queries, rows):
    for number in range(rows):
        segment = services.segment_create(name=f"Segment {number}", actor=designer)
        told(designer, f"Customer {number}", segment)
    only = told(designer, "Another", Segment.objects.first())
    services.moment_add(interview=only, code=factory.code(designer, "Ask a peer"), actor=designer)
    dora.get(reverse(PAGE))
    with django_assert_num_queries(12):
        assert dora.get(reverse(PAGE)).status_code == 200
