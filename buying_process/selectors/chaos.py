"""How chaotic buying is and why: what loops, where it stalls, where it dies, and what would have helped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import mean, median

from django.urls import reverse

from buying_process.choices import Need
from buying_process.models import Stage, StageActivity, Transition, Version
from buying_process.selectors.quotes import Quote, Speaker, Step, speakers_of
from buying_process.selectors.stories import Story, Told, sequences, stories_of
from buying_process.selectors.told_needs import Span, spans_beside
from buying_process.selectors.wishes import Wish, wishes_of
from interviews.choices import Kind, PurchaseOutcome
from interviews.models import Excerpt
from journey.order import cyclic_pairs, potentials, precedence

MOST_LOOPS = 5
LONGER = 1.5  # times what is usual of the stages: days, or the share that stays
HELD_UP = 0.25  # share of interviews that tell an obstacle there
FEWEST_VOICES = 2
EVEN = 0.4  # told the other way round in more than this share of stories: as often as not
_Ends = tuple[Story, Told, Told | None]


@dataclass(frozen=True, slots=True)
class Loop:
    """Two activities that customers tell both ways round, with the words of those who turned them round."""

    sentence: str
    share: float  # of all that fits no line
    url: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A transition with who told it."""

    transition: Transition
    url: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Standstill:
    """How long customers are in a stage, how many stay for another moment, and what holds them up there."""

    stage: Stage
    url: str
    stays: Transition | None
    stays_url: str
    obstacles: tuple[tuple[str, int], ...]
    reasons: tuple[str, ...]  # why it stands out; empty where it does not


@dataclass(frozen=True, slots=True)
class Help:
    """What would have helped at a stage, in customers' words; where buying stalls or ends there, what else they said.

    `stage` is None for what was said beside no stage.
    """

    stage: Stage | None
    wishes: tuple[Quote, ...]
    obstacles: tuple[Quote, ...] = ()
    information: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything that the page of a version's chaos shows."""

    loops: tuple[Loop, ...]
    returns: tuple[Way, ...]
    standstills: tuple[Standstill, ...]
    ends: tuple[Way, ...]
    undecided: int
    helps: tuple[Help, ...]

    @property
    def stalls(self) -> list[Standstill]:
        """Give the stages that stand out."""
        return [stand for stand in self.standstills if stand.reasons]


@dataclass(slots=True)
class _Told:
    """What the interviews of a version tell, read once."""

    version: Version
    stages: list[Stage]
    activities: list[StageActivity]
    stories: Sequence[Story]
    speakers: dict[int, Speaker]
    quotes: dict[int, str]
    beside: dict[tuple[int, Need], list[Span]] = field(default_factory=dict)  # by stage and kind

    @property
    def home(self) -> dict[int, int]:
        """Map codes to ids of stages."""
        return {activity.code_id: activity.stage_id for activity in self.activities if activity.code_id}

    def step(self, story: Story, before: Told, after: Told | None) -> Step:
        """Give two moments of a story with the words that tell them."""
        names = {activity.code_id: activity.name for activity in self.activities}
        speaker = self.speakers[story.interview_id]
        return Step(
            speaker=speaker,
            before=names[before.code_id],
            before_quote=self.quotes.get(before.excerpt_id or 0, ""),
            after=names[after.code_id] if after else speaker.outcome_words,
            after_quote=self.quotes.get(after.excerpt_id or 0, "") if after else "",
        )


def explained(version: Version, *, reads_interviews: bool = True) -> Explained:
    """Explain how chaotic buying is on a version. Ten queries.

    Who may not read interviews is shown what was coded of them, and no other sentence.
    """
    told = _read(version)
    transitions = list(version.transitions.select_related("from_stage", "to_stage"))
    ways = _ways(told, transitions)
    standstills = tuple(_standstills(told, transitions))
    ends = [way for way in ways if way.transition.outcome == PurchaseOutcome.NO_DECISION]
    stuck = {stand.stage.pk for stand in standstills if stand.reasons}
    stuck |= {way.transition.from_stage_id for way in ends}
    return Explained(
        loops=tuple(_loops(told)),
        returns=tuple(way for way in ways if _goes_back(way.transition)),
        standstills=standstills,
        ends=tuple(ends),
        undecided=sum(story.outcome == PurchaseOutcome.NO_DECISION for story in told.stories),
        helps=tuple(_helps(told, stuck, wishes_of(told.speakers, told.home) if reads_interviews else {})),
    )


