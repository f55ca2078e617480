"""From interviews to a draft version, in one call; or to a proposal beside a draft that people have shaped."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import QuerySet
from numpy.typing import NDArray

from accounts.models import Membership
from buying_process.choices import Status
from buying_process.models import Process, Version
from buying_process.selectors.closed import closed_paths, steps_of, tallied
from buying_process.selectors.stories import FEWEST_STORIES, Sample, enough, sample_of
from buying_process.services.storing import Findings, version_store
from core.embeddings import embed
from core.exceptions import ApplicationError
from interviews.models import Excerpt, Interview, Segment
from jobs.models import Job
from jobs.services import Progress, job_start
from journey import stability
from journey.derivation import Derivation, derive, fit_stages

QUOTES_A_MEANING = 6
SEED = 20  # the same interviews give the same figures
RESAMPLES = 200
STEPS = 5
MOST_DEAL_WEIGHT = 10.0
TOO_FEW = (
    "Deriving a process takes at least {fewest} interviews with a timeline of two moments or more; "
    "there {are} {count}. "
    "Code what the customers did in their answers, then put it in their order under Timeline."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person chose for a derivation.

    `stages` fixes how many there are, else it falls out; `segment` is kept as what the interviews have in common;
    `left_out` names interviews that are not read; `deal_weight` is what the path of a closed deal counts beside an
    interview, 0 for not at all; `beside` is the draft that the result is proposed for, None for a draft of its own;
    `resamples` how often the interviews are drawn anew to say how sure it is.
    """

    stages: int | None = None
    segment: Segment | None = None
    left_out: tuple[int, ...] = ()
    deal_weight: float = 0.0
    beside: Version | None = None
    resamples: int = RESAMPLES


def derive_start(
    *,
    process: Process,
    actor: Membership,
    stages: int | None = None,
    segment: Segment | None = None,
    left_out: Collection[int] = (),
    deal_weight: float = 0.0,
    beside: Version | None = None,
) -> Job:
    """Start a derivation in the background; refuses at once what cannot come to anything."""
    segment = segment or process.segment
    _refuse_wrong(process, deal_weight, beside)
    sample = sample_of(interviews_for(segment).exclude(pk__in=left_out).values_list("pk", flat=True))
    refuse_hopeless(sample, stages)
    return job_start(
        kind="derive",
        task="buying_process.derive_version",
        title=f"Derive {process.name}",
        actor=actor,
        total=STEPS,
        process_id=process.pk,
        stages=stages,
        segment_id=segment.pk if segment else None,
        left_out=sorted(left_out),
        deal_weight=deal_weight,
        beside_id=beside.pk if beside else None,
    )


def derive_from_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Do what `derive_start` asked for, and have the job lead to the draft or the proposal.

    The draft and the mark that it is made are stored at once, so that a job begun anew makes no second one.
    """
    if job.result:
        return dict(job.result)
    options = job.arguments
    segment = Segment.objects.filter(pk=options.get("segment_id")).first()
    asked = Asked(
        stages=options.get("stages"),
        segment=segment,
        left_out=tuple(options.get("left_out", [])),
        deal_weight=options.get("deal_weight", 0.0),
        beside=Version.objects.filter(pk=options.get("beside_id"), status=Status.DRAFT).first(),
    )
    process = Process.objects.get(pk=options["process_id"])
    findings = findings_of(interviews_for(segment).exclude(pk__in=asked.left_out), asked, progress)
    progress.at(STEPS - 1, "Writing the draft", total=STEPS)
    with transaction.atomic():
        version = _store(process, findings, asked, job.started_by)
        result = {"process": process.pk, "version": version.pk, "number": version.number}
        Job.objects.filter(pk=job.pk).update(result_url=version.get_absolute_url(), result=result)
    return result


def interviews_for(segment: Segment | None) -> QuerySet[Interview]:
    """Give the interviews that a derivation reads: a segment's, or all."""
    interviews: QuerySet[Interview] = Interview.objects.all()
    return interviews.filter(segment=segment) if segment else interviews


