"""Rules of what may be logged on a deal, each written once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.choices import Role
from accounts.models import Membership
from core.exceptions import ApplicationError
from deals.choices import Outcome
from interviews.choices import Channel

# Clocks of browsers and other systems run a little ahead of ours.
CLOCK_SLACK = timedelta(minutes=15)
# Before this a year is a slip of the pen, and close to year 1 no zone but its own can tell the moment.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def refuse_impossible_moment(moment: datetime, *, field: str = "occurred_at") -> None:
    """Refuse a moment that has not come yet, or that no CRM can have seen."""
    sentence = ""
    if moment > timezone.now() + CLOCK_SLACK:
        sentence = "This is in the future."
    elif moment < EARLIEST:
        sentence = f"This is before {EARLIEST.year}. Check the year."
    if sentence:
        raise ApplicationError(sentence, fields={field: [sentence]})


def refuse_after_closing(*, outcome: str, closed_at: datetime | None, moment: datetime) -> None:
    """Refuse to log on a deal after it ended."""
    if outcome != Outcome.OPEN and closed_at is not None and moment > closed_at:
        raise ApplicationError("This deal is closed. Reopen it first.")


def refuse_to_lose(*, actor: Membership | None, owner: Membership | None) -> None:
    """Refuse to leave a deal to nobody, for those who would then not see it any more."""
    if owner is None and actor is not None and actor.role != Role.DESIGNER:
        sentence = "Say whose deal this is: without an owner you would not see it any more."
        raise ApplicationError(sentence, fields={"owner": [sentence]})


def refuse_unknown_channels(channels: Sequence[str]) -> None:
    """Refuse channels that do not exist."""
    unknown = [channel for channel in channels if channel not in Channel.values]
    if unknown:
        sentence = f"Choose from {', '.join(Channel.values)}."
        raise ApplicationError(sentence, fields={"channels": [sentence]})


def refuse_other_workspace(workspace_id: int, **rows: Any) -> None:
    """Refuse to link rows of another workspace, as if they were not there."""
    for name, row in rows.items():
        if row is not None and row.workspace_id != workspace_id:
            raise ApplicationError("There is no such thing here.", fields={name: ["There is no such thing here."]})
