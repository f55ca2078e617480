"""Everything on a deal that its score depends on, with the moments at which we came to know it or took it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, F, QuerySet, Value

from deals.choices import FactKind, Word
from deals.models import Contact, Deal, Effort, NeedMet, Signal, StageEvent

NO_ID = Value(None, output_field=BigIntegerField(null=True))


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
    parts = [
        _rows(
            StageEvent,
            deal,
            FactKind.STAGE,
            label=F("to_stage__name"),
            stage=F("to_stage_id"),
            version=F("to_stage__version_id"),
            former=F("from_stage__version_id"),
        ),
        _rows(Signal, deal, FactKind.SIGNAL, label=F("activity__name"), said=F("word"), code=F("activity__code_id")),
        _rows(Effort, deal, FactKind.EFFORT, label=F("activity__name")),
        _rows(
            NeedMet,
            deal,
            FactKind.NEED,
            label=F("need__name"),
            said=F("word"),
            via=F("channel"),
            asked=F("need__kind"),
            asked_via=F("need__channel"),
        ),
    ]
    rows = parts[0].union(*parts[1:], all=True).order_by("occurred_at", "fact_id")
    return [Logged(FactKind(kind), *rest) for kind, *rest in rows]


COLUMNS: dict[str, Any] = dict.fromkeys(("label", "said", "via"), Value("", output_field=CharField()))
COLUMNS["code"] = NO_ID
COLUMNS |= dict.fromkeys(("asked", "asked_via"), Value("", output_field=CharField()))
COLUMNS |= dict.fromkeys(("stage", "version", "former"), NO_ID)


def _rows(model: Any, deal: Deal, kind: FactKind, **given: F) -> QuerySet[Any, Any]:
    columns = {f"fact_{name}": value for name, value in (COLUMNS | given).items()}
    return (  # type: ignore[no-any-return]
        model.objects.filter(deal=deal)
        .order_by()
        .annotate(fact_kind=Value(kind, output_field=CharField()), fact_id=F("pk"), **columns)
        .values_list("fact_kind", "fact_id", "occurred_at", "created_at", "retracted_at", *columns)
    )


def people_on(deal: Deal) -> list[Person]:
    """Give the engaged people of a deal that have a role. One query."""
    rows = Contact.objects.filter(deal=deal, engaged=True, role__isnull=False).order_by("created_at", "pk")
    return [Person(*row) for row in rows.values_list("created_at", "role_id", "role__name")]
