"""What the figures of a draft rest on, and the intervals of its shares: kept with an edit, and put back with it."""

from typing import Any

import numpy as np
from django.core import serializers

from buying_process.models import Run, Transition, Version
from interviews.models import Interview

FIGURES = ("derivation", "cyclic_share", "deal_weight", "days_between_moments")
Interval = list[Any]  # from stage, to stage, outcome, share, low, high


def basis_of(draft: Version) -> dict[str, Any]:
    """Give the interviews behind a draft, what was made of them, and the run that did. Three queries."""
    figures: dict[str, Any] = Version.objects.values(*FIGURES).get(pk=draft.pk)
    interviews = sorted(draft.interviews.values_list("pk", flat=True))
    return figures | {
        "interviews": interviews,
        "run": serializers.serialize("json", Run.objects.filter(version=draft)),
    }


def basis_restore(draft: Version, basis: dict[str, Any]) -> None:
    """Have a draft rest on what it rested on; interviews that were deleted since stay away."""
    for name in FIGURES:
        setattr(draft, name, basis[name])
    draft.save(update_fields=[*FIGURES, "updated_at"])
    draft.interviews.set(Interview.objects.filter(pk__in=basis["interviews"]))
    Run.objects.filter(version=draft).delete()
    for run in serializers.deserialize("json", basis["run"]):
        run.save()


def intervals_of(draft: Version) -> list[Interval]:
    """Give the shares that have an interval, with it. One query."""
    rows = draft.transitions.filter(low__isnull=False).order_by("from_stage_id", "to_stage_id", "outcome")
    return [list(row) for row in rows.values_list("from_stage_id", "to_stage_id", "outcome", "share", "low", "high")]


def intervals_restore(draft: Version, intervals: list[Interval]) -> None:
    """Give the moves their intervals back where the share is the one that these were worked out for."""
    known = {(row.from_stage_id, row.to_stage_id, row.outcome): row for row in draft.transitions.all()}
    found = []
    for start, goal, outcome, share, low, high in intervals:
        row = known.get((start, goal, outcome))
        if row is not None and np.isclose(row.share, share):
            row.low, row.high = low, high
            found.append(row)
    Transition.objects.bulk_update(found, ["low", "high"])
