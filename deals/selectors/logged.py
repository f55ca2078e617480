"""Everything on a deal that its score depends on, with the moments at which we came to know it or took it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, F, QuerySet, Value
from django.db.models.expressions import Combinable

from deals.choices import FactKind, Word
from deals.models import Contact, Deal, Effort, NeedMet, Signal, StageEvent

NO_WORDS = Value("", output_field=CharField())
NO_ID = Value(None, output_field=BigIntegerField(null=True))
# In the order of `Logged`'s fields.
COLUMNS: dict[str, Any] = {
    "created": F("created_at"),
    "gone": F("retracted_at"),
    "label": NO_WORDS,
    "said": NO_WORDS,
    "via": NO_WORDS,
    "code": NO_ID,
    "asked": NO_WORDS,
    "asked_via": NO_WORDS,
    "stage": NO_ID,
    "version": NO_ID,
    "former": NO_ID,
}


@dataclass(frozen=True, slots=True)
class Logged:
    """A fact. `code_id` is of a signal's activity; `stage_id` and the versions are of a move; `need_kind` of a need."""

    kind: FactKind
    id: int
    occurred_at: datetime
    created_at: datetime
    retracted_at: datetime | None
    label: str
    word: str
    channel: str
    code_id: int | None
    need_kind: str
    need_channel: str
    stage_id: int | None
    version_id: int | None
    former_version_id: int | None

    @property
    def said(self) -> Word | None:
        """Whose word it is."""
        return Word(self.word) if self.word in Word.values else None


@dataclass(frozen=True, slots=True)
class Person:
    """An engaged contact with a role."""

    created_at: datetime
    role_id: int
    role: str


def logged_on(deal: Deal) -> list[Logged]:
    """Give what was logged on a deal, oldest first, what was taken back included. One query."""
    moves = {"label": F("to_stage__name"), "stage": F("to_stage_id"), "version": F("to_stage__version_id")}
    signals = {"label": F("activity__name"), "said": F("word"), "code": F("activity__code_id")}
    asked = {"asked": F("need__kind"), "asked_via": F("need__channel")}
    rows = joined(
        facts_as_rows(StageEvent, deal, FactKind.STAGE, COLUMNS, former=F("from_stage__version_id"), **moves),
        facts_as_rows(Signal, deal, FactKind.SIGNAL, COLUMNS, **signals),
        facts_as_rows(Effort, deal, FactKind.EFFORT, COLUMNS, label=F("activity__name")),
        facts_as_rows(
            NeedMet, deal, FactKind.NEED, COLUMNS, label=F("need__name"), said=F("word"), via=F("channel"), **asked
        ),
    )
    return [Logged(FactKind(kind), *rest) for kind, *rest in rows.order_by("occurred_at", "fact_id")]


def facts_as_rows(
    model: Any, deal: Deal, kind: FactKind, columns: dict[str, Any], **given: Combinable
) -> QuerySet[Any, tuple[Any, ...]]:
    """Give what was logged of a kind as rows that can be joined with those of others: its kind, id and moment, and the
    columns asked for, filled as given.
    """
    named = {f"fact_{name}": value for name, value in (columns | given).items()}
    return (  # type: ignore[no-any-return]
        model.objects.filter(deal=deal)
        .order_by()
        .annotate(fact_kind=Value(kind, output_field=CharField()), fact_id=F("pk"), **named)
        .values_list("fact_kind", "fact_id", "occurred_at", *named)
    )


def joined(*parts: QuerySet[Any, tuple[Any, ...]]) -> QuerySet[Any, tuple[Any, ...]]:
    """Join rows of several kinds into one query."""
    return parts[0].union(*parts[1:], all=True)


def people_on(deal: Deal) -> list[Person]:
    """Give the engaged people of a deal that have a role. One query."""
    rows = Contact.objects.filter(deal=deal, engaged=True, role__isnull=False).order_by("created_at", "pk")
    return [Person(*row) for row in rows.values_list("created_at", "role_id", "role__name")]
