"""The rows of this room that a member may see: where every read for a person begins."""

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import Membership
from core.identifiers import number_of
from interviews.models import (
    Answer,
    Code,
    Excerpt,
    ExchangeFile,
    Guide,
    GuideVersion,
    Intake,
    Interview,
    Moment,
    Passage,
    Ruling,
    Segment,
    Source,
    Suggestion,
    Survey,
)


def interviews(membership: Membership) -> QuerySet[Interview]:
    """Give the interviews, with their segment."""
    return Interview.objects.visible_to(membership).select_related("segment")


def answers(membership: Membership) -> QuerySet[Answer]:
    """Give the answers, with their interview and question."""
    return Answer.objects.visible_to(membership).select_related("interview__segment", "question")


def answer_now(answer: Answer) -> Answer:
    """Read an answer anew, with who changed it last."""
    return Answer.objects.select_related("updated_by__user").get(pk=answer.pk)


def told_interviews(membership: Membership) -> QuerySet[Interview]:
    """Give the interviews with their answers and moments in order: three queries."""
    of_answers = Answer.objects.select_related("question").order_by("question__position")
    of_moments = Moment.objects.select_related("code").order_by("position")
    return Interview.objects.visible_to(membership).prefetch_related(
        Prefetch("answers", queryset=of_answers), Prefetch("moments", queryset=of_moments)
    )


def excerpts(membership: Membership) -> QuerySet[Excerpt]:
    """Give the excerpts, with their code and where they stand."""
    return Excerpt.objects.visible_to(membership).select_related("answer__interview", "answer__question", "code")


def suggestions(membership: Membership) -> QuerySet[Suggestion]:
    """Give the machine's suggestions, decided ones too."""
    rows = Suggestion.objects.visible_to(membership)
    return rows.select_related("answer__interview", "answer__question", "code")


def rulings(membership: Membership) -> QuerySet[Ruling]:
    """Give the settled passages."""
    return Ruling.objects.visible_to(membership)


def intakes(membership: Membership) -> QuerySet[Intake]:
    """Give what was brought in together, with its job and guide."""
    return Intake.objects.visible_to(membership).select_related("job__started_by__user", "guide_version__guide")


def sources(membership: Membership) -> QuerySet[Source]:
    """Give the files and texts that interviews came from, with their intake, without their bytes."""
    return Source.objects.visible_to(membership).select_related("intake__guide_version__guide").defer("content")


def passages(membership: Membership) -> QuerySet[Passage]:
    """Give the passages of sources, with their source and question."""
    return Passage.objects.visible_to(membership).select_related("source__intake__guide_version", "question")


def surveys(membership: Membership) -> QuerySet[Survey]:
    """Give the tables of answers, with their source and job."""
    return Survey.objects.visible_to(membership).select_related("source__intake__guide_version", "job")


def moments(membership: Membership) -> QuerySet[Moment]:
    """Give the moments, with their activity and interview."""
    return Moment.objects.visible_to(membership).select_related("interview__segment", "code")


def codes(membership: Membership) -> QuerySet[Code]:
    """Give the codes."""
    return Code.objects.visible_to(membership)


def all_codes() -> QuerySet[Code]:
    """Give the codes of the workspace in context, for forms that look them up."""
    return Code.objects.all()


def all_guides() -> QuerySet[Guide]:
    """Give the guides of the workspace in context, for forms that offer them."""
    return Guide.objects.all()


def segments(membership: Membership) -> QuerySet[Segment]:
    """Give the segments."""
    return Segment.objects.visible_to(membership)


def all_segments() -> QuerySet[Segment]:
    """Give the segments of the workspace in context, for forms that offer them."""
    return Segment.objects.all()


def segment_named(text: str) -> Segment | None:
    """Find a segment of the workspace in context by its id or its name."""
    return all_segments().filter(Q(pk=number_of(text)) | Q(name__iexact=text.strip())).order_by("pk").first()


def segment_called(name: str) -> Segment | None:
    """Find a segment of the workspace in context by its name alone."""
    return all_segments().filter(name__iexact=name).first()


def segment_names() -> list[str]:
    """Give the names of the segments of the workspace in context."""
    return list(all_segments().values_list("name", flat=True))


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
