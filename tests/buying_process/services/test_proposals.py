import pytest

from audit.models import AuditEvent
from buying_process import services
from buying_process.models import StageActivity, StageNeed, Version
from buying_process.selectors.proposals import proposal_of
from buying_process.services.derivation import Asked, version_derive
from buying_process.services.history import picture_of
from core.exceptions import ConflictError
from interviews.models import Interview, Moment
from tests.factories import buying_process as make

NEWER = ["abgcdef", "bagcdfe", "abgcdhef"]  # g and h are told for the first time


@pytest.fixture
def draft(in_workspace, designer):
    return make.draft(in_workspace, designer)


def held(version):
    return [
        [activity.name for activity in stage.activities.order_by("position", "pk")]
        for stage in version.stages.order_by("position")
    ]


def activity(version, name):
    return StageActivity.objects.get(stage__version=version, name=name)


def proposed(draft, designer, **asked):
    """Have more customers tell, and derive anew beside the draft."""
    for number, story in enumerate(NEWER):
        make.tell(draft.workspace, list(story), "won", customer=f"Newer {number}", jobs=make.CHECK_JOBS)
    return version_derive(
        process=draft.process,
        interviews=Interview.objects.all(),
        asked=Asked(beside=draft, resamples=make.RESAMPLES, **asked),
        actor=designer,
    )


def parts(proposal):
    proposal = Version.objects.select_related("proposed_for").get(pk=proposal.pk)
    return {(part.group, part.way, part.name): part for part in proposal_of(proposal).parts}


def test_proposal_changes_nothing_of_the_draft_and_is_on_no_list(draft, designer):
    before = held(draft)
    proposal = proposed(draft, designer)
    assert proposal.proposed_for == draft
    assert held(draft) == before
    assert list(Version.objects.visible_to(designer)) == [draft]
    assert proposal.get_absolute_url() == f"{draft.get_absolute_url()}proposal/"


def test_parts_say_what_is_new_with_what_customers_said(draft, designer):
    found = parts(proposed(draft, designer))
    new = found["activity", "new", "g"]
    assert new.state == "open"
    assert new.sentence.endswith("told by 3.")
    assert new.quotes[0].text == "Then we came to g."
    assert found["interviews", "", "What the draft rests on"].sentence.startswith(
        "From 8 interviews in place of 5: 3 that the draft has not read."
    )


def test_taking_all_makes_the_draft_what_was_derived(draft, designer):
    proposal = proposed(draft, designer)
    services.proposal_take(proposal=proposal, actor=designer)
    draft.refresh_from_db()
    assert held(draft) == held(proposal)
    assert parts(proposal) == {}
    assert draft.cyclic_share == proposal.cyclic_share
    assert draft.interviews.count() == 8
    assert sorted(draft.transitions.values_list("share", flat=True)) == pytest.approx(
        sorted(proposal.transitions.values_list("share", flat=True))
    )
    assert sorted(draft.stages.values_list("name", "told")) == sorted(proposal.stages.values_list("name", "told"))
    assert AuditEvent.objects.filter(verb="buying_process.proposal_take").count() == 1


def test_what_was_taken_is_undone_and_done_again_with_what_the_draft_rests_on(draft, designer):
    services.stage_need_add(stage=draft.stages.get(position=0), kind="role", name="Buyer", actor=designer)
    proposal = proposed(draft, designer)
    Version.objects.filter(pk=draft.pk).update(days_between_moments=3.5)
    before, open_parts = picture_of(draft), parts(proposal).keys()
    services.proposal_take(proposal=proposal, actor=designer)
    after = picture_of(draft)
    assert after.basis["interviews"] != before.basis["interviews"]
    undone = services.edit_undo(version=draft, actor=designer)
    assert undone.label.startswith("take ")
    assert picture_of(draft) == before
    assert parts(proposal).keys() == open_parts
    services.edit_redo(version=draft, actor=designer)
    assert picture_of(draft) == after
    services.edit_undo(version=draft, actor=designer)
    key = parts(proposal)["activity", "new", "g"].key
    services.proposal_take(proposal=proposal, keys=[key], actor=designer)
    assert services.edit_undo(version=draft, actor=designer).label == "take “g”"
    assert picture_of(draft) == before


def test_what_was_taken_stays_where_the_draft_rests_on_others_by_now(draft, designer):
    proposal = proposed(draft, designer)
    services.proposal_take(proposal=proposal, keys=["interviews"], actor=designer)
    draft.interviews.remove(draft.interviews.first())
    with pytest.raises(ConflictError, match="rests on other interviews since"):
        services.edit_undo(version=draft, actor=designer)


def test_what_a_person_shaped_stays_whatever_is_taken(draft, designer):
    first, second, third = draft.stages.order_by("position")
    services.stage_rename(stage=first, name="Something has to give", actor=designer)
    services.stage_activity_move(activity=activity(draft, "f"), stage=first, actor=designer)
    ours = services.stage_activity_add(
        stage=second, name="Peer visit", actor_kind="sales", purpose="independent", actor=designer
    )
    services.stage_need_add(stage=third, kind="role", name="Buyer", actor=designer)
    proposal = proposed(draft, designer)
    found = parts(proposal)
    assert found["stage", "renamed", "Something has to give"].state == "pinned"
    assert found["activity", "moved", "f"].state == "pinned"
    services.proposal_take(proposal=proposal, actor=designer)
    draft.refresh_from_db()
    assert "Something has to give" in draft.stages.values_list("name", flat=True)
    assert activity(draft, "f").stage.name == "Something has to give"
    assert StageActivity.objects.filter(pk=ours.pk, stage__version=draft).exists()
    assert [need.name for stage in draft.stages.all() for need in stage.needs.all()] == ["Buyer"]
    assert {part.state for part in parts(proposal).values()} <= {"pinned"}


