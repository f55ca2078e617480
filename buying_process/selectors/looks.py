"""How chaotic buying is on a version, and whether more interviews would tell anything new, in plain words."""

from dataclasses import dataclass
from typing import Any

from buying_process.models import Version
from buying_process.selectors.chaos import pair_sentence
from interviews.models import Interview
from interviews.selectors import next_brings

MOST_OF_A_KIND = 3


@dataclass(frozen=True, slots=True)
class Enough:
    """Whether more interviews would tell anything new."""

    sentence: str
    thin: str
    newer: int


def chaos(version: Version) -> list[str]:
    """Say which pairs of activities explain how far buying is from a line."""
    account = version.derivation
    pairs = account.get("contradicted_pairs") or []
    return [
        pair_sentence(pair["earlier"], pair["later"], pair["forward"], pair["backward"])
        for pair in pairs[:MOST_OF_A_KIND]
    ]


def enough(version: Version) -> Enough | None:
    """Say whether more interviews would tell anything new; None for a version that was not derived. One query."""
    heard = version.derivation.get("saturation")
    if not heard:
        return None
    interviews = int(version.derivation["interviews"])
    sentence = next_brings(interviews, heard.get("expected_new") or 0.0)
    return Enough(sentence, _thin(version.derivation.get("outcomes", {})), newer_interviews(version).count())


def newer_interviews(version: Version) -> Any:
    """Give the interviews with a timeline that a version was not derived from, of its process's segment."""
    known = version.interviews.values("pk")
    newer = Interview.objects.filter(moments__isnull=False).exclude(pk__in=known).distinct()
    segment_id = version.process.segment_id
    return newer.filter(segment_id=segment_id) if segment_id else newer


def _thin(outcomes: dict[str, int]) -> str:
    words = {"won": "bought from us", "lost": "bought from another", "no_decision": "no decision"}
    few = [f"{words[name]} ({count})" for name, count in outcomes.items() if count <= 2]  # noqa: PLR2004  a voice or two
    return f"Thin: {', '.join(few)}. Ask next: a customer whose purchase ended so." if few else ""