def version_derive(
    *,
    process: Process,
    interviews: QuerySet[Interview],
    asked: Asked | None = None,
    actor: Membership | None,
) -> Version:
    """Derive a draft from these interviews. Seconds, not milliseconds: it reads meaning and draws 200 resamples."""
    asked = asked or Asked()
    return _store(process, findings_of(interviews, asked), asked, actor)


def _store(process: Process, findings: Findings, asked: Asked, actor: Membership | None) -> Version:
    return version_store(process=process, findings=findings, asked=options_of(asked), beside=asked.beside, actor=actor)


def options_of(asked: Asked) -> dict[str, Any]:
    """Give what a person chose as plain JSON, with what the program adds to it."""
    return {
        "segment": str(asked.segment or ""),
        "segment_id": asked.segment.pk if asked.segment else None,
        "stages_asked": asked.stages,
        "left_out": sorted(asked.left_out),
        "deal_weight": asked.deal_weight,
        "seed": SEED,
        "resamples": asked.resamples,
    }


def findings_of(interviews: QuerySet[Interview], asked: Asked, progress: Progress | None = None) -> Findings:
    """Work out what these interviews say; nothing is written."""

    def report(done: int, message: str) -> None:
        if progress:
            progress.at(done, message, total=STEPS)

    report(0, "Reading the interviews")
    sample = sample_of(interviews.values_list("pk", flat=True))
    refuse_hopeless(sample, asked.stages)
    deals = deals_of(sample, asked)
    report(1, f"Comparing what {len(sample.activities)} activities mean")
    meaning = meaning_of(sample)
    report(2, "Finding the order and the stages")
    found = derive(sample.sequences, sample.jobs, meaning, sample.outcomes, weights=sample.weights, count=asked.stages)
    further = steps_of(deals, [activity.code_id for activity in sample.activities], asked.deal_weight)
    fit = fit_stages(
        sample.sequences, sample.outcomes, found.home, found.n_stages, weights=sample.weights, further=further
    )
    found = replace(found, fit=fit)
    report(3, "Drawing the interviews anew to see what holds")
    return Findings(sample, found, *_how_sure(sample, meaning, found, asked), deals)


def deals_of(sample: Sample, asked: Asked) -> dict[str, Any]:
    """Sum up the closed deals of the segment that join the evidence; empty where none is to."""
    if not asked.deal_weight:
        return {}
    codes = {activity.code_id for activity in sample.activities}
    return tallied(closed_paths(asked.segment.pk if asked.segment else None, codes))


def refuse_hopeless(sample: Sample, stages: int | None) -> None:
    """Refuse a sample from which nothing can be derived, and more stages than it has activities."""
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


def _refuse_wrong(process: Process, deal_weight: float, beside: Version | None) -> None:
    if not 0 <= deal_weight <= MOST_DEAL_WEIGHT:
        raise ApplicationError(
            f"A deal counts as 0 to {MOST_DEAL_WEIGHT:g} interviews.",
            fields={"deal_weight": [f"0 to {MOST_DEAL_WEIGHT:g}."]},
        )
    if beside and (beside.process_id != process.pk or beside.status != Status.DRAFT or beside.proposed_for_id):
        raise ApplicationError("A proposal is made beside a draft of this process.", fields={"beside": ["A draft."]})


def meaning_of(sample: Sample) -> NDArray[np.float64]:
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
    sample: Sample, meaning: NDArray[np.float64], found: Derivation, asked: Asked
) -> tuple[stability.Stability, stability.Saturation]:
    drawn_from = stability.Interviews(sample.sequences, sample.jobs, meaning, sample.outcomes, sample.weights)
    sure = stability.bootstrap(
        drawn_from,
        found.home,
        np.random.default_rng(SEED),
        n_stages=found.n_stages,
        count=asked.stages,
        further=found.fit.further,
        resamples=asked.resamples,
    )
    return sure, stability.saturation(sample.sequences, np.random.default_rng(SEED))
