"""A process version as the scoring reads it: its numbers beside the rows that they belong to.

A published version and its fits never change, so a sheet is read once a process and kept.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import structlog
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from buying_process.choices import Actor, Need, Status
from buying_process.models import Stage, StageActivity, StageNeed, Version
from buying_process.selectors.fits import fitted
from buying_process.selectors.journey_map import JourneyMap
from buying_process.selectors.maps import journey_map
from deals.models import OutlookFit
from deals.selectors.outlooks import NEVER_LEARNED, Timeline
from deals.selectors.spoilt import SPOILT
from journey.alignment import Components
from journey.checks import Array, BoolArray, IntArray
from journey.distance import credit
from journey.transitions import open_matrix

log = structlog.get_logger(__name__)

SHEETS_KEPT = 256
PERCENT = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The fit of a version, with what follows from it. K stages, n customer activities."""

    fit_id: int
    matrix: Array
    start: Array
    emissions: Array
    flow: Array
    credit: Array
    home: IntArray


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage, at `position` 0..K-1 of the version."""

    id: int
    position: int
    name: str
    told: int
    typical_days: float | None


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An activity; `column` is its column among the fit's customer activities, `serves` the stages that ours helps."""

    id: int
    name: str
    code_id: int | None
    actor: str
    purpose: str
    stage: int
    column: int | None
    serves: tuple[int, ...]
    facilitates_id: int | None
    told: float


@dataclass(frozen=True, slots=True)
class Item:
    """A need that may be asked for by several stages and counts once: `need_ids` beside their `stages`."""

    key: str
    name: str
    channel: str
    code_id: int | None
    stages: tuple[int, ...]
    need_ids: tuple[int, ...]
    told: int


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """All that scoring and explaining need to know of a version."""

    version_id: int
    number: int
    process: str
    weights: Components
    half_life_days: float
    days_between_moments: float
    numbers: Numbers | None
    stages: tuple[StageRow, ...]
    activities: tuple[ActivityRow, ...]
    evidence: tuple[Item, ...]
    roles: tuple[Item, ...]
    information: tuple[Item, ...]
    obstacles: tuple[Item, ...]
    interviews: int
    journey: JourneyMap
    stage_index: dict[int, int]
    column_of_code: dict[int, int]
    column_of_name: dict[str, int]
    ours_by_name: dict[str, tuple[int, ...]]
    roles_needed: BoolArray
    information_needed: BoolArray
    evidence_stage: IntArray
    outlooks: Timeline = NEVER_LEARNED

    @property
    def customer_activities(self) -> tuple[ActivityRow, ...]:
        """Give what the customer does."""
        return tuple(activity for activity in self.activities if activity.actor == Actor.CUSTOMER)

    @property
    def our_activities(self) -> tuple[ActivityRow, ...]:
        """Give what we do."""
        return tuple(activity for activity in self.activities if activity.actor != Actor.CUSTOMER)

    def column_of(self, code_id: int | None, name: str) -> int | None:
        """Find a customer activity of any version in this version's fit: by its code, else by its name."""
        if code_id is not None and code_id in self.column_of_code:
            return self.column_of_code[code_id]
        return self.column_of_name.get(name.lower())


def need_key(kind: str, name: str, channel: str) -> str:
    """Name a need across stages and versions."""
    return f"{kind}|{name.lower()}|{channel}"


def role_key(code_id: int | None, name: str) -> str:
    """Name a role across versions: by its code, else by its name."""
    return f"code:{code_id}" if code_id is not None else f"name:{name.lower()}"


def sheets_of(version_ids: Collection[int]) -> dict[int, Sheet]:
    """Give the sheets of some versions: one query, and a few more for each version not read before."""
    learned = OutlookFit.objects.filter(version=OuterRef("pk")).order_by("number")
    rows = (
        Version.objects.filter(pk__in=version_ids)
        .annotate(moments=ArraySubquery(learned.values("learned_at")), outlooks=ArraySubquery(learned.values("pk")))
        .order_by("pk", "-fits__number")
        .distinct("pk")
        .values_list("pk", "status", "fits__pk", "moments", "outlooks")
    )
    found = {}
    for pk, status, fit_id, moments, outlooks in rows:
        sheet = _read(pk, fit_id) if status == Status.DRAFT or fit_id is None else _kept(pk, fit_id)
        found[pk] = replace(sheet, outlooks=Timeline(tuple(moments), tuple(outlooks))) if outlooks else sheet
    return found


def names_of(version_ids: Collection[int]) -> dict[int, Sheet]:
    """Give the sheets of some versions without their numbers: names are enough to log by, and cannot be spoilt."""
    return {pk: _read(pk, None) for pk in version_ids}


def sheet_of(version_id: int | None) -> Sheet | None:
    """Give one version's sheet."""
    return None if version_id is None else sheets_of([version_id]).get(version_id)


def sheet_to_log_by(version_id: int | None) -> Sheet | None:
    """Give one version's sheet; without its numbers where these cannot be read."""
    try:
        return sheet_of(version_id)
    except SPOILT:
        log.warning("version_without_numbers", version_id=version_id, exc_info=True)
        return None if version_id is None else _read(version_id, None)


