"""A proposal beside a draft: its parts, each with what customers said, and what a person decided on it."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Membership
from buying_process.choices import Actor
from buying_process.models import Run, StageActivity, StageNeed, Version
from buying_process.selectors.comparison import Change, Comparison, compare
from buying_process.selectors.outlines import OutlineStage, outline_of
from buying_process.selectors.quotes import Quote, quotes_of_codes

EVIDENCE = "interviews"
OPEN, REFUSED, PINNED = "open", "refused", "pinned"
# in the order in which they are taken: a stage has to be there before something moves into it
ORDER = (
    ("stage", "new"),
    ("activity", "moved"),
    ("activity", "new"),
    ("activity", "gone"),
    ("stage", "gone"),
    ("stage", "moved"),
    ("stage", "renamed"),
    ("activity", "renamed"),
    ("need", "moved"),
    ("need", "new"),
    ("need", "gone"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Something that a proposal would change, with where it stands: open, refused, or kept from change by a pin."""

    key: str
    state: str
    name: str
    sentence: str
    change: Change | None = None  # None: the interviews that the draft rests on
    quotes: tuple[Quote, ...] = ()

    @property
    def group(self) -> str:
        """Give what it is about: interviews, stage, activity or need."""
        return self.change.subject if self.change else EVIDENCE

    @property
    def way(self) -> str:
        """Give what would happen to it."""
        return self.change.way if self.change else ""


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """The parts of a proposal as they stand now; what was taken is no longer a difference, so it is not among them."""

    draft: Version
    version: Version
    comparison: Comparison
    parts: tuple[Part, ...]

    @property
    def open(self) -> tuple[Part, ...]:
        """Give the parts that wait for a decision."""
        return tuple(part for part in self.parts if part.state == OPEN)

    @property
    def refused(self) -> tuple[Part, ...]:
        """Give the parts that somebody did not want."""
        return tuple(part for part in self.parts if part.state == REFUSED)

    @property
    def pinned(self) -> tuple[Part, ...]:
        """Give the parts that a pin keeps from being offered."""
        return tuple(part for part in self.parts if part.state == PINNED)


def proposal_for(membership: Membership, draft: Version) -> Version | None:
    """Give the proposal beside a draft that the member may see; None where there is none."""
    if not Version.objects.visible_to(membership).filter(pk=draft.pk).exists():
        return None
    return Version.objects.filter(proposed_for=draft).select_related("process", "proposed_for").first()


def proposal_of(version: Version, *, quoted: bool = True) -> Proposal:
    """Work out what a proposal would change in its draft. Twelve queries, one more for what customers said."""
    draft = version.proposed_for
    if draft is None:
        raise ValueError("This version is no proposal.")
    comparison = compare(outline_of(draft), outline_of(version), own_names=True)
    refused = set(version.refusals.values_list("part", flat=True))
    changes = sorted(
        (change for change in comparison.changes if derived(change)),
        key=lambda change: ORDER.index((change.subject, change.way)),
    )
    said = quotes_of_codes(version, {code for change in changes for code in _codes(change)}) if quoted else {}
    parts = [_evidence(comparison, refused)] + [
        Part(
            change.key,
            PINNED if pinned(change) else REFUSED if change.key in refused else OPEN,
            change.name,
            change.sentence,
            change,
            tuple(quote for code in _codes(change) for quote in said.get(code, []))[:3],
        )
        for change in changes
    ]
    return Proposal(draft, version, comparison, tuple(part for part in parts if part))


def derived(change: Change) -> bool:
    """Tell whether a derivation has a say in it: not in what is ours, nor in needs that people added."""
    row = change.after or change.before
    if isinstance(row, OutlineStage):
        return True
    if isinstance(row, StageActivity):
        return row.actor == Actor.CUSTOMER and row.code_id is not None
    return row is not None and row.code_id is not None


def pinned(change: Change) -> bool:
    """Tell whether a person's pin keeps the draft's side as it is."""
    row = change.before
    if isinstance(row, OutlineStage):
        return row.stage.pinned or (change.way == "gone" and any(activity.pinned for activity in row.theirs))
    return isinstance(row, StageActivity | StageNeed) and row.pinned


def _evidence(comparison: Comparison, refused: set[str]) -> Part | None:
    """Say which interviews the draft would rest on; None where it rests on the same already."""
    draft, version = comparison.before.version, comparison.after.version
    runs = {run.version_id: run for run in Run.objects.filter(version__in=[draft, version])}
    old, new = runs.get(draft.pk), runs.get(version.pk)
    if old and new and (old.interviews, old.deals) == (new.interviews, new.deals):
        return None
    before = {row["id"] for row in old.interviews} if old else set()
    after = {row["id"] for row in new.interviews} if new else set()
    added, left = len(after - before), len(before - after)
    told = [
        f"{added} that the draft has not read" if added else "",
        f"{left} that it read no longer count" if left else "",
        f"{version.derivation['deals']} closed deals join" if version.derivation.get("deals") else "",
    ]
    detail = "; ".join(words for words in told if words) or "what they tell has changed"
    sentence = (
        f"From {len(after)} interviews in place of {len(before)}: {detail}. "
        "Shares, counts and how chaotic buying is are worked out anew."
    )
    return Part(EVIDENCE, REFUSED if EVIDENCE in refused else OPEN, "What the draft rests on", sentence)


def _codes(change: Change) -> Iterable[int]:
    row = change.after or change.before
    if isinstance(row, OutlineStage):
        return [activity.code_id for activity in row.theirs if activity.code_id]
    return [row.code_id] if row is not None and row.code_id else []
