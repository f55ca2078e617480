"""The timeline, with returns."""

from datetime import date

import pytest

from core.exceptions import ApplicationError, ConflictError
from interviews import services
from interviews.models import Code, Moment
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
    token = services.moments_undo(interview=told, before=kept)
    services.moments_restore(interview=told, token=token, actor=designer)
    assert story(told) == before
    assert all(moment.excerpt_id for moment in told.moments.all())


def test_undo_leaves_alone_what_somebody_changed_since(told, designer):
    kept = services.moments_snapshot(interview=told)
    services.moment_remove(moment=told.moments.get(position=2), actor=designer)
    token = services.moments_undo(interview=told, before=kept)
    services.moment_remove(moment=told.moments.get(position=1), actor=designer)
    stands = story(told)
    with pytest.raises(ConflictError):
        services.moments_restore(interview=told, token=token, actor=designer)
    assert story(told) == stands


def test_snapshot_of_another_interview_restores_nothing(told, designer):
    other = factory.told_interview(designer, "Velden Bakeries")
    token = services.moments_undo(interview=other, before=services.moments_snapshot(interview=other))
    with pytest.raises(ApplicationError):
        services.moments_restore(interview=told, token=token, actor=designer)


def test_moments_that_stay_keep_their_rows(told, designer):
    rows = {row.position: row.pk for row in told.moments.all()}
    codes = [row.code for row in told.moments.select_related("code")]
    services.moments_set(
        interview=told, moments=[services.MomentInput(code) for code in (codes[2], codes[0])], actor=designer
    )
    assert [row.pk for row in Moment.objects.filter(interview=told).order_by("position")] == [rows[3], rows[1]]


def parts(made):
    return [(part.kind, part.name) for part in services.timeline_parts(made)]


def take(made, designer, *kinds):
    keys = [part.key for part in services.timeline_parts(made) if part.kind in kinds]
    services.timeline_take(interview=made, keys=keys, actor=designer)


@pytest.fixture
def ordered(in_workspace, designer):
    """Tell a list, walked before it, and meanwhile measured; coded, with no timeline yet."""
    text = "In May 2025 we wrote a list. Before that we walked the line. Meanwhile we measured it."
    made = factory.interview(designer, texts={1: text}, held_on=date(2026, 3, 2))
    for quote, name in (("wrote a list", WRITE), ("walked the line", WALK), ("measured it", MEASURE)):
        factory.coded(made, quote, name, actor=designer, position=1)
    return made


def test_draft_reads_order_and_dates_with_their_words(ordered, designer):
    services.moments_draft(interview=ordered, actor=designer)
    rows = ordered.moments.order_by("position").values_list(
        "code__name", "together", "place_words", "happened_on", "date_words"
    )
    assert list(rows) == [
        (WALK, False, "Before that", None, ""),
        (MEASURE, True, "Meanwhile", None, ""),
        (WRITE, False, "", date(2025, 5, 15), "In May 2025"),
    ]
    assert parts(ordered) == []
    happened = ordered.moments.get(code__name=WRITE)
    services.moment_date(moment=happened, happened_on=None, words=" in  June 2025 ", actor=designer)
    assert (happened.happened_on, happened.date_words) == (date(2025, 6, 15), "in June 2025")
    paid = services.moment_add(interview=ordered, code=factory.code(designer, "Pay"), actor=designer)
    services.moment_date(moment=paid, happened_on=None, words="two weeks later", actor=designer)
    assert paid.happened_on == date(2025, 6, 29)
    with pytest.raises(ApplicationError, match="does not say which day"):
        services.moment_date(moment=paid, happened_on=None, words="when the sun shone", actor=designer)
    services.moment_date(moment=paid, happened_on=date(2025, 6, 1), actor=designer)
    assert [view.is_before for view in moment_views(ordered)] == [False, False, False, True]


def test_draft_over_a_timeline_is_refused(ordered, designer):
    services.moments_draft(interview=ordered, actor=designer)
    with pytest.raises(ConflictError, match="There is a timeline by now"):
        services.moments_draft(interview=ordered, actor=designer)


def test_draft_beside_an_edited_timeline_moves_nothing_by_itself(ordered, designer):
    codes = {code.name: code for code in Code.objects.all()}
    mine = [services.MomentInput(codes[WRITE]), services.MomentInput(factory.code(designer, "Ask a peer"))]
    services.moments_set(interview=ordered, moments=mine, actor=designer)
    assert parts(ordered) == [("add", WALK), ("add", MEASURE), ("date", WRITE)]
    assert [name for name, _ in story(ordered)] == [WRITE, "Ask a peer"]
    take(ordered, designer, "date")
    assert moment_views(ordered)[0].date_words == "In May 2025"
    take(ordered, designer, "add")
    assert [name for name, _ in story(ordered)] == [WALK, MEASURE, WRITE, "Ask a peer"]
    assert [view.together for view in moment_views(ordered)] == [False, True, False, False]