@lru_cache(maxsize=SHEETS_KEPT)
def _kept(version_id: int, fit_id: int) -> Sheet:
    return _read(version_id, fit_id)


def _read(version_id: int, fit_id: int | None) -> Sheet:
    version = Version.objects.select_related("process").get(pk=version_id)
    known = fitted(fit_id).activities if fit_id is not None else ()
    stages = tuple(
        StageRow(stage.pk, index, stage.name, stage.told, stage.typical_days)
        for index, stage in enumerate(Stage.objects.filter(version=version).order_by("position"))
    )
    index = {stage.id: stage.position for stage in stages}
    rows = list(StageActivity.objects.filter(stage__version=version).order_by("stage__position", "position", "id"))
    columns = {pk: column for column, pk in enumerate(known)}
    activities = tuple(_activity(row, rows, index, columns) for row in rows)
    needs = list(StageNeed.objects.filter(stage__version=version).order_by("stage__position", "-told", "name"))
    seen = [activity for activity in activities if activity.column is not None]
    items = {kind: _items(needs, kind, index) for kind in Need.values}
    return Sheet(
        version_id=version_id,
        number=version.number,
        process=version.process.name,
        weights=_weights(version),
        half_life_days=version.half_life_days,
        days_between_moments=version.days_between_moments,
        numbers=_numbers(fit_id, stages) if fit_id is not None else None,
        stages=stages,
        activities=activities,
        evidence=items[Need.EVIDENCE],
        roles=items[Need.ROLE],
        information=items[Need.INFORMATION],
        obstacles=items[Need.OBSTACLE],
        interviews=int(version.derivation.get("interviews", 0)),
        journey=journey_map(version, mode="deal"),
        stage_index=index,
        column_of_code={a.code_id: a.column for a in seen if a.code_id is not None and a.column is not None},
        column_of_name={a.name.lower(): a.column for a in seen if a.column is not None},
        ours_by_name=_served(activities),
        roles_needed=_needed(items[Need.ROLE], len(stages)),
        information_needed=_needed(items[Need.INFORMATION], len(stages)),
        evidence_stage=np.array([item.stages[0] for item in items[Need.EVIDENCE]], dtype=np.int64),
    )


def _weights(version: Version) -> Components:
    return Components(
        position=version.weight_position / PERCENT,
        evidence=version.weight_evidence / PERCENT,
        people=version.weight_people / PERCENT,
        information=version.weight_information / PERCENT,
        effort=version.weight_effort / PERCENT,
    )


def _activity(
    row: StageActivity, rows: list[StageActivity], index: dict[int, int], columns: dict[int, int]
) -> ActivityRow:
    serves = {index[row.stage_id]} if row.actor != Actor.CUSTOMER else set()
    if row.facilitates_id is not None:
        serves |= {index[other.stage_id] for other in rows if other.pk == row.facilitates_id}
    return ActivityRow(
        id=row.pk,
        name=row.name,
        code_id=row.code_id,
        actor=row.actor,
        purpose=row.purpose,
        stage=index[row.stage_id],
        column=columns.get(row.pk),
        serves=tuple(sorted(serves)),
        facilitates_id=row.facilitates_id,
        told=row.told,
    )


def _items(needs: Iterable[StageNeed], kind: str, index: dict[int, int]) -> tuple[Item, ...]:
    """Gather the needs of one kind. Evidence stays apart by stage; a role or an information counts once."""
    groups: dict[tuple[str, int], list[StageNeed]] = defaultdict(list)
    for need in needs:
        if need.kind == kind:
            key = role_key(need.code_id, need.name) if kind == Need.ROLE else need_key(kind, need.name, need.channel)
            apart = need.stage_id if kind in {Need.EVIDENCE, Need.OBSTACLE} else 0
            groups[key, apart].append(need)
    return tuple(
        Item(
            key=key,
            name=found[0].name,
            channel=found[0].channel,
            code_id=found[0].code_id,
            stages=tuple(index[need.stage_id] for need in found),
            need_ids=tuple(need.pk for need in found),
            told=max(need.told for need in found),
        )
        for (key, _), found in groups.items()
    )


def _needed(items: tuple[Item, ...], n_stages: int) -> BoolArray:
    table = np.zeros((len(items), n_stages), dtype=np.bool_)
    for row, item in enumerate(items):
        table[row, list(item.stages)] = True
    return table


def _served(activities: tuple[ActivityRow, ...]) -> dict[str, tuple[int, ...]]:
    served: dict[str, set[int]] = defaultdict(set)
    for activity in activities:
        if activity.actor != Actor.CUSTOMER:
            served[activity.name.lower()] |= set(activity.serves)
    return {name: tuple(sorted(stages)) for name, stages in served.items()}


def _numbers(fit_id: int, stages: tuple[StageRow, ...]) -> Numbers:
    fit = fitted(fit_id)
    if list(fit.stages) != [stage.id for stage in stages]:
        raise ValueError(f"Fit {fit_id} does not name the stages of its version in order.")
    return Numbers(
        fit_id=fit_id,
        matrix=fit.matrix,
        start=fit.start,
        emissions=fit.emissions,
        flow=open_matrix(fit.matrix),
        credit=credit(fit.matrix),
        home=np.array([fit.home[pk] for pk in fit.activities], dtype=np.int64),
    )
