"""The inputs of a stretch of deals, read by COPY and laid out as columns: no object for a deal or a signal.

The versions of the inputs are read first. Whatever changes while the rest is read raises its deal's version, so that
what is computed from a mixture leaves the deal stale.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from buying_process.choices import Need
from core.copying import read_columns
from deals.choices import SETTLING_WORDS
from deals.selectors.batches import Batch
from deals.selectors.inputs import EFFORT_DAYS
from deals.selectors.outlooks import in_force
from deals.selectors.sheets import Numbers, Sheet, need_key, role_key, sheets_of
from deals.selectors.signal_paths import RECORD, WORD_WEIGHTS
from journey.checks import Array, BoolArray, IntArray

DAY = 86_400e6  # microseconds
WIDEST = 1 << 22  # numbers of activities that a table is made for

# A row that somebody waits for, or that failed before, is left to the sweep; so is one that it holds right now.
COVERED = """
deal.id > {after} AND deal.id <= {last} AND deal.workspace_id = {workspace} AND deal.outcome = 'open'
AND ({version}::bigint IS NULL OR deal.version_id = {version})
AND (row.scored_version = row.inputs_version OR NOT row.urgent AND row.attempts = 0)
AND (row.leased_until IS NULL OR row.leased_until < now())
"""
READ = """
SELECT string_agg(int8send(id), ''::bytea ORDER BY id), string_agg(int8send(inputs_version), ''::bytea ORDER BY id),
    string_agg(int8send(version_id), ''::bytea ORDER BY id), string_agg(int8send(stage_id), ''::bytea ORDER BY id),
    string_agg(timestamptz_send(now()), ''::bytea ORDER BY id),
    string_agg(timestamptz_send(opened_at), ''::bytea ORDER BY id),
    string_agg(int8send(octet_length(path)), ''::bytea ORDER BY id), string_agg(path, ''::bytea ORDER BY id)
FROM (
    SELECT deal.id, row.inputs_version, deal.opened_at, COALESCE(deal.version_id, 0) AS version_id,
        COALESCE(deal.stage_id, 0) AS stage_id, COALESCE(packed.path, ''::bytea) AS path
    FROM deals_deal AS deal JOIN deals_alignment AS row ON row.deal_id = deal.id
        LEFT JOIN deals_signalpath AS packed ON packed.deal_id = deal.id
    WHERE {covered} ORDER BY deal.id
) AS stretch
"""
ACTIVITIES = "SELECT id, code_id, name FROM buying_process_stageactivity WHERE id = ANY(%(ids)s)"
WITHIN = "fact.deal_id > %(after)s AND fact.deal_id <= %(last)s AND fact.workspace_id = %(workspace)s"
EFFORTS = """
SELECT lower(activity.name), array_agg(fact.deal_id)
FROM deals_effort AS fact JOIN buying_process_stageactivity AS activity ON activity.id = fact.activity_id
WHERE {within} AND fact.retracted_at IS NULL AND fact.occurred_at > now() - make_interval(days => %(days)s)
GROUP BY lower(activity.name)
"""
NEEDS = """
SELECT need.kind, need.name, need.channel, fact.word = ANY(%(settling)s), array_agg(fact.deal_id),
    array_agg(cardinality(deal.channels) = 0 OR fact.channel = ANY(deal.channels))
FROM deals_needmet AS fact JOIN buying_process_stageneed AS need ON need.id = fact.need_id
    JOIN deals_deal AS deal ON deal.id = fact.deal_id
