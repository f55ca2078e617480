"""Repeat a derivation from its record, and say whether the same came of it."""

from typing import Any

from accounts.models import Membership
from buying_process.models import Run, Version
from buying_process.selectors.runs import differences, digest, inputs_of
from buying_process.services.derivation import STEPS, Asked, findings_of
from buying_process.services.storing import result_of
from core.exceptions import ApplicationError
from interviews.models import Interview, Segment
from jobs.models import Job
from jobs.services import Progress, job_start

SAME = "The same result, from the same inputs."
OTHER = "Another result from the same inputs: tell whoever runs SalesFlow."


def repeat_start(*, version: Version, actor: Membership) -> Job:
    """Start to repeat the derivation that gave a version. Nothing of the version changes."""
    if not Run.objects.filter(version=version).exists():
        raise ApplicationError("This version keeps no record of a derivation, so there is nothing to repeat.")
    return job_start(
        kind="repeat",
        task="buying_process.repeat_run",
        title=f"Repeat the derivation of {version}",
        actor=actor,
        total=STEPS,
        version_id=version.pk,
    )


def repeat_from_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Derive from the inputs on record as they stand now; say what changed in them, and whether the result is one."""
    run = Run.objects.select_related("version").get(version_id=job.arguments["version_id"])
    segment = Segment.objects.filter(pk=run.options.get("segment_id")).first()
    asked = Asked(
        stages=run.options.get("stages_asked"),
        segment=segment,
        deal_weight=run.options.get("deal_weight", 0.0),
        resamples=run.options["resamples"],
    )
    interviews = Interview.objects.filter(pk__in=[row["id"] for row in run.interviews])
    findings = findings_of(interviews, asked, progress)
    inputs = inputs_of(story.interview_id for story in findings.sample.stories)
    changed = differences(run, inputs, findings.deals)
    same = digest(result_of(findings)) == run.digest
    sentence = SAME if same else OTHER
    if changed:
        came = "it comes to the same result" if same else "another result comes of it"
        sentence = f"The inputs changed, and {came}. {' '.join(changed)}"
    return {"same": same, "changed": changed, "message": sentence}
