"""What customers need to know, stage by stage, by the channel on which they look for it; and where we are not there."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from buying_process.choices import WHERE, Actor, Need, Purpose
from buying_process.models import Stage, StageActivity, StageNeed, Version
from buying_process.selectors.quotes import Quote, Speaker, speakers_of
from buying_process.selectors.told_needs import Span, spans_beside
from interviews.choices import Channel, Kind

UNTOLD = ""  # the channel of what nobody said where they look for it
BY_ITSELF = {Actor.SALES: [Channel.SALES], Actor.PARTNER: [Channel.PARTNER]}
MOST_QUOTES = 12  # of one need


@dataclass(frozen=True, slots=True, eq=False)
class Information:
    """Something that customers need to know in a stage, with what they said of it there."""

    need: StageNeed
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A channel in a stage: what is wanted there, how many interviews tell of it, and what of ours reaches them."""

    channel: str
    label: str
    wanted: tuple[Information, ...]
    users: int
    ours: tuple[StageActivity, ...]

    @property
    def is_gap(self) -> bool:
        """Tell whether customers are there and we are not, or whether nobody knows where they look."""
        if self.channel == UNTOLD:
            return bool(self.wanted)
        return bool(self.wanted or self.users) and not self.ours

    @property
    def where(self) -> str:
        """Give the channel as a sentence says it."""
        return WHERE[Channel(self.channel)] if self.channel else ""

    @property
    def is_empty(self) -> bool:
        """Tell whether neither customers nor we are there."""
        return not (self.wanted or self.users or self.ours)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A stage with a cell for each channel, and last the one of what nobody said."""

    stage: Stage
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Total:
    """A channel over the whole process: in how many stages customers are there, and in how many of these we are."""

    label: str
    wanted: int
    stages: int
    reached: int


@dataclass(frozen=True, slots=True, eq=False)
class InformationMap:
    """The whole process: rows in order, and totals by channel."""

    rows: tuple[Row, ...]
    totals: tuple[Total, ...]
    interviews: int

    @property
    def gaps(self) -> list[tuple[Stage, Cell]]:
        """Give the cells in which something is missing, those that most customers are at first."""
        found = [(row.stage, cell) for row in self.rows for cell in row.cells if cell.is_gap]
        return sorted(found, key=lambda gap: (-gap[1].users, gap[0].position))


@dataclass(slots=True)
class _Heard:
    """What interviews tell: spans by stage, code and channel; interviews by stage and channel."""

    spans: defaultdict[tuple[int, int, str], list[Span]] = field(default_factory=lambda: defaultdict(list))
    users: defaultdict[tuple[int, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    speakers: dict[int, Speaker] = field(default_factory=dict)


def reach(activity: StageActivity) -> list[str]:
    """Give the channels by which something of ours reaches customers: as said, else by who does it."""
    if activity.actor == Actor.CUSTOMER or activity.purpose != Purpose.FACILITATES:
        return []
    return activity.channels or list(BY_ITSELF.get(Actor(activity.actor), []))


def information_map(version: Version) -> InformationMap:
    """Lay a version's information needs out over stages and channels. Six queries."""
    stages = list(version.stages.order_by("position"))
    activities = list(StageActivity.objects.filter(stage__version=version).order_by("position", "pk"))
    wanted: defaultdict[tuple[int, str], list[StageNeed]] = defaultdict(list)
    needs = StageNeed.objects.filter(stage__version=version, kind=Need.INFORMATION)
    for need in needs.order_by("-told", "name"):
        wanted[need.stage_id, need.channel].append(need)
    heard = _heard(version, {row.code_id: row.stage_id for row in activities if row.code_id is not None})
    rows = tuple(Row(stage, tuple(_cells(stage, activities, wanted, heard))) for stage in stages)
    totals = tuple(_total(rows, place, label) for place, (_, label) in enumerate(_columns()))
    return InformationMap(rows, totals, int(version.derivation.get("interviews") or 0))


def _columns() -> list[tuple[str, str]]:
    return [*((value, str(label)) for value, label in Channel.choices), (UNTOLD, "Channel not told")]


def _heard(version: Version, home: Mapping[int, int]) -> _Heard:
    heard = _Heard()
    interview_ids = version.interviews.values_list("pk", flat=True)
    for span, activity, channel in spans_beside(interview_ids, home, (Kind.INFORMATION, Kind.CHANNEL)):
        stage_id = home[activity.code_id]
        if channel:
            heard.users[stage_id, channel].add(span.interview_id)
        if span.kind == Kind.INFORMATION:
            heard.spans[stage_id, span.code_id, channel].append(span)
    heard.speakers = speakers_of(span.interview_id for spans in heard.spans.values() for span in spans)
    return heard


def _cells(
    stage: Stage,
    activities: Sequence[StageActivity],
    wanted: Mapping[tuple[int, str], list[StageNeed]],
    heard: _Heard,
) -> Iterator[Cell]:
    every = [need for channel, _ in _columns() for need in wanted.get((stage.pk, channel), [])]
    ours = [activity for activity in activities if activity.stage_id == stage.pk and activity.actor != Actor.CUSTOMER]
    for channel, label in _columns():
        needs = wanted.get((stage.pk, channel), [])
        yield Cell(
            channel,
            label,
            tuple(Information(need, tuple(_quotes(need, every, heard))) for need in needs),
            len(heard.users.get((stage.pk, channel), ())),
            tuple(activity for activity in ours if channel in reach(activity)),
        )


def _quotes(need: StageNeed, others: Iterable[StageNeed], heard: _Heard) -> list[Quote]:
    """Give what was said of a need on its channel, each customer once.

    Where a person chose another channel than was told, it is what was said on those that no other row has.
    """
    if need.code_id is None:
        return []
    spans = heard.spans.get((need.stage_id, need.code_id, need.channel), [])
    if not spans and need.pinned:
        taken = {other.channel for other in others if other.code_id == need.code_id}
        free = (channel for channel, _ in _columns() if channel not in taken)
        spans = [span for channel in free for span in heard.spans.get((need.stage_id, need.code_id, channel), [])]
    first = {span.interview_id: span for span in reversed(spans)}
    return [
        Quote(span.quote, span.name, heard.speakers[span.interview_id])
        for span in sorted(first.values(), key=lambda span: span.interview_id)[:MOST_QUOTES]
    ]


def _total(rows: Sequence[Row], place: int, label: str) -> Total:
    cells = [row.cells[place] for row in rows]
    there = [cell for cell in cells if cell.wanted or cell.users]
    return Total(label, sum(len(cell.wanted) for cell in cells), len(there), sum(bool(cell.ours) for cell in there))
