"""Deals, what was logged on them, their alignment, and how people keep an eye on them."""

from deals.models.alignment import Alignment, AlignmentQuerySet, OutlookFit, SignalPath, Stretch
from deals.models.course import AlignmentPoint, Course
from deals.models.deals import (
    Contact,
    Deal,
    DealQuerySet,
    Effort,
    Fact,
    NeedMet,
    OutcomeEvent,
    Signal,
    StageEvent,
)
from deals.models.following import Alert, AlertChoice, Digest, ListView, UsualView

__all__ = [
    "Alert",
    "AlertChoice",
    "Alignment",
    "AlignmentPoint",
    "AlignmentQuerySet",
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
