"""The timeline, with returns."""

import pytest

from core.exceptions import ApplicationError
from interviews import services
from interviews.models import Moment
from interviews.selectors import moment_views
from tests.factories import interviews as factory


@pytest.fixture
def told(in_workspace, designer):
    return factory.told_interview(designer)


def story(made):
    return [(moment.name, moment.is_return) for moment in moment_views(made)]


WALK, MEASURE, WRITE = "Walk the line together", "Measure it apart", "Write down requirements"


def test_draft_follows_the_order_told_and_sees_the_return(told):
    assert story(told) == [(MEASURE, False), (WALK, False), (WRITE, False), (WALK, True)]


def test_draft_joins_what_is_told_twice_on_end(in_workspace, designer):
    made = factory.interview(designer, texts={1: "We walked. We walked the line. We wrote."})
    for quote, name in (("We walked.", WALK), ("We walked the line.", WALK), ("We wrote.", WRITE)):
        factory.coded(made, quote, name, actor=designer, position=1)
    services.moments_draft(interview=made, actor=designer)
    assert story(made) == [(WALK, False), (WRITE, False)]


def test_draft_follows_the_account_where_it_is_known(in_workspace, designer):
    account = "We wrote the list first.\n\nThen we walked the line."
    made = factory.interview(
        designer, texts={1: "Then we walked the line.", 2: "We wrote the list first."}, account=account
    )
    factory.coded(made, "walked the line", WALK, actor=designer, position=1)
    factory.coded(made, "wrote the list", WRITE, actor=designer, position=2)
    services.moments_draft(interview=made, actor=designer)
    assert story(made) == [(WRITE, False), (WALK, False)]


@pytest.mark.parametrize(
    ("moment", "place", "order"),
    [
        (1, 4, [WALK, WRITE, WALK, MEASURE]),
        (4, 1, [WALK, MEASURE, WALK, WRITE]),
        (2, 2, [MEASURE, WALK, WRITE, WALK]),
        (3, 99, [MEASURE, WALK, WALK, WRITE]),
    ],
)
def test_moment_moves(told, designer, moment, place, order):
    services.moment_move(moment=told.moments.get(position=moment), position=place, actor=designer)
    assert [name for name, _ in story(told)] == order
    assert [row.position for row in told.moments.order_by("position")] == [1, 2, 3, 4]


def test_moment_is_added_at_a_place_or_at_the_end(told, designer):
    code = factory.code(designer, "Ask a peer")
    services.moment_add(interview=told, code=code, actor=designer, position=2)
    services.moment_add(interview=told, code=code, actor=designer)
    assert [name for name, _ in story(told)] == [MEASURE, "Ask a peer", WALK, WRITE, WALK, "Ask a peer"]
    assert story(told)[-1] == ("Ask a peer", True)


def test_code_that_is_no_activity_has_no_place(told, designer):
    role = factory.code(designer, "Maintenance lead", "role")
    with pytest.raises(ApplicationError, match="not an activity"):
        services.moment_add(interview=told, code=role, actor=designer)
    with pytest.raises(ApplicationError, match="not an activity"):
        services.moments_set(interview=told, moments=[services.MomentInput(role)], actor=designer)


def test_removal_closes_the_gap_and_can_be_undone(told, designer):
    before = story(told)
    kept = services.moments_snapshot(interview=told)
    services.moment_remove(moment=told.moments.get(position=2), actor=designer)
    assert story(told) == [(MEASURE, False), (WRITE, False), (WALK, False)]
    services.moments_restore(interview=told, token=kept, actor=designer)
    assert story(told) == before
    assert all(moment.excerpt_id for moment in told.moments.all())


def test_snapshot_of_another_interview_restores_nothing(told, designer):
    other = factory.told_interview(designer, "Velden Bakeries")
    token = services.moments_snapshot(interview=other)
    with pytest.raises(ApplicationError):
        services.moments_restore(interview=told, token=token, actor=designer)


def test_moments_that_stay_keep_their_rows(told, designer):
    rows = {row.position: row.pk for row in told.moments.all()}
    codes = [row.code for row in told.moments.select_related("code")]
    services.moments_set(
        interview=told, moments=[services.MomentInput(code) for code in (codes[2], codes[0])], actor=designer
    )
    assert [row.pk for row in Moment.objects.filter(interview=told).order_by("position")] == [rows[3], rows[1]]
