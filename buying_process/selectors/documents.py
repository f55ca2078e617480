"""A version as a document that imports again: format 1 of `docs/process-format.md`. It names no customer."""

from typing import Any

from buying_process.models import StageActivity, StageNeed, Version
from buying_process.selectors.outlines import OutlineStage, outline_of
from buying_process.validators import FORMAT, FORMAT_VERSION
from interviews.models import Code

SETTINGS = (
    "weight_position",
    "weight_evidence",
    "weight_people",
    "weight_information",
    "weight_effort",
    "half_life_days",
    "days_between_moments",
)


def document_of(version: Version) -> dict[str, Any]:
    """Give a version as plain JSON; ids are of the document alone. Five queries."""
    outline = outline_of(version)
    activities = [activity for held in outline.stages for activity in held.activities]
    needs = [need for held in outline.stages for need in held.needs]
    wanted = {activity.code_id for activity in activities} | {need.code_id for need in needs}
    codes = Code.objects.in_bulk(code_id for code_id in wanted if code_id)
    ids = {activity.pk: f"a{place}" for place, activity in enumerate(activities, start=1)}
    account = version.derivation
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": version.process.name,
        "number": version.number,
        "status": version.status,
        "settings": {name: getattr(version, name) for name in SETTINGS},
        "evidence": {
            "interviews": outline.interviews,
            "segment": account.get("segment") or "",
            "cyclic_share": version.cyclic_share,
            "cyclic_low": account.get("cyclic_low") or 0.0,
            "cyclic_high": account.get("cyclic_high") or 0.0,
        },
        "stages": [_stage(held, place, ids, codes) for place, held in enumerate(outline.stages, start=1)],
        "transitions": [
            {
                "from": f"s{origin + 1}",
                "to": goal if isinstance(goal, str) else f"s{goal + 1}",
                "share": move.share,
                "seen": move.seen,
                "seen_in_deals": move.seen_in_deals,
                "low": move.low,
                "high": move.high,
            }
            for (origin, goal), move in sorted(outline.moves.items(), key=lambda item: (item[0][0], str(item[0][1])))
        ],
    }


def _stage(held: OutlineStage, place: int, ids: dict[int, str], codes: dict[int, Code]) -> dict[str, Any]:
    stage = held.stage
    return {
        "id": f"s{place}",
        "name": stage.name,
        "told": stage.told,
        "typical_days": stage.typical_days,
        "stability": stage.stability,
        "pinned": stage.pinned,
        "activities": [_activity(activity, ids, codes) for activity in held.activities],
        "needs": [_need(need, codes) for need in held.needs],
    }


def _activity(activity: StageActivity, ids: dict[int, str], codes: dict[int, Code]) -> dict[str, Any]:
    code = codes.get(activity.code_id or 0)
    return {
        "id": ids[activity.pk],
        "name": activity.name,
        "actor": activity.actor,
        "purpose": activity.purpose,
        "helps": ids.get(activity.facilitates_id or 0, ""),
        "channels": activity.channels,
        "skills": sorted(skill.name for skill in activity.skills.all()),
        "told": activity.told,
        "code": code.name if code else "",
        "job": code.job if code else "",
        "pinned": activity.pinned,
    }


def _need(need: StageNeed, codes: dict[int, Code]) -> dict[str, Any]:
    code = codes.get(need.code_id or 0)
    return {
        "kind": need.kind,
        "name": need.name,
        "channel": need.channel,
        "told": need.told,
        "code": code.name if code else "",
        "pinned": need.pinned,
    }
