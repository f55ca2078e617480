"""Which column is which field, and what its values mean: guessed from names, settled by a person."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from accounts.models import Membership
from buying_process.models import Stage, Version
from core.columns import CellError, read_moment
from crm.choices import Field
from deals.choices import ENDINGS, Outcome
from deals.services.loading import DealRow
from interviews.models import Segment

# words of a column's name that speak for a field, most telling first
HINTS: dict[Field, tuple[str, ...]] = {
    Field.EXTERNAL_ID: ("opportunity id", "deal id", "record id", "external id", "id"),
    Field.NAME: ("deal name", "opportunity name", "opportunity", "deal", "product", "name", "title", "subject"),
    Field.ACCOUNT: ("account name", "account", "company", "customer", "organisation", "organization"),
    Field.OWNER: ("owner", "sales agent", "sales rep", "rep", "agent", "assigned to"),
    Field.AMOUNT: ("amount", "value", "close value", "revenue", "price"),
    Field.CURRENCY: ("currency",),
    Field.SEGMENT: ("segment",),
    Field.STAGE: ("deal stage", "stage", "status", "outcome"),
    Field.OPENED_AT: ("opened", "engage date", "created", "create date", "start date", "open date"),
    Field.CLOSED_AT: ("closed", "close date", "end date", "won date", "lost date"),
}
OUTCOME_HINTS = (
    (Outcome.NO_DECISION, ("no decision", "cancelled", "canceled", "abandoned", "stalled", "withdrawn")),
    (Outcome.WON, ("won", "bought", "signed")),
    (Outcome.LOST, ("lost", "rejected", "disqualified")),
)
# one number with grouping, or a short one such as 1.5M, and at most a currency's code or sign on either side
CURRENCY = r"(?:[A-Z]{3}|[A-Z]{0,2}[$€£¥₹₩₽₺₪₫₴₦฿₡₱]|(?i:eur|usd|gbp|chf)|kr|zł|Kč|Ft|Fr\.?)"
NUMBER = re.compile(
    rf"(?:{CURRENCY}\s*)?(?:(?P<number>-?\d[\d.,'’\s]*)|(?P<short>-?\d+(?:[.,]\d{{1,2}})?)\s*(?P<unit>[kKmM]))"
    rf"(?:\s*{CURRENCY})?"
)
UNITS = {"k": 1_000, "m": 1_000_000}
OUTCOME, STAGE = "outcome:", "stage:"


def guess_stage_values(values: Iterable[str], version: Version | None) -> dict[str, str]:
    """Give {value: meaning}: an outcome by its words, a stage of the version by its name, else open."""
    stages = {stage.name.lower(): f"{STAGE}{stage.pk}" for stage in version.stages.all()} if version else {}
    return {value: stages.get(value.lower()) or _guess_outcome(value) for value in values}


def _guess_outcome(value: str) -> str:
    lowered = value.lower()
    for outcome, words in OUTCOME_HINTS:
        if any(word in lowered for word in words):
            return OUTCOME + outcome
    return OUTCOME + Outcome.OPEN


def guess_owners(values: Iterable[str], members: Iterable[Membership]) -> dict[str, int | None]:
    """Give {owner's name or e-mail: membership id, None where nobody fits}."""
    by_name: dict[str, int] = {}
    for member in members:
        by_name |= {member.user.full_name.lower(): member.pk, member.user.email.lower(): member.pk}
    return {value: by_name.get(value.lower()) for value in values}


@dataclass(frozen=True)
class RowReader:
    """Turns a row of text into a DealRow by a settled mapping.

    `columns` is {field: column}, `stage_values` {value: meaning}, `owners` {value: membership}, `dates` one of
    "day" (day first) or "month" (month first); ISO dates are always read. Times that name no zone are in `zone`.
    """

    columns: Mapping[str, str]
    stage_values: Mapping[str, str]
    stages: Mapping[int, Stage]
    owners: Mapping[str, Membership | None]
    segments: Mapping[str, Segment]
    version: Version | None
    dates: str
    zone: ZoneInfo
    account_in_name: bool

    def read(self, row: Mapping[str, str]) -> DealRow:
        """Read one row.

        Raises
        ------
        CellError
            For the first cell that cannot be read.
        """
        outcome, stage = self._stage(row)
        owner_text = self._text(row, Field.OWNER)
        opened, closed = self._moment(row, Field.OPENED_AT), self._moment(row, Field.CLOSED_AT)
        return DealRow(
            external_id=self._external_id(row),
            name=self._name(row),
            account=self._text(row, Field.ACCOUNT),
            owner=self.owners.get(owner_text or ""),
            owner_name=owner_text,
            amount=self._amount(row),
            currency=self._currency(row),
            segment=self._segment(row),
            version=self.version,
            stage=stage,
            outcome=outcome,
            opened_at=opened or (closed if outcome in ENDINGS else None),
            closed_at=closed if outcome != Outcome.OPEN else None,
        )

    def _cell(self, row: Mapping[str, str], field: Field) -> tuple[str, str]:
        column = self.columns.get(field, "")
        return column, row.get(column, "") if column else ""

    def _text(self, row: Mapping[str, str], field: Field) -> str | None:
        return self._cell(row, field)[1] or None

    def _external_id(self, row: Mapping[str, str]) -> str:
        column, value = self._cell(row, Field.EXTERNAL_ID)
        if not value:
            raise CellError(column, "", "The deal's ID is missing.")
        return value

    def _name(self, row: Mapping[str, str]) -> str | None:
        name, account = self._text(row, Field.NAME), self._text(row, Field.ACCOUNT)
        if name and account and self.account_in_name:
            return f"{account} – {name}"
        return name or account

    def _stage(self, row: Mapping[str, str]) -> tuple[str | None, Stage | None]:
        column, value = self._cell(row, Field.STAGE)
        if not value:
            return None, None
        meaning = self.stage_values.get(value, "")
        if meaning.startswith(OUTCOME):
            return meaning.removeprefix(OUTCOME), None
        stage = self.stages.get(int(meaning.removeprefix(STAGE))) if meaning.startswith(STAGE) else None
        if stage is None:
            raise CellError(column, value, f"Nobody said yet what “{value}” means: map it to a stage or an outcome.")
        return Outcome.OPEN, stage

    def _segment(self, row: Mapping[str, str]) -> Segment | None:
        column, value = self._cell(row, Field.SEGMENT)
        if value and value.lower() not in self.segments:
            raise CellError(column, value, f"There is no segment “{value}”. Make it first, or leave the column out.")
        return self.segments.get(value.lower())

    def _currency(self, row: Mapping[str, str]) -> str | None:
        column, value = self._cell(row, Field.CURRENCY)
        if value and not re.fullmatch(r"[A-Za-z]{3}", value):
            raise CellError(column, value, "A currency has three letters, such as EUR.")
        return value.upper() or None

    def _amount(self, row: Mapping[str, str]) -> Decimal | None:
        column, value = self._cell(row, Field.AMOUNT)
        if not value:
            return None
        found = NUMBER.fullmatch(value)
        if found is None:
            raise CellError(column, value, f"“{value}” is not an amount.")
        unit = UNITS[found["unit"].lower()] if found["unit"] else 1
        try:
            amount = (Decimal(_plain_number(found["number"] or found["short"])) * unit).quantize(Decimal("0.01"))
        except InvalidOperation as error:
            raise CellError(column, value, f"“{value}” is not an amount.") from error
        if not amount.is_finite() or amount < 0:
            raise CellError(column, value, "An amount is 0 or more.")
        return amount

    def _moment(self, row: Mapping[str, str], field: Field) -> datetime | None:
        column, value = self._cell(row, field)
        if not value:
            return None
        parsed = read_moment(column, value, dates=self.dates)
        if ":" not in value:
            parsed = datetime.combine(parsed, time(12))
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=self.zone)


def _plain_number(value: str) -> str:
    """Strip the grouping: the last of comma and point with one or two digits behind it is decimal."""
    digits = re.sub(r"[^\d,.\-]", "", value)
    decimal = re.search(r"[.,](?=\d{1,2}$)", digits)
    whole, fraction = (digits[: decimal.start()], digits[decimal.end() :]) if decimal else (digits, "")
    return re.sub(r"[.,]", "", whole) + (f".{fraction}" if fraction else "")
