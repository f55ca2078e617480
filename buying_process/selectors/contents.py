"""What a version holds, as forms offer it and look it up."""

from django.db.models import QuerySet

from buying_process.choices import Actor
from buying_process.models import Stage, StageActivity, Version


def stages_of(version: Version | None) -> QuerySet[Stage]:
    """Give the stages of a version; none where there is none."""
    return Stage.objects.filter(version=version)


def other_stages(stage: Stage) -> QuerySet[Stage]:
    """Give the stages beside one."""
    return Stage.objects.filter(version_id=stage.version_id).exclude(pk=stage.pk)


def activities_of(version: Version | None) -> QuerySet[StageActivity]:
    """Give what is done in a version, by whomever, with its stage."""
    return StageActivity.objects.filter(stage__version=version).select_related("stage")


def theirs_of(version: Version | None) -> QuerySet[StageActivity]:
    """Give what the customer does in a version, with its stage."""
    return activities_of(version).filter(actor=Actor.CUSTOMER)


def ours_of(version: Version | None) -> QuerySet[StageActivity]:
    """Give what all of us do in a version, with its stage."""
    return activities_of(version).exclude(actor=Actor.CUSTOMER)


def theirs_in(stage: Stage) -> QuerySet[StageActivity]:
    """Give what the customer does in a stage, in order."""
    return StageActivity.objects.filter(stage=stage, actor=Actor.CUSTOMER).order_by("position", "pk")
