"""Codes move, split, become one and are parted again just as they were."""

import pytest
from django.core import serializers

from audit.models import AuditEvent
from core.exceptions import ApplicationError, ConflictError
from interviews import services
from interviews.choices import Kind, SuggestionState
from interviews.models import AlsoCoded, Answer, Code, Excerpt, Interview, Moment, Reading, Ruling, Suggestion
from interviews.selectors import contested_spans, read_answers
from tests.factories import interviews as factory
from tests.factories.accounts import MembershipFactory

ROWS = (Code, Excerpt, AlsoCoded, Reading, Ruling, Suggestion, Moment, Answer, Interview)


def state():
    """Give every row of the room, but for when it was last changed."""
    text = []
    for model in ROWS:
        for row in serializers.serialize("python", model.objects.order_by("pk")):
            row["fields"].pop("updated_at", None)
            text.append(row)
    return text


@pytest.fixture
def told(in_workspace, designer):
    return factory.told_interview(designer)


def code_of(name):
    return Code.objects.get(name=name)


def test_merge_takes_over_all_that_named_the_code(told, designer):
    walk, measure = code_of("Walk the line together"), code_of("Measure it apart")
    factory.suggestion(told, "The numbers did not add up", measure.name, actor=designer)
    child = services.code_create(actor=designer, kind=Kind.ACTIVITY, name="Measure twice", parent=measure)
    services.code_merge(code=measure, into=walk, actor=designer)
    assert not Code.objects.filter(pk=measure.pk).exists()
    assert walk.excerpts.count() == 3
    assert list(told.moments.values_list("code__name", flat=True))[:2] == [walk.name, walk.name]
    assert walk.suggestions.count() == 1
    child.refresh_from_db()
    assert child.parent == walk
    event = AuditEvent.objects.get(verb="code.merge")
    assert event.changes == {"code": "Measure it apart", "passages": 1, "moments": 1}


def test_merge_and_undo_leave_every_row_as_it_was(told, designer):
    """Words with both codes, suggestions decided for one of the two, a code below, another coder: all comes back."""
    walk, measure = code_of("Walk the line together"), code_of("Measure it apart")
    other = MembershipFactory(workspace=designer.workspace, role="designer")
    twin = factory.coded(told, "walked the line together", measure.name, actor=other)
    AlsoCoded.objects.create(workspace=twin.workspace, excerpt=twin, coder=designer)
    Moment.objects.filter(code=measure).update(excerpt=twin)
    open_one = factory.suggestion(told, "The numbers did not add up", walk.name, actor=designer)
    refused = factory.suggestion(told, "The numbers did not add up", measure.name, actor=designer)
    services.suggestion_refuse(suggestion=refused, actor=other)
    answered = factory.suggestion(told, "At first each department measured something else", walk.name, actor=designer)
    services.code_create(actor=designer, kind=Kind.ACTIVITY, name="Measure twice", parent=measure)
    before = state()
    merge = services.code_merge(code=measure, into=walk, actor=designer)
    open_one.refresh_from_db()
    answered.refresh_from_db()
    assert (open_one.state, answered.state) == (SuggestionState.REFUSED, SuggestionState.ACCEPTED)
    assert Excerpt.objects.filter(code=walk, start=twin.start).count() == 1
    assert state() != before
    services.code_merge_undo(merge=merge, actor=designer)
    assert state() == before
    with pytest.raises(ConflictError, match="undone already"):
        services.code_merge_undo(merge=merge, actor=designer)


