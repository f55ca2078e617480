"""The rows of this room that a member may see: where every read for a person begins."""

from django.db.models import Count, QuerySet

from accounts.models import Membership
from interviews.models import (
    Answer,
    Code,
    Excerpt,
    ExchangeFile,
    Guide,
    GuideVersion,
    Interview,
    Moment,
    Segment,
    Suggestion,
)


def interviews(membership: Membership) -> QuerySet[Interview]:
    """Give the interviews, with their segment."""
    return Interview.objects.visible_to(membership).select_related("segment")


def answers(membership: Membership) -> QuerySet[Answer]:
    """Give the answers, with their interview and question."""
    return Answer.objects.visible_to(membership).select_related("interview__segment", "question")


def excerpts(membership: Membership) -> QuerySet[Excerpt]:
    """Give the excerpts, with their code and where they stand."""
    return Excerpt.objects.visible_to(membership).select_related("answer__interview", "answer__question", "code")


def suggestions(membership: Membership) -> QuerySet[Suggestion]:
    """Give the machine's suggestions, decided ones too."""
    return Suggestion.objects.visible_to(membership)


def moments(membership: Membership) -> QuerySet[Moment]:
    """Give the moments, with their activity and interview."""
    return Moment.objects.visible_to(membership).select_related("interview__segment", "code")


def codes(membership: Membership) -> QuerySet[Code]:
    """Give the codes."""
    return Code.objects.visible_to(membership)


def segments(membership: Membership) -> QuerySet[Segment]:
    """Give the segments."""
    return Segment.objects.visible_to(membership)


def segment_rows(membership: Membership) -> QuerySet[Segment]:
    """Give the segments with `told_by`, the number of interviews that speak for each. One query."""
    return segments(membership).annotate(told_by=Count("interviews")).order_by("name")


def guides(membership: Membership) -> QuerySet[Guide]:
    """Give the guides."""
    return Guide.objects.visible_to(membership)


def guide_versions(membership: Membership) -> QuerySet[GuideVersion]:
    """Give the wordings of guides, with their guide."""
    return GuideVersion.objects.visible_to(membership).select_related("guide")


def exchange_files(membership: Membership) -> QuerySet[ExchangeFile]:
    """Give the files that came from other programs, latest first, without their bytes."""
    found = ExchangeFile.objects.visible_to(membership).defer("content")
    return found.select_related("job", "brought_by__user")
