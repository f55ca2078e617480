"""A process from a file: a draft, of a process that is there or of a new one."""

import json
from typing import Any

from django.db import transaction

from accounts.models import Membership
from buying_process.models import Process, Skill, Stage, StageActivity, StageNeed, Transition, Version
from buying_process.services.drafts import recorded
from buying_process.services.numbering import next_number
from buying_process.services.processes import process_create
from buying_process.services.skills import skill_create
from buying_process.validators import OUTCOMES, read_process
from core.exceptions import ApplicationError, TooLargeError
from interviews.choices import Kind
from interviews.models import Code
from interviews.services import code_find_or_create

MOST_BYTES = 5 * 1024 * 1024
FIELD = "file"


@transaction.atomic
def version_import(*, content: bytes, process: Process | None = None, actor: Membership) -> Version:
    """Make a draft of an exported version; of a new process where none is named. Errors name path and reason."""
    found = _read(content)
    process = process or process_create(name=_free_name(found["name"]), actor=actor)
    evidence = found["evidence"]
    version = Version.objects.create(
        workspace_id=process.workspace_id,
        process=process,
        number=next_number(process),
        cyclic_share=evidence["cyclic_share"],
        derivation={name: value for name, value in evidence.items() if name != "cyclic_share"} | {"imported": True},
        **found["settings"],
    )
    stages = {
        stage["id"]: Stage(
            workspace_id=version.workspace_id,
            version=version,
            position=position,
            **{name: stage[name] for name in ("name", "told", "typical_days", "stability", "pinned")},
        )
        for position, stage in enumerate(found["stages"])
    }
    Stage.objects.bulk_create(stages.values())
    _activities_store(found, stages, actor)
    for stage in found["stages"]:
        StageNeed.objects.bulk_create(_need(need, stages[stage["id"]], actor) for need in stage["needs"])
    Transition.objects.bulk_create(_transition(move, version, stages) for move in found["transitions"])
    recorded("version_import", version, actor, {"name": ["", found["name"]], "stages": len(stages)})
    return version


def _read(content: bytes) -> dict[str, Any]:
    if len(content) > MOST_BYTES:
        raise TooLargeError("A process is at most 5 MB.", fields={FIELD: ["At most 5 MB."]})
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _refusal(["This file is no UTF-8 text, so it is no process that SalesFlow exported."]) from error
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise _refusal([f"This file is no JSON{where}."]) from error
    found, errors = read_process(document)
    if errors:
        raise _refusal(errors)
    return found


def _refusal(errors: list[str]) -> ApplicationError:
    return ApplicationError(errors[0], fields={FIELD: errors})


def _free_name(name: str) -> str:
    """Give a name that no process has yet."""
    taken = {known.casefold() for known in Process.objects.values_list("name", flat=True)}
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name[:110]} ({number})"
    return free


def _activities_store(found: dict[str, Any], stages: dict[str, Stage], actor: Membership) -> None:
    made: dict[str, StageActivity] = {}
    for stage in found["stages"]:
        for position, row in enumerate(stage["activities"]):
            made[row["id"]] = StageActivity(
                workspace_id=actor.workspace_id,
                stage=stages[stage["id"]],
                code=_code(Kind.ACTIVITY, row["code"], actor, job=row["job"]),
                position=position,
                **{name: row[name] for name in ("name", "actor", "purpose", "channels", "told", "pinned")},
            )
    StageActivity.objects.bulk_create(made.values())
    _skills_store(found, made, actor)
    helping = [
        (made[row["id"]], made[row["helps"]])
        for stage in found["stages"]
        for row in stage["activities"]
        if row["helps"]
    ]
    for activity, helped in helping:
        activity.facilitates = helped
    StageActivity.objects.bulk_update([activity for activity, _ in helping], ["facilitates"])


def _skills_store(found: dict[str, Any], made: dict[str, StageActivity], actor: Membership) -> None:
    """Name the skills that activities take, each found by its name or added to the workspace's list."""
    known = {skill.name.casefold(): skill for skill in Skill.objects.all()}
    links = StageActivity.skills.through
    wanted = {
        (made[row["id"]].pk, " ".join(name.split()))
        for stage in found["stages"]
        for row in stage["activities"]
        for name in row["skills"]
    }
    for _, name in sorted(wanted):
        if name.casefold() not in known:
            known[name.casefold()] = skill_create(name=name, actor=actor)
    taken = {(pk, known[name.casefold()].pk) for pk, name in wanted}
    links.objects.bulk_create(links(stageactivity_id=pk, skill_id=skill_id) for pk, skill_id in sorted(taken))


def _need(need: dict[str, Any], stage: Stage, actor: Membership) -> StageNeed:
    return StageNeed(
        workspace_id=actor.workspace_id,
        stage=stage,
        code=_code(Kind(need["kind"]), need["code"], actor),
        **{name: need[name] for name in ("kind", "name", "channel", "told", "pinned")},
    )


def _transition(move: dict[str, Any], version: Version, stages: dict[str, Stage]) -> Transition:
    ends = move["to"] in OUTCOMES
    return Transition(
        workspace_id=version.workspace_id,
        version=version,
        from_stage=stages[move["from"]],
        to_stage=None if ends else stages[move["to"]],
        outcome=move["to"] if ends else "",
        **{name: move[name] for name in ("share", "seen", "seen_in_deals", "low", "high")},
    )


def _code(kind: Kind, name: str, actor: Membership, job: str = "") -> Code | None:
    if not name:
        return None
    return code_find_or_create(actor=actor, kind=kind, name=name, job=job)
