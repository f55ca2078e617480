"""Surveys: a table in which a row is an interview. Columns are mapped, rows checked without writing, then loaded."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from core import audit, tables
from core.choices import ImportState
from core.columns import CellError, Tally, count_values, guess_columns, plain_name, read_moment
from core.exceptions import ApplicationError
from core.write import change, create
from interviews.choices import PurchaseOutcome, SourceState, SurveyField
from interviews.models import Interview, Question, Segment, Source, Survey, SurveyError
from interviews.services.learning import remember
from interviews.services.recording import answers_save, interview_create, interview_update, segment_create
from jobs.models import Job
from jobs.services import JobCancelled, Progress, job_start

CHUNK: Final = 100
MOST_OUTCOMES: Final = 60
SAME_QUESTION: Final = 0.45  # cosine from which a column's heading is a question of the guide in other words
QUESTION: Final = "question_"
YES: Final = frozenset({"yes", "y", "true", "1", "x", "ja", "agreed"})
HINTS: Final[Mapping[SurveyField, tuple[str, ...]]] = {
    SurveyField.EXTERNAL_ID: ("response id", "respondent id", "interview id", "external id", "id"),
    SurveyField.CUSTOMER: ("customer", "company", "account", "organisation", "organization", "employer"),
    SurveyField.ROLE: ("role", "job title", "position", "function"),
    SurveyField.SEGMENT: ("segment", "industry", "sector"),
    SurveyField.HELD_ON: ("date", "held on", "submitted", "submitted at", "timestamp", "end date"),
    SurveyField.OUTCOME: ("outcome", "how it ended", "result", "decision"),
    SurveyField.WEIGHT: ("weight",),
    SurveyField.CONSENT: ("consent", "agreed"),
    SurveyField.NOTES: ("notes", "comment", "comments", "remarks"),
}
OUTCOMES: Final = (
    (PurchaseOutcome.NO_DECISION, ("no decision", "nothing", "not at all", "did not buy", "cancelled", "none")),
    (PurchaseOutcome.LOST, ("lost", "another", "competitor", "elsewhere", "other")),
    (PurchaseOutcome.WON, ("won", "from you", "from us", "bought", "yes")),
)


def survey_make(*, source: Source, content: bytes, questions: Sequence[Question]) -> Survey:
    """Read a table's headings and guess which column is which fact, and which question."""
    headers, count = tables.read_headers(name=source.name, content=content)
    columns = guess_columns(headers, HINTS)
    columns |= _guess_questions([header for header in headers if header not in columns.values()], questions)
    survey = create(
        Survey(
            workspace_id=source.workspace_id,
            source=source,
            headers=headers,
            row_count=count,
            mapping={"columns": columns, "dates": "day", "outcomes": {}},
        )
    )
    _guess_outcomes(survey)
    return survey


def _guess_questions(headers: Sequence[str], questions: Sequence[Question]) -> dict[str, str]:
    """Give {question: column}: the headings that are most like a question's words, or its number or job."""
    found: dict[str, str] = {}
    free = list(headers)
    for question in questions:
        short = {f"q{question.position}", f"question {question.position}", question.job, plain_name(question.text)}
        match = next((header for header in free if plain_name(header) in short), None)
        if match is not None:
            found[f"{QUESTION}{question.position}"] = match
            free.remove(match)
    rest = [question for question in questions if f"{QUESTION}{question.position}" not in found]
    if not free or not rest:
        return found
    likeness = remember(free) @ remember([question.text for question in rest]).T
    while likeness.size and likeness.max() >= SAME_QUESTION:
        row, column = divmod(int(likeness.argmax()), len(rest))
        found[f"{QUESTION}{rest[column].position}"] = free[row]
        likeness[row, :] = likeness[:, column] = -1.0
    return found


def survey_outcomes(survey: Survey) -> dict[str, int]:
    """Count the values of the column that says how the purchase ended."""
    column = survey.mapping["columns"].get(SurveyField.OUTCOME)
    if not column:
        return {}
    counts = count_values(tables.read_rows(name=survey.source.name, content=bytes(survey.source.content)), column)
    if len(counts) > MOST_OUTCOMES:
        raise ApplicationError(
            f"The column “{column}” has {len(counts)} different values; at most {MOST_OUTCOMES} can be how a purchase "
            "ended. Is it the right column?"
        )
    return counts


def _guess_outcomes(survey: Survey) -> None:
    mapping = survey.mapping
    try:
        values = survey_outcomes(survey)
    except ApplicationError:  # a guessed column that cannot be meant
        columns = {name: column for name, column in mapping["columns"].items() if name != SurveyField.OUTCOME}
        mapping, values = mapping | {"columns": columns}, {}
    settled = mapping["outcomes"]
    change(survey, mapping=mapping | {"outcomes": {value: settled.get(value) or _outcome(value) for value in values}})