def _read(version: Version) -> _Told:
    stages = list(version.stages.order_by("position"))
    activities = list(
        StageActivity.objects.filter(stage__version=version, code__isnull=False).order_by(
            "stage__position", "position", "pk"
        )
    )
    interview_ids = list(version.interviews.values_list("pk", flat=True))
    stories = stories_of(interview_ids)
    wanted = {moment.excerpt_id for story in stories for moment in story.moments if moment.excerpt_id}
    quotes = dict(Excerpt.objects.filter(pk__in=wanted).values_list("pk", "quote"))
    told = _Told(version, stages, activities, stories, speakers_of(interview_ids), quotes)
    kinds = {Kind.OBSTACLE: Need.OBSTACLE, Kind.INFORMATION: Need.INFORMATION}
    home = told.home
    for span, activity, _ in spans_beside(interview_ids, home):
        kind = kinds.get(Kind(span.kind))
        if kind:
            told.beside.setdefault((home[activity.code_id], kind), []).append(span)
    return told


def _loops(told: _Told) -> list[Loop]:
    activities = [activity for activity in told.activities if activity.code_id]
    number = {activity.code_id: place for place, activity in enumerate(activities) if activity.code_id}
    if not activities:
        return []
    first, _ = precedence(
        sequences(told.stories, number), len(activities), weights=[story.weight for story in told.stories]
    )
    loops = []
    for pair in cyclic_pairs(first, potentials(first), MOST_LOOPS, contradicted=True):
        earlier, later = activities[pair.earlier], activities[pair.later]
        steps = [told.step(*ends) for ends in _turned_round(told.stories, number, pair.earlier, pair.later)]
        loops.append(
            Loop(
                sentence=pair_sentence(earlier.name, later.name, pair.forward, pair.backward),
                share=pair.share,
                url=_address("activity", told.version, earlier.pk),
                steps=tuple(steps),
            )
        )
    return loops


def pair_sentence(earlier: str, later: str, forward: float, backward: float) -> str:
    """Say how two activities are told both ways round; the order of all the stories says which is the earlier."""
    both = forward + backward
    if forward < (1 - EVEN) * both and backward > (1 - EVEN) * both:
        tellers = "the one who tells both tells" if both == 1 else f"{backward:g} of {both:g} who tell both tell"
        return f"“{earlier}” comes before “{later}” on the whole, but {tellers} it the other way round."
    if min(forward, backward) >= EVEN * both:
        return f"They tell “{earlier}” before “{later}” about as often as after ({forward:g} and {backward:g} stories)."
    return f"Most tell “{earlier}” before “{later}”, {backward:g} of {both:g} the other way round."


def _turned_round(
    stories: Sequence[Story], number: Mapping[int, int], earlier: int, later: int
) -> list[tuple[Story, Told, Told]]:
    """Give the stories that first tell `later` and then, for the first time, `earlier`."""
    found = []
    for story in stories:
        first: dict[int, Told] = {}
        for moment in story.moments:
            if moment.code_id in number:
                first.setdefault(number[moment.code_id], moment)
        places = list(first)
        if earlier in first and later in first and places.index(later) < places.index(earlier):
            found.append((story, first[later], first[earlier]))
    return found


def _ways(told: _Told, transitions: Sequence[Transition]) -> list[Way]:
    """Give the transitions that somebody told, largest share first, with the moments behind each."""
    home = told.home
    ends: dict[tuple[int, int | None, str], list[_Ends]] = {}
    for story in told.stories:
        known = [moment for moment in story.moments if moment.code_id in home]
        for before, after in pairwise(known):
            ends.setdefault((home[before.code_id], home[after.code_id], ""), []).append((story, before, after))
        if known and story.outcome:
            ends.setdefault((home[known[-1].code_id], None, story.outcome), []).append((story, known[-1], None))
    return [
        Way(
            transition,
            _address("transition", told.version, transition.pk),
            tuple(told.step(*each) for each in ends.get(_key(transition), [])),
        )
        for transition in sorted(transitions, key=lambda row: -row.share)
        if transition.seen > 0
    ]


