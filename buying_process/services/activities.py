"""Edits of a draft's activities: the customer's are moved and marked, ours are added, changed and taken away."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.models import Membership
from buying_process.choices import Actor, Purpose
from buying_process.models import Skill, Stage, StageActivity
from buying_process.services.drafts import (
    editing,
    number_activities,
    recorded,
    refuse_overwriting,
    shape,
)
from buying_process.services.fitting import draft_refit
from buying_process.services.history import undoable
from buying_process.services.told import needs_follow
from core.exceptions import ApplicationError, ConflictError
from core.write import change, create
from interviews.choices import Channel

OURS_ALONE = "ours"
SEEN = {  # what a form of an activity of ours shows beside its name
    "actor_kind": "who does",
    "purpose": "the purpose of",
    "facilitates": "which of the customer’s activities is helped by",
    "channels": "how customers are reached by",
    "skills": "which skills it takes to do",
}
LANES = (Actor.CUSTOMER, Actor.MARKETING, Actor.SALES, Actor.PARTNER, OURS_ALONE)


def stage_activity_add(
    *,
    stage: Stage,
    name: str,
    actor_kind: str,
    purpose: str,
    facilitates: StageActivity | None = None,
    skills: Sequence[Skill] = (),
    channels: Sequence[str] = (),
    actor: Membership | None,
) -> StageActivity:
    """Add an activity of ours to a stage: one that helps a customer's activity, or one that is ours alone."""
    with editing(stage.version_id) as draft, undoable(draft, actor, f"add “{name}”"):
        _ours(actor_kind, purpose)
        activity = create(
            StageActivity(
                workspace_id=stage.workspace_id,
                stage=stage,
                name=" ".join(name.split()),
                actor=actor_kind,
                purpose=purpose,
                facilitates=_helped(stage, purpose, facilitates),
                position=stage.activities.count(),
                channels=_reaching(purpose, channels),
                pinned=True,
            )
        )
        activity.skills.set(skills)
        recorded("stage_activity_add", activity, actor, {"name": ["", activity.name], "stage": ["", stage.name]})
    return activity


def stage_activity_update(
    *,
    activity: StageActivity,
    actor: Membership | None,
    seen: str | None = None,
    saw: Mapping[str, Any] | None = None,
    **values: Any,
) -> StageActivity:
    """Change `name`, and for ours `actor_kind`, `purpose`, `facilitates`, `channels` and `skills`.

    `seen` is the name that is replaced; `saw` holds the other values as the person saw them, as `as_seen` gives them:
    what they left alone stays as it is now, and a ConflictError says what somebody else changed meanwhile.
    """
    label = f"change “{activity.name}”"
    with editing(activity.stage.version_id) as draft, undoable(draft, actor, label):
        activity.refresh_from_db()
        if "name" in values:
            name = " ".join(values["name"].split())
            values["name"] = refuse_overwriting(activity.name, seen, "activity", name)
        if activity.actor == Actor.CUSTOMER and set(values) - {"name"}:
            raise ApplicationError("Of a customer's activity only the name, the place and whether it matters change.")
        values = _touched(activity, values, saw or {})
        if activity.actor != Actor.CUSTOMER:
            values["actor"] = values.pop("actor_kind", activity.actor)
            values["purpose"] = values.get("purpose", activity.purpose)
            _ours(values["actor"], values["purpose"])
            helped = values.get("facilitates", activity.facilitates)
            values["facilitates"] = _helped(activity.stage, values["purpose"], helped)
            values["channels"] = _reaching(values["purpose"], values.get("channels", activity.channels))
        skills = values.pop("skills", None)
        changes = shape(activity, **values)
        if skills is not None:
            changes |= _skills(activity, skills)
        if changes:
            recorded("stage_activity_update", activity, actor, changes)
    return activity


