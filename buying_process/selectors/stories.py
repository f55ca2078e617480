"""What the interviews tell, as the mathematics reads it: stories of moments, with their dates and weights."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

from interviews.choices import Job, PurchaseOutcome
from interviews.models import Code, Interview, Moment

DAYS_BETWEEN_MOMENTS = 7.0  # where no story gives dates
FEWEST_STORIES = 3
FEWEST_MOMENTS = 2


@dataclass(frozen=True, slots=True)
class Told:
    """A moment of a story: which activity, and when where the customer knew."""

    moment_id: int
    code_id: int
    happened_on: date | None
    excerpt_id: int | None


@dataclass(frozen=True, slots=True)
class Story:
    """One interview's moments in the customer's order; `outcome` is None while the purchase is open."""

    interview_id: int
    outcome: str | None
    weight: float
    moments: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """A stretch of a story in one stage, between two dates that the customer told."""

    interview_id: int
    since: date
    until: date

    @property
    def days(self) -> int:
        """Give its length; dates told out of order make none."""
        return max((self.until - self.since).days, 0)


@dataclass(frozen=True, slots=True)
class ActivityTold:
    """An activity that at least one story tells; its number is its place in the order of names."""

    code_id: int
    name: str
    job: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Stories and the activities that they tell, numbered 0..n-1 by name."""

    stories: tuple[Story, ...]
    activities: tuple[ActivityTold, ...]

    @property
    def sequences(self) -> list[list[int]]:
        """Give each story's moments as activity numbers."""
        number = {activity.code_id: index for index, activity in enumerate(self.activities)}
        return sequences(self.stories, number)

    @property
    def jobs(self) -> list[int]:
        """Give the buying job of each activity as a number, -1 where its code names none."""
        names = list(Job.values)
        return [names.index(activity.job) if activity.job else -1 for activity in self.activities]

    @property
    def outcomes(self) -> list[str | None]:
        """Give how each story ended."""
        return [story.outcome for story in self.stories]

    @property
    def weights(self) -> list[float]:
        """Give each story's weight."""
        return [story.weight for story in self.stories]


def sequences(stories: Iterable[Story], number: Mapping[int, int]) -> list[list[int]]:
    """Give each story as the numbers of its activities; moments of other activities are passed over."""
    return [[number[told.code_id] for told in story.moments if told.code_id in number] for story in stories]


def stories_of(interview_ids: Iterable[int]) -> tuple[Story, ...]:
    """Give the stories of these interviews that tell at least one moment, in the order of their ids. Two queries."""
    ids = list(interview_ids)
    told: dict[int, list[Told]] = {}
    rows = Moment.objects.filter(interview_id__in=ids).order_by("interview_id", "position")
    for interview_id, *values in rows.values_list("interview_id", "id", "code_id", "happened_on", "excerpt_id"):
        told.setdefault(interview_id, []).append(Told(*values))  # type: ignore[arg-type]  # the columns named above
    interviews = Interview.objects.filter(pk__in=list(told)).order_by("pk")
    return tuple(
        Story(pk, None if outcome == PurchaseOutcome.OPEN else outcome, float(weight), tuple(told[pk]))
        for pk, outcome, weight in interviews.values_list("pk", "outcome", "weight")
    )


def sample_of(interview_ids: Iterable[int]) -> Sample:
    """Give the stories and the activities that they tell. Three queries."""
    stories = stories_of(interview_ids)
    code_ids = {told.code_id for story in stories for told in story.moments}
    codes = Code.objects.filter(pk__in=code_ids).values_list("pk", "name", "job")
    activities = [ActivityTold(*row) for row in sorted(codes, key=lambda row: (row[1].casefold(), row[0]))]
    return Sample(stories, tuple(activities))


def enough(stories: Sequence[Story]) -> bool:
    """Tell whether a process can be derived from these stories at all."""
    return sum(len(story.moments) >= FEWEST_MOMENTS for story in stories) >= FEWEST_STORIES


def days_between_moments(stories: Iterable[Story]) -> float:
    """Give the median days from one moment to the next over dated moments, a week where there are none."""
    gaps = []
    for story in stories:
        dated = [(place, told.happened_on) for place, told in enumerate(story.moments) if told.happened_on]
        for (place, day), (later_place, later_day) in pairwise(dated):
            days = (later_day - day).days / (later_place - place)
            if days >= 0:
                gaps.append(days)
    return max(round(median(gaps), 1), 0.5) if gaps else DAYS_BETWEEN_MOMENTS


def typical_days(stories: Iterable[Story], stage_of: Mapping[int, int]) -> dict[int, float]:
    """Give the median days of a visit to each stage. `stage_of` maps a code to its stage.

    Stages of which no visit is dated are left out.
    """
    return {
        stage: float(round(median(visit.days for visit in found), 1))
        for stage, found in visits(stories, stage_of).items()
    }


def visits(stories: Iterable[Story], stage_of: Mapping[int, int]) -> dict[int, list[Visit]]:
    """Give the dated visits to each stage: from the first dated moment there to the first one after it."""
    found: dict[int, list[Visit]] = {}
    for story in stories:
        dated = [
            (stage_of[told.code_id], told.happened_on)
            for told in story.moments
            if told.happened_on and told.code_id in stage_of
        ]
        start = 0
        for place in range(1, len(dated) + 1):
            if place < len(dated) and dated[place][0] == dated[start][0]:
                continue
            until = dated[min(place, len(dated) - 1)][1]
            if place < len(dated) or place - start > 1:
                found.setdefault(dated[start][0], []).append(Visit(story.interview_id, dated[start][1], until))
            start = place
    return found
