"""What is worth a look on a version, in plain words: simple checks that a person would make on the map."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from buying_process.choices import Actor, Purpose
from buying_process.models import Stage, StageActivity, Version
from interviews.models import Interview

MOST_OF_A_KIND = 3
EVEN = 0.4  # told against the order in more than this share of stories: as often as not


@dataclass(frozen=True, slots=True)
class Look:
    """Something worth a look: a word or two, its sentence, and the tone of its pill."""

    label: str
    tone: str
    sentence: str
    stage_id: int | None = None


@dataclass(frozen=True, slots=True)
class Enough:
    """Whether more interviews would tell anything new."""

    sentence: str
    thin: str
    newer: int


def looks(version: Version) -> list[Look]:
    """Give what is worth a look, most telling first. Two queries."""
    stages = list(version.stages.order_by("position"))
    rows = StageActivity.objects.filter(stage__version=version).select_related("facilitates")
    activities = list(rows.order_by("stage__position", "position", "pk"))
    ours = [activity for activity in activities if activity.actor != Actor.CUSTOMER]
    if not ours and activities:
        return [
            *_empty_stages(stages, activities),
            Look(
                "ours is missing",
                "us",
                "So far the map holds only what customers do. Add what marketing, sales and partners do to help them: "
                "begin where most customers are.",
            ),
        ]
    interviews = int(version.derivation.get("interviews", 0))
    return [
        *_empty_stages(stages, activities),
        *_nobody_helps(activities, ours, interviews),
        *_hand_overs(stages, ours),
        *_helps_nobody(ours),
    ]


def chaos(version: Version) -> list[str]:
    """Say which pairs of activities explain how far buying is from a line."""
    account = version.derivation
    pairs = account.get("contradicted_pairs") or []
    return [_pair_sentence(pair) for pair in pairs[:MOST_OF_A_KIND]]


def enough(version: Version) -> Enough | None:
    """Say whether more interviews would tell anything new; None for a version that was not derived. One query."""
    heard = version.derivation.get("saturation")
    if not heard:
        return None
    interviews = int(version.derivation["interviews"])
    expected = heard.get("expected_new") or 0.0
    brings = f"{expected:.1f} new activities" if expected >= 0.05 else "nothing new"  # noqa: PLR2004  rounds to 0.1
    sentence = f"{_ordinal(interviews + 1)} interview is likely to bring {brings}."
    return Enough(sentence, _thin(version.derivation.get("outcomes", {})), newer_interviews(version).count())


def newer_interviews(version: Version) -> Any:
    """Give the interviews with a timeline that a version was not derived from, of its process's segment."""
    known = version.interviews.values("pk")
    newer = Interview.objects.filter(moments__isnull=False).exclude(pk__in=known).distinct()
    segment_id = version.process.segment_id
    return newer.filter(segment_id=segment_id) if segment_id else newer


def _empty_stages(stages: Sequence[Stage], activities: Sequence[StageActivity]) -> list[Look]:
    held = {activity.stage_id for activity in activities if activity.actor == Actor.CUSTOMER}
    return [
        Look("empty", "danger", f"“{stage.name}” holds nothing that customers do.", stage.pk)
        for stage in stages
        if stage.pk not in held
    ]


def _nobody_helps(activities: Sequence[StageActivity], ours: Sequence[StageActivity], interviews: int) -> list[Look]:
    helped = {activity.facilitates_id for activity in ours}
    bare = [
        activity
        for activity in activities
        if activity.actor == Actor.CUSTOMER and activity.purpose == Purpose.OWN and activity.pk not in helped
    ]
    bare.sort(key=lambda activity: -activity.told)
    found = [
        Look(
            "nobody helps",
            "customer",
            f"“{activity.name}” was told in {activity.told:g} of {interviews} stories, and nothing of ours serves it.",
            activity.stage_id,
        )
        for activity in bare[:MOST_OF_A_KIND]
    ]
    left = len(bare) - len(found)
    if left > 0:
        found.append(
            Look("nobody helps", "customer", f"{left} more of the customer’s activities have no help from us either.")
        )
    return found


def _helps_nobody(ours: Sequence[StageActivity]) -> list[Look]:
    found = []
    for activity in ours:
        if activity.purpose != Purpose.FACILITATES:
            continue
        if activity.facilitates is None:
            sentence = f"“{activity.name}” helps none of the customer’s activities. Say which, or make it ours alone."
        elif activity.facilitates.purpose == Purpose.NOT_RELEVANT:
            sentence = f"“{activity.name}” helps “{activity.facilitates.name}”, which is marked as not relevant to us."
        else:
            continue
        found.append(Look("helps nobody", "us", sentence, activity.stage_id))
    return found[: MOST_OF_A_KIND + 1]


def _hand_overs(stages: Sequence[Stage], ours: Sequence[StageActivity]) -> list[Look]:
    found = []
    for stage in stages:
        functions = {activity.actor for activity in ours if activity.stage_id == stage.pk}
        if len(functions) == 1 and len(stages) > 1:
            who = Actor(functions.pop()).label.lower()
            who = "only our own side works" if who == "internal" else f"only {who} helps"
            found.append(
                Look(
                    "hand-over",
                    "us",
                    f"In “{stage.name}” {who}. Where one function works alone, the customer is handed over.",
                    stage.pk,
                )
            )
    return found[:MOST_OF_A_KIND]


def _pair_sentence(pair: dict[str, Any]) -> str:
    forward, backward = pair["forward"], pair["backward"]
    told = f"({forward:g} and {backward:g} stories)"
    if min(forward, backward) >= EVEN * (forward + backward):
        return f"They tell “{pair['earlier']}” before “{pair['later']}” about as often as after {told}."
    return (
        f"Most tell “{pair['earlier']}” before “{pair['later']}”, "
        f"{backward:g} of {forward + backward:g} the other way round."
    )


def _thin(outcomes: dict[str, int]) -> str:
    words = {"won": "bought from us", "lost": "bought from another", "no_decision": "no decision"}
    few = [f"{words[name]} ({count})" for name, count in outcomes.items() if count <= 2]  # noqa: PLR2004  a voice or two
    return f"Thin: {', '.join(few)}. Ask next: a customer whose purchase ended so." if few else ""


def _ordinal(number: int) -> str:
    teens = 10 <= number % 100 <= 20  # noqa: PLR2004  11th, 12th, 13th
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    article = "An" if str(number).startswith("8") or number in {11, 18} else "A"
    return f"{article} {number}{ending}"
