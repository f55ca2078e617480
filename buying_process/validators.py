"""What a process in a file must look like: format 1 of `docs/process-format.md`. Errors name path and reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from buying_process.choices import Actor, Need, Purpose
from interviews.choices import Channel, Job

FORMAT = "salesflow.process"
FORMAT_VERSION = 1
MOST_ERRORS = 20
MOST_STAGES = 20
MOST_ACTIVITIES = 200  # of a stage
MOST_NEEDS = 200
MOST_SKILLS = 40  # of an activity
LONGEST_SKILL = 80
LARGEST_TOLD = 1e15  # a number beyond it is not repeated to whoever sent it
OUTCOMES = ("won", "lost", "no_decision")
OF_THEIRS, OF_OURS = {Purpose.OWN, Purpose.NOT_RELEVANT}, {Purpose.FACILITATES, Purpose.INDEPENDENT}


@dataclass(slots=True)
class Reading:
    """Reads a document part by part; what is wrong is noted with its path, and reading goes on."""

    errors: list[str] = field(default_factory=list)

    def wrong(self, path: str, reason: str) -> None:
        """Note what is wrong where."""
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(f"{path}: {reason}")

    def table(self, value: Any, path: str) -> Mapping[str, Any]:
        """Read an object; an empty one stands for what is none."""
        if isinstance(value, dict):
            return value
        self.wrong(path, "must be an object.")
        return {}

    def rows(self, value: Any, path: str, most: int) -> list[Any]:
        """Read a list of at most so many."""
        if not isinstance(value, list):
            self.wrong(path, "must be a list.")
            return []
        if len(value) > most:
            self.wrong(path, f"must have at most {most} entries, not {len(value)}.")
        return value[:most]

    def text(self, holder: Mapping[str, Any], name: str, path: str, most: int, *, empty: bool = False) -> str:
        """Read a text of at most so many characters."""
        value: Any = holder.get(name, "" if empty else None)
        if not isinstance(value, str) or not _storable(value):
            self.wrong(f"{path}.{name}", "must be a text.")
            return ""
        words = " ".join(value.split())
        if not words and not empty:
            self.wrong(f"{path}.{name}", "must not be empty.")
        if len(words) > most:
            self.wrong(f"{path}.{name}", f"must have at most {most} characters, not {len(words)}.")
        return words[:most]

    def choice(self, holder: Mapping[str, Any], name: str, path: str, choices: list[str]) -> str:
        """Read one of some words; an empty one where "" is among them and nothing is there."""
        value = holder.get(name, "" if "" in choices else None)
        if value not in choices or not isinstance(value, str):
            self.wrong(f"{path}.{name}", f"must be one of {', '.join(choice or 'nothing' for choice in choices)}.")
            return choices[0]
        return str(value)

    def number(
        self, holder: Mapping[str, Any], name: str, path: str, *, low: float = 0, high: float = 1e6, start: Any = None
    ) -> Any:
        """Read a number within a range; `start` where it is missing or null."""
        value = holder.get(name)
        if value is None:
            return start
        if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
            self.wrong(f"{path}.{name}", "must be a number.")
            return start
        if not low <= value <= high:
            told = f", not {value:g}" if abs(value) < LARGEST_TOLD else ""
            self.wrong(f"{path}.{name}", f"must be {low:g} to {high:g}{told}.")
            return start
        return value

    def flag(self, holder: Mapping[str, Any], name: str, path: str) -> bool:
        """Read yes or no; no where it is missing."""
        value = holder.get(name, False)
        if not isinstance(value, bool):
            self.wrong(f"{path}.{name}", "must be true or false.")
        return value is True


def read_process(document: Any) -> tuple[dict[str, Any], list[str]]:
    """Give a document as it is meant, and what is wrong with it as sentences of path and reason."""
    reading = Reading()
    top = reading.table(document, "the file")
    if top.get("format") != FORMAT:
        return {}, [f"format: must be {FORMAT}; this is no process that SalesFlow exported."]
    if top.get("format_version") != FORMAT_VERSION:
        return {}, [f"format_version: must be {FORMAT_VERSION}; this file is of another version."]
    stages = [
        _stage(reading, value, f"stages[{place}]")
        for place, value in enumerate(reading.rows(top.get("stages"), "stages", MOST_STAGES))
    ]
    if not stages:
        reading.wrong("stages", "must hold at least one stage.")
    _refuse_twins(reading, stages)
    known = {stage["id"] for stage in stages}
    moves = [
        _transition(reading, value, f"transitions[{place}]", known)
        for place, value in enumerate(reading.rows(top.get("transitions", []), "transitions", 1_000))
    ]
    found = {
        "name": reading.text(top, "name", "the file", 120),
        "settings": _settings(reading, top.get("settings", {})),
        "evidence": _evidence(reading, top.get("evidence", {})),
        "stages": stages,
        "transitions": moves,
    }
    _refuse_twin_transitions(reading, moves)
    return found, reading.errors


def _storable(value: str) -> bool:
    """Tell whether PostgreSQL keeps a text: no NUL, no surrogate alone."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)


