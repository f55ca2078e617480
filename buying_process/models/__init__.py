"""Processes, their versions, what a version is made of, and what is kept beside it."""

from buying_process.models.versions import (
    Fit,
    Process,
    ProcessQuerySet,
    Skill,
    Stage,
    StageActivity,
    StageNeed,
    Transition,
    Version,
    VersionQuerySet,
)
from buying_process.models.working import Acceptance, Edit, Hearing, Refusal, Run

__all__ = [
    "Acceptance",
    "Edit",
    "Fit",
    "Hearing",
    "Process",
    "ProcessQuerySet",
    "Refusal",
    "Run",
    "Skill",
    "Stage",
    "StageActivity",
    "StageNeed",
    "Transition",
    "Version",
    "VersionQuerySet",
]
