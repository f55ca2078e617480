"""What a derivation reads, named and digested, so that a later one can tell what changed meanwhile."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from buying_process.models import Run, Version
from core.embeddings import model_digest
from core.release import RELEASE
from interviews.models import Code, Excerpt, Interview, Moment
from jobs.models import Job

DIGITS = 16
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run reads: interviews as {id, weight, digest}, and codes by id as [name, job, channel]."""

    interviews: list[dict[str, Any]]
    codes: dict[str, list[str]]


def program() -> str:
    """Name the program and the language model that a run is made by."""
    return f"SalesFlow {RELEASE}, language model {model_digest()}"


def digest(value: Any) -> str:
    """Give a digest of plain JSON, the same wherever it is worked out."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def inputs_of(interview_ids: Iterable[int]) -> Inputs:
    """Name what a derivation reads of these interviews. Four queries."""
    ids = sorted(interview_ids)
    read: dict[int, list[Any]] = {pk: [] for pk in ids}
    codes: set[int] = set()
    moments = Moment.objects.filter(interview_id__in=ids).order_by("interview_id", "position")
    for pk, code_id, day in moments.values_list("interview_id", "code_id", "happened_on"):
        read[pk].append(["moment", code_id, str(day or "")])
        codes.add(code_id)
    spans = Excerpt.objects.filter(answer__interview_id__in=ids).order_by("answer_id", "start", "end", "pk")
    for pk, code_id, *span in spans.values_list("answer__interview_id", "code_id", "start", "end", "quote"):
        read[pk].append(["excerpt", code_id, *span])
        codes.add(code_id)
    facts = Interview.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "weight", "outcome")
    return Inputs(
        [
            {"id": pk, "weight": float(weight), "digest": digest([outcome, *read[pk]])[:DIGITS]}
            for pk, weight, outcome in facts
        ],
        {
            str(pk): list(words)
            for pk, *words in Code.objects.filter(pk__in=codes)
            .order_by("pk")
            .values_list("pk", "name", "job", "channel")
        },
    )


def run_of(version: Version) -> Run | None:
    """Give the record of what a version was derived from; None where it was not derived."""
    return Run.objects.filter(version=version).first()


def interviews_of_run(run: Run) -> list[tuple[Interview | None, dict[str, Any]]]:
    """Give each interview that a run read, None where it is gone, with its row in the record. One query."""
    there = Interview.objects.select_related("segment").in_bulk([row["id"] for row in run.interviews])
    return [(there.get(row["id"]), row) for row in run.interviews]


def latest_repetition(version: Version) -> Job | None:
    """Give the latest job that repeated the derivation of a version."""
    jobs = Job.objects.filter(kind="repeat", arguments__version_id=version.pk)
    return jobs.select_related("started_by__user").order_by("-created_at").first()


def differences(run: Run, now: Inputs, deals: Mapping[str, Any]) -> list[str]:
    """Say what a run read that is another by now, in sentences; empty where all is as it was. One query."""
    then = {row["id"]: row for row in run.interviews}
    here = {row["id"]: row for row in now.interviews}
    gone = len(then.keys() - here.keys())
    named = _names(here)
    anew = [named[pk] for pk, row in here.items() if then[pk]["digest"] != row["digest"]]
    weighted = [
        f"{named[pk]} ({then[pk]['weight']:g}, now {row['weight']:g})"
        for pk, row in here.items()
        if then[pk]["weight"] != row["weight"]
    ]
    codes = run.options.get("codes", {})
    renamed = [
        f"“{codes[pk][0]}”" if codes[pk][0] == words[0] else f"“{codes[pk][0]}”, now “{words[0]}”"
        for pk, words in now.codes.items()
        if pk in codes and codes[pk] != words
    ]
    found = [
        f"{gone} interview{' is' if gone == 1 else 's are'} gone." if gone else "",
        _listed("Coded, told or ended otherwise since: ", anew),
        _listed("Weighted otherwise: ", weighted),
        _listed("Changed in the codebook: ", renamed),
        "Other deals are closed by now, or other signals stand on them." if deals != run.deals else "",
        f"It was made by {run.program}; this is {program()}." if run.program != program() else "",
    ]
    return [sentence for sentence in found if sentence]


def _names(rows: Mapping[int, Any]) -> dict[int, str]:
    return dict(Interview.objects.filter(pk__in=rows).values_list("pk", "customer"))


def _listed(lead: str, names: list[str]) -> str:
    """Name the first few of what changed, and count the rest."""
    if not names:
        return ""
    more = len(names) - MOST_NAMED
    return f"{lead}{', '.join(names[:MOST_NAMED])}{f' and {more} more' if more > 0 else ''}."
