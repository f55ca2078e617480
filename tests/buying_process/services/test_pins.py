import pytest

from audit.models import AuditEvent
from buying_process import services
from buying_process.models import StageActivity, StageNeed
from core.exceptions import ConflictError
from tests.factories import buying_process as make


@pytest.fixture
def draft(in_workspace, designer):
    return make.draft(in_workspace, designer)


def pinned(version):
    """Give the names of all that is pinned."""
    stages = version.stages.filter(pinned=True).values_list("name", flat=True)
    activities = StageActivity.objects.filter(stage__version=version, pinned=True).values_list("name", flat=True)
    needs = StageNeed.objects.filter(stage__version=version, pinned=True).values_list("name", flat=True)
    return {*stages, *activities, *needs}


def activity(version, name):
    return StageActivity.objects.get(stage__version=version, name=name)


def test_what_is_derived_is_not_pinned(draft):
    assert pinned(draft) == set()


def test_what_a_person_shapes_is_pinned(draft, designer):
    first, second, third = draft.stages.order_by("position")
    services.stage_rename(stage=first, name="Something has to give", actor=designer)
    services.stage_activity_move(activity=activity(draft, "e"), stage=second, actor=designer)
    services.stage_activity_update(activity=activity(draft, "c"), name="See", actor=designer)
    services.stage_need_add(stage=second, kind="role", name="Buyer", actor=designer)
    assert pinned(draft) == {"Something has to give", "e", "See", "Buyer"}
    services.stage_move(stage=third, position=0, actor=designer)
    third.refresh_from_db()
    assert third.pinned


def test_a_name_saved_unchanged_pins_nothing(draft, designer):
    first = draft.stages.get(position=0)
    services.stage_rename(stage=first, name=first.name, actor=designer)
    assert pinned(draft) == set()


def test_merge_pins_the_stage_and_what_came_into_it(draft, designer):
    first, second, _ = draft.stages.order_by("position")
    services.stage_merge(stage=second, into=first, actor=designer)
    assert pinned(draft) == {"c", "d", first.name}


def test_undo_of_a_move_unpins_again(draft, designer):
    second = draft.stages.get(position=1)
    services.stage_activity_move(activity=activity(draft, "a"), stage=second, actor=designer)
    services.edit_undo(version=draft, actor=designer)
    assert pinned(draft) == set()


def test_pin_and_unpin_leave_a_row_each_in_the_record(draft, designer):
    row = activity(draft, "a")
    services.pin_set(row=row, pinned=True, actor=designer)
    assert pinned(draft) == {"a"}
    services.pin_set(row=row, pinned=False, actor=designer)
    services.pin_set(row=row, pinned=False, actor=designer)
    assert pinned(draft) == set()
    assert AuditEvent.objects.filter(verb="buying_process.pin_set").count() == 2


def test_published_version_takes_no_pin(draft, designer):
    services.version_publish(version=draft, actor=designer)
    with pytest.raises(ConflictError, match="Start a new draft"):
        services.pin_set(row=activity(draft, "a"), pinned=True, actor=designer)


def test_copy_keeps_the_pins(draft, designer):
    services.pin_set(row=activity(draft, "a"), pinned=True, actor=designer)
    assert pinned(services.version_copy(version=draft, actor=designer)) == {"a"}
