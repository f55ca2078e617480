"""What a person takes of a proposal goes into the draft; all else of the draft stays as people left it."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import F

from accounts.models import Membership
from buying_process.choices import Status
from buying_process.models import Refusal, Run, Stage, StageActivity, StageNeed, Version
from buying_process.selectors.comparison import Comparison
from buying_process.selectors.outlines import OutlineStage
from buying_process.selectors.proposals import EVIDENCE, OPEN, PINNED, Part, Proposal, proposal_of
from buying_process.services.drafts import editing, number_activities, recorded
from buying_process.services.fitting import draft_refit
from buying_process.services.history import undoable
from buying_process.services.publishing import renewed
from core.exceptions import ApplicationError, ConflictError

MOST_PARTS = 1_000
GONE = "This part is settled already, or the draft has changed meanwhile. Look at how it stands now."


def proposal_take(*, proposal: Version, keys: Collection[str] | None = None, actor: Membership | None) -> list[str]:
    """Take parts of a proposal into its draft, those that are open where no `keys` are named; gives their names."""
    with editing(_draft_of(proposal).pk) as draft, undoable(draft, actor, "take the proposal") as doing:
        taken: dict[str, str] = {}
        for _ in range(MOST_PARTS):
            found = proposal_of(_fresh(proposal, draft), quoted=False)
            part = next((part for part in found.parts if part.key not in taken and _wanted(part, keys)), None)
            if part is None:
                break
            _TAKE[part.group](found, part)
            taken[part.key] = part.name
        if not taken:
            raise ConflictError(GONE)
        Refusal.objects.filter(proposal=proposal, part__in=keys or []).delete()
        draft_refit(version=draft)
        names = list(taken.values())
        doing.label = f"take “{names[0]}”" if len(names) == 1 else f"take {len(names)} parts of the proposal"
        recorded("proposal_take", draft, actor, {"taken": names})
    return names


@transaction.atomic
def proposal_refuse(*, proposal: Version, key: str, actor: Membership | None) -> Part:
    """Leave a part of a proposal; it can still be taken later."""
    part = next((part for part in proposal_of(proposal, quoted=False).parts if part.key == key), None)
    if part is None or part.state == PINNED:
        raise ConflictError(GONE)
    Refusal.objects.get_or_create(
        proposal=proposal, part=key, defaults={"workspace_id": proposal.workspace_id, "refused_by": actor}
    )
    recorded("proposal_refuse", _draft_of(proposal), actor, {"refused": part.name})
    return part


@transaction.atomic
def proposal_keep(*, proposal: Version, actor: Membership | None) -> Version:
    """Make a proposal a draft of its own; the draft that it was made for stays as it is."""
    Version.objects.filter(pk=proposal.pk).update(proposed_for=None)
    proposal.refresh_from_db()
    recorded("proposal_keep", proposal, actor, {"number": [None, proposal.number]})
    return proposal


@transaction.atomic
def proposal_discard(*, proposal: Version, actor: Membership | None) -> None:
    """Take a proposal away. What was taken of it stays in the draft."""
    recorded("proposal_discard", _draft_of(proposal), actor, {"open": len(proposal_of(proposal, quoted=False).open)})
    Version.objects.filter(pk=proposal.pk, proposed_for__isnull=False).delete()


def _draft_of(proposal: Version) -> Version:
    draft = proposal.proposed_for
    if draft is None:
        raise ApplicationError("This is a draft of its own by now.")
    if draft.status != Status.DRAFT:
        raise ConflictError("The draft was published meanwhile. Keep the proposal as a draft of its own.")
    return draft


def _fresh(proposal: Version, draft: Version) -> Version:
    """Give the proposal with the draft as it is held."""
    proposal.proposed_for = draft
    return proposal


def _wanted(part: Part, keys: Collection[str] | None) -> bool:
    return part.state == OPEN if keys is None else part.key in keys and part.state != PINNED


def _take_evidence(found: Proposal, _: Part) -> None:
    """Have the draft rest on the proposal's interviews: account, counts and stability with them."""
    draft, version = found.draft, found.version
    draft.interviews.set(version.interviews.values_list("pk", flat=True))
    draft.derivation = {name: draft.derivation[name] for name in ("copied_from",) if name in draft.derivation}
    draft.derivation |= version.derivation
    draft.cyclic_share, draft.deal_weight = version.cyclic_share, version.deal_weight
    draft.days_between_moments = version.days_between_moments
    draft.save(update_fields=["derivation", "cyclic_share", "deal_weight", "days_between_moments", "updated_at"])
    Run.objects.filter(version=draft).delete()
    for run in Run.objects.filter(version=version):
        renewed(run, version=draft).save(force_insert=True)
    told = {activity.code_id: activity.told for held in found.comparison.after.stages for activity in held.theirs}
    rows = [activity for held in found.comparison.before.stages for activity in held.theirs if activity.code_id]
    for row in rows:
        row.told = told.get(row.code_id, 0.0)
    StageActivity.objects.bulk_update(rows, ["told"])
    _take_needs_told(found.comparison)
    for old, new in found.comparison.pairs.items():
        one, other = found.comparison.before.stages[old], found.comparison.after.stages[new]
        same = one.held == other.held
        Stage.objects.filter(pk=one.stage.pk).update(stability=other.stage.stability if same else None)


