"""Reads of the record."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import connection, models
from django.db.models import QuerySet
from django.utils.timezone import make_aware

from accounts.models import Membership
from audit.models import AuditEvent
from core.identifiers import number_of
from core.search import with_words

# From each value to the next one in an index on (workspace, column): a look a value, however many events there are.
KNOWN = """
WITH RECURSIVE known (value) AS (
    SELECT min({column}) FROM audit_auditevent WHERE workspace_id = %(workspace)s
    UNION ALL
    SELECT (SELECT min({column}) FROM audit_auditevent WHERE workspace_id = %(workspace)s AND {column} > value)
    FROM known WHERE value IS NOT NULL
)
SELECT value FROM known WHERE value IS NOT NULL
"""


@dataclass(frozen=True)
class Wanted:
    """Which events to show; what is left empty does not filter."""

    query: str = ""
    person: str = ""
    verb: str = ""
    object_type: str = ""
    since: date | None = None
    until: date | None = None


def events(membership: Membership, wanted: Wanted) -> QuerySet[AuditEvent]:
    """Give the events of a workspace, newest first; days are those of the person's time zone."""
    found = AuditEvent.objects.visible_to(membership).order_by("-id")
    exact = {"actor_label": wanted.person, "verb": wanted.verb, "object_type": wanted.object_type}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.query:
        columns = "object_label", "actor_label"
        among = AuditEvent.objects.all()
        found = with_words(found, wanted.query, *columns, function="audit_words", among=among)
    if wanted.since:
        found = found.filter(at__gte=make_aware(datetime.combine(wanted.since, time.min)))
    if wanted.until:
        found = found.filter(at__lte=make_aware(datetime.combine(wanted.until, time.max)))
    return found


def events_about(target: models.Model) -> QuerySet[AuditEvent]:
    """Give what was done to one row, oldest first. One query."""
    return AuditEvent.objects.filter(object_type=target._meta.label_lower, object_id=str(target.pk)).order_by("id")


def known_values(membership: Membership, column: str) -> list[str]:
    """Give the values of a column that occur in the workspace, in order, for its filter. One query."""
    with connection.cursor() as cursor:
        statement = KNOWN.format(column=connection.ops.quote_name(column))
        cursor.execute(statement, {"workspace": membership.workspace_id})
        return [value for (value,) in cursor.fetchall()]


@dataclass(frozen=True)
class Stretch:
    """A page of events by place, not by number: as quick on the thousandth page as on the first."""

    rows: list[AuditEvent]
    newer: str
    older: str


def stretch(found: QuerySet[AuditEvent], *, size: int, before: str = "", after: str = "") -> Stretch:
    """Give the `size` events before or after the place named (an event's id), newest first.

    The record is append-only, so ids rise with time but for transactions that overlap by moments.
    """
    newest_seen, oldest_seen = number_of(after), number_of(before)
    if newest_seen:
        rows = list(found.filter(pk__gt=newest_seen).order_by("id")[: size + 1])
        more, rows = len(rows) > size, rows[:size][::-1]
        newer, older = more, True
    else:
        start = found.filter(pk__lt=oldest_seen) if oldest_seen else found
        rows = list(start[: size + 1])
        newer, older = bool(oldest_seen), len(rows) > size
        rows = rows[:size]
    if not rows:
        return Stretch([], "", "")
    return Stretch(rows, str(rows[0].pk) if newer else "", str(rows[-1].pk) if older else "")
