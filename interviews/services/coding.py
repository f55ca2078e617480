"""Codes, and the excerpts that carry them."""

import tomllib
from collections.abc import Mapping
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
from interviews.models import AlsoCoded, Answer, Code, Excerpt, Moment, Suggestion
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
        audit.record("excerpt.add", answer, actor=actor, changes=_named(excerpt))
    return excerpt


def excerpt_place(
    *, answer: Answer, code: Code, start: int, end: int, actor: Membership | None, version: int | None = None
) -> tuple[Excerpt, bool]:
    """Store an excerpt, or that this person coded the same, for another service, which records it.

    Inside a transaction. Gives the excerpt and whether that is news.
    """
    answer = Answer.objects.select_for_update().get(pk=answer.pk)
    if version is not None and version != answer.version:
        raise ConflictError("The answer was changed meanwhile. Load the page and select the words again.")
    try:
        start, end = validate_span(answer.text, start, end)
    except ValidationError as error:
        raise ApplicationError(error.messages[0], fields={"start": error.messages}) from error
    found = answer.excerpts.filter(code=code, start=start, end=end).first()
    if found is not None:
        return found, _join(found, actor)
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


def _join(excerpt: Excerpt, actor: Membership | None) -> bool:
    """Say that this person gave these words this code too; give whether that is news."""
    if actor is None or actor.pk == excerpt.coded_by_id:
        return False
    rows = AlsoCoded.objects.filter(excerpt=excerpt, coder=actor)
    if rows.exists():
        return False
    create(AlsoCoded(workspace_id=excerpt.workspace_id, excerpt=excerpt, coder=actor))
    return True


def excerpt_leave(*, excerpt: Excerpt, coder: Membership | None, is_own: bool) -> None:
    """Take a person's name off an excerpt for another service, which records it. Inside a transaction.

    The excerpt goes with the last of those who coded it, where it is this person's own.
    """
    if coder is not None and AlsoCoded.objects.filter(excerpt=excerpt, coder=coder).delete()[0]:
        return
    if not is_own:
        return
    heir = excerpt.also_coded.select_related("coder").first()
    if heir is None:
        excerpt.delete()
        return
    excerpt.coded_by = heir.coder
    excerpt.save(update_fields=["coded_by", "updated_at"])
    heir.delete()


def excerpt_take_off(
    *, excerpt: Excerpt, actor: Membership, state: SuggestionState, whole: bool = False
) -> dict[str, Any]:
    """Take a code off its words for another service, which records it; gives what `excerpt_put_back` needs.

    Where this person coded it with others, just their name goes, unless the `whole` of it has to. Suggestions that led
    to it get the `state`.
    """
    answer = Answer.objects.select_for_update().get(pk=excerpt.answer_id)  # who else codes these words waits
    found = Excerpt.objects.filter(pk=excerpt.pk).first()
    if found is None:
        raise ConflictError("Somebody has taken this code off already.")
    excerpt = found
    also = list(excerpt.also_coded.order_by("pk").values_list("coder_id", flat=True))
    kept: dict[str, Any] = {
        "answer": excerpt.answer_id,
        "version": answer.version,
        "code": excerpt.code_id,
        "start": excerpt.start,
        "end": excerpt.end,
        "coders": [excerpt.coded_by_id, *also],
        "moments": [],
        "suggestions": [],
    }
    if also and actor.pk in kept["coders"] and not whole:
        excerpt_leave(excerpt=excerpt, coder=actor, is_own=True)
        return kept | {"coders": [actor.pk]}
    kept["moments"] = list(excerpt.moments.values_list("pk", flat=True))
    kept["suggestions"] = list(excerpt.suggestions.values_list("pk", "state"))
    is_open = state == SuggestionState.OPEN
    excerpt.suggestions.update(
        state=state, decided_by=None if is_open else actor, decided_at=None if is_open else timezone.now()
    )
    excerpt.delete()
    return kept


def excerpt_put_back(kept: Mapping[str, Any]) -> Excerpt:
    """Put back what `excerpt_take_off` took, with its coders and its place in the timeline. Inside a transaction."""
    answer = Answer.objects.filter(pk=kept["answer"]).first()
    code = Code.objects.filter(pk=kept["code"]).first()
    if answer is None or code is None or answer.version != kept["version"]:
        raise ConflictError("The answer was changed meanwhile, so this can no longer be undone.")
    people = Membership.objects.in_bulk([pk for pk in kept["coders"] if pk is not None])
    first, *others = (people.get(pk) for pk in kept["coders"])
    excerpt, _ = excerpt_place(answer=answer, code=code, start=kept["start"], end=kept["end"], actor=first)
    for other in others:
        _join(excerpt, other)
    Moment.objects.filter(pk__in=kept["moments"], excerpt=None).update(excerpt=excerpt)
    for pk, state in kept["suggestions"]:
        Suggestion.objects.filter(pk=pk).update(state=state, excerpt=excerpt, decided_at=timezone.now())
    return excerpt


@transaction.atomic
def excerpt_remove(*, excerpt: Excerpt, actor: Membership) -> str:
    """Take a code off its words. Gives what `excerpt_restore` needs; a suggestion that led to it counts as refused."""
    kept = excerpt_take_off(excerpt=excerpt, actor=actor, state=SuggestionState.REFUSED)
    audit.record("excerpt.remove", excerpt.answer, actor=actor, changes=_named(excerpt))
    return signing.dumps(kept, salt=SALT, compress=True)


@transaction.atomic
def excerpt_undo(*, excerpt: Excerpt, actor: Membership) -> None:
    """Undo that a person gave words a code: a suggestion that this answered waits again."""
    excerpt_take_off(excerpt=excerpt, actor=actor, state=SuggestionState.OPEN)
    audit.record("excerpt.undo", excerpt.answer, actor=actor, changes=_named(excerpt))


@transaction.atomic
def excerpt_restore(*, token: str, actor: Membership) -> Excerpt:
    """Put back an excerpt that was removed, with its place in the timeline."""
    try:
        kept = signing.loads(token, salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise ApplicationError("This can no longer be undone.") from error
    excerpt = excerpt_put_back(kept)
    audit.record("excerpt.restore", excerpt.answer, actor=actor, changes=_named(excerpt))
    return excerpt


def _named(excerpt: Excerpt) -> dict[str, Any]:
    return {"code": excerpt.code.name, "start": excerpt.start, "end": excerpt.end}