def _outcome(value: str) -> str:
    lowered = value.lower().replace("_", " ")
    for outcome, words in OUTCOMES:
        if lowered == outcome.label.lower() or any(word in lowered for word in words):
            return outcome.value
    return PurchaseOutcome.OPEN.value


@transaction.atomic
def survey_map_columns(*, survey: Survey, actor: Membership, columns: Mapping[str, str], dates: str) -> Survey:
    """Settle which column fills which fact and answers which question."""
    _must_not_run(survey)
    columns = {name: column for name, column in columns.items() if column}
    if SurveyField.CUSTOMER not in columns:
        message = "Choose the column with the customer."
        raise ApplicationError("Say which column names the customer.", fields={SurveyField.CUSTOMER: [message]})
    if not any(name.startswith(QUESTION) for name in columns):
        raise ApplicationError("Say which column answers at least one of the questions.")
    chosen = list(columns.values())
    doubled = next((column for column in chosen if chosen.count(column) > 1), None)
    if doubled:
        raise ApplicationError(f"The column “{doubled}” is chosen twice. A column fills one field.")
    mapping = survey.mapping | {"columns": columns, "dates": dates}
    change(survey, mapping=mapping, state=ImportState.UPLOADED)
    survey_outcomes(survey)
    _guess_outcomes(survey)
    audit.record("survey.map_columns", survey.source, actor=actor, changes={"fields": sorted(columns)})
    return survey


@transaction.atomic
def survey_start(*, survey: Survey, actor: Membership, dry_run: bool, outcomes: Mapping[str, str] | None = None) -> Job:
    """Start checking (nothing is written) or loading, as a job; `outcomes` says what the values of the outcome are."""
    survey = Survey.objects.select_for_update(of=("self",)).select_related("source", "job").get(pk=survey.pk)
    _must_not_run(survey)
    if SurveyField.CUSTOMER not in survey.mapping["columns"]:
        raise ApplicationError("Settle the columns first: say which one names the customer.")
    if outcomes is not None:
        change(survey, mapping=survey.mapping | {"outcomes": dict(outcomes)})
    job = job_start(
        kind="check survey" if dry_run else "load survey",
        task="interviews.load_survey",
        title=f"{'Checking' if dry_run else 'Loading'} {survey.source.name}",
        actor=actor,
        total=survey.row_count,
        result_url=survey.get_absolute_url(),
        survey_id=survey.pk,
        dry_run=dry_run,
    )
    change(survey, state=ImportState.RUNNING, is_dry_run=dry_run, job=job)
    audit.record("survey.check" if dry_run else "survey.load", survey.source, actor=actor)
    return job


def survey_run(job: Job, progress: Progress) -> dict[str, Any]:
    """Do a survey's job: each row by itself, in chunks; an error is kept for each refused row. O(rows)."""
    found = Survey.objects.select_related("source__intake__guide_version").get(pk=job.arguments["survey_id"])
    if job.started_by is None:
        raise ApplicationError("Whoever started this is no longer a member. Start it again.")
    dry_run = bool(job.arguments["dry_run"])
    try:
        tally = _load(found, job.started_by, progress, dry_run=dry_run)
    except (ApplicationError, JobCancelled):
        change(found, state=ImportState.FAILED)
        raise
    counts = {f"{name}_count": number for name, number in tally.counts().items()}
    with transaction.atomic():
        change(found, state=ImportState.CHECKED if dry_run else ImportState.DONE, **counts)
        if not dry_run:
            change(found.source, state=SourceState.DONE)
    return dict(tally.counts())


def _load(survey: Survey, actor: Membership, progress: Progress, *, dry_run: bool) -> Tally:
    tally, done = Tally(), 0
    seen: dict[str, int] = {}
    rows = tables.read_rows(name=survey.source.name, content=bytes(survey.source.content))
    while chunk := list(islice(rows, CHUNK)):
        with transaction.atomic():
            for number, cells in chunk:
                _row(survey, number, cells, seen, tally, actor)
            transaction.set_rollback(dry_run)
        done += len(chunk)
        progress.at(done, f"Row {done:,} of {survey.row_count:,}")
    with transaction.atomic():
        SurveyError.objects.filter(survey=survey).delete()
        SurveyError.objects.bulk_create(
            SurveyError(
                workspace_id=survey.workspace_id,
                survey=survey,
                row=number,
                column=problem.column,
                value=problem.value,
                reason=problem.reason,
            )
            for number, problem in tally.errors
        )
    return tally