def _finite(value: float) -> bool:
    return isinstance(value, int) or isfinite(value)


def _settings(reading: Reading, value: Any) -> dict[str, Any]:
    settings, path = reading.table(value, "settings"), "settings"
    parts = ("position", "evidence", "people", "information", "effort")
    weights = {name: reading.number(settings, f"weight_{name}", path, high=100) for name in parts}
    given = {f"weight_{name}": int(weight) for name, weight in weights.items() if weight is not None}
    if given and (len(given) < len(parts) or sum(given.values()) != 100):  # noqa: PLR2004  percent
        reading.wrong(path, "the five weights must be there and make 100 together.")
    days = reading.number(settings, "half_life_days", path, low=1, high=365, start=21.0)
    between = reading.number(settings, "days_between_moments", path, low=0.5, high=3650, start=7.0)
    return given | {"half_life_days": days, "days_between_moments": between}


def _evidence(reading: Reading, value: Any) -> dict[str, Any]:
    evidence, path = reading.table(value, "evidence"), "evidence"
    return {
        "interviews": int(reading.number(evidence, "interviews", path, start=0)),
        "segment": reading.text(evidence, "segment", path, 80, empty=True),
        **{
            name: reading.number(evidence, name, path, high=1, start=0.0)
            for name in ("cyclic_share", "cyclic_low", "cyclic_high")
        },
    }


def _stage(reading: Reading, value: Any, path: str) -> dict[str, Any]:
    stage = reading.table(value, path)
    return {
        "id": reading.text(stage, "id", path, 40),
        "name": reading.text(stage, "name", path, 120),
        "told": int(reading.number(stage, "told", path, start=0)),
        "typical_days": reading.number(stage, "typical_days", path, high=36_500),
        "stability": reading.number(stage, "stability", path, high=1),
        "pinned": reading.flag(stage, "pinned", path),
        "activities": _each(reading, stage, "activities", path, MOST_ACTIVITIES, _activity),
        "needs": _each(reading, stage, "needs", path, MOST_NEEDS, _need),
    }


def _each(
    reading: Reading,
    holder: Mapping[str, Any],
    name: str,
    path: str,
    most: int,
    read: Callable[[Reading, Any, str], dict[str, Any]],
) -> list[dict[str, Any]]:
    rows = reading.rows(holder.get(name, []), f"{path}.{name}", most)
    return [read(reading, value, f"{path}.{name}[{place}]") for place, value in enumerate(rows)]


def _activity(reading: Reading, value: Any, path: str) -> dict[str, Any]:
    activity = reading.table(value, path)
    actor = reading.choice(activity, "actor", path, list(Actor.values))
    purpose = reading.choice(activity, "purpose", path, list(Purpose.values))
    if purpose not in (OF_THEIRS if actor == Actor.CUSTOMER else OF_OURS):
        reading.wrong(f"{path}.purpose", f"“{purpose}” does not go with “{actor}”.")
    return {
        "id": reading.text(activity, "id", path, 40),
        "name": reading.text(activity, "name", path, 120),
        "actor": actor,
        "purpose": purpose,
        "helps": reading.text(activity, "helps", path, 40, empty=True),
        "channels": [] if actor == Actor.CUSTOMER else _channels(reading, activity, path),
        "skills": _skills(reading, activity, path),
        "told": float(reading.number(activity, "told", path, start=0.0)),
        "code": reading.text(activity, "code", path, 120, empty=True),
        "job": reading.choice(activity, "job", path, ["", *Job.values]),
        "pinned": reading.flag(activity, "pinned", path),
    }


