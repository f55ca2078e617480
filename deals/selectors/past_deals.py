"""Deals of a process that ended, as its outlook is learned from them: what was seen of each up to its end."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import F
from django.db.models.functions import Now

from buying_process.choices import Need
from deals.choices import ENDINGS, SETTLING_WORDS, WORD_WEIGHT, Outcome, Word
from deals.models import Deal, NeedMet, Signal
from deals.selectors.inputs import STANDING
from deals.selectors.sheets import Sheet, need_key
from journey.checks import IntArray
from journey.looks import Ended, Paths

DEALS_AT_MOST = 5_000  # the latest: how customers bought long ago says little of today
FEWEST_SIGNALS = 2
DAY = timedelta(days=1)
Row = tuple[int, str, datetime, datetime]  # id, outcome, opened, closed


@dataclass(frozen=True, slots=True, eq=False)
class PastDeals:
    """Deals that ended with at least two signals, in the order of their ends."""

    ended: Ended

    def count(self, outcome: Outcome) -> int:
        """Count those that ended so."""
        return int((self.ended.outcomes == ENDINGS.index(outcome)).sum())

    def are_enough(self, fewest: int) -> bool:
        """Tell whether at least so many were won, and as many were not."""
        won = self.count(Outcome.WON)
        return won >= fewest and self.ended.outcomes.size - won >= fewest


def past_deals(sheet: Sheet, *, until: datetime | None = None) -> PastDeals:
    """Read the deals that ended by a moment (now, where none is given), in the terms of one version. Three queries.

    They may be pinned to any version of the process: an activity that the version knows is known by its code or name.
    """
    closed = Deal.objects.filter(
        version__process__versions=sheet.version_id, outcome__in=ENDINGS, closed_at__lte=until or Now()
    ).order_by("-closed_at", "-pk")
    latest = closed.values_list("pk", "outcome", "opened_at", "closed_at")[:DEALS_AT_MOST]
    rows = [(pk, outcome, opened_at, ended) for pk, outcome, opened_at, ended in latest if ended is not None][::-1]
    signals = _signals(rows, sheet)
    kept = [row for row in rows if len(signals[row[0]]) >= FEWEST_SIGNALS]
    return PastDeals(_ended(kept, signals, _evidence(kept, sheet), len(sheet.evidence)))


def _signals(rows: list[Row], sheet: Sheet) -> Mapping[int, list[tuple[int, float, float]]]:
    """Give for each deal the columns, words and days since its opening of what was seen until its end."""
    opened = {pk: opened_at for pk, _, opened_at, _ in rows}
    found: dict[int, list[tuple[int, float, float]]] = defaultdict(list)
    seen = (
        Signal.objects.filter(STANDING, deal_id__in=list(opened), occurred_at__lte=F("deal__closed_at"))
        .order_by("deal_id", "occurred_at", "pk")
        .values_list("deal_id", "occurred_at", "word", "activity__code_id", "activity__name")
    )
    for deal_id, occurred_at, word, code_id, name in seen.iterator(chunk_size=10_000):
        column = sheet.column_of(code_id, name)
        if column is not None:
            found[deal_id].append((column, WORD_WEIGHT[Word(word)], (occurred_at - opened[deal_id]) / DAY))
    return found


def _evidence(rows: list[Row], sheet: Sheet) -> Mapping[int, list[float]]:
    """Give for each deal the days since its opening on which the version's exit evidence was settled first."""
    opened = {pk: opened_at for pk, _, opened_at, _ in rows}
    asked: dict[str, int] = defaultdict(int)
    for item in sheet.evidence:
        asked[item.key] += 1
    first: dict[tuple[int, str], float] = {}
    settled = NeedMet.objects.filter(
        STANDING,
        deal_id__in=list(opened),
        need__kind=Need.EVIDENCE,
        word__in=SETTLING_WORDS,
        occurred_at__lte=F("deal__closed_at"),
    ).order_by("deal_id", "occurred_at", "pk")
    for deal_id, at, name, channel in settled.values_list("deal_id", "occurred_at", "need__name", "need__channel"):
        key = need_key(Need.EVIDENCE, name, channel)
        if key in asked:
            first.setdefault((deal_id, key), (at - opened[deal_id]) / DAY)
    found: dict[int, list[float]] = defaultdict(list)
    for (deal_id, key), day in first.items():
        found[deal_id] += [day] * asked[key]
    return found


def _ended(
    rows: list[Row],
    signals: Mapping[int, list[tuple[int, float, float]]],
    evidence: Mapping[int, list[float]],
    n_evidence: int,
) -> Ended:
    seen = [signal for row in rows for signal in signals[row[0]]]
    days = [day for row in rows for day in evidence.get(row[0], ())]
    return Ended(
        paths=Paths(
            signals=np.array([column for column, _, _ in seen], dtype=np.int64),
            words=np.array([word for _, word, _ in seen], dtype=np.float64),
            moments=np.array([day for _, _, day in seen], dtype=np.float64),
            offsets=_offsets([len(signals[row[0]]) for row in rows]),
            age=np.array([(closed_at - opened_at) / DAY for _, _, opened_at, closed_at in rows], dtype=np.float64),
            settled=np.zeros(len(rows)),
        ),
        outcomes=np.array([ENDINGS.index(Outcome(outcome)) for _, outcome, _, _ in rows], dtype=np.int64),
        evidence=np.array(days, dtype=np.float64),
        evidence_offsets=_offsets([len(evidence.get(row[0], ())) for row in rows]),
        n_evidence=n_evidence,
    )


def _offsets(lengths: list[int]) -> IntArray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
