import pytest

from audit.models import AuditEvent
from buying_process import services
from buying_process.choices import Actor, Need, Purpose
from buying_process.models import StageActivity, StageNeed, Transition
from core.exceptions import ApplicationError, ConflictError
from tests.factories import buying_process as make


@pytest.fixture
def draft(in_workspace, designer):
    return make.draft(in_workspace, designer)


def stages(version):
    return list(version.stages.order_by("position"))


def theirs(version, name):
    return StageActivity.objects.get(stage__version=version, actor=Actor.CUSTOMER, name=name)


def ours(version, designer, **fields):
    values = {"name": "Peer visit", "actor_kind": "sales", "purpose": "facilitates"} | fields
    return services.stage_activity_add(stage=stages(version)[0], actor=designer, **values)


def verbs():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def test_rename_is_counted_and_recorded(draft, designer):
    stage = stages(draft)[0]
    services.stage_rename(stage=stage, name="  Something  has to give ", seen="Recognise: a", actor=designer)
    draft.refresh_from_db()
    stage.refresh_from_db()
    assert (stage.name, draft.edits) == ("Something has to give", 1)
    assert verbs()[-1] == "buying_process.stage_rename"


def test_rename_over_somebody_elses_name_is_a_conflict(draft, designer):
    stage = stages(draft)[0]
    services.stage_rename(stage=stage, name="Theirs", seen="Recognise: a", actor=designer)
    with pytest.raises(ConflictError, match="it was “Recognise: a” and is “Theirs” now"):
        services.stage_rename(stage=stage, name="Mine", seen="Recognise: a", actor=designer)
    stage.refresh_from_db()
    assert stage.name == "Theirs"


def test_published_version_refuses_edits_in_words(in_workspace, draft, designer):
    services.version_publish(version=draft, actor=designer)
    with pytest.raises(ConflictError, match="Start a new draft"):
        services.stage_rename(stage=stages(draft)[0], name="Other", actor=designer)


def test_customer_activity_that_moves_takes_its_moments_along(draft, designer):
    first, second, _ = stages(draft)
    kept = Transition.objects.get(from_stage=first, to_stage=second)
    services.stage_activity_move(activity=theirs(draft, "b"), stage=second, actor=designer)
    kept.refresh_from_db()
    first.refresh_from_db()
    # a goes on to b, c or d six times, and there is no move within the first stage any more
    assert (kept.seen, round(kept.share, 4)) == (6, 0.8500)
    assert first.stability is None
    services.edit_undo(version=draft, actor=designer)
    kept.refresh_from_db()
    first.refresh_from_db()
    assert first.stability is not None
    assert kept.seen == 7
    assert theirs(draft, "b").stage_id == first.pk


def test_move_places_the_activity_among_its_lane(draft, designer):
    _, second, _ = stages(draft)
    services.stage_activity_move(activity=theirs(draft, "b"), stage=second, position=1, actor=designer)
    assert [row.name for row in second.activities.all()] == ["c", "b", "d"]


@pytest.mark.parametrize("position", [0, 1])
def test_undone_move_puts_the_activity_back_in_its_place(draft, designer, position):
    first = stages(draft)[0]
    services.stage_activity_move(activity=theirs(draft, "b"), stage=first, position=0, actor=designer)
    before = [row.name for row in first.activities.all()]
    moved = first.activities.all()[position]
    services.stage_activity_move(activity=moved, stage=first, position=1 - position, actor=designer)
    assert [row.name for row in first.activities.all()] == before[::-1]
    services.edit_undo(version=draft, actor=designer)
    assert [row.name for row in first.activities.all()] == before


def test_ours_moves_between_lanes(draft, designer):
    helped = theirs(draft, "a")
    activity = ours(draft, designer, facilitates=helped)
    services.stage_activity_move(activity=activity, stage=activity.stage, lane="ours", actor=designer)
    activity.refresh_from_db()
    assert (activity.purpose, activity.facilitates) == ("independent", None)
    services.stage_activity_move(activity=activity, stage=activity.stage, lane="partner", actor=designer)
    activity.refresh_from_db()
    assert (activity.actor, activity.purpose) == ("partner", "facilitates")


def test_customer_activity_stays_in_the_customers_lane(draft, designer):
    with pytest.raises(ApplicationError, match="stay in the customer's lane"):
        services.stage_activity_move(activity=theirs(draft, "a"), stage=stages(draft)[0], lane="sales", actor=designer)


def test_removed_activity_comes_back_as_it_was(draft, designer):
    activity = ours(draft, designer, facilitates=theirs(draft, "a"))
    services.stage_activity_remove(activity=activity, actor=designer)
    assert not StageActivity.objects.filter(pk=activity.pk).exists()
    services.edit_undo(version=draft, actor=designer)
    back = StageActivity.objects.get(pk=activity.pk)
    assert (back.name, back.facilitates.name) == ("Peer visit", "a")


def test_customer_activity_cannot_be_removed(draft, designer):
    with pytest.raises(ApplicationError, match="not relevant to us"):
        services.stage_activity_remove(activity=theirs(draft, "a"), actor=designer)


def test_ours_helps_only_a_customer_activity_of_the_version(in_workspace, draft, designer):
    other = make.draft(in_workspace, designer, name="Another")
    with pytest.raises(ApplicationError, match="Choose an activity of the customer's"):
        ours(draft, designer, facilitates=theirs(other, "a"))


def test_we_cannot_add_what_customers_do(draft, designer):
    with pytest.raises(ApplicationError, match="comes from their interviews"):
        ours(draft, designer, actor_kind="customer", purpose="own")