def _row(
    survey: Survey, number: int, cells: Mapping[str, str], seen: dict[str, int], tally: Tally, actor: Membership
) -> None:
    try:
        row = _read(survey.mapping, cells)
        if row.external_id in seen:
            column = survey.mapping["columns"].get(SurveyField.EXTERNAL_ID, "")
            reason = f"The same interview stands in row {seen[row.external_id]} already."
            raise CellError(column, row.external_id if column else "", reason)  # noqa: TRY301  refused in one place
        seen[row.external_id] = number
        with transaction.atomic():
            verb = _put(survey, number, row, actor)
    except CellError as problem:
        tally.refuse(number, problem)
    except ApplicationError as error:
        tally.refuse(number, CellError(next(iter(error.fields), ""), "", error.message))
    else:
        setattr(tally, verb, getattr(tally, verb) + 1)


@dataclass(frozen=True)
class SurveyRow:
    """A row as it is read: the facts that it gives, the answers by the place of their question."""

    external_id: str
    facts: Mapping[str, Any]
    segment: str
    answers: Mapping[int, str]


def _read(mapping: Mapping[str, Any], cells: Mapping[str, str]) -> SurveyRow:
    columns: Mapping[str, str] = mapping["columns"]

    def cell(name: str) -> tuple[str, str]:
        column = columns.get(name, "")
        return column, cells.get(column, "") if column else ""

    answers = {
        int(name.removeprefix(QUESTION)): cells[column]
        for name, column in columns.items()
        if name.startswith(QUESTION) and cells.get(column)
    }
    column, customer = cell(SurveyField.CUSTOMER)
    if not customer:
        raise CellError(column, "", "The customer is missing.")
    if not answers:
        raise CellError("", "", "No question is answered in this row.")
    facts = {"customer": customer, "role": cell(SurveyField.ROLE)[1], "notes": cell(SurveyField.NOTES)[1]}
    facts = {name: value for name, value in facts.items() if value}
    known, wanted = cell(SurveyField.EXTERNAL_ID), "\x1f".join(cells.values())
    external_id = known[1] or f"row {hashlib.sha256(wanted.encode()).hexdigest()[:32]}"
    return SurveyRow(external_id, facts | _typed(mapping, cell), cell(SurveyField.SEGMENT)[1], answers)


def _typed(mapping: Mapping[str, Any], cell: Any) -> dict[str, Any]:
    """Read the facts that are no text; empty cells say nothing."""
    facts: dict[str, Any] = {}
    column, value = cell(SurveyField.HELD_ON)
    if value:
        facts["held_on"] = read_moment(column, value, dates=mapping["dates"]).date()
    column, value = cell(SurveyField.OUTCOME)
    if value:
        outcome = mapping["outcomes"].get(value, "")
        if outcome not in PurchaseOutcome.values:
            raise CellError(
                column, value, f"Nobody said yet how “{value}” ended: bought from us, from another, or not."
            )
        facts["outcome"] = outcome
    column, value = cell(SurveyField.WEIGHT)
    if value:
        try:
            weight = Decimal(value.replace(",", "."))
        except InvalidOperation as error:
            raise CellError(column, value, f"“{value}” is not a weight, such as 1 or 0.5.") from error
        if not weight.is_finite() or not 0 < weight < 1_000:  # noqa: PLR2004  three digits
            raise CellError(column, value, "A weight is above 0 and below 1,000.")
        facts["weight"] = round(weight, 2)
    column, value = cell(SurveyField.CONSENT)
    if value:
        facts["consent"] = value.lower() in YES
    return facts


def _put(survey: Survey, number: int, row: SurveyRow, actor: Membership) -> str:
    """Make the interview of a row or bring it up to date; say whether it was created, changed or unchanged."""
    facts = dict(row.facts)
    if row.segment:
        found = Segment.objects.filter(name__iexact=row.segment).first()
        facts["segment"] = found or segment_create(name=row.segment, actor=actor)
    interview = Interview.objects.filter(external_id=row.external_id).select_related("segment").first()
    if interview is None:
        facts = {"held_on": timezone.localdate()} | facts
        version = survey.source.intake.guide_version
        interview = interview_create(actor=actor, external_id=row.external_id, guide_version=version, **facts)
        answers_save(interview=interview, texts=row.answers, actor=actor)
        change(interview, source=survey.source, source_row=number)
        return "created"
    told = {answer.question.position: answer.text for answer in interview.answers.select_related("question")}
    missing = next((position for position in row.answers if position not in told), None)
    if missing is not None:
        raise CellError("", "", f"This interview was held by a guide without a question {missing}.")
    changed = {name: value for name, value in facts.items() if getattr(interview, name) != value}
    texts = {position: text for position, text in row.answers.items() if told[position] != text}
    if changed:
        interview_update(interview=interview, version=None, actor=actor, **changed)
    if texts:
        answers_save(interview=interview, texts=texts, actor=actor)
    return "changed" if changed or texts else "unchanged"


def _must_not_run(survey: Survey) -> None:
    if survey.state == ImportState.RUNNING and survey.job and not survey.job.finished_at:
        raise ApplicationError("This file is being read right now. Wait for it, or cancel it first.")
