"""What the checks of a version find, in plain words: what it is about, and what would mend it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse
from numpy.typing import NDArray

from buying_process.choices import Actor, Finding, Need, Purpose
from buying_process.models import Acceptance, Stage, StageActivity, StageNeed, Version
from journey.interleaving import interleaving

FUNCTIONS = (Actor.MARKETING, Actor.SALES, Actor.PARTNER, Actor.INTERNAL)
FEWEST_VOICES = 2  # an obstacle that one customer tells of may be theirs alone
HOLDS_UP = 0.15  # share of interviews from which on an obstacle is worth a look


@dataclass(frozen=True, slots=True)
class Found:
    """One finding, what would mend it, and where; `accepted` where a person said that it is meant so.

    `url` shows what it is about, `act_url` is where it is mended and `act` says how, as the words of a button.
    """

    kind: Finding
    sentence: str
    mend: str
    url: str
    act: str
    act_url: str
    stage_id: int | None = None
    activity_id: int | None = None
    accepted: Acceptance | None = None

    @property
    def label(self) -> str:
        """Give the finding's word or two."""
        return str(self.kind.label)

    @property
    def tone(self) -> str:
        """Give the tone of its pill: amber where it is about what customers do, indigo where about us."""
        about_customers = {Finding.UNHELPED, Finding.WASTES_TIME}
        return "danger" if self.kind == Finding.EMPTY else "customer" if self.kind in about_customers else "us"


@dataclass(frozen=True, slots=True)
class Mixed:
    """How far our functions work together, 0 to 1; None where there is nothing of ours."""

    whole: float | None
    stages: tuple[tuple[Stage, float | None, str], ...]  # with who works in it


@dataclass(frozen=True, slots=True)
class Checks:
    """What was found, what was accepted, and how mixed our work is."""

    found: tuple[Found, ...]
    accepted: tuple[Found, ...]
    mixed: Mixed

    @property
    def by_kind(self) -> list[list[Found]]:
        """Give what was found, findings of one kind together."""
        return [list(group) for _, group in groupby(self.found, key=lambda found: found.kind)]


def checks_of(version: Version) -> Checks:
    """Check a version. Four queries."""
    stages = list(version.stages.order_by("position"))
    rows = StageActivity.objects.filter(stage__version=version).select_related("facilitates")
    activities = list(rows.order_by("stage__position", "position", "pk"))
    needs = list(
        StageNeed.objects.filter(stage__version=version, kind__in=[Need.EVIDENCE, Need.OBSTACLE]).order_by(
            "-told", "name"
        )
    )
    taken = {
        (row.kind, row.stage_id, row.activity_id): row
        for row in Acceptance.objects.filter(version=version).select_related("accepted_by__user")
    }
    every = [
        replace(found, accepted=taken.get((found.kind, found.stage_id, found.activity_id)))
        for found in _every(version, stages, activities, needs)
    ]
    return Checks(
        tuple(found for found in every if found.accepted is None),
        tuple(found for found in every if found.accepted is not None),
        mixed_of(stages, activities),
    )


def mixed_of(stages: Sequence[Stage], activities: Iterable[StageActivity]) -> Mixed:
    """Say how far our functions work in the same stages."""
    counts = {stage.pk: np.zeros(len(FUNCTIONS)) for stage in stages}
    for activity in activities:
        if activity.actor != Actor.CUSTOMER:
            counts[activity.stage_id][FUNCTIONS.index(Actor(activity.actor))] += 1
    if not stages:
        return Mixed(None, ())
    found = interleaving(np.array([counts[stage.pk] for stage in stages]))
    return Mixed(
        None if np.isnan(found.whole) else found.whole,
        tuple(
            (stage, None if np.isnan(value) else float(value), _who(counts[stage.pk]))
            for stage, value in zip(stages, found.stages, strict=True)
        ),
    )


def _every(
    version: Version, stages: Sequence[Stage], activities: Sequence[StageActivity], needs: Sequence[StageNeed]
) -> Iterator[Found]:
    ours = [activity for activity in activities if activity.actor != Actor.CUSTOMER]
    interviews = int(version.derivation.get("interviews", 0))
    yield from _empty(version, stages, activities)
    if ours:
        yield from _unhelped(version, activities, ours, interviews)
        yield from _hand_overs(version, stages, ours)
        yield from _helps_nobody(version, ours)
    elif activities:
        yield Found(
            Finding.MISSING,
            "So far the map holds only what customers do.",
            "Add what marketing, sales and partners do to help them: begin where most customers are.",
            _adding(version),
            "Add what we do…",
            _adding(version),
            stage_id=stages[0].pk,
        )
    yield from _evidence(version, stages, [need for need in needs if need.kind == Need.EVIDENCE])
    yield from _wasted(version, stages, [need for need in needs if need.kind == Need.OBSTACLE], interviews)


def _empty(version: Version, stages: Sequence[Stage], activities: Iterable[StageActivity]) -> Iterator[Found]:
    held = {activity.stage_id for activity in activities if activity.actor == Actor.CUSTOMER}
    for stage in stages:
        if stage.pk not in held:
            yield Found(
                Finding.EMPTY,
                f"“{stage.name}” holds nothing that customers do.",
                "Move one of their activities into it, merge it with a neighbour, or take it away.",
                _address("stage", version, stage.pk),
                "Merge it…",
                _address("stage_merge", version, stage.pk),
                stage_id=stage.pk,
            )


