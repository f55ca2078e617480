"""A version's life: settings, copy, publication, retirement, and the end of a draft."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from buying_process.choices import Actor, Status
from buying_process.models import Acceptance, Process, Run, Stage, StageActivity, StageNeed, Transition, Version
from buying_process.selectors.processes import publication_job
from buying_process.services.drafts import editing, recorded
from buying_process.services.fitting import draft_refit, fit_store
from buying_process.services.numbering import next_number
from core.exceptions import ApplicationError, ConflictError
from core.jobs import enqueue
from core.write import change
from jobs.models import Job
from jobs.services import job_cancel, job_start

WEIGHTS = ("weight_position", "weight_evidence", "weight_people", "weight_information", "weight_effort")
FEWEST_STAGES = 2


def version_settings(
    *, version: Version, actor: Membership | None, seen: Mapping[str, Any] | None = None, **values: Any
) -> Version:
    """Set the weights of alignment's parts (whole percentages, 100 in all) and the days until silence counts half.

    `seen` holds what the person saw; a ConflictError where somebody changed one of these meanwhile.
    """
    with editing(version.pk) as draft:
        changed = [name for name in values if seen and str(seen.get(name)) != str(getattr(draft, name))]
        if changed:
            raise ConflictError("Somebody changed these settings meanwhile. Look at theirs, then save yours again.")
        weights = {name: values.get(name, getattr(draft, name)) for name in WEIGHTS}
        if sum(weights.values()) != 100:  # noqa: PLR2004  percent
            raise ApplicationError(
                f"The five weights make {sum(weights.values())}%; they have to make 100%.",
                fields={"weight_position": [f"Together they are {sum(weights.values())}%."]},
            )
        if not 1 <= values.get("half_life_days", draft.half_life_days) <= 365:  # noqa: PLR2004  a year
            raise ApplicationError("Silence counts half after 1 to 365 days.", fields={"half_life_days": ["1 to 365."]})
        changes = change(draft, **values)
        if changes:
            recorded("version_settings", draft, actor, changes)
    return draft


def hindrances(version: Version) -> list[str]:
    """Say what keeps a draft from being published, in sentences; empty where nothing does."""
    stages = list(version.stages.order_by("position"))
    if len(stages) < FEWEST_STAGES:
        return ["A process has at least two stages. Derive it from more interviews, or add a stage."]
    with_customer = set(
        StageActivity.objects.filter(stage__version=version, actor=Actor.CUSTOMER).values_list("stage_id", flat=True)
    )
    return [
        f"“{stage.name}” holds nothing that customers do, so no signal could show that a buyer is there. "
        "Move one of their activities into it, or merge it with a neighbour."
        for stage in stages
        if stage.pk not in with_customer
    ]


@transaction.atomic
def version_publish(*, version: Version, actor: Membership, move_deals: bool = True) -> Job | None:
    """Make a draft the live version: fitted, immutable from here on, the former live one retired.

    Gives the job that moves the open deals over; None where they stay with the version that they have.
    """
    process = Process.objects.select_for_update(of=["self"]).get(pk=version.process_id)
    with editing(version.pk) as draft:
        reasons = hindrances(draft)
        if reasons:
            raise ApplicationError(" ".join(reasons))
        draft_refit(version=draft)
        fit_store(version=draft)
    # what a proposal still offers is not lost: it goes on as a draft of its own
    Version.objects.filter(proposed_for=draft).update(proposed_for=None)
    _retire_live(process, actor)
    now = timezone.now()
    draft.refresh_from_db()
    draft.status, draft.published_at, draft.published_by = Status.LIVE, now, actor
    draft.save(update_fields=["status", "published_at", "published_by", "updated_at"])
    version.refresh_from_db()
    recorded("version_publish", version, actor, {"status": [Status.DRAFT, Status.LIVE], "move_deals": move_deals})
    if not move_deals:
        enqueue("deals.refit_outlooks", version_id=version.pk)
        return None
    return _move_start(version, actor)


@transaction.atomic
def version_move_deals(*, version: Version, actor: Membership) -> Job:
    """Move the open deals that still go by other versions to the live one: those that stayed, or a move left behind."""
    held = Version.objects.select_for_update(of=["self"]).select_related("process").get(pk=version.pk)
    if held.status != Status.LIVE:
        raise ConflictError("Deals are moved to the live version.")
    if publication_job(held):
        raise ConflictError("They are on their way already.")
    return _move_start(held, actor)


@transaction.atomic
def version_retire(*, version: Version, actor: Membership) -> Version:
    """Take a published version out of use. Deals that are pinned to it keep it until they are moved."""
    held = Version.objects.select_for_update(of=["self"]).get(pk=version.pk)
    if held.status not in {Status.LIVE, Status.PILOT}:
        raise ConflictError("Only a version that is in use can be retired.")
    _retire(held, actor)
    version.refresh_from_db()
    return version


@transaction.atomic
def version_copy(*, version: Version, actor: Membership | None) -> Version:
    """Start a draft from a version, with all that people shaped in it."""
    process = version.process
    copy = Version.objects.create(
        workspace_id=version.workspace_id,
        process=process,
        number=next_number(process),
        cyclic_share=version.cyclic_share,
        derivation=version.derivation | {"copied_from": version.number},
        half_life_days=version.half_life_days,
        days_between_moments=version.days_between_moments,
        deal_weight=version.deal_weight,
        **{name: getattr(version, name) for name in WEIGHTS},
    )
    copy.interviews.set(version.interviews.values_list("pk", flat=True))
    for run in Run.objects.filter(version=version):
        renewed(run, version=copy).save(force_insert=True)
    stages = _stages_copy(version, copy)
    activities = _activities_copy(version, stages)
    StageNeed.objects.bulk_create(
        renewed(need, stage=stages[need.stage_id]) for need in StageNeed.objects.filter(stage__version=version)
    )
    Transition.objects.bulk_create(
        renewed(
            move,
            version=copy,
            from_stage=stages[move.from_stage_id],
            to_stage=stages[move.to_stage_id] if move.to_stage_id else None,
        )
        for move in version.transitions.all()
    )
    _acceptances_copy(version, stages, activities, copy)
    recorded("version_copy", copy, actor, {"from": version.number})
    return copy


@transaction.atomic
def version_delete(*, version: Version, actor: Membership | None) -> None:
    """Delete a draft. What was published stays."""
    with editing(version.pk) as draft:
        recorded("version_delete", draft, actor, {"number": [draft.number, None]})
        Version.objects.filter(pk=draft.pk).delete()


def change_status(version: Version, status: Status) -> dict[str, list[Any]]:
    """Set where a published version stands, and when it was retired."""
    retired = timezone.now() if status == Status.RETIRED else version.retired_at
    before = version.status
    version.status, version.retired_at = status, retired
    version.save(update_fields=["status", "retired_at", "updated_at"])
    return {"status": [before, status]}


def _retire_live(process: Process, actor: Membership) -> None:
    for former in Version.objects.filter(process=process, status=Status.LIVE):
        _retire(former, actor)


def _retire(version: Version, actor: Membership) -> None:
    """Take a version out of use, and end what still moves deals to it."""
    recorded("version_retire", version, actor, change_status(version, Status.RETIRED))
    if job := publication_job(version):
        job_cancel(job=job, actor=actor)


def _move_start(version: Version, actor: Membership) -> Job:
    return job_start(
        kind="publish",
        task="deals.adopt_version",
        title=f"Move open deals to {version}",
        actor=actor,
        result_url=version.get_absolute_url(),
        can_pause=True,
        version_id=version.pk,
    )


def _stages_copy(version: Version, copy: Version) -> dict[int, Stage]:
    originals = list(version.stages.order_by("position"))
    made = Stage.objects.bulk_create(renewed(stage, version=copy) for stage in originals)
    return {original.pk: stage for original, stage in zip(originals, made, strict=True)}


def _activities_copy(version: Version, stages: Mapping[int, Stage]) -> dict[int, StageActivity]:
    originals = list(StageActivity.objects.filter(stage__version=version).order_by("pk"))
    made = StageActivity.objects.bulk_create(
        renewed(activity, stage=stages[activity.stage_id], facilitates=None) for activity in originals
    )
    twin = {original.pk: activity for original, activity in zip(originals, made, strict=True)}
    helping = [(twin[original.pk], original.facilitates_id) for original in originals if original.facilitates_id]
    for activity, helped in helping:
        activity.facilitates = twin.get(helped)
    StageActivity.objects.bulk_update([activity for activity, _ in helping], ["facilitates"])
    links = StageActivity.skills.through
    known = links.objects.filter(stageactivity_id__in=twin).values_list("stageactivity_id", "skill_id")
    links.objects.bulk_create(links(stageactivity_id=twin[pk].pk, skill_id=skill_id) for pk, skill_id in known)
    return twin


def _acceptances_copy(
    version: Version, stages: Mapping[int, Stage], activities: Mapping[int, StageActivity], copy: Version
) -> None:
    Acceptance.objects.bulk_create(
        renewed(
            accepted,
            version=copy,
            stage=stages.get(accepted.stage_id or 0),
            activity=activities.get(accepted.activity_id or 0),
        )
        for accepted in version.acceptances.all()
    )


def renewed(row: Any, **values: Any) -> Any:
    """Give an unsaved twin of a row with some of its values replaced."""
    own = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    for name in values:
        own.pop(f"{name}_id", None)
        own.pop(name, None)
    return type(row)(**own, **values)
