"""The customers' words behind a stage, an activity or a transition, with who said them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import QuerySet

from buying_process.choices import Actor
from buying_process.models import Stage, StageActivity, Transition, Version
from buying_process.selectors.stories import Story, Visit, stories_of, visits
from interviews.choices import PurchaseOutcome
from interviews.models import Excerpt, Interview

MOST_QUOTES = 60


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said it: readers of interviews see the customer, others the role, the segment and how it ended."""

    interview_id: int
    customer: str
    role: str
    segment: str
    outcome: str
    outcome_words: str
    url: str

    @property
    def words(self) -> str:
        """Give who it was without the customer's name."""
        known = [self.role, self.segment, self.outcome_words.lower()]
        return ", ".join(part for part in known if part)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a customer, and what they were told about."""

    text: str
    activity: str
    speaker: Speaker


@dataclass(frozen=True, slots=True)
class Step:
    """Two moments told one after the other, or the last moment and how the purchase ended."""

    speaker: Speaker
    before: str
    before_quote: str
    after: str
    after_quote: str


def quotes_of_stage(stage: Stage) -> list[Quote]:
    """Give what customers said of a stage's activities: one quote of each customer first, then their further ones."""
    codes = stage.activities.filter(actor=Actor.CUSTOMER).values("code_id")
    return _spread(_excerpts(stage.version).filter(code_id__in=codes))


def quotes_of_activity(activity: StageActivity) -> list[Quote]:
    """Give what customers said of one activity."""
    if activity.code_id is None:
        return []
    return _spread(_excerpts(activity.stage.version).filter(code_id=activity.code_id))


def quotes_of_codes(version: Version, code_ids: Iterable[int], most: int = 3) -> dict[int, list[Quote]]:
    """Give the first few things that customers said of each of these codes. One query."""
    by_code: dict[int, list[Excerpt]] = {}
    for excerpt in _excerpts(version).filter(code_id__in=set(code_ids)):
        by_code.setdefault(excerpt.code_id, []).append(excerpt)
    return {code_id: _spread(excerpts)[:most] for code_id, excerpts in by_code.items()}


def quotes_of_transition(transition: Transition) -> list[Step]:
    """Give the consecutive moments that a transition counts, with the words that tell them."""
    version = transition.version
    home, names = _home(version)
    stories = stories_of(version.interviews.values_list("pk", flat=True))
    found = [(story, pair) for story in stories for pair in _pairs(story, transition, home)]
    speakers = speakers_of(story.interview_id for story, _ in found)
    wanted = {told.excerpt_id for _, pair in found for told in pair if told is not None and told.excerpt_id}
    quoted = dict(Excerpt.objects.filter(pk__in=wanted).values_list("pk", "quote"))
    steps = []
    for story, (before, after) in found:
        speaker = speakers[story.interview_id]
        steps.append(
            Step(
                speaker=speaker,
                before=names[before.code_id],
                before_quote=quoted.get(before.excerpt_id or 0, ""),
                after=names[after.code_id] if after else speaker.outcome_words,
                after_quote=quoted.get(after.excerpt_id or 0, "") if after else "",
            )
        )
    return steps


def visits_of_stage(stage: Stage) -> list[tuple[Speaker, Visit]]:
    """Give the dated visits that a stage's typical days come from, longest first. Four queries."""
    version = stage.version
    home, _ = _home(version)
    if stage.typical_days is None:
        return []
    found = visits(stories_of(version.interviews.values_list("pk", flat=True)), home).get(stage.pk, [])
    speakers = speakers_of(visit.interview_id for visit in found)
    return [(speakers[visit.interview_id], visit) for visit in sorted(found, key=lambda visit: -visit.days)]


def speakers_of(interview_ids: Iterable[int]) -> dict[int, Speaker]:
    """Give who spoke in each of these interviews. One query."""
    rows = Interview.objects.filter(pk__in=set(interview_ids)).select_related("segment")
    return {interview.pk: _speaker(interview) for interview in rows}


def _pairs(story: Story, transition: Transition, home: Mapping[int, int]) -> list[tuple]:  # type: ignore[type-arg]
    told = [moment for moment in story.moments if moment.code_id in home]
    if transition.to_stage_id is None:
        ended = bool(told) and home[told[-1].code_id] == transition.from_stage_id
        return [(told[-1], None)] if ended and story.outcome == transition.outcome else []
    wanted = (transition.from_stage_id, transition.to_stage_id)
    return [pair for pair in pairwise(told) if (home[pair[0].code_id], home[pair[1].code_id]) == wanted]


def _home(version: Version) -> tuple[dict[int, int], dict[int, str]]:
    """Map the codes of a version's customer activities to stages, and to the activities' names."""
    rows = StageActivity.objects.filter(stage__version=version, code__isnull=False).values_list(
        "code_id", "stage_id", "name"
    )
    found = [(code_id, stage_id, name) for code_id, stage_id, name in rows if code_id is not None]
    return {code_id: stage_id for code_id, stage_id, _ in found}, {code_id: name for code_id, _, name in found}


def _excerpts(version: Version) -> QuerySet[Excerpt]:
    return (
        Excerpt.objects.filter(answer__interview__in=version.interviews.values("pk"))
        .select_related("code", "answer__interview__segment")
        .order_by("answer__interview_id", "answer__question__position", "start")
    )


def _spread(excerpts: Iterable[Excerpt]) -> list[Quote]:
    """Let every customer speak once before one speaks again."""
    by_interview: dict[int, list[Quote]] = {}
    for excerpt in excerpts:
        interview = excerpt.answer.interview
        quote = Quote(excerpt.quote, excerpt.code.name, _speaker(interview))
        by_interview.setdefault(interview.pk, []).append(quote)
    rounds = max(map(len, by_interview.values()), default=0)
    spread = [quotes[turn] for turn in range(rounds) for quotes in by_interview.values() if turn < len(quotes)]
    return spread[:MOST_QUOTES]


def _speaker(interview: Interview) -> Speaker:
    return Speaker(
        interview_id=interview.pk,
        customer=interview.customer,
        role=interview.role,
        segment=interview.segment.name if interview.segment else "",
        outcome=interview.outcome,
        outcome_words=PurchaseOutcome(interview.outcome).label,
        url=interview.get_absolute_url(),
    )
