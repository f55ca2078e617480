"""Keep what a derivation found: stages, activities, needs and moves of a version, and the run that gave them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from buying_process.choices import Actor, Purpose
from buying_process.models import Process, Stage, StageActivity, StageNeed, Transition, Version
from buying_process.selectors.stories import Sample, days_between_moments, typical_days
from buying_process.selectors.told_needs import needs_told
from buying_process.services.drafts import recorded
from buying_process.services.fitting import transition_rows
from buying_process.services.numbering import next_number
from buying_process.services.runs import run_store
from interviews.choices import Job as BuyingJob
from interviews.choices import Kind
from interviews.models import Code
from journey import stability
from journey.derivation import Derivation
from journey.order import CyclicPair

DECIMALS = 6  # of a result's digest: what another processor's last bits change is no other result
KEPT = (
    "half_life_days",
    "weight_position",
    "weight_evidence",
    "weight_people",
    "weight_information",
    "weight_effort",
)


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What the mathematics made of a sample, and the closed deals that joined it, summed up."""

    sample: Sample
    found: Derivation
    sure: stability.Stability
    heard: stability.Saturation
    deals: dict[str, Any] = field(default_factory=dict)


def result_of(findings: Findings) -> dict[str, Any]:
    """Give what a derivation came to as plain JSON, of which a digest is kept."""
    found, activities = findings.found, findings.sample.activities
    return {
        "stages": [
            [activities[number].code_id for number in found.activities(stage)] for stage in range(found.n_stages)
        ],
        "cyclic": round(found.potentials.cyclic_share, DECIMALS),
        "interval": [round(bound, DECIMALS) for bound in findings.sure.cyclic_share],
        "moves": found.fit.transitions.matrix.round(DECIMALS).tolist(),
        "stability": findings.sure.jaccard.round(DECIMALS).tolist(),
    }


@transaction.atomic
def version_store(
    *, process: Process, findings: Findings, asked: dict[str, Any], beside: Version | None, actor: Membership | None
) -> Version:
    """Keep what was found as a draft, or as the proposal `beside` a draft: a later one takes an earlier one's place."""
    sample, found = findings.sample, findings.found
    if beside:
        Version.objects.filter(proposed_for=beside).delete()
    interview_ids = [story.interview_id for story in sample.stories]
    version = Version.objects.create(
        workspace_id=process.workspace_id,
        process=process,
        number=next_number(process),
        cyclic_share=found.potentials.cyclic_share,
        days_between_moments=days_between_moments(sample.stories),
        deal_weight=asked["deal_weight"],
        proposed_for=beside,
        derivation=asked | _account(findings),
        **({name: getattr(beside, name) for name in KEPT} if beside else {}),
    )
    version.interviews.set(interview_ids)
    stages = _stages_store(version, findings)
    _transitions_store(version, stages, findings)
    home = {activity.code_id: int(found.home[index]) for index, activity in enumerate(sample.activities)}
    StageNeed.objects.bulk_create(
        StageNeed(
            workspace_id=version.workspace_id,
            stage=stages[need.stage],
            kind=need.kind,
            code_id=need.code_id,
            name=need.name,
            channel=need.channel,
            told=need.told,
        )
        for need in needs_told(interview_ids, home)
    )
    run_store(
        version=version, interview_ids=interview_ids, asked=asked, deals=findings.deals, result=result_of(findings)
    )
    recorded(
        "version_propose" if beside else "version_derive",
        version,
        actor,
        {"interviews": len(interview_ids), "stages": len(stages)},
    )
    return version


