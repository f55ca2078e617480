"""From interviews to a draft version, in one call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import Membership
from buying_process.choices import Actor, Purpose
from buying_process.models import Process, Stage, StageActivity, StageNeed, Transition, Version
from buying_process.selectors.stories import (
    FEWEST_STORIES,
    Sample,
    days_between_moments,
    enough,
    sample_of,
    typical_days,
)
from buying_process.selectors.told_needs import needs_told
from buying_process.services.fitting import transition_rows
from buying_process.services.numbering import next_number
from core import audit
from core.embeddings import embed
from core.exceptions import ApplicationError
from interviews.choices import Job as BuyingJob
from interviews.choices import Kind
from interviews.models import Code, Excerpt, Interview, Segment
from jobs.models import Job
from jobs.services import Progress, job_start
from journey import stability
from journey.derivation import Derivation, derive
from journey.order import CyclicPair

QUOTES_A_MEANING = 6
SEED = 20  # the same interviews give the same figures
STEPS = 5
TOO_FEW = (
    "Deriving a process takes at least {fewest} interviews with a timeline of two moments or more; "
    "there {are} {count}. "
    "Code what the customers did in their answers, then put it in their order under Timeline."
)


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What the mathematics made of a sample."""

    sample: Sample
    found: Derivation
    sure: stability.Stability
    heard: stability.Saturation


def derive_start(
    *, process: Process, actor: Membership, stages: int | None = None, segment: Segment | None = None
) -> Job:
    """Start a derivation in the background; refuses at once what cannot come to anything."""
    segment = segment or process.segment
    sample = sample_of(interviews_for(segment).values_list("pk", flat=True))
    _refuse_hopeless(sample, stages)
    return job_start(
        kind="derive",
        task="buying_process.derive_version",
        title=f"Derive {process.name}",
        actor=actor,
        total=STEPS,
        process_id=process.pk,
        stages=stages,
        segment_id=segment.pk if segment else None,
    )


def derive_from_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Do what `derive_start` asked for, and have the job lead to the draft."""
    asked = job.arguments
    process = Process.objects.get(pk=asked["process_id"])
    segment = Segment.objects.filter(pk=asked.get("segment_id")).first()
    version = version_derive(
        process=process,
        interviews=interviews_for(segment),
        stages=asked.get("stages"),
        segment=segment,
        actor=job.started_by,
        progress=progress,
    )
    Job.objects.filter(pk=job.pk).update(result_url=version.get_absolute_url())
    return {"process": process.pk, "version": version.pk, "number": version.number}


def interviews_for(segment: Segment | None) -> QuerySet[Interview]:
    """Give the interviews that a derivation reads: a segment's, or all."""
    interviews: QuerySet[Interview] = Interview.objects.all()
    return interviews.filter(segment=segment) if segment else interviews


def version_derive(
    *,
    process: Process,
    interviews: QuerySet[Interview],
    stages: int | None = None,
    segment: Segment | None = None,
    actor: Membership | None,
    progress: Progress | None = None,
) -> Version:
    """Derive a draft from these interviews. Seconds, not milliseconds: it reads meaning and draws 200 resamples.

    `stages` fixes how many there are, else it falls out; `segment` is kept as what the interviews have in common.
    """

    def report(done: int, message: str) -> None:
        if progress:
            progress.at(done, message, total=STEPS)

    report(0, "Reading the interviews")
    sample = sample_of(interviews.values_list("pk", flat=True))
    _refuse_hopeless(sample, stages)
    report(1, f"Comparing what {len(sample.activities)} activities mean")
    meaning = _meaning(sample)
    report(2, "Finding the order and the stages")
    found = derive(sample.sequences, sample.jobs, meaning, sample.outcomes, weights=sample.weights, count=stages)
    report(3, "Drawing the interviews anew to see what holds")
    findings = Findings(sample, found, *_how_sure(sample, meaning, found, stages))
    report(4, "Writing the draft")
    asked = {"segment": str(segment or ""), "stages_asked": stages}
    return _version_store(process, findings, asked, actor)


def _refuse_hopeless(sample: Sample, stages: int | None) -> None:
    if not enough(sample.stories):
        count = sum(len(story.moments) > 1 for story in sample.stories)
        raise ApplicationError(
            TOO_FEW.format(fewest=FEWEST_STORIES, are="is" if count == 1 else "are", count=count or "none")
        )
    if stages is not None and not 1 <= stages <= len(sample.activities):
        raise ApplicationError(
            f"These interviews tell {len(sample.activities)} activities, so there can be 1 to "
            f"{len(sample.activities)} stages.",
            fields={"stages": [f"Choose 1 to {len(sample.activities)}."]},
        )


def _meaning(sample: Sample) -> NDArray[np.float64]:
    """Give the cosines between activities, by their names and the first words that customers had for them."""
    quotes: dict[int, list[str]] = {activity.code_id: [] for activity in sample.activities}
    rows = Excerpt.objects.filter(
        code_id__in=quotes, answer__interview_id__in=[story.interview_id for story in sample.stories]
    )
    for code_id, quote in rows.order_by("pk").values_list("code_id", "quote"):
        if len(quotes[code_id]) < QUOTES_A_MEANING:
            quotes[code_id].append(quote)
    texts = [". ".join([activity.name, *quotes[activity.code_id]]) for activity in sample.activities]
    vectors = embed(texts).astype(np.float64)
    return np.asarray(np.clip(vectors @ vectors.T, 0.0, 1.0))


def _how_sure(
    sample: Sample, meaning: NDArray[np.float64], found: Derivation, stages: int | None
) -> tuple[stability.Stability, stability.Saturation]:
    drawn_from = stability.Interviews(sample.sequences, sample.jobs, meaning, sample.outcomes, sample.weights)
    sure = stability.bootstrap(
        drawn_from, found.home, np.random.default_rng(SEED), n_stages=found.n_stages, count=stages
    )
    return sure, stability.saturation(sample.sequences, np.random.default_rng(SEED))


@transaction.atomic
def _version_store(process: Process, findings: Findings, asked: dict[str, Any], actor: Membership | None) -> Version:
    sample, found = findings.sample, findings.found
    interview_ids = [story.interview_id for story in sample.stories]
    version = Version.objects.create(
        workspace_id=process.workspace_id,
        process=process,
        number=next_number(process),
        cyclic_share=found.potentials.cyclic_share,
        days_between_moments=days_between_moments(sample.stories),
        derivation=asked | _account(findings),
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
    audit.record(
        "buying_process.version_derive",
        version,
        actor=actor,
        changes={"interviews": len(interview_ids), "stages": len(stages)},
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