def _channels(reading: Reading, activity: Mapping[str, Any], path: str) -> list[str]:
    rows = reading.rows(activity.get("channels", []), f"{path}.channels", len(Channel.values))
    for place, row in enumerate(rows):
        if row not in Channel.values:
            reading.wrong(f"{path}.channels[{place}]", f"must be one of {', '.join(Channel.values)}.")
    return [channel for channel in Channel.values if channel in rows]


def _skills(reading: Reading, activity: Mapping[str, Any], path: str) -> list[str]:
    rows = reading.rows(activity.get("skills", []), f"{path}.skills", MOST_SKILLS)
    for place, row in enumerate(rows):
        if not isinstance(row, str) or not 0 < len(row.strip()) <= LONGEST_SKILL:
            reading.wrong(f"{path}.skills[{place}]", f"must be a text of 1 to {LONGEST_SKILL} characters.")
    return [row for row in rows if isinstance(row, str)]


def _need(reading: Reading, value: Any, path: str) -> dict[str, Any]:
    need = reading.table(value, path)
    return {
        "kind": reading.choice(need, "kind", path, list(Need.values)),
        "name": reading.text(need, "name", path, 160),
        "channel": reading.choice(need, "channel", path, ["", *Channel.values]),
        "told": int(reading.number(need, "told", path, start=0)),
        "code": reading.text(need, "code", path, 120, empty=True),
        "pinned": reading.flag(need, "pinned", path),
    }


def _transition(reading: Reading, value: Any, path: str, known: set[str]) -> dict[str, Any]:
    move = reading.table(value, path)
    found = {
        "from": reading.text(move, "from", path, 40),
        "to": reading.text(move, "to", path, 40),
        "share": float(reading.number(move, "share", path, high=1, start=0.0)),
        "seen": float(reading.number(move, "seen", path, start=0.0)),
        "seen_in_deals": float(reading.number(move, "seen_in_deals", path, high=1e9, start=0.0)),
        "low": reading.number(move, "low", path, high=1),
        "high": reading.number(move, "high", path, high=1),
    }
    for name, allowed in (("from", known), ("to", known | set(OUTCOMES))):
        if found[name] and found[name] not in allowed:
            reading.wrong(f"{path}.{name}", f"there is no stage “{found[name]}”.")
    return found


def _refuse_twins(reading: Reading, stages: list[dict[str, Any]]) -> None:
    """Refuse ids that stand twice, helps that lead nowhere, one code in two places, and one need twice in a stage."""
    activities = [
        (f"stages[{place}].activities[{index}]", activity)
        for place, stage in enumerate(stages)
        for index, activity in enumerate(stage["activities"])
    ]
    named = [(f"stages[{place}].id", stage["id"]) for place, stage in enumerate(stages)]
    _once(reading, named)
    _once(reading, [(f"{path}.id", activity["id"]) for path, activity in activities])
    _once(reading, [(f"{path}.code", activity["code"].casefold()) for path, activity in activities])
    theirs = {activity["id"] for _, activity in activities if activity["actor"] == Actor.CUSTOMER}
    for path, activity in activities:
        if activity["helps"] and activity["helps"] not in theirs:
            reading.wrong(f"{path}.helps", f"no customer’s activity has the id “{activity['helps']}”.")
    for place, stage in enumerate(stages):
        rows = enumerate(stage["needs"])
        _once(
            reading,
            [
                (f"stages[{place}].needs[{index}]", f"{need['kind']}, {need['name'].casefold()}, {need['channel']}")
                for index, need in rows
            ],
        )


def _refuse_twin_transitions(reading: Reading, moves: list[dict[str, Any]]) -> None:
    _once(reading, [(f"transitions[{place}]", f"{move['from']} to {move['to']}") for place, move in enumerate(moves)])


def _once(reading: Reading, values: list[tuple[str, str]]) -> None:
    seen: set[str] = set()
    for path, value in values:
        if value and value in seen:
            reading.wrong(path, f"“{value}” stands there twice.")
        seen.add(value)