def _stages_store(version: Version, findings: Findings) -> list[Stage]:
    sample, found, sure = findings.sample, findings.found, findings.sure
    home = {activity.code_id: int(found.home[index]) for index, activity in enumerate(sample.activities)}
    days = typical_days(sample.stories, home)
    tellers = [
        sum(any(home[told.code_id] == stage for told in story.moments) for story in sample.stories)
        for stage in range(found.n_stages)
    ]
    stages = Stage.objects.bulk_create(
        Stage(
            workspace_id=version.workspace_id,
            version=version,
            position=position,
            name=_stage_name(findings, position),
            told=tellers[position],
            typical_days=days.get(position),
            stability=float(sure.jaccard[position]),
        )
        for position in range(found.n_stages)
    )
    StageActivity.objects.bulk_create(
        StageActivity(
            workspace_id=version.workspace_id,
            stage=stages[stage],
            code_id=sample.activities[number].code_id,
            name=sample.activities[number].name,
            actor=Actor.CUSTOMER,
            purpose=Purpose.OWN,
            position=place,
            told=float(found.fit.told[number]),
        )
        for stage in range(found.n_stages)
        for place, number in enumerate(found.activities(stage))
    )
    return stages


def _stage_name(findings: Findings, stage: int) -> str:
    """Propose a name: the buying job that most of the stage is told under, and the activity that most tell."""
    activities, told = findings.sample.activities, findings.found.fit.told
    members = findings.found.activities(stage)
    strongest = activities[max(members, key=lambda number: (told[number], -members.index(number)))]
    by_job: dict[str, float] = {}
    for number in members:
        if activities[number].job:
            by_job[activities[number].job] = by_job.get(activities[number].job, 0.0) + float(told[number])
    if not by_job:
        return strongest.name
    job = BuyingJob(max(by_job, key=lambda name: by_job[name]))
    return f"{job.label}: {strongest.name}"[:120]


def _transitions_store(version: Version, stages: Sequence[Stage], findings: Findings) -> None:
    intervals = {(move.stage, move.target): (move.low, move.high) for move in findings.sure.transitions}
    number = {stage.pk: index for index, stage in enumerate(stages)}
    outcomes = {"won": 0, "lost": 1, "no_decision": 2}
    rows = transition_rows(version, stages, findings.found.fit)
    for row in rows:
        target = number[row.to_stage_id] if row.to_stage_id else len(stages) + outcomes[row.outcome]
        row.low, row.high = intervals.get((number[row.from_stage_id], target), (None, None))
    Transition.objects.bulk_create(rows)


def _account(findings: Findings) -> dict[str, Any]:
    """Say what the run was made of and how sure it is, as the version keeps it."""
    sample, found, sure, heard = findings.sample, findings.found, findings.sure, findings.heard
    known = Code.objects.filter(kind=Kind.ACTIVITY).count()
    return {
        "derived_at": timezone.now().isoformat(),
        "interview_ids": [story.interview_id for story in sample.stories],
        "interviews": len(sample.stories),
        "moments": sum(len(story.moments) for story in sample.stories),
        "activities": len(sample.activities),
        "deals": findings.deals.get("deals", 0),
        "never_told": known - len(sample.activities),
        "outcomes": {name: sample.outcomes.count(name) for name in ("won", "lost", "no_decision")},
        "contradiction": found.contradiction,
        "cyclic_pairs": [_pair(sample, pair) for pair in found.cyclic_pairs],
        "contradicted_pairs": [_pair(sample, pair) for pair in found.contradicted_pairs],
        "cyclic_low": sure.cyclic_share[0],
        "cyclic_high": sure.cyclic_share[1],
        "resamples": sure.resamples,
        "components": _components(sample, found),
        "saturation": {
            "expected_new": heard.expected_new,
            "told_once": heard.told_once,
            "distinct": heard.distinct,
            "curve": [round(float(value), 2) for value in heard.curve],
        },
    }


def _pair(sample: Sample, pair: CyclicPair) -> dict[str, Any]:
    return {
        "earlier": sample.activities[pair.earlier].name,
        "later": sample.activities[pair.later].name,
        "forward": pair.forward,
        "backward": pair.backward,
        "share": pair.share,
    }


def _components(sample: Sample, found: Derivation) -> list[list[str]]:
    """Give the groups of activities that no interview connects; empty where all hang together."""
    labels = found.potentials.components.tolist()
    groups: dict[int, list[str]] = {}
    for number, label in enumerate(labels):
        groups.setdefault(label, []).append(sample.activities[number].name)
    return list(groups.values()) if len(groups) > 1 else []
