"""Processes and versions, by what a member may see."""

from dataclasses import dataclass

from django.db.models import Case, Count, F, OuterRef, Prefetch, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from accounts.models import Membership
from buying_process.choices import Status
from buying_process.models import Process, Stage, StageActivity, StageNeed, Transition, Version
from buying_process.selectors.looks import newer_interviews
from jobs.choices import UNFINISHED
from jobs.models import Job

MOST_FOUND = 8


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a designer's day starts with: drafts to look at, and interviews that no derivation has read."""

    drafts: tuple[Version, ...]
    newer: int
    newest: Version | None


def processes(membership: Membership) -> QuerySet[Process]:
    """Give the processes that a member may see, each with its versions that they may see. Three queries."""
    seen = versions(membership).order_by("-number").prefetch_related("stages")
    return (
        Process.objects.visible_to(membership)
        .select_related("segment")
        .prefetch_related(Prefetch("versions", queryset=seen))
    )


def shown_version(process: Process) -> Version | None:
    """Give the version that stands for a process on a list: the live one, else the newest. From what is prefetched."""
    found = list(process.versions.all())
    live = [version for version in found if version.status == Status.LIVE]
    return next(iter(live or found), None)


def versions(membership: Membership) -> QuerySet[Version]:
    """Give the versions that a member may see, with how many stages they have."""
    found: QuerySet[Version] = Version.objects.visible_to(membership)
    return found.select_related("process__segment", "published_by__user").annotate(stage_count=Count("stages"))


def with_deals_elsewhere(versions: QuerySet[Version]) -> QuerySet[Version]:
    """Annotate live versions with how many open deals still follow another version of the process."""
    others = Version.objects.filter(
        process=OuterRef("process"), deals__outcome="open", deals__workspace=F("workspace")
    ).exclude(pk=OuterRef("pk"))
    counted = others.order_by().values("process").annotate(found=Count("deals")).values("found")
    return versions.annotate(elsewhere=Coalesce(Case(When(status=Status.LIVE, then=Subquery(counted))), 0))


def versions_in_use() -> QuerySet[Version]:
    """Give the live and pilot versions of the workspace."""
    found: QuerySet[Version] = Version.objects.in_use()
    return found.select_related("process")


def stages(membership: Membership) -> QuerySet[Stage]:
    """Give the stages of the versions that a member may see."""
    return Stage.objects.filter(version__in=Version.objects.visible_to(membership)).select_related("version__process")


def activities(membership: Membership) -> QuerySet[StageActivity]:
    """Give the activities of the versions that a member may see."""
    seen = Version.objects.visible_to(membership)
    found = StageActivity.objects.filter(stage__version__in=seen)
    return found.select_related("stage__version__process", "facilitates")


def needs(membership: Membership) -> QuerySet[StageNeed]:
    """Give the needs of the versions that a member may see."""
    seen = Version.objects.visible_to(membership)
    return StageNeed.objects.filter(stage__version__in=seen).select_related("stage__version__process")


def transitions(membership: Membership) -> QuerySet[Transition]:
    """Give the transitions of the versions that a member may see."""
    seen = Version.objects.visible_to(membership)
    found = Transition.objects.filter(version__in=seen)
    return found.select_related("version__process", "from_stage", "to_stage")


def running_job(process: Process, kind: str = "derive") -> Job | None:
    """Give the job that works on a process at the moment, if any."""
    jobs = Job.objects.filter(kind=kind, state__in=UNFINISHED)
    return jobs.filter(arguments__process_id=process.pk).select_related("started_by__user").first()


def publication_job(version: Version) -> Job | None:
    """Give the job that moves the deals to a version while it runs."""
    jobs = Job.objects.filter(kind="publish", state__in=UNFINISHED)
    return jobs.filter(arguments__version_id=version.pk).select_related("started_by__user").first()


def live_version(process: Process) -> Version | None:
    """Give the live version of a process."""
    return Version.objects.filter(process=process, status=Status.LIVE).select_related("process").first()


def open_deals_on(version: Version) -> int:
    """Give how many open deals follow a version."""
    return int(version.deals.filter(outcome="open").count())


def waiting(membership: Membership) -> Waiting:
    """Give what waits for a designer. Three queries."""
    drafts = tuple(versions(membership).filter(status=Status.DRAFT).order_by("-created_at")[:MOST_FOUND])
    newest = versions(membership).order_by("-created_at").first()
    return Waiting(drafts, newer_interviews(newest).count() if newest else 0, newest)


def found(membership: Membership, query: str) -> list[tuple[str, str, str]]:
    """Give processes, stages and activities whose name holds `query` as (name, kind, address), newest version first."""
    named = [
        (process.name, "process", process.get_absolute_url())
        for process in Process.objects.visible_to(membership).filter(name__icontains=query)[:MOST_FOUND]
    ]
    current = stages(membership).exclude(version__status=Status.RETIRED)
    in_stages = [
        (stage.name, f"stage of {stage.version}", f"{stage.version.get_absolute_url()}#stage-{stage.pk}")
        for stage in current.filter(name__icontains=query).order_by("-version__number", "position")[:MOST_FOUND]
    ]
    acts = activities(membership).exclude(stage__version__status=Status.RETIRED).filter(name__icontains=query)
    in_activities = [
        (
            activity.name,
            f"activity in {activity.stage.version}",
            f"{activity.stage.version.get_absolute_url()}#stage-{activity.stage_id}",
        )
        for activity in acts.order_by("-stage__version__number", "position")[:MOST_FOUND]
    ]
    return [*named, *in_stages, *in_activities]
