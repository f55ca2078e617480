"""Codes, and the excerpts that carry them."""

import tomllib
from pathlib import Path
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from core import audit, scope
from core.exceptions import ApplicationError, ConflictError
from core.write import change, create
from interviews.choices import Kind, SuggestionState
from interviews.models import Answer, Code, Excerpt, Moment, Suggestion
from interviews.validators import validate_span

STARTER = Path(__file__).resolve().parent.parent / "starter" / "codebook.toml"
SALT = "interviews.excerpt"
UNDO_SECONDS = 24 * 3600


@transaction.atomic
def code_create(
    *,
    actor: Membership | None,
    kind: str,
    name: str,
    description: str = "",
    job: str = "",
    channel: str = "",
    parent: Code | None = None,
) -> Code:
    """Add a code to the codebook."""
    code = create(
        Code(
            workspace_id=scope.workspace_id(),
            parent=parent,
            kind=kind,
            name=" ".join(name.split()),
            description=description.strip(),
            job=job,
            channel=channel,
        )
    )
    audit.record("code.create", code, actor=actor, changes={"kind": kind})
    return code


def code_find_or_create(*, actor: Membership | None, kind: str, name: str, job: str = "") -> Code:
    """Give the code of this kind and name, in any case of letters; make it where there is none."""
    name = " ".join(name.split())
    found = Code.objects.filter(kind=kind, name__iexact=name).first()
    return found or code_create(actor=actor, kind=kind, name=name, job=job)


@transaction.atomic
def code_update(*, code: Code, actor: Membership, **fields: Any) -> Code:
    """Rename or describe a code. Its kind stays while a timeline uses it as an activity, or codes belong under it."""
    kind = fields.get("kind", code.kind)
    if kind != code.kind:
        if code.children.exists():
            message = "Codes of its kind belong under it. Move them first."
            raise ApplicationError(message, fields={"kind": [message]})
        fields.setdefault("parent", None)
    if kind != code.kind and code.kind == Kind.ACTIVITY and code.moments.exists():
        message = "Timelines use this activity, so it stays an activity."
        raise ApplicationError(message, fields={"kind": [message]})
    changes = change(code, **fields)
    if changes:
        shown = {name: "changed" if name == "description" else values for name, values in changes.items()}
        audit.record("code.update", code, actor=actor, changes=shown)
    return code


@transaction.atomic
def starter_codebook_add(*, actor: Membership | None) -> int:
    """Add the codes to begin with that the codebook has not got; give how many."""
    rows = tomllib.loads(STARTER.read_text(encoding="utf-8"))["codes"]
    known = {(kind, name.lower()) for kind, name in Code.objects.values_list("kind", "name")}
    new = [row for row in rows if (row["kind"], row["name"].lower()) not in known]
    for row in new:
        code_create(actor=actor, **row)
    return len(new)


@transaction.atomic
def excerpt_add(
    *, answer: Answer, code: Code, start: int, end: int, actor: Membership | None, version: int | None = None
) -> Excerpt:
    """Give the words from `start` to `end` (code points) a code; the same words and code again give what stands.

    Raises
    ------
    ConflictError
        When the answer changed since the `version` that the person selected in.
    """
    excerpt, is_new = excerpt_place(answer=answer, code=code, start=start, end=end, actor=actor, version=version)
    if is_new:
        changes = {"code": code.name, "start": excerpt.start, "end": excerpt.end}
        audit.record("excerpt.add", answer, actor=actor, changes=changes)
    return excerpt


def excerpt_place(
    *, answer: Answer, code: Code, start: int, end: int, actor: Membership | None, version: int | None = None
) -> tuple[Excerpt, bool]:
    """Store an excerpt for another service, which records it; gives it and whether it is new. Inside a transaction."""
    answer = Answer.objects.select_for_update().get(pk=answer.pk)
    if version is not None and version != answer.version:
        raise ConflictError("The answer was changed meanwhile. Load the page and select the words again.")
    try:
        start, end = validate_span(answer.text, start, end)
    except ValidationError as error:
        raise ApplicationError(error.messages[0], fields={"start": error.messages}) from error
    found = answer.excerpts.filter(code=code, start=start, end=end).first()
    if found is not None:
        return found, False
    excerpt = create(
        Excerpt(
            workspace_id=answer.workspace_id,
            answer=answer,
            code=code,
            start=start,
            end=end,
            quote=answer.text[start:end],
            coded_by=actor,
        )
    )
    # a person's own coding answers what the machine asked about these words
    answer.suggestions.filter(code=code, state=SuggestionState.OPEN, start__lt=end, end__gt=start).update(
        state=SuggestionState.ACCEPTED, excerpt=excerpt, decided_by=actor, decided_at=timezone.now()
    )
    return excerpt, True


@transaction.atomic
def excerpt_remove(*, excerpt: Excerpt, actor: Membership) -> str:
    """Take a code off its words. Gives what `excerpt_restore` needs; a suggestion that led to it counts as refused."""
    answer = excerpt.answer
    suggestions = list(excerpt.suggestions.values_list("pk", "state"))
    kept = {
        "answer": answer.pk,
        "version": answer.version,
        "code": excerpt.code_id,
        "start": excerpt.start,
        "end": excerpt.end,
        "moments": list(excerpt.moments.values_list("pk", flat=True)),
        "suggestions": suggestions,
    }
    excerpt.suggestions.update(state=SuggestionState.REFUSED, decided_by=actor, decided_at=timezone.now())
    excerpt.delete()
    changes = {"code": excerpt.code.name, "start": excerpt.start, "end": excerpt.end}
    audit.record("excerpt.remove", answer, actor=actor, changes=changes)
    return signing.dumps(kept, salt=SALT, compress=True)


@transaction.atomic
def excerpt_restore(*, token: str, actor: Membership) -> Excerpt:
    """Put back an excerpt that was removed, with its place in the timeline."""
    try:
        kept = signing.loads(token, salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise ApplicationError("This can no longer be undone.") from error
    answer = Answer.objects.filter(pk=kept["answer"]).first()
    code = Code.objects.filter(pk=kept["code"]).first()
    if answer is None or code is None or answer.version != kept["version"]:
        raise ConflictError("The answer was changed meanwhile, so this can no longer be undone.")
    excerpt, _ = excerpt_place(answer=answer, code=code, start=kept["start"], end=kept["end"], actor=actor)
    Moment.objects.filter(pk__in=kept["moments"], excerpt=None).update(excerpt=excerpt)
    for pk, state in kept["suggestions"]:
        Suggestion.objects.filter(pk=pk).update(state=state, excerpt=excerpt, decided_at=timezone.now())
    changes = {"code": code.name, "start": excerpt.start, "end": excerpt.end}
    audit.record("excerpt.restore", answer, actor=actor, changes=changes)
    return excerpt