def test_unpinned_it_is_offered_and_may_be_taken(draft, designer):
    first = draft.stages.get(position=0)
    services.stage_activity_move(activity=activity(draft, "f"), stage=first, actor=designer)
    proposal = proposed(draft, designer)
    services.pin_set(row=activity(draft, "f"), pinned=False, actor=designer)
    part = parts(proposal)["activity", "moved", "f"]
    assert part.state == "open"
    services.proposal_take(proposal=proposal, keys=[part.key], actor=designer)
    assert activity(draft, "f").stage != first
    assert not activity(draft, "f").pinned


def test_information_that_a_person_put_on_another_channel_stays_there(in_workspace, designer):
    interviews = make.check_interviews(in_workspace)
    make.beside(interviews[0], "Price", "information", "The price.", channel="online")
    draft = make.draft(in_workspace, designer)
    need = StageNeed.objects.get(name="Price")
    services.stage_need_update(need=need, name="Price", channel="sales", actor=designer)
    proposal = proposed(draft, designer)
    assert parts(proposal)["need", "moved", "Price"].state == "pinned"
    services.pin_set(row=need, pinned=False, actor=designer)
    part = parts(proposal)["need", "moved", "Price"]
    assert (part.state, part.sentence) == ("open", "Looked for online in “Recognise: a”, no longer with sales.")
    services.proposal_take(proposal=proposal, keys=[part.key], actor=designer)
    need.refresh_from_db()
    assert need.channel == "online"
    assert not any(way for group, way, _ in parts(proposal) if group == "need")


def test_refused_part_is_left_and_may_be_taken_after_all(draft, designer):
    proposal = proposed(draft, designer)
    key = parts(proposal)["activity", "new", "g"].key
    services.proposal_refuse(proposal=proposal, key=key, actor=designer)
    services.proposal_refuse(proposal=proposal, key=key, actor=designer)
    assert parts(proposal)["activity", "new", "g"].state == "refused"
    services.proposal_take(proposal=proposal, actor=designer)
    assert not StageActivity.objects.filter(stage__version=draft, name="g").exists()
    services.proposal_take(proposal=proposal, keys=[key], actor=designer)
    assert activity(draft, "g").told == 3


def test_part_that_is_settled_is_a_conflict(draft, designer):
    proposal = proposed(draft, designer)
    key = parts(proposal)["activity", "new", "g"].key
    services.proposal_take(proposal=proposal, keys=[key], actor=designer)
    with pytest.raises(ConflictError, match="settled already"):
        services.proposal_take(proposal=proposal, keys=[key], actor=designer)
    with pytest.raises(ConflictError, match="settled already"):
        services.proposal_refuse(proposal=proposal, key=key, actor=designer)


@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_other_number_of_stages_comes_out_as_derived(count, draft, designer):
    """Stages appear and go: whatever the way there, the draft ends as what was derived."""
    proposal = proposed(draft, designer, stages=count)
    services.proposal_take(proposal=proposal, actor=designer)
    assert held(draft) == held(proposal)
    assert list(draft.stages.values_list("position", flat=True)) == list(range(count))


def test_activity_of_a_new_stage_brings_the_stage(draft, designer):
    proposal = proposed(draft, designer, stages=6)
    part = next(part for part in parts(proposal).values() if part.group == "activity" and part.way == "moved")
    stages = draft.stages.count()
    services.proposal_take(proposal=proposal, keys=[part.key], actor=designer)
    assert draft.stages.count() in {stages, stages + 1}
    assert part.key not in {found.key for found in parts(proposal).values()}


def test_activity_that_nobody_tells_any_more_may_go(draft, designer):
    Moment.objects.filter(code__name="f").delete()
    proposal = version_derive(
        process=draft.process,
        interviews=Interview.objects.all(),
        asked=Asked(beside=draft, resamples=make.RESAMPLES),
        actor=designer,
    )
    part = parts(proposal)["activity", "gone", "f"]
    services.proposal_take(proposal=proposal, keys=[part.key], actor=designer)
    assert not StageActivity.objects.filter(stage__version=draft, name="f").exists()


def test_deriving_once_more_replaces_the_proposal(draft, designer):
    former = proposed(draft, designer)
    later = version_derive(
        process=draft.process,
        interviews=Interview.objects.all(),
        asked=Asked(beside=draft, resamples=make.RESAMPLES),
        actor=designer,
    )
    assert list(Version.objects.filter(proposed_for=draft)) == [later]
    assert not Version.objects.filter(pk=former.pk).exists()


def test_proposal_is_edited_by_nobody(draft, designer):
    proposal = proposed(draft, designer)
    with pytest.raises(ConflictError, match="part by part"):
        services.stage_rename(stage=proposal.stages.first(), name="Other", actor=designer)


def test_publishing_makes_a_draft_of_what_is_still_proposed(draft, designer):
    proposal = proposed(draft, designer)
    services.version_publish(version=draft, actor=designer)
    proposal.refresh_from_db()
    assert proposal.proposed_for is None
    assert set(Version.objects.visible_to(designer)) == {draft, proposal}


def test_kept_proposal_is_a_draft_and_discarded_one_is_gone(draft, designer):
    proposal = proposed(draft, designer)
    kept = services.proposal_keep(proposal=proposal, actor=designer)
    assert kept.get_absolute_url().endswith(f"/versions/{kept.number}/")
    other = version_derive(
        process=draft.process,
        interviews=Interview.objects.all(),
        asked=Asked(beside=draft, resamples=make.RESAMPLES),
        actor=designer,
    )
    services.proposal_discard(proposal=other, actor=designer)
    assert set(Version.objects.all()) == {draft, kept}
