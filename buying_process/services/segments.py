"""Derive several segments, each by itself, to see next to each other how they buy."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Membership
from buying_process.choices import Status
from buying_process.models import Process, Version
from buying_process.selectors.runs import inputs_of
from buying_process.selectors.side_by_side import MOST_VERSIONS
from buying_process.selectors.stories import sample_of
from buying_process.services.derivation import Asked, interviews_for, refuse_hopeless, version_derive
from core.exceptions import ApplicationError
from interviews.models import Segment
from jobs.models import Job
from jobs.services import Progress, job_start

FEWEST = 2


def segments_start(*, process: Process, segments: Collection[Segment], actor: Membership) -> Job:
    """Start to derive a draft for each segment; refuses at once a segment with too few stories, by name."""
    if not FEWEST <= len(segments) <= MOST_VERSIONS:
        message = f"Choose {FEWEST} to {MOST_VERSIONS} segments."
        raise ApplicationError(message, fields={"segments": [message]})
    for segment in segments:
        try:
            refuse_hopeless(sample_of(interviews_for(segment).values_list("pk", flat=True)), None)
        except ApplicationError as error:
            raise ApplicationError(
                f"{segment.name}: {error.message}", fields={"segments": [f"{segment.name}: too few stories."]}
            ) from error
    return job_start(
        kind="derive",
        task="buying_process.derive_segments",
        title=f"Compare segments of {process.name}",
        actor=actor,
        total=len(segments),
        process_id=process.pk,
        segment_ids=[segment.pk for segment in segments],
    )


def segments_from_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Derive what is not there yet, and have the job lead to the comparison. A draft that still fits is used again."""
    process = Process.objects.get(pk=job.arguments["process_id"])
    segments = list(Segment.objects.filter(pk__in=job.arguments["segment_ids"]))
    versions = []
    for done, segment in enumerate(segments):
        progress.at(done, f"Deriving how {segment.name.lower()} buy", total=len(segments))
        versions.append(
            _fitting_draft(process, segment)
            or version_derive(
                process=process,
                interviews=interviews_for(segment),
                asked=Asked(segment=segment),
                actor=job.started_by,
            )
        )
    address = f"{reverse('buying_process:compare')}?{urlencode([('version', version.pk) for version in versions])}"
    Job.objects.filter(pk=job.pk).update(result_url=address)
    return {"versions": [version.pk for version in versions]}


def _fitting_draft(process: Process, segment: Segment) -> Version | None:
    """Give a draft that was derived from just this, as it stands now, and that nobody has changed."""
    drafts = Version.objects.filter(
        process=process,
        status=Status.DRAFT,
        edits=0,
        proposed_for__isnull=True,
        derivation__segment_id=segment.pk,
        derivation__stages_asked=None,
        derivation__left_out=[],
        deal_weight=0,
        run__isnull=False,
    )
    now = inputs_of(
        story.interview_id for story in sample_of(interviews_for(segment).values_list("pk", flat=True)).stories
    )
    for draft in drafts.select_related("run").order_by("-number"):
        if draft.run.interviews == now.interviews and draft.run.options["codes"] == now.codes:
            return draft
    return None
