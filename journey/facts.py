"""What is known of deals, as their alignment is measured by: of one, and of many of one process."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journey.checks import Array, BoolArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What is known of one deal.

    Attributes
    ----------
    position : ndarray of float64, shape (K,)
        Where the buyer is; sums to 1.
    stage : int or None
        The stage q that the seller logged; None if none is.
    evidence_stage : ndarray of int64, shape (items,)
        The stage of each piece of evidence.
    evidence_entry : ndarray of bool, shape (items,)
        Whether it is evidence of the stage's entry; otherwise it is of its exit.
    evidence_settled : ndarray of bool, shape (items,)
        Whether a fact on the customer's side settles it.
    roles_needed : ndarray of bool, shape (roles, K)
        In which stages each role is needed.
    roles_engaged : ndarray of bool, shape (roles,)
        Whether an engaged contact has it.
    needs : ndarray of bool, shape (needs, K)
        In which stages each piece of information is needed.
    needs_met : ndarray of bool, shape (needs,)
        Whether it was met on a channel that the customer uses.
    efforts : ndarray of bool, shape (efforts, K)
        Which stages each of our activities of the last 30 days serves.
    """

    position: Array
    stage: int | None
    evidence_stage: IntArray
    evidence_entry: BoolArray
    evidence_settled: BoolArray
    roles_needed: BoolArray
    roles_engaged: BoolArray
    needs: BoolArray
    needs_met: BoolArray
    efforts: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class FactsOfMany:
    """The same of many deals of one process.

    Attributes
    ----------
    positions : ndarray of float64, shape (deals, K)
    stages : ndarray of int64, shape (deals,)
        -1 where none is logged.
    evidence_stage : ndarray of int64, shape (items,)
    evidence_entry : ndarray of bool, shape (items,)
    evidence_settled : ndarray of bool, shape (deals, items)
    roles_needed : ndarray of bool, shape (roles, K)
    roles_engaged : ndarray of bool, shape (deals, roles)
    needs : ndarray of bool, shape (needs, K)
    needs_met : ndarray of bool, shape (deals, needs)
    efforts : ndarray of bool, shape (efforts, K)
    effort_deals : ndarray of int64, shape (efforts,)
        The deal, as a row of the others, that each effort was for.
    """

    positions: Array
    stages: IntArray
    evidence_stage: IntArray
    evidence_entry: BoolArray
    evidence_settled: BoolArray
    roles_needed: BoolArray
    roles_engaged: BoolArray
    needs: BoolArray
    needs_met: BoolArray
    efforts: BoolArray
    effort_deals: IntArray


def together(deals: Sequence[Facts]) -> FactsOfMany:
    """Lay the facts of deals of one process side by side, for `align_many`.

    Parameters
    ----------
    deals : sequence of Facts
        At least one. Evidence, roles and needs are those of the first; the others have as many.

    Returns
    -------
    FactsOfMany

    Raises
    ------
    ValueError
        Where the shapes differ.

    Notes
    -----
    O(deals (K + items)).

    Examples
    --------
    >>> none, nothing = np.zeros(0, dtype=bool), np.zeros((0, 2), dtype=bool)
    >>> facts = Facts(np.array([1.0, 0.0]), None, np.zeros(0, dtype=int), none, none,
    ...               nothing, none, nothing, none, np.array([[True, False]]))
    >>> together([facts, facts]).effort_deals.tolist()
    [0, 1]
    """
    first = deals[0]
    return FactsOfMany(
        positions=np.array([deal.position for deal in deals], dtype=np.float64),
        stages=np.array([-1 if deal.stage is None else deal.stage for deal in deals], dtype=np.int64),
        evidence_stage=first.evidence_stage,
        evidence_entry=first.evidence_entry,
        evidence_settled=np.array([deal.evidence_settled for deal in deals]),
        roles_needed=first.roles_needed,
        roles_engaged=np.array([deal.roles_engaged for deal in deals]),
        needs=first.needs,
        needs_met=np.array([deal.needs_met for deal in deals]),
        efforts=np.concatenate([deal.efforts for deal in deals]),
        effort_deals=np.repeat(np.arange(len(deals)), [len(deal.efforts) for deal in deals]),
    )
