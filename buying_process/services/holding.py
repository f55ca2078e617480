"""See which stages of a version hold, by the interviews and stages as they are now: in the background, and kept."""

from dataclasses import replace
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from buying_process.models import Hearing, Process, Version
from buying_process.selectors.holding import homes, inputs_digest, read_now
from buying_process.selectors.processes import running_job
from buying_process.selectors.runs import inputs_of
from buying_process.selectors.stories import Sample, sample_of
from buying_process.services.derivation import RESAMPLES, SEED, meaning_of, refuse_hopeless
from core.exceptions import ApplicationError
from jobs.models import Job
from jobs.services import Progress, job_start
from journey import stability

STEPS = 3


@transaction.atomic
def holding_start(*, version: Version, inputs: str, actor: Membership) -> Job:
    """Have it worked out from `inputs`; who comes second gets the job that is at it already."""
    process = Process.objects.select_for_update().get(pk=version.process_id)
    return running_job(process, kind="holding") or job_start(
        kind="holding",
        task="buying_process.draw_again",
        title=f"See which stages of {process} hold",
        actor=actor,
        total=STEPS,
        process_id=process.pk,
        version_id=version.pk,
        inputs=inputs,
    )


def holding_from_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Draw the interviews of today anew against the stages as people shaped them, and keep what came of it."""
    version = Version.objects.select_related("process").filter(pk=job.arguments["version_id"]).first()
    if version is None:
        raise ApplicationError("This version is gone by now.")
    progress.at(0, "Reading the interviews", total=STEPS)
    ids = read_now(version)
    inputs = inputs_digest(version, inputs_of(ids))
    home = homes(version)
    sample = _known(sample_of(ids), home)
    refuse_hopeless(sample, None)
    progress.at(1, f"Comparing what {len(sample.activities)} activities mean", total=STEPS)
    meaning = meaning_of(sample)
    progress.at(2, "Drawing the interviews anew to see what holds", total=STEPS)
    told = {home[activity.code_id] for activity in sample.activities}
    stages = [pk for pk in version.stages.values_list("pk", flat=True) if pk in told]
    number = {pk: place for place, pk in enumerate(stages)}
    sure = stability.bootstrap(
        stability.Interviews(sample.sequences, sample.jobs, meaning, sample.outcomes, sample.weights),
        [number[home[activity.code_id]] for activity in sample.activities],
        np.random.default_rng(SEED),
        count=version.derivation.get("stages_asked"),
        resamples=RESAMPLES,
    )
    result = {"stages": {str(pk): float(sure.jaccard[place]) for pk, place in number.items()}}
    Hearing.objects.update_or_create(
        process=version.process,
        defaults={
            "workspace_id": version.workspace_id,
            "inputs": inputs,
            "result": result,
            "worked_out_at": timezone.now(),
        },
    )
    return {"version": version.pk}


def _known(sample: Sample, home: dict[int, int]) -> Sample:
    """Leave out the activities that stand in no stage: of those a later derivation will say where they belong."""
    return replace(sample, activities=tuple(row for row in sample.activities if row.code_id in home))
