"""How what REFI-QDA has no place for is written in it: kinds as headings, jobs as sets, facts as variables.

Names of codes are unique in other programs, and in ours within their kind: where two kinds have the same name, it is
written with its kind, “Price (obstacle)”, and so is a name that ends like that by itself.
"""

import re
from typing import Final

from interviews.choices import Channel, Job, Kind

ORIGIN: Final = "SalesFlow"
CODEBOOK: Final = "urn:QDA-XML:codebook:1.0"
PROJECT: Final = "urn:QDA-XML:project:1.0"
COLOURS: Final = {
    "activity": "#A94D07",
    "role": "#3B47C9",
    "information": "#566070",
    "channel": "#2F6F73",
    "obstacle": "#B3261E",
    "evidence": "#1B7146",
}
# fact, name of the variable, its type there
FACTS: Final = (
    ("customer", "Customer", "Text"),
    ("role", "Role", "Text"),
    ("segment", "Segment", "Text"),
    ("held_on", "Date", "Date"),
    ("outcome", "How it ended", "Text"),
    ("weight", "Weight", "Float"),
    ("consent", "Consent", "Boolean"),
    ("external_id", "External id", "Text"),
)
KINDS: Final = {str(label).casefold(): value for value, label in Kind.choices}
SETS: Final = {f"Job: {label}": ("job", value) for value, label in Job.choices} | {
    f"Channel: {label}": ("channel", value) for value, label in Channel.choices
}
ACCOUNT: Final = "The whole account"
TIMELINE: Final = "The timeline"
GUIDE: Final = "Guide"
_GUIDE = re.compile(
    r"(?P<title>.+), version (?P<number>\d{1,4})(, question (?P<position>\d{1,3}) \((?P<job>[a-z]+)\))?"
)
_KIND = re.compile(r"(?P<name>.+) \((?P<kind>[a-z]+)\)")


def outward(name: str, kind: str, *, shared: bool) -> str:
    """Give the name that a code bears in a file; `shared` where another kind has it too."""
    found = _KIND.fullmatch(name)
    return f"{name} ({kind})" if shared or (found and found["kind"] == kind) else name


def inward(name: str, kind: str) -> str:
    """Give the name that a code of ours had before it was written."""
    found = _KIND.fullmatch(name)
    return found["name"] if found and found["kind"] == kind else name


def guide_name(title: str, number: int) -> str:
    """Name the note that tells of a guide."""
    return f"{title}, version {number}"


def question_name(title: str, number: int, position: int, job: str) -> str:
    """Name the note that holds a question."""
    return f"{guide_name(title, number)}, question {position} ({job})"


def read_guide_name(name: str) -> tuple[str, int, int | None, str] | None:
    """Give title, version, and for a question its place and job; None where the note is something else."""
    found = _GUIDE.fullmatch(name)
    if found is None:
        return None
    position = int(found["position"]) if found["position"] else None
    job = found["job"] or ""
    if position is not None and job not in Job.values:
        return None
    return found["title"], int(found["number"]), position, job
