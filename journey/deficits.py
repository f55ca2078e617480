"""Why a deal's alignment is not higher: each single change that would lift it, by exactly how much."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.alignment import COMPONENTS, DEFAULT_WEIGHTS, Components, align_many
from journey.checks import BoolArray
from journey.facts import Facts, together

_NO_LIFT = 1e-9  # points below which a change lifts nothing
_BEST_ALONE = ("position", "effort")  # of which one change is made, not several


@dataclass(frozen=True, slots=True)
class Deficit:
    """One change and what it would do.

    Attributes
    ----------
    component : str
        The kind of change, one of `journey.alignment.COMPONENTS`.
    index : int
        position: the stage to log; evidence, people, information: the item to settle, to engage, to meet, as numbered
        in `Facts`; effort: the stage that one more activity of ours should serve.
    score : float
        The score after the change, in [0, 100].
    lift : float
        That minus the present score, in points, above 0. Where nothing could be measured before, the score itself.
    """

    component: str
    index: int
    score: float
    lift: float


def what_if(facts: Facts, component: str, index: int) -> Facts:
    """Give the facts as they would be after one change.

    Parameters
    ----------
    facts : Facts
        What is known of the deal.
    component, index
        The change, as in `Deficit`.

    Returns
    -------
    Facts
        A changed copy; `facts` stays as it is. Hand it to `journey.alignment.align` for the score.

    Raises
    ------
    ValueError
        For an unknown component or an index out of range.

    Notes
    -----
    O(size of the part that changes).

    Examples
    --------
    >>> none, nothing = np.zeros(0, dtype=bool), np.zeros((0, 2), dtype=bool)
    >>> facts = Facts(np.array([1.0, 0.0]), 0, np.zeros(0, dtype=int), none, none,
    ...               nothing, none, nothing, none, nothing)
    >>> what_if(facts, "position", 1).stage
    1
    >>> what_if(facts, "effort", 0).efforts.tolist()
    [[True, False]]
    """
    n_stages = len(facts.position)
    sizes = {
        "position": n_stages,
        "evidence": len(facts.evidence_settled),
        "people": len(facts.roles_engaged),
        "information": len(facts.needs_met),
        "effort": n_stages,
    }
    if component not in sizes:
        raise ValueError(f"component must be one of {', '.join(COMPONENTS)}, not {component!r}.")
    if not 0 <= index < sizes[component]:
        raise ValueError(f"index must be at least 0 and below {sizes[component]} for {component}, not {index}.")
    match component:
        case "position":
            return replace(facts, stage=index)
        case "evidence":
            return replace(facts, evidence_settled=_with(facts.evidence_settled, index))
        case "people":
            return replace(facts, roles_engaged=_with(facts.roles_engaged, index))
        case "information":
            return replace(facts, needs_met=_with(facts.needs_met, index))
        case _:
            return replace(facts, efforts=np.vstack([facts.efforts, np.arange(n_stages) == index]))


def deficits(
    facts: Facts,
    credit: npt.ArrayLike,
    matrix: npt.ArrayLike,
    weights: Components = DEFAULT_WEIGHTS,
    *,
    count: int = 3,
) -> tuple[Deficit, ...]:
    """Name the changes that would lift a deal's alignment most, each taken alone.

    Parameters
    ----------
    facts, credit, matrix, weights
        As for `journey.alignment.align`.
    count : int, optional
        At most so many, at least 0.

    Returns
    -------
    tuple of Deficit
        Largest lift first; ties in the order of the components, then of the items. Of the stages to log, and of the
        stages to serve with one more activity, only the best is named; what lifts nothing is left out.

    Raises
    ------
    ValueError
        As `journey.alignment.align` does, or for a `count` below 0.

    Notes
    -----
    The score is measured anew for every candidate, all of them at once, so that a change of stage also changes the
    evidence that is due: O(items K (K + items)).

    Examples
    --------
    >>> none, nothing = np.zeros(0, dtype=bool), np.zeros((0, 2), dtype=bool)
    >>> facts = Facts(np.array([1.0, 0.0]), 0, np.zeros(0, dtype=int), none, none,
    ...               np.array([[1, 1]], dtype=bool), np.array([False]), nothing, none, nothing)
    >>> found = deficits(facts, [[1.0, 0.5], [0.4, 1.0]], [[0.5, 0.5], [0.25, 0.75]])
    >>> [(one.component, one.index, round(one.lift, 2)) for one in found]
    [('people', 0, 27.27), ('effort', 0, 4.2)]
    """
    wanted = checks.count(count, "count", low=0)
    changes = [(component, index) for component in COMPONENTS for index in _candidates(facts, component)]
    each = together([facts, *(what_if(facts, *change) for change in changes)])
    present, *scores = np.nan_to_num(align_many(each, credit, matrix, weights).scores).tolist()
    found = [
        Deficit(*change, score, score - present)
        for change, score in zip(changes, scores, strict=True)
        if score - present > _NO_LIFT
    ]
    found.sort(key=_by_lift)
    best = {component: next((one for one in found if one.component == component), None) for component in _BEST_ALONE}
    return tuple([one for one in found if best.get(one.component, one) is one][:wanted])


def _by_lift(deficit: Deficit) -> tuple[float, int, int]:
    return -round(deficit.lift, 9), COMPONENTS.index(deficit.component), deficit.index


def _candidates(facts: Facts, component: str) -> list[int]:
    match component:
        case "position":
            return [stage for stage in range(len(facts.position)) if stage != facts.stage]
        case "evidence":
            return np.flatnonzero(~facts.evidence_settled).tolist()
        case "people":
            return np.flatnonzero(~facts.roles_engaged).tolist()
        case "information":
            return np.flatnonzero(~facts.needs_met).tolist()
        case _:
            return list(range(len(facts.position)))


def _with(flags: BoolArray, index: int) -> BoolArray:
    changed = flags.copy()
    changed[index] = True
    return changed
