import pytest

from audit.models import AuditEvent
from buying_process import services
from buying_process.models import Edit, Stage, StageActivity, StageNeed, Transition
from buying_process.services.history import picture_of
from core.exceptions import ApplicationError, ConflictError
from tests.factories import buying_process as make
from tests.factories.accounts import MembershipFactory


@pytest.fixture
def draft(in_workspace, designer):
    return make.draft(in_workspace, designer)


@pytest.fixture
def colleague(in_workspace):
    return MembershipFactory(workspace=in_workspace, role="designer", user__full_name="Bo Berg")


def stages(version):
    return list(version.stages.order_by("position"))


def theirs(version, name):
    return StageActivity.objects.get(stage__version=version, name=name)


def moves(version):
    rows = version.transitions.values_list("from_stage_id", "to_stage_id", "outcome", "share", "seen")
    return sorted((a, b or 0, outcome, round(share, 9), seen) for a, b, outcome, share, seen in rows)


def intervals(version):
    return sum(row.low is not None for row in version.transitions.all())


EDITS = {
    "rename": lambda draft, by: services.stage_rename(stage=stages(draft)[0], name="Other", actor=by),
    "add": lambda draft, by: services.stage_add(version=draft, name="New", after=stages(draft)[0], actor=by),
    "move": lambda draft, by: services.stage_move(stage=stages(draft)[0], position=2, actor=by),
    "merge": lambda draft, by: services.stage_merge(stage=stages(draft)[1], into=stages(draft)[0], actor=by),
    "split": lambda draft, by: services.stage_split(
        stage=stages(draft)[0], name="Second half", activities=[theirs(draft, "b")], actor=by
    ),
    "move activity": lambda draft, by: services.stage_activity_move(
        activity=theirs(draft, "b"), stage=stages(draft)[2], position=0, actor=by
    ),
    "mark": lambda draft, by: services.stage_activity_mark(
        activity=theirs(draft, "a"), purpose="not_relevant", actor=by
    ),
    "add ours": lambda draft, by: services.stage_activity_add(
        stage=stages(draft)[0], name="Visit", actor_kind="sales", purpose="independent", actor=by
    ),
    "need": lambda draft, by: services.stage_need_add(stage=stages(draft)[0], kind="role", name="Finance", actor=by),
    "pin": lambda draft, by: services.pin_set(row=theirs(draft, "a"), pinned=True, actor=by),
}


@pytest.mark.parametrize("name", EDITS)
def test_each_edit_is_undone_and_redone_to_the_row(draft, designer, name):
    before, told_before = picture_of(draft), moves(draft)
    assert intervals(draft) > 3
    EDITS[name](draft, designer)
    after, told_after = picture_of(draft), moves(draft)
    assert after != before
    services.edit_undo(version=draft, actor=designer)
    assert (picture_of(draft), moves(draft)) == (before, told_before)
    services.edit_redo(version=draft, actor=designer)
    assert (picture_of(draft), moves(draft)) == (after, told_after)


def test_all_edits_are_undone_in_turn_and_redone_in_turn(draft, designer):
    before = picture_of(draft)
    for name in ("rename", "add ours", "split", "need", "merge", "move activity", "add", "move"):
        EDITS[name](draft, designer)
    after = picture_of(draft)
    for _ in range(8):
        services.edit_undo(version=draft, actor=designer)
    assert picture_of(draft) == before
    with pytest.raises(ApplicationError, match="nothing of yours to undo"):
        services.edit_undo(version=draft, actor=designer)
    for _ in range(8):
        services.edit_redo(version=draft, actor=designer)
    assert picture_of(draft) == after


def test_a_new_edit_ends_what_could_be_redone(draft, designer):
    EDITS["rename"](draft, designer)
    services.edit_undo(version=draft, actor=designer)
    EDITS["need"](draft, designer)
    with pytest.raises(ApplicationError, match="nothing of yours to redo"):
        services.edit_redo(version=draft, actor=designer)


def test_each_person_undoes_their_own(draft, designer, colleague):
    EDITS["rename"](draft, designer)
    services.stage_rename(stage=stages(draft)[1], name="Bo's", actor=colleague)
    services.edit_undo(version=draft, actor=designer)
    assert [stage.name for stage in stages(draft)][:2] == ["Recognise: a", "Bo's"]


def test_undo_refuses_where_a_colleague_changed_the_same_part(draft, designer, colleague):
    EDITS["need"](draft, designer)
    EDITS["rename"](draft, designer)
    services.stage_rename(stage=stages(draft)[0], name="Bo's", actor=colleague)
    with pytest.raises(ConflictError, match="Bo Berg changed “Other” since"):
        services.edit_undo(version=draft, actor=designer)
    assert stages(draft)[0].name == "Bo's"
    # the one before it can still be undone
    services.edit_undo(version=draft, actor=designer)
    assert not StageNeed.objects.filter(name="Finance").exists()


def test_undo_takes_no_stage_away_that_a_colleague_filled(draft, designer, colleague):
    added = EDITS["add"](draft, designer)
    services.stage_activity_move(activity=theirs(draft, "c"), stage=added, actor=colleague)
    with pytest.raises(ConflictError, match="“New” holds “c” by now"):
        services.edit_undo(version=draft, actor=designer)
    assert Stage.objects.filter(pk=added.pk).exists()


