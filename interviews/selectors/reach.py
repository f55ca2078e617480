"""Whom the interviews speak for and who is missing, and whom to ask next and what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from interviews.choices import PurchaseOutcome
from interviews.models import Question, Segment
from interviews.selectors.heard import Account, Heard, JobHeard, RoleNamed
from interviews.selectors.lists import NO_ROLE, NO_SEGMENT

ENDED = (PurchaseOutcome.WON, PurchaseOutcome.LOST, PurchaseOutcome.NO_DECISION)
# asked for first where as many speak for each: whose account is the hardest to come by
RAREST = (PurchaseOutcome.NO_DECISION, PurchaseOutcome.LOST, PurchaseOutcome.WON)
WHO = {
    PurchaseOutcome.WON: "who bought from us",
    PurchaseOutcome.LOST: "who bought from another",
    PurchaseOutcome.NO_DECISION: "who decided nothing",
}
COVERAGE_COLUMNS = ("segment", "role", "outcome", "interviews", "with_timeline")


@dataclass(frozen=True, slots=True)
class Cell:
    """How many interviews are of a kind and ended so; `missing` where nobody is and somebody should be."""

    outcome: str
    label: str
    number: int
    missing: bool


@dataclass(frozen=True, slots=True)
class ReachRow:
    """A segment or a role, its interviews by outcome, and all of them. `key` is what the list is filtered by."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom the interviews speak for: a row for each segment and role; and who is named and was never asked."""

    segments: tuple[ReachRow, ...]
    roles: tuple[ReachRow, ...]
    never_asked: tuple[RoleNamed, ...]

    @property
    def gaps(self) -> int:
        """Count the kinds of customers that nobody speaks for."""
        return sum(cell.missing for row in self.segments for cell in row.cells)


@dataclass(frozen=True, slots=True)
class AskNext:
    """Whom to ask next, and about what.

    `heard` interviews are of that segment and outcome so far; `role` is empty where no role stands out, `job` None
    where no activity has a buying job, `question` None where the guide asks nothing about it.
    """

    segment: str
    outcome: str
    who: str
    heard: int
    role: RoleNamed | None
    job: JobHeard | None
    question: Question | None


def reach(told: Heard, segments: Sequence[Segment]) -> Reach:
    """Count the interviews by segment and outcome, and by role and outcome. `segments` are those that should speak."""
    by_segment: dict[int, list[Account]] = {segment.pk: [] for segment in segments}
    by_role: dict[str, list[Account]] = {}
    for account in told.accounts:
        by_segment.setdefault(account.segment_id or NO_SEGMENT, []).append(account)
        by_role.setdefault(account.role.casefold(), []).append(account)
    names = {segment.pk: segment.name for segment in segments} | {NO_SEGMENT: "No segment"}
    rows = [
        _row(str(pk), names[pk], of, wanted=bool(pk) or not segments) for pk, of in by_segment.items() if pk in names
    ]
    spelt = {key: min(account.role for account in of) for key, of in by_role.items()}
    roles = [_row(spelt[key] or NO_ROLE, spelt[key] or "No role given", of) for key, of in by_role.items()]
    return Reach(
        tuple(rows),
        tuple(sorted(roles, key=lambda row: (row.key == NO_ROLE, -row.total, row.label.casefold()))),
        tuple(role for role in told.roles if not _asked(role.name, by_role)),
    )


def ask_next(told: Heard, whom: Reach) -> AskNext | None:
    """Say whom to ask next and what; None before anybody was asked. One query."""
    rows = [row for row in whom.segments if int(row.key) != NO_SEGMENT] or list(whom.segments)
    if not rows or not told.accounts:
        return None
    row, outcome = min(
        ((row, outcome) for row in rows for outcome in RAREST),
        key=lambda pair: (_of(*pair), pair[0].total, RAREST.index(pair[1])),
    )
    job = _least_told(told)
    return AskNext(
        segment=row.label if int(row.key) != NO_SEGMENT else "",
        outcome=outcome,
        who=WHO[outcome],
        heard=_of(row, outcome),
        role=next(iter(whom.never_asked), None),
        job=job,
        question=_question(job.job) if job else None,
    )


def coverage_table(told: Heard, segments: Iterable[Segment]) -> list[tuple[str | int, ...]]:
    """Give the interviews counted by segment, role and outcome, in the order of COVERAGE_COLUMNS; gaps count 0."""
    names = {segment.pk: segment.name for segment in segments}
    counted: dict[tuple[str, str, str], list[Account]] = {}
    for account in told.accounts:
        key = (names.get(account.segment_id or NO_SEGMENT, ""), account.role, account.outcome)
        counted.setdefault(key, []).append(account)
    spoken_for = {(segment, outcome) for segment, _, outcome in counted}
    for name in names.values():
        for outcome in ENDED:
            if (name, outcome) not in spoken_for:
                counted[name, "", str(outcome)] = []
    return [(*key, len(found), sum(bool(account.told) for account in found)) for key, found in sorted(counted.items())]


def _row(key: str, label: str, accounts: Sequence[Account], *, wanted: bool = False) -> ReachRow:
    numbers = {value: sum(account.outcome == value for account in accounts) for value in PurchaseOutcome.values}
    cells = [
        Cell(value, str(label_), numbers[value], missing=wanted and value in ENDED and not numbers[value])
        for value, label_ in PurchaseOutcome.choices
    ]
    return ReachRow(key, label, tuple(cells), len(accounts))


def _asked(name: str, roles: Iterable[str]) -> bool:
    """Tell whether somebody of this role was interviewed: one name has all the words of the other."""
    words = set(name.casefold().split())
    return any(words <= set(role.split()) or set(role.split()) <= words for role in roles if role)


def _of(row: ReachRow, outcome: str) -> int:
    return next(cell.number for cell in row.cells if cell.outcome == outcome)


def _least_told(told: Heard) -> JobHeard | None:
    """Give the job of which nobody told, else the one with most activities on one voice, else the one least told."""
    if not any(job.activities for job in told.jobs):
        return None
    return min(told.jobs, key=lambda job: (job.activities > 0, -job.on_one, job.tellers))


def _question(job: str) -> Question | None:
    asked = Question.objects.filter(version__guide__is_default=True, job=job)
    return asked.select_related("version").order_by("-version__number", "position").first()