def _take_needs_told(comparison: Comparison) -> None:
    for old, new in comparison.pairs.items():
        told = {_need_key(need): need.told for need in comparison.after.stages[new].needs}
        for need in comparison.before.stages[old].needs:
            if need.code_id and need.told != told.get(_need_key(need), need.told):
                StageNeed.objects.filter(pk=need.pk).update(told=told[_need_key(need)])


def _take_stage(found: Proposal, part: Part) -> None:
    change, comparison = part.change, found.comparison
    if change is None:
        return
    after = change.after if isinstance(change.after, OutlineStage) else None
    before = change.before if isinstance(change.before, OutlineStage) else None
    if change.way == "new" and after:
        _fill(found, _make_stage(found, after), after)
    elif change.way == "gone" and before:
        _dissolve(found, before)
    elif change.way == "renamed" and before and after:
        Stage.objects.filter(pk=before.stage.pk).update(name=after.stage.name)
    elif before and after:
        stages = [held.stage for held in comparison.before.stages if held.stage.pk != before.stage.pk]
        stages.insert(_place_for(found, after, {stage.pk: place for place, stage in enumerate(stages)}), before.stage)
        _number(stages)


def _take_activity(found: Proposal, part: Part) -> None:
    change = part.change
    if change is None:
        return
    before = change.before if isinstance(change.before, StageActivity) else None
    after = change.after if isinstance(change.after, StageActivity) else None
    if change.way == "gone" and before:
        _unsettle(before.stage_id)
        StageActivity.objects.filter(pk=before.pk).delete()
    elif change.way == "renamed" and before and after:
        StageActivity.objects.filter(pk=before.pk).update(name=after.name)
    elif after and change.target:
        _put(_stage_for(found, change.target), change.target, after, before)


def _take_need(found: Proposal, part: Part) -> None:
    change = part.change
    if change is None:
        return
    if isinstance(change.before, StageNeed) and isinstance(change.after, StageNeed):
        StageNeed.objects.filter(pk=change.before.pk).update(channel=change.after.channel, told=change.after.told)
    elif isinstance(change.before, StageNeed):
        StageNeed.objects.filter(pk=change.before.pk).delete()
    elif isinstance(change.after, StageNeed) and change.target:
        renewed(change.after, stage=_stage_for(found, change.target)).save(force_insert=True)


def _stage_for(found: Proposal, target: OutlineStage) -> Stage:
    """Give the draft's stage that is the proposal's `target`; made where it is a new one."""
    number = target.stage.position
    origin = found.comparison.origin_of.get(number)
    return _make_stage(found, target) if origin is None else found.comparison.before.stages[origin].stage


