"""Guides and their versions: a wording that interviews use is kept, an edit of it makes the next version."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import Membership
from core import audit, scope
from core.exceptions import ApplicationError, ConflictError
from core.write import change, create
from interviews.models import Guide, GuideVersion, Question

STARTER = Path(__file__).resolve().parent.parent / "starter" / "guide.toml"
MOST_QUESTIONS = 20


@dataclass(frozen=True)
class QuestionInput:
    """A question as it should stand in a guide; its place is its place in the sequence."""

    text: str
    job: str
    prompts: str = ""


def _starter() -> dict[str, Any]:
    return tomllib.loads(STARTER.read_text(encoding="utf-8"))


@transaction.atomic
def guide_ensure_default(*, actor: Membership | None) -> GuideVersion:
    """Give the latest version of the default guide; the first call makes the guide of the six buying questions."""
    guide = Guide.objects.select_for_update().filter(is_default=True).first()
    if guide is not None:
        return guide.versions.latest("number")
    starter = _starter()
    questions = [
        QuestionInput(text=row["text"], job=row["job"], prompts="\n".join(row.get("prompts", [])))
        for row in starter["questions"]
    ]
    return _guide_add(starter["title"], starter.get("introduction", ""), questions, is_default=True, actor=actor)


@transaction.atomic
def guide_create(
    *, title: str, questions: Sequence[QuestionInput], actor: Membership, introduction: str = ""
) -> GuideVersion:
    """Make a guide with its first version."""
    return _guide_add(title, introduction, questions, is_default=False, actor=actor)


@transaction.atomic
def guide_bring(
    *, title: str, number: int, introduction: str, questions: Sequence[QuestionInput], actor: Membership
) -> GuideVersion:
    """Give the wording of a guide that another program brought: the one that says the same, else a new one.

    What a guide of ours asks from now on stays: a wording that would become its latest gets a guide of its own.
    """
    for attempt in range(1, 100):
        suffix = {1: "", 2: " (brought in)"}.get(attempt, f" (brought in {attempt - 1})")
        name = title[: 120 - len(suffix)] + suffix
        guide = Guide.objects.select_for_update().filter(title__iexact=name).first()
        if guide is None:
            guide = create(Guide(workspace_id=scope.workspace_id(), title=name))
            audit.record("guide.create", guide, actor=actor, changes={"questions": len(questions)})
            return _version_add(guide, number, introduction, questions)
        versions = {version.number: version for version in guide.versions.all()}
        same = next((row for row in versions.values() if _same(row, introduction, questions)), None)
        if same is not None:
            return same
        if number not in versions and number < max(versions):
            audit.record("guide.bring", guide, actor=actor, changes={"version": number})
            return _version_add(guide, number, introduction, questions)
    raise ApplicationError(f"There are too many guides called “{title}”. Rename some of them first.")


def _guide_add(
    title: str, introduction: str, questions: Sequence[QuestionInput], *, is_default: bool, actor: Membership | None
) -> GuideVersion:
    guide = create(Guide(workspace_id=scope.workspace_id(), title=title, is_default=is_default))
    version = _version_add(guide, 1, introduction, questions)
    audit.record("guide.create", guide, actor=actor, changes={"questions": len(questions)})
    return version


@transaction.atomic
def guide_save(
    *,
    guide: Guide,
    based_on: int,
    title: str,
    introduction: str,
    questions: Sequence[QuestionInput],
    actor: Membership,
) -> GuideVersion:
    """Store an edit of version `based_on`: in place where no interview uses it yet, else as the next version.

    Raises
    ------
    ConflictError
        When somebody made a newer version meanwhile.
    """
    Guide.objects.select_for_update().get(pk=guide.pk)
    latest = guide.versions.latest("number")
    if latest.number != based_on:
        raise ConflictError("Somebody saved a newer version of this guide meanwhile. Load the page to see it.")
    changes = change(guide, title=title)
    if _same(latest, introduction, questions):
        if changes:
            audit.record("guide.rename", guide, actor=actor, changes=changes)
        return latest
    if latest.interviews.exists() or latest.intakes.exists():
        version = _version_add(guide, latest.number + 1, introduction, questions)
    else:
        change(latest, introduction=introduction)
        latest.questions.all().delete()
        _questions_add(latest, questions)
        version = latest
    saved = {"version": [based_on, version.number], "questions": len(questions)}
    audit.record("guide.save", guide, actor=actor, changes=changes | saved)
    return version


def _same(version: GuideVersion, introduction: str, questions: Sequence[QuestionInput]) -> bool:
    stands = [QuestionInput(text=row.text, job=row.job, prompts=row.prompts) for row in version.questions.all()]
    return version.introduction == introduction and stands == list(questions)


def _version_add(guide: Guide, number: int, introduction: str, questions: Sequence[QuestionInput]) -> GuideVersion:
    version = create(
        GuideVersion(workspace_id=guide.workspace_id, guide=guide, number=number, introduction=introduction)
    )
    _questions_add(version, questions)
    return version


def _questions_add(version: GuideVersion, questions: Sequence[QuestionInput]) -> None:
    if not questions:
        raise ApplicationError("A guide asks at least one question.")
    if len(questions) > MOST_QUESTIONS:
        raise ApplicationError(f"A guide asks at most {MOST_QUESTIONS} questions.")
    for position, row in enumerate(questions, start=1):
        create(
            Question(
                workspace_id=version.workspace_id,
                version=version,
                position=position,
                text=row.text,
                prompts=row.prompts,
                job=row.job,
            )
        )