def _unhelped(
    version: Version, activities: Iterable[StageActivity], ours: Iterable[StageActivity], interviews: int
) -> Iterator[Found]:
    helped = {activity.facilitates_id for activity in ours}
    bare = [
        activity
        for activity in activities
        if activity.actor == Actor.CUSTOMER and activity.purpose == Purpose.OWN and activity.pk not in helped
    ]
    for activity in sorted(bare, key=lambda activity: -activity.told):
        yield Found(
            Finding.UNHELPED,
            f"“{activity.name}” was told in {activity.told:g} of {interviews} stories, and nothing of ours serves it.",
            "Add something of ours that helps it, or mark it as needing nothing of us.",
            _address("activity", version, activity.pk),
            "Add what helps it…",
            _adding(version, stage=activity.stage_id, helps=activity.pk),
            activity_id=activity.pk,
        )


def _hand_overs(version: Version, stages: Sequence[Stage], ours: Iterable[StageActivity]) -> Iterator[Found]:
    functions: dict[int, set[str]] = {}
    for activity in ours:
        functions.setdefault(activity.stage_id, set()).add(activity.actor)
    for stage in stages:
        at_work = functions.get(stage.pk, set())
        if len(at_work) != 1 or len(stages) == 1:
            continue
        label = Actor(next(iter(at_work))).label.lower()
        who = "only our own side works" if label == "internal" else f"only {label} helps"
        yield Found(
            Finding.HAND_OVER,
            f"In “{stage.name}” {who}. Where one function works alone, the customer is handed over.",
            "Add what another of us does here, or move something of theirs in.",
            _address("stage", version, stage.pk),
            "Add what another does…",
            _adding(version, stage=stage.pk, lane=_other(at_work)),
            stage_id=stage.pk,
        )


def _helps_nobody(version: Version, ours: Iterable[StageActivity]) -> Iterator[Found]:
    for activity in ours:
        if activity.purpose != Purpose.FACILITATES:
            continue
        if activity.facilitates is None:
            sentence = f"“{activity.name}” helps none of the customer’s activities."
        elif activity.facilitates.purpose == Purpose.NOT_RELEVANT:
            sentence = f"“{activity.name}” helps “{activity.facilitates.name}”, which is marked as not relevant to us."
        else:
            continue
        yield Found(
            Finding.HELPS_NOBODY,
            sentence,
            "Say which of the customer’s activities it helps, make it ours alone, or take it away.",
            _address("activity", version, activity.pk),
            "Say what it helps…",
            _address("activity", version, activity.pk),
            activity_id=activity.pk,
        )


def _evidence(version: Version, stages: Sequence[Stage], evidence: Iterable[StageNeed]) -> Iterator[Found]:
    by_stage: dict[int, list[StageNeed]] = {}
    for need in evidence:
        by_stage.setdefault(need.stage_id, []).append(need)
    for stage in stages:
        held = by_stage.get(stage.pk, [])
        ours = [need for need in held if not need.told]
        if not held:
            yield Found(
                Finding.NO_EVIDENCE,
                f"Nothing says when “{stage.name}” is done for the customer.",
                "Mark in the interviews how they knew, or add what they would show or say.",
                _address("stage", version, stage.pk),
                "Add exit evidence…",
                f"{_address('stage', version, stage.pk)}?add={Need.EVIDENCE}#need-add",
                stage_id=stage.pk,
            )
        elif ours:
            names = ", ".join(f"“{need.name}”" for need in ours)
            yield Found(
                Finding.OUR_WORD,
                f"No customer told of {names}: only we could say that “{stage.name}” is done.",
                "Put something in its place that the customer shows or says; if they show this, say it is meant so.",
                _address("stage", version, stage.pk),
                "Add what they show or say…",
                f"{_address('stage', version, stage.pk)}?add={Need.EVIDENCE}#need-add",
                stage_id=stage.pk,
            )


def _wasted(
    version: Version, stages: Sequence[Stage], obstacles: Iterable[StageNeed], interviews: int
) -> Iterator[Found]:
    fewest = max(FEWEST_VOICES, HOLDS_UP * interviews)
    for stage in stages:
        told = [need for need in obstacles if need.stage_id == stage.pk and need.told >= fewest]
        if told:
            names = ", ".join(f"“{need.name}” ({need.told})" for need in told)
            yield Found(
                Finding.WASTES_TIME,
                f"In “{stage.name}” customers lose time: {names} of {interviews} stories.",
                "Leave the step out, shorten it, or add something of ours that takes it off them.",
                _address("stage", version, stage.pk),
                "Add what takes it off them…",
                _adding(version, stage=stage.pk),
                stage_id=stage.pk,
            )


def _who(counts: NDArray[np.float64]) -> str:
    names = [
        f"{function.label.lower()} {count:g}" for function, count in zip(FUNCTIONS, counts, strict=True) if count > 0
    ]
    return ", ".join(names)


def _other(at_work: set[str]) -> str:
    """Give the lane of a function that is not at work in a stage yet, sales and marketing first."""
    return next(function for function in (Actor.SALES, Actor.MARKETING) if function not in at_work)


def _adding(version: Version, **start: object) -> str:
    """Give the address where something of ours is added, with what is filled in already."""
    address = reverse("buying_process:activity_add", args=[version.process_id, version.number])
    return f"{address}?{urlencode(start)}" if start else address


def _address(name: str, version: Version, pk: int) -> str:
    return reverse(f"buying_process:{name}", args=[version.process_id, version.number, pk])