def test_mark_not_relevant_and_back(draft, designer):
    activity = theirs(draft, "a")
    services.stage_activity_mark(activity=activity, purpose=Purpose.NOT_RELEVANT, actor=designer)
    services.stage_activity_mark(activity=activity, purpose=Purpose.OWN, actor=designer)
    activity.refresh_from_db()
    assert activity.purpose == "own"
    assert verbs()[-2:] == ["buying_process.stage_activity_mark"] * 2


def test_need_added_changed_removed_and_brought_back(draft, designer):
    stage = stages(draft)[0]
    need = services.stage_need_add(stage=stage, kind="information", name="Energy use", channel="online", actor=designer)
    services.stage_need_update(need=need, name="Energy it uses", channel="partner", actor=designer)
    services.stage_need_remove(need=need, actor=designer)
    assert not StageNeed.objects.filter(name="Energy it uses").exists()
    services.edit_undo(version=draft, actor=designer)
    back = StageNeed.objects.get(name="Energy it uses")
    assert (back.pk, back.channel, back.kind) == (need.pk, "partner", Need.INFORMATION)


def test_same_need_twice_is_refused(draft, designer):
    stage = stages(draft)[0]
    services.stage_need_add(stage=stage, kind="role", name="Finance", actor=designer)
    with pytest.raises(ApplicationError, match="has this already"):
        services.stage_need_add(stage=stage, kind="role", name="finance", actor=designer)


def test_merge_joins_activities_needs_and_figures(draft, designer):
    first, second, third = stages(draft)
    services.stage_need_add(stage=second, kind="role", name="Finance", actor=designer)
    services.stage_need_add(stage=first, kind="role", name="finance", actor=designer)
    services.stage_merge(stage=second, into=first, actor=designer)
    kept = stages(draft)
    assert [(stage.pk, stage.position) for stage in kept] == [(first.pk, 0), (third.pk, 1)]
    assert [row.name for row in first.activities.all()] == ["a", "b", "c", "d"]
    assert first.needs.count() == 1
    assert Transition.objects.get(from_stage=first, to_stage=third).seen == 5


def test_stage_added_moved_and_taken_away_again(draft, designer):
    first, *_ = stages(draft)
    added = services.stage_add(version=draft, name="In between", after=first, actor=designer)
    assert [stage.name for stage in stages(draft)][1] == "In between"
    services.stage_move(stage=added, position=3, actor=designer)
    assert [stage.name for stage in stages(draft)][3] == "In between"
    added.refresh_from_db()
    services.stage_need_add(stage=added, kind="role", name="Finance", actor=designer)
    services.stage_remove(stage=added, actor=designer)
    assert len(stages(draft)) == 3
    services.edit_undo(version=draft, actor=designer)
    back = stages(draft)[3]
    assert (back.name, [need.name for need in back.needs.all()]) == ("In between", ["Finance"])


def test_stage_that_holds_something_cannot_be_taken_away(draft, designer):
    with pytest.raises(ApplicationError, match="still holds 2 activities"):
        services.stage_remove(stage=stages(draft)[0], actor=designer)


def test_weights_have_to_make_a_hundred(draft, designer):
    with pytest.raises(ApplicationError, match="make 110%"):
        services.version_settings(version=draft, actor=designer, weight_position=50)
    services.version_settings(
        version=draft, actor=designer, weight_position=50, weight_evidence=10, half_life_days=14.0
    )
    draft.refresh_from_db()
    assert (draft.weight_position, draft.weight_evidence, draft.half_life_days) == (50, 10, 14.0)


def test_settings_changed_by_somebody_else_are_a_conflict(draft, designer):
    services.version_settings(version=draft, actor=designer, half_life_days=14.0)
    with pytest.raises(ConflictError):
        services.version_settings(version=draft, actor=designer, seen={"half_life_days": "21.0"}, half_life_days=30.0)


def test_move_of_what_somebody_moved_meanwhile_names_both_places(draft, designer):
    first, second, third = stages(draft)
    services.stage_activity_move(activity=theirs(draft, "b"), stage=second, seen_in=first.pk, actor=designer)
    with pytest.raises(ConflictError, match=f"it is in “{second.name}” now, and you wanted it in “{third.name}”"):
        services.stage_activity_move(activity=theirs(draft, "b"), stage=third, seen_in=first.pk, actor=designer)
    assert theirs(draft, "b").stage == second
    services.stage_activity_move(activity=theirs(draft, "b"), stage=second, seen_in=first.pk, actor=designer)


def test_need_that_somebody_reworded_is_not_overwritten(draft, designer):
    need = services.stage_need_add(stage=stages(draft)[0], kind="role", name="Buyer", actor=designer)
    services.stage_need_update(need=need, name="Chief buyer", seen="Buyer", actor=designer)
    with pytest.raises(ConflictError, match="it was “Buyer” and is “Chief buyer” now; you wrote “Purchasing”"):
        services.stage_need_update(need=need, name="Purchasing", seen="Buyer", actor=designer)
    need.refresh_from_db()
    assert need.name == "Chief buyer"


def test_two_people_who_write_the_same_name_are_no_conflict(draft, designer):
    stage = stages(draft)[0]
    services.stage_rename(stage=stage, name="Ours", seen="Recognise: a", actor=designer)
    services.stage_rename(stage=stage, name="Ours", seen="Recognise: a", actor=designer)
    stage.refresh_from_db()
    assert stage.name == "Ours"
