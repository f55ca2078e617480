"""What a person chooses from before a derivation: interviews, segments, drafts, closed deals."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from buying_process.choices import Status
from buying_process.models import Process, Version
from buying_process.selectors.closed import closed_counted
from buying_process.selectors.stories import FEWEST_MOMENTS, FEWEST_STORIES
from interviews.models import Interview, Segment

CLOSED_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class SegmentChoice:
    """A segment, how many of its interviews tell a story, and whether that is enough to derive from."""

    segment: Segment
    stories: int

    @property
    def enough(self) -> bool:
        """Tell whether a process can be derived from them."""
        return self.stories >= FEWEST_STORIES


def told_interviews() -> QuerySet[Interview]:
    """Give the interviews that tell a story, with how many moments."""
    told: QuerySet[Interview] = Interview.objects.annotate(told=Count("moments")).filter(told__gt=0)
    return told.select_related("segment").order_by("segment__name", "customer", "pk")


def segment_choices() -> list[SegmentChoice]:
    """Give the segments with their stories, those with most first. Two queries."""
    told = Interview.objects.annotate(told=Count("moments")).filter(told__gte=FEWEST_MOMENTS, segment__isnull=False)
    stories = Counter(told.values_list("segment_id", flat=True))
    found = [SegmentChoice(segment, stories[segment.pk]) for segment in Segment.objects.all()]
    return sorted(found, key=lambda choice: (-choice.stories, choice.segment.name))


def drafts_of(process: Process) -> QuerySet[Version]:
    """Give the drafts of a process beside which a proposal may be made."""
    drafts: QuerySet[Version] = Version.objects.filter(process=process, status=Status.DRAFT, proposed_for__isnull=True)
    return drafts.order_by("-number")


def shaped_draft(process: Process) -> Version | None:
    """Give the newest draft, if people have edited it."""
    newest = drafts_of(process).first()
    return newest if newest and newest.edits else None


def closed_count(process: Process) -> tuple[int, bool]:
    """Give how many closed deals tell a path, and whether there are still more than were counted. One query."""
    found = closed_counted(process.segment_id, CLOSED_AT_MOST + 1)
    return min(found, CLOSED_AT_MOST), found > CLOSED_AT_MOST