WHERE {within} AND fact.retracted_at IS NULL GROUP BY 1, 2, 3, 4
"""
CONTACTS = """
SELECT code.id, code.name, array_agg(fact.deal_id)
FROM deals_contact AS fact JOIN interviews_code AS code ON code.id = fact.role_id
WHERE {within} AND fact.engaged GROUP BY code.id, code.name
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which deals a stretch is about: the open ones of a workspace, of one process version where one is named."""

    workspace_id: int
    after: int
    last: int
    version_id: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The deals of one version in a stretch, in the order of ids; `batch` is None where there is no fit to go by."""

    deal_ids: IntArray
    versions: IntArray
    clocks: IntArray
    batch: Batch | None


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The deals of a stretch as they were read, and the records of their signals."""

    deal_ids: IntArray
    versions: IntArray
    version_ids: IntArray
    stage_ids: IntArray
    clocks: IntArray
    opened: IntArray
    lengths: IntArray
    activities: IntArray
    moments: IntArray
    words: IntArray


@dataclass(frozen=True, slots=True)
class _Facts:
    """What else is known of the deals, by what it is."""

    efforts: list[tuple[str, list[int]]]
    needs: list[tuple[str, str, str, bool, list[int], list[bool]]]
    contacts: list[tuple[int, str, list[int]]]
    activities: list[tuple[int, int | None, str]]


def read_stretch(reach: Reach) -> Iterator[Group]:
    """Read a stretch in six statements, and a few more for each process version not read before."""
    rows = _read(reach)
    if not rows.deal_ids.size:
        return
    facts = _facts(reach, rows)
    present = [int(version_id) for version_id in np.unique(rows.version_ids)]
    sheets = sheets_of([version_id for version_id in present if version_id])
    for version_id in present:
        chosen = np.flatnonzero(rows.version_ids == version_id)
        sheet = sheets.get(version_id)
        batch = None
        if sheet is not None and sheet.numbers is not None:
            batch = _batch(rows, chosen, facts, sheet, sheet.numbers)
        yield Group(rows.deal_ids[chosen], rows.versions[chosen], rows.clocks[chosen], batch)


def covered(reach: Reach) -> str:
    """Give the condition, in SQL, that a deal and its row lie within reach; its values are numbers of ours."""
    version = "NULL" if reach.version_id is None else str(int(reach.version_id))
    return COVERED.format(
        after=int(reach.after), last=int(reach.last), workspace=int(reach.workspace_id), version=version
    )


def _read(reach: Reach) -> _Rows:
    with connection.cursor() as cursor:
        fields = read_columns(cursor, READ.format(covered=covered(reach)))
    numbers = [np.frombuffer(field, dtype=">i8").astype(np.int64) for field in fields[:7]]
    records = np.frombuffer(fields[7], dtype=RECORD)
    deal_ids, versions, version_ids, stage_ids, clocks, opened, sizes = numbers
    return _Rows(
        deal_ids,
        versions,
        version_ids,
        stage_ids,
        clocks,
        opened,
        lengths=sizes // RECORD.itemsize,
        activities=records["activity"].astype(np.int64),
        moments=records["at"].astype(np.int64),
        words=records["word"].astype(np.int64),
    )


def _facts(reach: Reach, rows: _Rows) -> _Facts:
    within = {"after": reach.after, "last": reach.last, "workspace": reach.workspace_id}
    return _Facts(
        efforts=_all(EFFORTS, within | {"days": EFFORT_DAYS}),
        needs=_all(NEEDS, within | {"settling": [str(word) for word in SETTLING_WORDS]}),
        contacts=_all(CONTACTS, within),
        activities=_all(ACTIVITIES, {"ids": _distinct(rows.activities).tolist()}),
    )


def _all(query: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query.format(within=WITHIN), values)
        return list(cursor.fetchall())


def _batch(rows: _Rows, chosen: IntArray, facts: _Facts, sheet: Sheet, numbers: Numbers) -> Batch:
    deal_ids = rows.deal_ids[chosen]
    columns, words, moments, offsets = _signals(rows, chosen, facts, sheet)
    clocks, opened, lengths = rows.clocks[chosen], rows.opened[chosen], np.diff(offsets)
    spent = np.zeros(deal_ids.size)
    spent[lengths > 0] = clocks[lengths > 0] - moments[offsets[1:][lengths > 0] - 1]
    moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(clocks[0]))
    efforts, effort_deals = _efforts(facts, deal_ids, sheet)
    settled = np.zeros((deal_ids.size, len(sheet.evidence)), dtype=np.bool_)
    met = np.zeros((deal_ids.size, len(sheet.information)), dtype=np.bool_)
    for kind, name, channel, settles, of, reached in facts.needs:
        key = need_key(kind, name, channel)
        here = np.array(of, dtype=np.int64)
        if kind == Need.EVIDENCE and settles:
            _mark(settled, (item.key == key for item in sheet.evidence), deal_ids, here)
        elif kind == Need.INFORMATION:
            _mark(
                met, (item.key == key for item in sheet.information), deal_ids, here[np.array(reached, dtype=np.bool_)]
            )
    engaged = np.zeros((deal_ids.size, len(sheet.roles)), dtype=np.bool_)
    for role_id, name, of in facts.contacts:
        keys = {role_key(role_id, name), role_key(None, name)}
        _mark(engaged, (item.key in keys for item in sheet.roles), deal_ids, np.array(of, dtype=np.int64))
    return Batch(
        sheet=sheet,
        numbers=numbers,
        stage=_lookup(sheet.stage_index, rows.stage_ids[chosen]),
        columns=columns,
        words=words,
        offsets=offsets,
        moments=(moments - np.repeat(opened, lengths)) / DAY,
        silence=np.maximum(spent / DAY, 0.0),
        age=np.maximum((clocks - opened) / DAY, 0.0),
        learned=[in_force(sheet.outlooks, moment, numbers.fit_id)] * deal_ids.size,
        settled=settled,
        engaged=engaged,
        met=met,
        efforts=efforts,
        effort_deals=effort_deals,
    )


def _signals(rows: _Rows, chosen: IntArray, facts: _Facts, sheet: Sheet) -> tuple[IntArray, Array, IntArray, IntArray]:
    """Give the columns, words and moments of the signals that the version's fit knows, and each deal's offsets."""
    columns_of = {pk: sheet.column_of(code_id, name) for pk, code_id, name in facts.activities}
    known = {pk: column for pk, column in columns_of.items() if column is not None}
    lengths = rows.lengths[chosen]
    activities, words, moments = rows.activities, rows.words, rows.moments
    if chosen.size < rows.deal_ids.size:
        here = np.zeros(rows.deal_ids.size, dtype=np.bool_)
        here[chosen] = True
        picked = np.repeat(here, rows.lengths)
        activities, words, moments = activities[picked], words[picked], moments[picked]
    columns = _lookup(known, activities)
    counts = columns >= 0
    if not counts.all():
        owner = np.repeat(np.arange(lengths.size), lengths)[counts]
        lengths = np.bincount(owner, minlength=lengths.size)
        columns, words, moments = columns[counts], words[counts], moments[counts]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return columns, WORD_WEIGHTS[words], moments, offsets


def _efforts(facts: _Facts, deal_ids: IntArray, sheet: Sheet) -> tuple[BoolArray, IntArray]:
    """Give which stages each effort serves, (efforts, K), and the row of its deal."""
    rows = [(name, _rows_of(deal_ids, np.array(of, dtype=np.int64))) for name, of in facts.efforts]
    served = np.zeros((sum(found.size for _, found in rows), len(sheet.stages)), dtype=np.bool_)
    first = 0
    for name, found in rows:
        for stage in sheet.ours_by_name.get(name, ()):
            served[first : first + found.size, stage] = True
        first += found.size
    return served, np.concatenate([np.zeros(0, dtype=np.int64), *(found for _, found in rows)])


def _mark(table: BoolArray, fits: Iterable[bool], deal_ids: IntArray, here: IntArray) -> None:
    rows = _rows_of(deal_ids, here)
    for column, fit in enumerate(fits):
        if fit:
            table[rows, column] = True


def _rows_of(deal_ids: IntArray, wanted: IntArray) -> IntArray:
    """Give the rows of the wanted deals, leaving out those that are not among `deal_ids`, which go up."""
    rows = np.minimum(np.searchsorted(deal_ids, wanted), deal_ids.size - 1)
    return np.asarray(rows[deal_ids[rows] == wanted])


def _lookup(places: dict[int, int], wanted: IntArray) -> IntArray:
    """Give the place of each number, -1 for one that has none."""
    if not places or not wanted.size:
        return np.full(wanted.size, -1, dtype=np.int64)
    keys = np.array(sorted(places), dtype=np.int64)
    values = np.array([places[key] for key in keys.tolist()], dtype=np.int64)
    low = int(keys[0])
    if int(keys[-1]) - low < WIDEST:
        table = np.full(int(keys[-1]) - low + 2, -1, dtype=np.int64)
        table[keys - low] = values
        return table[np.where((wanted >= low) & (wanted <= keys[-1]), wanted - low, -1)]
    found = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    return np.where(keys[found] == wanted, values[found], -1)


def _distinct(numbers: IntArray) -> IntArray:
    """Give the different numbers; without sorting where they lie close together."""
    if numbers.size and int(numbers.max()) - int(numbers.min()) < WIDEST:
        low = int(numbers.min())
        return np.flatnonzero(np.bincount(numbers - low)) + low
    return np.unique(numbers)
