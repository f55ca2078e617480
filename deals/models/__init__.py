"""Deals, what was logged on them, their alignment, and how people keep an eye on them."""

from deals.models.course import AlignmentPoint, Course
from deals.models.deals import (
    Alignment,
    Contact,
    Deal,
    DealQuerySet,
    Effort,
    Fact,
    NeedMet,
    OutcomeEvent,
    OutlookFit,
    Signal,
    SignalPath,
    StageEvent,
    Stretch,
)
from deals.models.following import Alert, AlertChoice, Digest, ListView, UsualView

__all__ = [
    "Alert",
    "AlertChoice",
    "Alignment",
    "AlignmentPoint",
    "Contact",
    "Course",
    "Deal",
    "DealQuerySet",
    "Digest",
    "Effort",
    "Fact",
    "ListView",
    "NeedMet",
    "OutcomeEvent",
    "OutlookFit",
    "Signal",
    "SignalPath",
    "StageEvent",
    "Stretch",
    "UsualView",
]
