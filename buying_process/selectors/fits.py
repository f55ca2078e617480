"""The numbers of a published version, as arrays."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from buying_process.models import Fit, StageActivity, Version
from core.exceptions import ApplicationError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FittedVersion:
    """A fit. Stages and activities are ids in the order of rows and columns; arrays are read-only.

    Attributes
    ----------
    matrix : ndarray of shape (K, K + 3)
        Share of customers that go from a stage to each stage, then to won, lost, no decision.
    start : ndarray of shape (K,)
    emissions : ndarray of shape (K, n)
    stages : tuple of int
        Ids of the stages by position.
    activities : tuple of int
        Ids of the customer's activities.
    codes : tuple of int
        The code of each of these activities.
    home : dict
        From an activity's id to the number of its stage.
    """

    fit_id: int
    version_id: int
    matrix: Array
    start: Array
    emissions: Array
    stages: tuple[int, ...]
    activities: tuple[int, ...]
    codes: tuple[int | None, ...]
    home: dict[int, int]


def fit_of(version: Version) -> FittedVersion:
    """Give a published version's latest fit; one query, and two more the first time in a process."""
    fit_id = Fit.objects.filter(version_id=version.pk).order_by("-number").values_list("pk", flat=True).first()
    if fit_id is None:
        raise ApplicationError("This version has no fit yet: publish it first.")
    return fitted(fit_id)


@lru_cache(maxsize=256)
def fitted(fit_id: int) -> FittedVersion:
    """Give a fit by its id. Fits never change, so each is read once."""
    fit = Fit.objects.get(pk=fit_id)
    k, n = len(fit.stage_ids), len(fit.activity_ids)
    rows = StageActivity.objects.filter(pk__in=fit.activity_ids).values_list("pk", "stage_id", "code_id")
    number = {stage_id: index for index, stage_id in enumerate(fit.stage_ids)}
    code = {pk: code_id for pk, _, code_id in rows}
    return FittedVersion(
        fit_id=fit.pk,
        version_id=fit.version_id,
        matrix=_frozen(fit.matrix, (k, k + 3)),
        start=_frozen(fit.start, (k,)),
        emissions=_frozen(fit.emissions, (k, n)),
        stages=tuple(fit.stage_ids),
        activities=tuple(fit.activity_ids),
        codes=tuple(code[pk] for pk in fit.activity_ids),
        home={pk: number[stage_id] for pk, stage_id, _ in rows},
    )


def _frozen(values: list[float], shape: tuple[int, ...]) -> Array:
    array = np.array(values, dtype=np.float64).reshape(shape)
    array.flags.writeable = False
    return array