def test_undo_leaves_a_colleagues_other_edits_of_the_same_stage(draft, designer, colleague):
    EDITS["merge"](draft, designer)
    into = stages(draft)[0]
    services.stage_activity_add(
        stage=into, name="Bo's visit", actor_kind="sales", purpose="independent", actor=colleague
    )
    services.stage_rename(stage=into, name="Bo's name", actor=colleague)
    services.edit_undo(version=draft, actor=designer)
    first, second, _ = stages(draft)
    assert [row.name for row in first.activities.all()] == ["a", "b", "Bo's visit"]
    assert (first.name, [row.name for row in second.activities.all()]) == ("Bo's name", ["c", "d"])


def test_undo_refuses_another_order_of_the_stages(draft, designer, colleague):
    EDITS["move"](draft, designer)
    services.stage_move(stage=stages(draft)[0], position=1, actor=colleague)
    with pytest.raises(ConflictError, match="another order since"):
        services.edit_undo(version=draft, actor=designer)


def test_undo_of_one_edit_among_many(draft, designer):
    EDITS["rename"](draft, designer)
    first = Edit.objects.get()
    EDITS["need"](draft, designer)
    services.edit_undo(version=draft, actor=designer, edit_id=first.pk)
    assert stages(draft)[0].name == "Recognise: a"
    assert StageNeed.objects.filter(name="Finance").exists()
    with pytest.raises(ApplicationError):
        services.edit_undo(version=draft, actor=designer, edit_id=first.pk)


def test_nobody_undoes_a_colleagues_edit(draft, designer, colleague):
    EDITS["rename"](draft, designer)
    with pytest.raises(ApplicationError, match="nothing of yours"):
        services.edit_undo(version=draft, actor=colleague, edit_id=Edit.objects.get().pk)


def test_published_version_is_not_undone(draft, designer):
    EDITS["rename"](draft, designer)
    services.version_publish(version=draft, actor=designer)
    with pytest.raises(ConflictError, match="Start a new draft"):
        services.edit_undo(version=draft, actor=designer)


def test_undo_and_redo_leave_a_row_each_in_the_record(draft, designer):
    EDITS["rename"](draft, designer)
    services.edit_undo(version=draft, actor=designer)
    services.edit_redo(version=draft, actor=designer)
    last = AuditEvent.objects.filter(verb__in=["buying_process.edit_undo", "buying_process.edit_redo"])
    assert [row.verb for row in last.order_by("pk")] == ["buying_process.edit_undo", "buying_process.edit_redo"]
    assert last[0].changes == {"edit": "rename “Recognise: a”"}


def test_an_edit_that_changes_nothing_is_none(draft, designer):
    services.stage_rename(stage=stages(draft)[0], name="Recognise: a", actor=designer)
    assert Edit.objects.count() == 0


def test_split_parts_what_was_told(in_workspace, designer):
    told = make.check_interviews(in_workspace)
    for interview in told[:3]:
        words = "Then we came to b."
        make.beside(interview, "Price list", "information", words, at=interview.answers.get().text.index(words))
    for interview in told[1:4]:
        words = "Then we came to a."
        make.beside(interview, "Owner", "role", words, at=interview.answers.get().text.index(words))
    draft = make.draft(in_workspace, designer)
    first = stages(draft)[0]
    assert {(need.name, need.told) for need in first.needs.all()} == {("Price list", 3), ("Owner", 3)}
    second = services.stage_split(stage=first, name="b alone", activities=[theirs(draft, "b")], actor=designer)
    first.refresh_from_db()
    assert [(need.name, need.told) for need in first.needs.all()] == [("Owner", 3)]
    assert [(need.name, need.told) for need in second.needs.all()] == [("Price list", 3)]
    assert (first.told, second.told, second.position) == (5, 5, 1)
    # told one right after the other: a then b in three stories, once in one that comes to a twice
    assert Transition.objects.get(from_stage=first, to_stage=second).seen == 3
    services.stage_merge(stage=second, into=first, actor=designer)
    assert {(need.name, need.told) for need in first.needs.all()} == {("Price list", 3), ("Owner", 3)}


def test_split_takes_along_what_helps(draft, designer):
    helps = services.stage_activity_add(
        stage=stages(draft)[0],
        name="Visit",
        actor_kind="sales",
        purpose="facilitates",
        facilitates=theirs(draft, "b"),
        actor=designer,
    )
    made = services.stage_split(stage=stages(draft)[0], name="b", activities=[theirs(draft, "b")], actor=designer)
    helps.refresh_from_db()
    assert helps.stage_id == made.pk


@pytest.mark.parametrize("chosen", [[], ["a", "b"], ["c"]])
def test_split_leaves_something_on_both_sides(draft, designer, chosen):
    with pytest.raises(ApplicationError):
        services.stage_split(
            stage=stages(draft)[0], name="x", activities=[theirs(draft, name) for name in chosen], actor=designer
        )
    assert len(stages(draft)) == 3