def as_seen(activity: StageActivity) -> dict[str, Any]:
    """Give what a person sees of an activity of ours beside its name, in values that a form can carry."""
    return {
        "actor_kind": activity.actor,
        "purpose": activity.purpose,
        "facilitates": activity.facilitates_id,
        "channels": activity.channels,
        "skills": sorted(skill.pk for skill in activity.skills.all()),
    }


def stage_activity_move(
    *,
    activity: StageActivity,
    stage: Stage,
    position: int | None = None,
    lane: str = "",
    seen_in: int | None = None,
    actor: Membership | None,
) -> StageActivity:
    """Put an activity in a stage, at a place among those of its lane, and ours in another `lane` where one is named.

    `seen_in` is the stage where the person saw it; a ConflictError where somebody moved it meanwhile. A customer's
    activity takes its moments with it, and what was told beside them: shares and needs are worked out anew.
    """
    with editing(stage.version_id) as draft, undoable(draft, actor, f"move “{activity.name}”"):
        if activity.stage.version_id != draft.pk:
            raise ApplicationError("This activity belongs to another version.")
        activity.refresh_from_db()
        _refuse_moved(activity, stage, seen_in)
        left = activity.stage
        moved = left.pk != stage.pk
        changes = shape(activity, **_lane(activity, lane), stage=stage)
        _place(activity, stage, position)
        if moved and activity.actor == Actor.CUSTOMER:
            Stage.objects.filter(pk__in=[left.pk, stage.pk]).update(stability=None)
            needs_follow(draft=draft, left=left, into=stage)
            draft_refit(version=draft)
        recorded("stage_activity_move", activity, actor, changes)
    return activity


def _refuse_moved(activity: StageActivity, stage: Stage, seen_in: int | None) -> None:
    """Refuse to move what somebody moved since the person saw it; where both want the same, there is no conflict."""
    if seen_in is not None and activity.stage_id not in {seen_in, stage.pk}:
        raise ConflictError(
            f"Somebody moved “{activity.name}” meanwhile: it is in “{activity.stage.name}” now, and you wanted it in "
            f"“{stage.name}”. Move it again if yours is better.",
            fields={"list": [activity.stage.name]},
        )


def stage_activity_mark(*, activity: StageActivity, purpose: str, actor: Membership | None) -> StageActivity:
    """Say that a customer's activity needs nothing of us, or that it does after all."""
    label = f"mark “{activity.name}”"
    with editing(activity.stage.version_id) as draft, undoable(draft, actor, label):
        if activity.actor != Actor.CUSTOMER or purpose not in {Purpose.OWN, Purpose.NOT_RELEVANT}:
            raise ApplicationError("Only what the customer does can be marked as not relevant to us.")
        changes = change(activity, purpose=purpose)
        if changes:
            recorded("stage_activity_mark", activity, actor, changes)
    return activity


def stage_activity_remove(*, activity: StageActivity, actor: Membership | None) -> None:
    """Take an activity of ours away."""
    label = f"take “{activity.name}” away"
    with editing(activity.stage.version_id) as draft, undoable(draft, actor, label):
        if activity.actor == Actor.CUSTOMER:
            raise ApplicationError(
                "Customers told of this, so it stays on the map. Mark it as not relevant to us instead."
            )
        recorded("stage_activity_remove", activity, actor, {"name": [activity.name, ""]})
        StageActivity.objects.filter(pk=activity.pk).delete()


