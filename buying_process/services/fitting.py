"""What the stories say about the stages as they stand: shares, counts and days of a draft, and a published fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Max

from buying_process.choices import Actor
from buying_process.models import Fit, Run, Stage, StageActivity, Transition, Version
from buying_process.selectors.closed import steps_of
from buying_process.selectors.stories import Story, sequences, stories_of, typical_days
from buying_process.services.told import needs_recount
from journey import derivation as mathematics
from journey import signals, transitions
from journey.checks import OUTCOMES

RARE = 0.01  # a share that nobody told is worth a row above this


@dataclass(frozen=True, slots=True)
class Shape:
    """A version's stages by position, its customer activities by stage and place, and the stories behind them."""

    stages: tuple[Stage, ...]
    activities: tuple[StageActivity, ...]
    stories: tuple[Story, ...]
    deals: dict[str, Any]  # closed deals that joined the evidence, summed up
    deal_weight: float = 0.0
    kept: tuple[Transition, ...] = ()  # the moves on record, where no story is there to count them anew

    @property
    def home(self) -> list[int]:
        """Give the number of each activity's stage."""
        number = {stage.pk: index for index, stage in enumerate(self.stages)}
        return [number[activity.stage_id] for activity in self.activities]

    @property
    def stage_of(self) -> dict[int, int]:
        """Map codes to numbers of stages."""
        return {
            activity.code_id: stage
            for activity, stage in zip(self.activities, self.home, strict=True)
            if activity.code_id is not None
        }


def shape_of(version: Version) -> Shape:
    """Read what a fit starts from. Five queries, six where closed deals joined."""
    stages = tuple(Stage.objects.filter(version=version).order_by("position"))
    activities = tuple(
        StageActivity.objects.filter(stage__version=version, actor=Actor.CUSTOMER).order_by(
            "stage__position", "position", "pk"
        )
    )
    run = Run.objects.filter(version=version).only("deals").first() if version.deal_weight else None
    stories = stories_of(version.interviews.values_list("pk", flat=True))
    kept = () if stories else tuple(version.transitions.all())
    return Shape(stages, activities, stories, run.deals if run else {}, version.deal_weight, kept)


def fit_shape(shape: Shape) -> mathematics.Fit:
    """Learn transitions and emissions for stages as they stand.

    Without any story (an imported process, interviews that are gone) the moves and tellings on record stand for them.
    """
    if not shape.stories:
        return _fit_kept(shape)
    number = {activity.code_id: index for index, activity in enumerate(shape.activities) if activity.code_id}
    return mathematics.fit_stages(
        sequences(shape.stories, number),
        [story.outcome for story in shape.stories],
        shape.home,
        len(shape.stages),
        weights=[story.weight for story in shape.stories],
        further=steps_of(shape.deals, [activity.code_id for activity in shape.activities], shape.deal_weight),
    )


def _fit_kept(shape: Shape) -> mathematics.Fit:
    number = {stage.pk: index for index, stage in enumerate(shape.stages)}
    k = len(number)
    counts, further = np.zeros((k, k + len(OUTCOMES))), np.zeros((k, k + len(OUTCOMES)))
    for move in shape.kept:
        column = number[move.to_stage_id] if move.to_stage_id else k + OUTCOMES.index(move.outcome)
        counts[number[move.from_stage_id], column] = move.seen
        further[number[move.from_stage_id], column] = move.seen_in_deals
    learned = transitions.fit([], [], k, further=counts + further)
    told = np.array([activity.told for activity in shape.activities], dtype=np.float64)
    return mathematics.Fit(learned, signals.emissions(shape.home, told, k), told, counts, further)


def draft_refit(*, version: Version) -> None:
    """Work out a draft's shares, counts and days anew from the stories; intervals stay only where the share did."""
    shape = shape_of(version)
    _transitions_store(version, shape.stages, fit_shape(shape) if shape.stages and shape.activities else None)
    if not shape.stories:
        return
    days = typical_days(shape.stories, shape.stage_of)
    tellers = tellers_by_stage(shape)
    for index, stage in enumerate(shape.stages):
        stage.told, stage.typical_days = tellers[index], days.get(index)
    Stage.objects.bulk_update(shape.stages, ["told", "typical_days"])
    needs_recount(draft=version)


def fit_store(*, version: Version) -> Fit:
    """Keep the numbers of a version as its next fit."""
    shape = shape_of(version)
    fit = fit_shape(shape)
    last = Fit.objects.filter(version=version).aggregate(last=Max("number"))["last"] or 0
    return Fit.objects.create(
        workspace_id=version.workspace_id,
        version=version,
        number=last + 1,
        stage_ids=[stage.pk for stage in shape.stages],
        activity_ids=[activity.pk for activity in shape.activities],
        matrix=fit.transitions.matrix.ravel().tolist(),
        start=fit.transitions.start.tolist(),
        emissions=fit.emissions.ravel().tolist(),
    )


def tellers_by_stage(shape: Shape) -> list[int]:
    """Count the interviews that tell of each stage."""
    stage_of = shape.stage_of
    told = np.zeros(len(shape.stages), dtype=np.int64)
    for story in shape.stories:
        for stage in {stage_of[moment.code_id] for moment in story.moments if moment.code_id in stage_of}:
            told[stage] += 1
    return [int(count) for count in told]


def _transitions_store(version: Version, stages: Sequence[Stage], fit: mathematics.Fit | None) -> None:
    """Bring the rows to the fit; a row that stays keeps its id, so that links to it hold."""
    before = {(row.from_stage_id, row.to_stage_id, row.outcome): row for row in version.transitions.all()}
    rows = transition_rows(version, stages, fit) if fit else []
    added, changed = [], []
    for row in rows:
        known = before.pop((row.from_stage_id, row.to_stage_id, row.outcome), None)
        if known is None:
            added.append(row)
        elif not np.allclose([known.share, known.seen, known.seen_in_deals], [row.share, row.seen, row.seen_in_deals]):
            known.share, known.seen, known.seen_in_deals = row.share, row.seen, row.seen_in_deals
            known.low = known.high = None
            changed.append(known)
    Transition.objects.filter(pk__in=[row.pk for row in before.values()]).delete()
    Transition.objects.bulk_update(changed, ["share", "seen", "seen_in_deals", "low", "high"])
    Transition.objects.bulk_create(added)


def transition_rows(version: Version, stages: Sequence[Stage], fit: mathematics.Fit) -> list[Transition]:
    """Give a row for each move that was told, and for those that nobody told where they are likely all the same."""
    matrix, counts, further = fit.transitions.matrix, fit.counts, fit.further
    targets = [(stage, "") for stage in stages] + [(None, outcome) for outcome in OUTCOMES]
    return [
        Transition(
            workspace_id=version.workspace_id,
            version=version,
            from_stage=stage,
            to_stage=target,
            outcome=outcome,
            share=float(matrix[row, column]),
            seen=float(counts[row, column]),
            seen_in_deals=float(further[row, column]),
        )
        for row, stage in enumerate(stages)
        for column, (target, outcome) in enumerate(targets)
        if counts[row, column] > 0 or further[row, column] > 0 or matrix[row, column] > RARE
    ]