def _standstills(told: _Told, transitions: Sequence[Transition]) -> list[Standstill]:
    stays = {row.from_stage_id: row for row in transitions if row.to_stage_id == row.from_stage_id}
    days = [stage.typical_days for stage in told.stages if stage.typical_days is not None]
    usual_days = median(days) if days else 0.0
    usual_stay = mean([row.share for row in stays.values()]) if stays else 0.0
    found = []
    for stage in told.stages:
        stay = stays.get(stage.pk)
        obstacles = _counted(told.beside.get((stage.pk, Need.OBSTACLE), []))
        reasons = []
        if stage.typical_days is not None and len(days) > 1 and stage.typical_days > LONGER * usual_days:
            reasons.append(f"it takes {stage.typical_days:g} days, where {usual_days:g} are usual")
        if stay and stay.share > LONGER * usual_stay:
            reasons.append(f"{stay.share:.0%} have another moment here before they move")
        held = [(name, count) for name, count in obstacles if count >= max(FEWEST_VOICES, HELD_UP * len(told.stories))]
        reasons += [f"{count} of {len(told.stories)} tell of “{name}” here" for name, count in held]
        found.append(
            Standstill(
                stage=stage,
                url=_address("stage", told.version, stage.pk),
                stays=stay,
                stays_url=_address("transition", told.version, stay.pk) if stay else "",
                obstacles=obstacles,
                reasons=tuple(reasons),
            )
        )
    return found


def _counted(spans: Sequence[Span]) -> tuple[tuple[str, int], ...]:
    tellers: dict[str, set[int]] = {}
    for span in spans:
        tellers.setdefault(span.name, set()).add(span.interview_id)
    return tuple(sorted(((name, len(ids)) for name, ids in tellers.items()), key=lambda row: (-row[1], row[0])))


def _helps(told: _Told, stuck: set[int], wishes: Mapping[int | None, Sequence[Wish]]) -> Iterator[Help]:
    """Give what would have helped, stage by stage; those who decided nothing speak first."""
    for stage in told.stages:
        wished = _undecided_first(
            Quote(wish.text, "", told.speakers[wish.interview_id]) for wish in wishes.get(stage.pk, ())
        )
        obstacles, information = (
            _quotes(told.speakers, told.beside.get((stage.pk, kind), []) if stage.pk in stuck else [], but=wished)
            for kind in (Need.OBSTACLE, Need.INFORMATION)
        )
        if wished or obstacles or information:
            yield Help(stage, wished, obstacles, information)
    beside_none = [Quote(wish.text, "", told.speakers[wish.interview_id]) for wish in wishes.get(None, ())]
    if beside_none:
        yield Help(None, _undecided_first(beside_none))


def _quotes(speakers: Mapping[int, Speaker], spans: Sequence[Span], *, but: Sequence[Quote]) -> tuple[Quote, ...]:
    """Give the words of spans, but those that stand in a quote already shown."""
    shown = [(quote.speaker.interview_id, quote.text) for quote in but]
    return _undecided_first(
        Quote(span.quote, span.name, speakers[span.interview_id])
        for span in spans
        if not any(span.interview_id == interview_id and span.quote in text for interview_id, text in shown)
    )


def _undecided_first(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    return tuple(sorted(quotes, key=lambda quote: quote.speaker.outcome != PurchaseOutcome.NO_DECISION))


def _goes_back(transition: Transition) -> bool:
    return bool(transition.to_stage and transition.to_stage.position < transition.from_stage.position)


def _key(transition: Transition) -> tuple[int, int | None, str]:
    return transition.from_stage_id, transition.to_stage_id, transition.outcome


def _address(name: str, version: Version, pk: int) -> str:
    return reverse(f"buying_process:{name}", args=[version.process_id, version.number, pk])