def test_draft_offers_to_move_what_stands_elsewhere(ordered, designer):
    services.moments_draft(interview=ordered, actor=designer)
    services.moment_move(moment=ordered.moments.get(position=3), position=1, actor=designer)
    services.moment_together(moment=ordered.moments.get(code__name=MEASURE), together=False, actor=designer)
    assert parts(ordered) == [("together", MEASURE), ("move", WRITE)]
    take(ordered, designer, "move", "together")
    assert [name for name, _ in story(ordered)] == [WALK, MEASURE, WRITE]
    assert parts(ordered) == []


def test_part_that_a_person_left_out_waits_until_they_want_it(ordered, designer):
    services.moments_draft(interview=ordered, actor=designer)
    services.moment_move(moment=ordered.moments.get(position=3), position=1, actor=designer)
    (key,) = (part.key for part in services.timeline_parts(ordered) if part.kind == "move")
    services.timeline_leave(interview=ordered, keys=[key, key], actor=designer)
    services.timeline_leave(interview=ordered, keys=[key], actor=designer)
    left = {part.key: part.left_out for part in services.timeline_parts(ordered)}
    assert left[key]
    assert sum(left.values()) == 1
    services.timeline_offer(interview=ordered, keys=[key], actor=designer)
    assert not any(part.left_out for part in services.timeline_parts(ordered))
    with pytest.raises(ConflictError, match="offered again already"):
        services.timeline_offer(interview=ordered, keys=[key], actor=designer)
    services.timeline_leave(interview=ordered, keys=[key], actor=designer)
    services.timeline_take(interview=ordered, keys=[key], actor=designer)
    assert [name for name, _ in story(ordered)] == [WALK, MEASURE, WRITE]
    assert not ordered.left_out.exists()


def test_timeline_begins_with_what_is_ticked_of_its_draft(ordered, designer):
    keys = [part.key for part in services.timeline_parts(ordered) if part.name != WALK]
    services.timeline_begin(interview=ordered, keys=keys, actor=designer)
    assert [name for name, _ in story(ordered)] == [MEASURE, WRITE]
    assert parts(ordered) == [("add", WALK), ("together", MEASURE)]
    with pytest.raises(ConflictError, match="There is a timeline by now"):
        services.timeline_begin(interview=ordered, keys=keys, actor=designer)


def test_answers_stand_in_the_usual_order_of_their_jobs(in_workspace, designer):
    made = factory.interview(designer, texts={4: "We compared the offers.", 5: "We asked a peer."})
    factory.coded(made, "compared the offers", WRITE, actor=designer, position=4)
    factory.coded(made, "asked a peer", WALK, actor=designer, position=5)
    services.moments_draft(interview=made, actor=designer)
    assert story(made) == [(WALK, False), (WRITE, False)]


def test_part_that_the_draft_no_longer_has_is_refused(ordered, designer):
    services.moments_draft(interview=ordered, actor=designer)
    with pytest.raises(ConflictError, match="draft has changed"):
        services.timeline_take(interview=ordered, keys=["add-1"], actor=designer)
    with pytest.raises(ConflictError):
        services.timeline_take(interview=ordered, keys=[], actor=designer)


def test_who_was_together_with_a_moment_that_leaves_is_together_with_none(ordered, designer):
    services.moments_draft(interview=ordered, actor=designer)
    services.moment_add(interview=ordered, code=factory.code(designer, "Ask a peer"), actor=designer, position=1)
    services.moment_remove(moment=ordered.moments.get(position=2), actor=designer)
    assert [view.together for view in moment_views(ordered)] == [False, False, False]


def test_return_says_which_time_it_is(told):
    assert [view.time for view in moment_views(told)] == [1, 1, 1, 2]
    assert moment_views(told)[3].place_words == ""


def test_undo_keeps_words_and_who_was_together(ordered, designer):
    services.moments_draft(interview=ordered, actor=designer)
    before = moment_views(ordered)
    kept = services.moments_snapshot(interview=ordered)
    services.moment_remove(moment=ordered.moments.get(position=3), actor=designer)
    token = services.moments_undo(interview=ordered, before=kept)
    services.moments_restore(interview=ordered, token=token, actor=designer)
    plain = [(view.name, view.together, view.place_words, view.date_words) for view in before]
    assert [(view.name, view.together, view.place_words, view.date_words) for view in moment_views(ordered)] == plain