def test_merge_carries_who_else_coded_and_what_settled_passages_remember(told, designer):
    """Names of coders, here and elsewhere, and votes follow; the undo gives each code its own again."""
    walk, measure = code_of("Walk the line together"), code_of("Measure it apart")
    other = MembershipFactory(workspace=designer.workspace, role="designer")
    third = MembershipFactory(workspace=designer.workspace, role="designer")
    twin = factory.coded(told, "walked the line together", measure.name, actor=other)
    factory.coded(told, "walked the line together", measure.name, actor=third)
    stays = Excerpt.objects.get(code=walk, answer=twin.answer, start=twin.start)
    Excerpt.objects.filter(pk=twin.pk).update(coder_name="Gone Person; Otto Other")
    Excerpt.objects.filter(pk=stays.pk).update(coder_name="Otto Other")
    apart = factory.coded(told, "each department measured", measure.name, actor=other)
    factory.coded(told, "each department measured", measure.name, actor=third)
    for reader in (designer, other):
        services.reading_mark(answer=twin.answer, actor=reader)
    (read,) = read_answers(designer, answer=twin.answer_id)
    start, end = next(span for span in contested_spans(read) if span[0] <= twin.start < span[1])
    ruling = services.ruling_make(answer=twin.answer, start=start, end=end, chosen=designer, actor=designer)
    assert measure.pk in {vote[0] for vote in ruling.votes}
    before = state()
    merge = services.code_merge(code=measure, into=walk, actor=designer)
    ruling.refresh_from_db()
    assert {vote[0] for vote in ruling.votes} == {walk.pk}
    assert len(ruling.votes) == len({tuple(vote) for vote in ruling.votes})
    apart.refresh_from_db()
    assert (apart.code, apart.also_coded.get().coder) == (walk, third)
    services.code_merge_undo(merge=merge, actor=designer)
    assert state() == before


def test_merging_into_a_code_below_lifts_it(told, designer):
    wide = services.code_create(actor=designer, kind=Kind.ACTIVITY, name="Decide")
    narrow = services.code_create(actor=designer, kind=Kind.ACTIVITY, name="Decide together", parent=wide)
    before = state()
    merge = services.code_merge(code=wide, into=narrow, actor=designer)
    narrow.refresh_from_db()
    assert narrow.parent is None
    services.code_merge_undo(merge=merge, actor=designer)
    assert state() == before


def test_merge_refuses_other_kinds_and_itself(told, designer):
    walk, lead = code_of("Walk the line together"), code_of("Maintenance lead")
    for into in (lead, walk):
        with pytest.raises(ApplicationError):
            services.code_merge(code=walk, into=into, actor=designer)


def test_undo_is_refused_where_the_name_is_taken_again(told, designer):
    walk, measure = code_of("Walk the line together"), code_of("Measure it apart")
    merge = services.code_merge(code=measure, into=walk, actor=designer)
    factory.code(designer, "measure it apart")
    with pytest.raises(ConflictError, match="Rename it"):
        services.code_merge_undo(merge=merge, actor=designer)


def test_split_takes_the_passages_chosen_and_their_moments(told, designer):
    walk = code_of("Walk the line together")
    first, second = walk.excerpts.order_by("start")
    before = state()
    made = services.code_split(code=walk, excerpts=[second], name="Walk it again", description="", actor=designer)
    assert (made.kind, list(made.excerpts.all()), list(walk.excerpts.all())) == (Kind.ACTIVITY, [second], [first])
    assert told.moments.get(excerpt=second).code == made
    services.code_merge(code=made, into=walk, actor=designer)
    assert state() == before
    with pytest.raises(ApplicationError, match="Choose the passages"):
        services.code_split(code=walk, excerpts=[], name="Nothing", description="", actor=designer)


def test_a_code_belongs_under_its_own_kind_and_never_below_itself(told, designer):
    walk, measure, lead = (code_of(name) for name in ("Walk the line together", "Measure it apart", "Maintenance lead"))
    services.code_move(code=measure, parent=walk, actor=designer)
    for code, parent in ((walk, measure), (walk, walk), (lead, walk)):
        with pytest.raises(ApplicationError):
            services.code_move(code=Code.objects.get(pk=code.pk), parent=Code.objects.get(pk=parent.pk), actor=designer)
    with pytest.raises(ApplicationError, match="Move them first"):
        services.code_update(code=Code.objects.get(pk=walk.pk), actor=designer, kind=Kind.OBSTACLE)


def test_codes_stand_eight_levels_deep_at_most(told, designer):
    parent = None
    for level in range(8):
        parent = services.code_create(actor=designer, kind=Kind.EVIDENCE, name=f"Level {level}", parent=parent)
    with pytest.raises(ApplicationError, match="8 levels"):
        services.code_create(actor=designer, kind=Kind.EVIDENCE, name="Too deep", parent=parent)
    top = services.code_create(actor=designer, kind=Kind.EVIDENCE, name="Top")
    with pytest.raises(ApplicationError, match="8 levels"):
        services.code_move(code=code_of("Level 0"), parent=top, actor=designer)
