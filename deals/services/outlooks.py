"""Learn how deals end from deals that ended: at publication and every night, kept as numbered fits of the version."""

import numpy as np
import structlog
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.functions import Now

from buying_process.choices import Status
from buying_process.models import Version
from core import scope
from core.audit import record
from core.jobs import enqueue
from deals.choices import Outcome
from deals.models import Deal, OutlookFit
from deals.selectors.outlooks import learned_from
from deals.selectors.past_deals import PastDeals, past_deals
from deals.selectors.sheets import Numbers, Sheet, sheet_of
from deals.selectors.spoilt import SPOILT
from deals.services.alignment import DOORBELL
from journey.learned import Ground, Learned, learn

log = structlog.get_logger(__name__)

FEWEST = 50  # deals won, and as many not won
CHUNK = 2_000
IN_USE = (Status.PILOT, Status.LIVE)
NUMBERS = ("ratios", "coefficients", "intercepts", "centre", "scale")
# In the order of ids, as every writer of many score rows locks them; people's own edits come first.
MARK = """
WITH next AS (
    SELECT a.deal_id FROM deals_alignment a JOIN deals_deal d ON d.id = a.deal_id
    WHERE d.version_id = %(version)s AND d.outcome = 'open' AND a.deal_id > %(after)s
    ORDER BY a.deal_id LIMIT %(limit)s FOR NO KEY UPDATE OF a
), marked AS (
    UPDATE deals_alignment AS row SET inputs_version = inputs_version + 1, attempts = 0,
        stale_since = COALESCE(stale_since, now())
    FROM next WHERE row.deal_id = next.deal_id RETURNING row.deal_id
)
SELECT max(deal_id) FROM marked
"""


def outlooks_refit(*, version_id: int | None = None) -> int:
    """Learn anew for one version, or for each that is in use or has open deals; give how many outlooks changed."""
    going = Deal.objects.open().filter(version_id=OuterRef("pk"))
    chosen = Q(pk=version_id) if version_id is not None else Q(status__in=IN_USE) | Q(Exists(going))
    changed = 0
    with scope.across_workspaces("deals end in every workspace"):
        for version in Version.objects.filter(chosen, fits__isnull=False).distinct().order_by("pk"):
            try:
                changed += outlook_refit(version=version) is not None
            except SPOILT as error:  # one version that does not fit must not keep the others from learning
                log.warning("outlook_left", version_id=version.pk, error=str(error))
    return changed


def outlook_refit(*, version: Version) -> OutlookFit | None:
    """Learn how the version's deals will end; give the new fit, or None where nothing changed.

    With too few deals that ended there is no fit. Where there were enough once, a fit without numbers says so.
    """
    sheet = sheet_of(version.pk)
    if sheet is None or sheet.numbers is None:
        return None
    past = past_deals(sheet)
    learned = learn(past.ended, _ground(sheet, sheet.numbers)) if past.are_enough(FEWEST) else None
    kept = _store(version, sheet.numbers.fit_id, past, learned)
    if kept is not None:
        _mark_stale(version)
    return kept


def _ground(sheet: Sheet, numbers: Numbers) -> Ground:
    return Ground(numbers.matrix, numbers.emissions, numbers.start, numbers.home, sheet.half_life_days)


def _store(version: Version, fit_id: int, past: PastDeals, learned: Learned | None) -> OutlookFit | None:
    """Keep what was learned as the version's next fit, unless the last one says the same."""
    with transaction.atomic():
        Version.objects.select_for_update(of=["self"], no_key=True).get(pk=version.pk)
        fits = OutlookFit.objects.filter(version=version)
        last = fits.filter(fit_id=fit_id).order_by("-number").first()
        if _same(last, learned):
            return None
        kept = OutlookFit(
            workspace_id=version.workspace_id,
            version=version,
            number=(fits.aggregate(last=Max("number"))["last"] or 0) + 1,
            fit_id=fit_id,
            learned_at=Now(),
            won=past.count(Outcome.WON),
            lost=past.count(Outcome.LOST),
            no_decision=past.count(Outcome.NO_DECISION),
            **(_numbers(learned) if learned else {}),
        )
        kept.save(force_insert=True)
        deals = past.ended.outcomes.size
        record("version.learn_outlook", version, actor=None, changes={"number": [None, kept.number], "deals": deals})
    return kept


def _same(last: OutlookFit | None, learned: Learned | None) -> bool:
    if learned is None or last is None or not last.coefficients:
        return learned is None and (last is None or not last.coefficients)
    before, after = _numbers(learned_from(last)), _numbers(learned)
    return all(
        len(before[name]) == len(after[name]) and np.allclose(before[name], after[name], rtol=1e-9, atol=1e-12)
        for name in NUMBERS
    )


def _numbers(learned: Learned) -> dict[str, list[float]]:
    model = learned.model
    arrays = (learned.ratios, model.coefficients, model.intercepts, model.centre, model.scale)
    return {name: array.ravel().tolist() for name, array in zip(NUMBERS, arrays, strict=True)}


def _mark_stale(version: Version) -> None:
    """Have the version's open deals scored anew, some thousands at a time, so that nobody's edit waits for long."""
    after: int | None = 0
    while after is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(MARK, {"version": version.pk, "after": after, "limit": CHUNK})
            after = cursor.fetchone()[0]
    enqueue(DOORBELL)