def _touched(activity: StageActivity, values: dict[str, Any], saw: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the values that the person did not change; refuse where somebody else changed the same one."""
    now, kept = as_seen(activity), dict(values)
    for name in saw.keys() & values.keys() & SEEN.keys():
        value = values[name]
        wanted = sorted(skill.pk for skill in value) if name == "skills" else getattr(value, "pk", value)
        if wanted == saw[name]:
            del kept[name]
        elif now[name] not in (saw[name], wanted):
            raise ConflictError(
                f"Somebody changed {SEEN[name]} “{activity.name}” meanwhile: now it is {_in_words(activity, name)}. "
                "Save again if yours is better.",
                fields={name: [_in_words(activity, name)]},
            )
    return kept


def _in_words(activity: StageActivity, name: str) -> str:
    words = {
        "actor_kind": activity.get_actor_display().lower(),
        "purpose": activity.get_purpose_display().lower(),
        "facilitates": f"“{activity.facilitates}”" if activity.facilitates else "none",
        "channels": ", ".join(activity.channels) or "not said",
    }
    return words[name] if name in words else ", ".join(map(str, activity.skills.all())) or "none"


def _ours(actor_kind: str, purpose: str) -> None:
    if actor_kind == Actor.CUSTOMER or actor_kind not in Actor.values:
        raise ApplicationError("What customers do comes from their interviews. Add what we do: choose who does it.")
    if purpose not in {Purpose.FACILITATES, Purpose.INDEPENDENT}:
        raise ApplicationError("An activity of ours helps one of the customer's, or is ours alone.")


def _helped(stage: Stage, purpose: str, facilitates: StageActivity | None) -> StageActivity | None:
    """Check what an activity of ours helps; what is ours alone helps nothing."""
    if purpose == Purpose.INDEPENDENT or facilitates is None:
        return None
    if facilitates.actor != Actor.CUSTOMER or facilitates.stage.version_id != stage.version_id:
        raise ApplicationError(
            "Choose an activity of the customer's in this version that this one helps.",
            fields={"facilitates": ["Choose one of the customer's activities."]},
        )
    return facilitates


def _reaching(purpose: str, channels: Iterable[str]) -> list[str]:
    """Give the channels of an activity of ours in their order; what is ours alone reaches nobody."""
    return [] if purpose == Purpose.INDEPENDENT else [channel for channel in Channel.values if channel in set(channels)]


def _skills(activity: StageActivity, skills: Iterable[Skill]) -> dict[str, list[str]]:
    """Set what skills an activity takes; gives what changed."""
    before, after = sorted(map(str, activity.skills.all())), sorted(map(str, skills))
    if before == after:
        return {}
    activity.skills.set(skills)
    return {"skills": [", ".join(before), ", ".join(after)]}


def _lane(activity: StageActivity, lane: str) -> dict[str, Any]:
    """Give what a lane asks of the activity that is put into it. The last lane holds what is ours alone."""
    if not lane:
        return {}
    if lane not in LANES:
        raise ApplicationError("There is no such lane.")
    if (activity.actor == Actor.CUSTOMER) != (lane == Actor.CUSTOMER):
        raise ApplicationError("The customer's activities stay in the customer's lane, and ours in ours.")
    if lane == Actor.CUSTOMER:
        return {}
    alone = activity.purpose == Purpose.INDEPENDENT or activity.actor == Actor.INTERNAL
    if lane == OURS_ALONE:
        return {} if alone else {"purpose": Purpose.INDEPENDENT, "facilitates": None, "channels": []}
    return {"actor": lane, "purpose": Purpose.FACILITATES}


def _place(activity: StageActivity, stage: Stage, position: int | None) -> None:
    """Number the activities of a stage anew, with this one at `position` among those of its lane."""
    rows = list(stage.activities.exclude(pk=activity.pk).order_by("position", "pk"))
    lane = [row for row in rows if lane_of(row) == lane_of(activity)]
    if position is None or position >= len(lane):
        rows.append(activity)
    else:
        rows.insert(rows.index(lane[max(position, 0)]), activity)
    number_activities(rows)


def lane_of(activity: StageActivity) -> str:
    """Give the lane of the journey map that an activity stands in."""
    if activity.actor != Actor.CUSTOMER and activity.purpose == Purpose.INDEPENDENT:
        return OURS_ALONE
    return OURS_ALONE if activity.actor == Actor.INTERNAL else activity.actor
