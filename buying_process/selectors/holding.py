"""Which stages of the newest derivation would come out again with other customers, by the interviews as they are."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import Membership
from buying_process.choices import Actor
from buying_process.models import Hearing, Stage, StageActivity, Version
from buying_process.selectors.looks import newer_interviews
from buying_process.selectors.runs import Inputs, digest, inputs_of, run_of
from interviews.models import Interview
from jobs.choices import UNFINISHED
from jobs.models import Job
from journey.stability import DISSOLVED, STABLE


@dataclass(frozen=True, slots=True)
class Holding:
    """A stage, and how it holds when the interviews are drawn anew, in a word and a sentence."""

    stage: Stage
    url: str
    overlap: float | None
    word: str
    tone: str
    sentence: str


@dataclass(frozen=True, slots=True)
class StagesHeld:
    """The stages of the newest version that was derived, and how many interviews came since.

    `current` where the interviews were drawn as they are, else as they were when the version was derived. `inputs`
    name what there is to draw from; `job` is at work, or the latest that drew from just that.
    """

    version: Version
    stages: tuple[Holding, ...]
    interviews: int
    newer: int
    current: bool
    inputs: str
    job: Job | None

    @property
    def in_work(self) -> bool:
        """Tell whether it is being worked out."""
        return self.job is not None and not self.job.is_over

    @property
    def solid(self) -> int:
        """Count the stages that hold."""
        return sum(holding.word == "solid" for holding in self.stages)

    @property
    def weak(self) -> tuple[Holding, ...]:
        """Give the stages on which nobody should build yet."""
        return tuple(holding for holding in self.stages if holding.word in {"shaky", "falls apart"})


def stages_held(membership: Membership, *, segment: int | None = None) -> StagesHeld | None:
    """Say how the stages hold that were derived last, from all interviews or from a segment's. Twelve queries."""
    version = _derived(membership, segment).order_by("-created_at", "-pk").first()
    if version is None:
        return None
    stages = list(version.stages.all())
    ids = read_now(version)
    found = inputs_of(ids)
    inputs = inputs_digest(version, found)
    drawn = Hearing.objects.filter(process_id=version.process_id, inputs=inputs).first()
    known = drawn.result["stages"] if drawn else {str(stage.pk): stage.stability for stage in stages}
    current = drawn is not None or (_as_derived(version, found) and all(value is not None for value in known.values()))
    jobs = Job.objects.filter(Q(state__in=UNFINISHED) | Q(arguments__inputs=inputs), kind="holding")
    jobs = jobs.filter(arguments__process_id=version.process_id)
    return StagesHeld(
        version=version,
        stages=tuple(_holding(version, stage, known) for stage in stages),
        interviews=len(ids) if current else int(version.derivation["interviews"]),
        newer=newer_interviews(version).count(),
        current=current,
        inputs=inputs,
        job=None if current else jobs.order_by("-created_at").first(),
    )


def read_now(version: Version) -> list[int]:
    """Give the interviews with a timeline that the derivation of a version would read today. One query."""
    told = Interview.objects.filter(moments__isnull=False).exclude(pk__in=version.derivation.get("left_out", []))
    segment_id = version.derivation.get("segment_id") or version.process.segment_id
    told = told.filter(segment=segment_id) if segment_id else told
    return sorted(set(told.values_list("pk", flat=True)))


def homes(version: Version) -> dict[int, int]:
    """Map the codes of the customer's activities to their stage, also where people moved them. One query."""
    theirs = StageActivity.objects.filter(stage__version=version, actor=Actor.CUSTOMER, code__isnull=False)
    return dict(theirs.order_by("code_id", "pk").values_list("code_id", "stage_id"))


def inputs_digest(version: Version, found: Inputs) -> str:
    """Name what there is to draw from: the stages with their activities, the stories, the codes. One query."""
    return digest([version.pk, sorted(homes(version).items()), found.interviews, found.codes])


def _as_derived(version: Version, found: Inputs) -> bool:
    run = run_of(version)
    return run is not None and run.interviews == found.interviews and run.options.get("codes") == found.codes


def _derived(membership: Membership, segment: int | None) -> QuerySet[Version]:
    derived = Version.objects.visible_to(membership).filter(derivation__has_key="interviews").select_related("process")
    found: QuerySet[Version]
    if segment is None:
        found = derived.filter(process__segment=None, derivation__segment_id=None)
    else:
        found = derived.filter(Q(process__segment=segment) | Q(derivation__segment_id=segment))
    return found


def _holding(version: Version, stage: Stage, known: Mapping[str, float | None]) -> Holding:
    url = reverse("buying_process:stage", args=[version.process_id, version.number, stage.pk])
    return Holding(stage, url, known.get(str(stage.pk)), *_words(known.get(str(stage.pk))))


def _words(stability: float | None) -> tuple[str, str, str]:
    if stability is None:
        return "not known", "plain", "No story tells what it holds now."
    if stability > STABLE:
        return "solid", "settled", "It comes out much the same with other customers."
    if stability >= DISSOLVED:
        return "shaky", "plain", "Its core comes out again with other customers, its edges do not."
    return "falls apart", "danger", "With other customers it is another stage, or none."
