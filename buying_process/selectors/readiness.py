"""How ready a version is: embedded, tuned, tested, piloted, reviewed; and what the next rung needs."""

from dataclasses import dataclass

from django.db.models import Count, Q

from buying_process.choices import Finding, Status
from buying_process.models import Version
from buying_process.selectors.findings import Checks

FEWEST_TO_TEST = 20  # closed deals, before alignment can be said to go with how they ended
MONTHS_OF_A_PILOT = "3 to 6 months"


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of readiness: what it means, whether it is reached, and what it still needs."""

    name: str
    meaning: str
    reached: bool
    needs: tuple[str, ...] = ()


def rungs(version: Version, checks: Checks) -> tuple[Rung, ...]:
    """Give the ladder, lowest first; a rung stands on those below it. One query."""
    embedding = {Finding.EMPTY, Finding.MISSING, Finding.UNHELPED}
    open_first = [found for found in checks.found if found.kind in embedding]
    open_then = [found for found in checks.found if found.kind not in embedding]
    heard = int(version.derivation.get("interviews", 0))
    embedded_needs = [] if heard else ["Derive it from interviews, so that customers stand behind each stage."]
    embedded_needs += _open(open_first, "is", "are", "where what we do is not tied to what customers do")
    tuned_needs = _open(open_then, "is", "are", "to mend, or to accept as intended with a reason")
    embedded, tuned = not embedded_needs, not embedded_needs and not tuned_needs
    return (
        Rung(
            "embedded",
            "What marketing, sales and partners do is tied to what customers do.",
            embedded,
            tuple(embedded_needs),
        ),
        Rung("tuned", "Every finding of the checks is mended or accepted.", tuned, tuple(tuned_needs)),
        *_later(version),
    )


def rung_of(rungs: tuple[Rung, ...]) -> Rung | None:
    """Give the highest rung that a version stands on."""
    return next((rung for rung in reversed(rungs) if rung.reached), None)


def _open(found: list, one: str, many: str, words: str) -> list[str]:  # type: ignore[type-arg]  # of Found
    if not found:
        return []
    count = len(found)
    return [f"There {one if count == 1 else many} {count} finding{'' if count == 1 else 's'} {words}."]


def _later(version: Version) -> tuple[Rung, Rung, Rung]:
    deals = Version.objects.filter(process_id=version.process_id).aggregate(
        won=Count("deals", filter=Q(deals__outcome="won")),
        lost=Count("deals", filter=Q(deals__outcome="lost")),
        no_decision=Count("deals", filter=Q(deals__outcome="no_decision")),
        open=Count("deals", filter=Q(deals__outcome="open")),
    )
    closed = deals["won"] + deals["lost"] + deals["no_decision"]
    tested = (
        f"Replay it over closed deals: {closed} follow this process ({deals['won']} won, {deals['lost']} lost, "
        f"{deals['no_decision']} without a decision)."
    )
    if closed < FEWEST_TO_TEST:
        tested += f" It takes at least {FEWEST_TO_TEST} before alignment can be held against how they ended."
    piloted = f"Use it on some deals beside the present way for {MONTHS_OF_A_PILOT}: {deals['open']} are open now."
    since = version.published_at
    live = version.status == Status.LIVE and since is not None
    reviewed = (
        f"A year after it went live on {since:%-d %B %Y}, decide stage by stage and sign."
        if live and since
        else "Publish it; a year later, or when the ground shifts, decide stage by stage and sign."
    )
    return (
        Rung("tested", "Past wins, losses and no-decisions agree with it.", reached=False, needs=(tested,)),
        Rung("piloted", "It did better than the present way on real deals.", reached=False, needs=(piloted,)),
        Rung("reviewed", "It was held against a year of deals and signed.", reached=False, needs=(reviewed,)),
    )
