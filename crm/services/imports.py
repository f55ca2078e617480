"""The life of a file: uploaded, its columns and values mapped, checked without writing, imported."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import transaction

from accounts.models import Membership
from buying_process.choices import Status
from buying_process.models import Version
from core import audit, tables
from core.choices import ImportState
from core.columns import CellError, Tally, count_values, guess_columns
from core.exceptions import ApplicationError
from core.write import change, create
from crm.choices import Field
from crm.models import DealImport, RowError
from crm.selectors import members_of, segments_by_name
from crm.services.mapping import HINTS, RowReader, guess_owners, guess_stage_values
from deals.services.loading import DealRow, deals_load
from jobs.models import Job
from jobs.services import JobCancelled, Progress, job_start

CHUNK = 500
MAX_VALUES = 200
OPTIONS = {"dates": "day", "account_in_name": True}


@transaction.atomic
def import_upload(*, actor: Membership, name: str, content: bytes) -> DealImport:
    """Keep a file and guess what its columns mean."""
    headers, count = tables.read_headers(name=name, content=content)
    deal_import = create(
        DealImport(
            workspace_id=actor.workspace_id,
            file_name=name[:200],
            content=content,
            headers=headers,
            row_count=count,
            mapping={"columns": guess_columns(headers, HINTS), **OPTIONS},
            version=Version.objects.in_use().filter(status="live").order_by("-published_at").first(),
            uploaded_by=actor,
        )
    )
    audit.record("import.upload", deal_import, actor=actor, changes={"rows": count})
    _forget_wild_guesses(deal_import)
    _guess_values(deal_import)
    return deal_import


def _forget_wild_guesses(deal_import: DealImport) -> None:
    """Drop a guessed column that cannot be meant: stages and owners are few."""
    columns = deal_import.mapping["columns"]
    for field_name in (Field.STAGE, Field.OWNER):
        try:
            import_values(deal_import, field_name)
        except ApplicationError:
            columns = {name: column for name, column in columns.items() if name != field_name}
    change(deal_import, mapping=deal_import.mapping | {"columns": columns})


@transaction.atomic
def import_map_columns(
    *,
    deal_import: DealImport,
    actor: Membership,
    columns: Mapping[str, str],
    version: Version | None,
    dates: str,
    account_in_name: bool,
) -> DealImport:
    """Settle which column fills which field, and which process the deals run against."""
    _must_not_run(deal_import)
    columns = {name: column for name, column in columns.items() if column}
    if Field.EXTERNAL_ID not in columns:
        raise ApplicationError(
            "Say which column holds the deal's ID: it is how the same file twice changes nothing.",
            fields={Field.EXTERNAL_ID: ["Choose the column with the deal's ID."]},
        )
    chosen = list(columns.values())
    doubled = next((column for column in chosen if chosen.count(column) > 1), None)
    if doubled:
        raise ApplicationError(f"The column “{doubled}” is chosen twice. A column fills one field.")
    mapping = {"columns": columns, "dates": dates, "account_in_name": account_in_name}
    changes = change(deal_import, mapping=mapping, version=version, state=ImportState.UPLOADED)
    audit.record("import.map_columns", deal_import, actor=actor, changes={"fields": sorted(columns)} if changes else {})
    _guess_values(deal_import)
    return deal_import


@transaction.atomic
def import_map_values(
    *, deal_import: DealImport, actor: Membership, stages: Mapping[str, str], owners: Mapping[str, int | None]
) -> DealImport:
    """Settle what each stage value means, and who each owner is."""
    _must_not_run(deal_import)
    change(
        deal_import,
        stage_mapping=deal_import.stage_mapping | dict(stages),
        owner_mapping=deal_import.owner_mapping | dict(owners),
        state=ImportState.UPLOADED,
    )
    audit.record("import.map_values", deal_import, actor=actor)
    return deal_import


@transaction.atomic
def import_start(*, deal_import: DealImport, actor: Membership, dry_run: bool) -> Job:
    """Start checking (nothing is written) or importing, as a job."""
    DealImport.objects.select_for_update().only("pk").get(pk=deal_import.pk)
    deal_import.refresh_from_db(fields=["state", "job"])
    _must_not_run(deal_import)
    if deal_import.version and deal_import.version.status not in {Status.LIVE, Status.PILOT}:
        raise ApplicationError(f"{deal_import.version} is no longer in use. Choose another process for these deals.")
    job = job_start(
        kind="check deals" if dry_run else "import deals",
        task="crm.import_deals",
        title=f"{'Checking' if dry_run else 'Importing'} {deal_import.file_name}",
        actor=actor,
        total=deal_import.row_count,
        result_url=deal_import.get_absolute_url(),
        import_id=deal_import.pk,
        dry_run=dry_run,
    )
    change(deal_import, state=ImportState.RUNNING, is_dry_run=dry_run, job=job)
    audit.record("import.check" if dry_run else "import.start", deal_import, actor=actor)
    return job


@transaction.atomic
def import_delete(*, deal_import: DealImport, actor: Membership) -> None:
    """Forget a file and its errors; the deals that it brought stay."""
    _must_not_run(deal_import)
    audit.record("import.delete", deal_import, actor=actor)
    deal_import.delete()


def import_run(job: Job, progress: Progress) -> dict[str, Any]:
    """Do an import job: read, map and load the rows in chunks; keep an error for each refused row. O(rows)."""
    deal_import = DealImport.objects.select_related("version", "uploaded_by__user", "workspace").get(
        pk=job.arguments["import_id"]
    )
    dry_run = bool(job.arguments["dry_run"])
    actor = job.started_by or deal_import.uploaded_by
    if actor is None:
        raise ApplicationError("Whoever started this import is no longer a member. Start it again.")
    try:
        tally = _load(deal_import, actor, progress, dry_run=dry_run)
    except (ApplicationError, JobCancelled):
        change(deal_import, state=ImportState.FAILED)
        raise
    change(
        deal_import,
        state=ImportState.CHECKED if dry_run else ImportState.DONE,
        created_count=tally.created,
        changed_count=tally.changed,
        unchanged_count=tally.unchanged,
        refused_count=tally.refused,
    )
    return dict(tally.counts())


def _load(deal_import: DealImport, actor: Membership, progress: Progress, *, dry_run: bool) -> Tally:
    reader, tally, done = _reader(deal_import, actor), Tally(), 0
    seen: dict[str, int] = {}
    rows = tables.read_rows(name=deal_import.file_name, content=bytes(deal_import.content))
    RowError.objects.filter(deal_import=deal_import).delete()
    while chunk := list(islice(rows, CHUNK)):
        _load_chunk(reader, chunk, seen, tally, actor, dry_run=dry_run)
        done += len(chunk)
        progress.at(done, f"Row {done:,} of {deal_import.row_count:,}")
    RowError.objects.bulk_create(
        RowError(
            workspace_id=deal_import.workspace_id,
            deal_import=deal_import,
            row=number,
            column=problem.column,
            value=problem.value,
            reason=problem.reason,
        )
        for number, problem in tally.errors
    )
    return tally


def _load_chunk(
    reader: RowReader,
    chunk: Sequence[tuple[int, dict[str, str]]],
    seen: dict[str, int],
    tally: Tally,
    actor: Membership,
    *,
    dry_run: bool,
) -> None:
    numbers: list[int] = []
    rows: list[DealRow] = []
    for number, cells in chunk:
        try:
            row = reader.read(cells)
            if row.external_id in seen:
                column = reader.columns[Field.EXTERNAL_ID]
                reason = f"This ID stands in row {seen[row.external_id]} already."
                raise CellError(column, row.external_id, reason)  # noqa: TRY301  rows are refused in one place
        except CellError as problem:
            tally.refuse(number, problem)
            continue
        seen[row.external_id] = number
        numbers.append(number)
        rows.append(row)
    result = deals_load(rows=rows, actor=actor, dry_run=dry_run)
    tally.created += result.created
    tally.changed += result.changed
    tally.unchanged += result.unchanged
    cells_of = dict(chunk)
    for index, name, reason in result.refused:
        column = reader.columns.get(name, name)
        value = cells_of[numbers[index]].get(column, "")
        tally.refuse(numbers[index], CellError(column, value, reason))


def _reader(deal_import: DealImport, actor: Membership) -> RowReader:
    members = {member.pk: member for member in members_of(actor)}
    version, mapping = deal_import.version, deal_import.mapping
    return RowReader(
        columns=mapping["columns"],
        stage_values=deal_import.stage_mapping,
        stages={stage.pk: stage for stage in version.stages.all()} if version else {},
        owners={name: members.get(pk) for name, pk in deal_import.owner_mapping.items() if pk},
        segments=segments_by_name(),
        version=version,
        dates=mapping["dates"],
        zone=deal_import.workspace.zone,  # not the actor's: a colleague's import says the same
        account_in_name=mapping["account_in_name"],
    )


def _guess_values(deal_import: DealImport) -> None:
    """Guess anew what stage values and owners mean, keeping what a person settled."""
    columns = deal_import.mapping["columns"]
    stages = import_values(deal_import, Field.STAGE)
    owners = import_values(deal_import, Field.OWNER)
    guessed = guess_stage_values(stages, deal_import.version)
    known = guess_owners(owners, members_of(deal_import.uploaded_by))
    change(
        deal_import,
        stage_mapping={value: _still(deal_import, value) or guessed[value] for value in stages} if columns else {},
        owner_mapping={value: deal_import.owner_mapping.get(value) or known[value] for value in owners},
    )


def _still(deal_import: DealImport, value: str) -> str:
    """Give what was settled for a stage value, unless it names a stage of another version."""
    meaning = str(deal_import.stage_mapping.get(value, ""))
    if not meaning.startswith("stage:"):
        return meaning
    stages = {f"stage:{stage.pk}" for stage in deal_import.version.stages.all()} if deal_import.version else set()
    return meaning if meaning in stages else ""


def import_values(deal_import: DealImport, field_name: Field) -> dict[str, int]:
    """Count the values of the column that fills a field, most frequent first."""
    column = deal_import.mapping["columns"].get(field_name)
    if not column:
        return {}
    rows = tables.read_rows(name=deal_import.file_name, content=bytes(deal_import.content))
    counts = count_values(rows, column)
    if len(counts) > MAX_VALUES:
        raise ApplicationError(
            f"The column “{column}” has {len(counts)} different values; at most {MAX_VALUES} can be mapped. "
            "Is it the right column?"
        )
    return counts


def _must_not_run(deal_import: DealImport) -> None:
    if deal_import.state == ImportState.RUNNING and deal_import.job and not deal_import.job.finished_at:
        raise ApplicationError("This file is being read right now. Wait for it, or cancel it first.")
