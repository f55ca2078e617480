"""Which stages would come out again with other customers: what the newest derivation says of each."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import Membership
from buying_process.models import Stage, Version
from buying_process.selectors.looks import newer_interviews
from journey.stability import DISSOLVED, STABLE


@dataclass(frozen=True, slots=True)
class Holding:
    """A stage, and how it holds when the interviews are drawn anew, in a word and a sentence."""

    stage: Stage
    url: str
    word: str
    tone: str
    sentence: str


@dataclass(frozen=True, slots=True)
class StagesHeld:
    """The stages of the newest version that was derived, and how many interviews came since."""

    version: Version
    stages: tuple[Holding, ...]
    interviews: int
    newer: int

    @property
    def solid(self) -> int:
        """Count the stages that hold."""
        return sum(holding.word == "solid" for holding in self.stages)

    @property
    def weak(self) -> tuple[Holding, ...]:
        """Give the stages on which nobody should build yet."""
        return tuple(holding for holding in self.stages if holding.word in {"shaky", "falls apart"})


def stages_held(membership: Membership, *, segment: int | None = None) -> StagesHeld | None:
    """Say how the stages hold that were derived last, from all interviews or from a segment's. Three queries."""
    version = _derived(membership, segment).order_by("-created_at", "-pk").first()
    if version is None:
        return None
    stages = tuple(_holding(version, stage) for stage in version.stages.all())
    return StagesHeld(version, stages, int(version.derivation["interviews"]), newer_interviews(version).count())


def _derived(membership: Membership, segment: int | None) -> QuerySet[Version]:
    derived = Version.objects.visible_to(membership).filter(derivation__has_key="interviews").select_related("process")
    found: QuerySet[Version]
    if segment is None:
        found = derived.filter(process__segment=None, derivation__segment_id=None)
    else:
        found = derived.filter(Q(process__segment=segment) | Q(derivation__segment_id=segment))
    return found


def _holding(version: Version, stage: Stage) -> Holding:
    url = reverse("buying_process:stage", args=[version.process_id, version.number, stage.pk])
    return Holding(stage, url, *_words(stage.stability))


def _words(stability: float | None) -> tuple[str, str, str]:
    if stability is None:
        return "not known", "plain", "Somebody of you shaped it; what holds is known of stages as they were derived."
    if stability > STABLE:
        return "solid", "settled", "It comes out much the same with other customers."
    if stability >= DISSOLVED:
        return "shaky", "customer", "Its core comes out again with other customers, its edges do not."
    return "falls apart", "danger", "With other customers it is another stage, or none."