def _make_stage(found: Proposal, target: OutlineStage) -> Stage:
    places = {held.stage.pk: place for place, held in enumerate(found.comparison.before.stages)}
    place = _place_for(found, target, places)
    Stage.objects.filter(version=found.draft, position__gte=place).update(position=F("position") + 1)
    stage: Stage = renewed(target.stage, version=found.draft, position=place)
    stage.save(force_insert=True)
    return stage


def _place_for(found: Proposal, target: OutlineStage, places: dict[int, int]) -> int:
    """Give the place behind the nearest stage before `target` that the draft has, else the first."""
    for number in range(target.stage.position - 1, -1, -1):
        origin = found.comparison.origin_of.get(number)
        if origin is not None:
            place = places.get(found.comparison.before.stages[origin].stage.pk)
            if place is not None:
                return place + 1
    return 0


def _fill(found: Proposal, stage: Stage, target: OutlineStage) -> None:
    """Put into a new stage what the proposal has there, but for what is pinned elsewhere or not to be taken."""
    known = {activity.code_id: activity for held in found.comparison.before.stages for activity in held.theirs}
    refused = {part.change.after for part in found.refused if part.change}
    for activity in target.theirs:
        before = known.get(activity.code_id)
        if activity not in refused and (before is None or not before.pinned):
            _put(stage, target, activity, before)
    for need in target.needs:
        renewed(need, stage=stage).save(force_insert=True)


def _put(stage: Stage, target: OutlineStage, after: StageActivity, before: StageActivity | None) -> None:
    """Put an activity into a stage of the draft, before the first that follows it in the proposal."""
    if before is None:
        row: StageActivity = renewed(after, stage=stage, facilitates=None)
        row.save(force_insert=True)
    else:
        _unsettle(before.stage_id)
        StageActivity.objects.filter(pk=before.pk).update(stage=stage)
        row = StageActivity.objects.get(pk=before.pk)
    _unsettle(stage.pk)
    codes = [activity.code_id for activity in target.theirs]
    later = set(codes[codes.index(after.code_id) + 1 :])
    rows = list(stage.activities.exclude(pk=row.pk).order_by("position", "pk"))
    place = next((index for index, other in enumerate(rows) if other.code_id in later), len(rows))
    number_activities([*rows[:place], row, *rows[place:]])


def _dissolve(found: Proposal, before: OutlineStage) -> None:
    """Send what a stage holds to where the proposal has it, the rest to the stage that took most, and end it."""
    homes = {activity.code_id: (held, activity) for held in found.comparison.after.stages for activity in held.theirs}
    heirs: list[int] = []
    for activity in before.theirs:
        if activity.code_id in homes:
            target, after = homes[activity.code_id]
            stage = _stage_for(found, target)
            _put(stage, target, after, activity)
            heirs.append(stage.pk)
    others = [held.stage for held in found.comparison.before.stages if held.stage.pk != before.stage.pk]
    if not others:
        raise ApplicationError("A process keeps at least one stage.")
    nearest = min(others, key=lambda stage: (abs(stage.position - before.stage.position), stage.position))
    heir = max(heirs, key=heirs.count) if heirs else nearest.pk
    StageActivity.objects.filter(stage=before.stage).update(stage_id=heir)
    known = {_need_key(need) for need in StageNeed.objects.filter(stage_id=heir)}
    for need in before.needs:
        if _need_key(need) not in known:
            StageNeed.objects.filter(pk=need.pk).update(stage_id=heir)
    Stage.objects.filter(pk=before.stage.pk).delete()
    _number(list(Stage.objects.filter(version=found.draft).order_by("position")))


def _need_key(need: StageNeed) -> tuple[str, str, str]:
    return need.kind, need.name.casefold(), need.channel


def _unsettle(stage_id: int) -> None:
    """Forget how stable a stage is whose activities change."""
    Stage.objects.filter(pk=stage_id).update(stability=None)


def _number(stages: list[Stage]) -> None:
    for position, stage in enumerate(stages):
        stage.position = position
    Stage.objects.bulk_update(stages, ["position"])


_TAKE = {EVIDENCE: _take_evidence, "stage": _take_stage, "activity": _take_activity, "need": _take_need}
