"""Two codes become one, and are parted again just as they were."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import Membership
from core import audit
from core.exceptions import ApplicationError, ConflictError
from core.write import change, create
from interviews.choices import SuggestionState
from interviews.models import (
    BETWEEN_NAMES,
    LONGEST_NAMES,
    AlsoCoded,
    Code,
    CodeMerge,
    Excerpt,
    Moment,
    Ruling,
    Suggestion,
)
from interviews.selectors.codebook import levels_below, path_to
from interviews.validators import DEEPEST

FACTS = ("kind", "name", "description", "job", "channel", "parent_id")
DECIDED = ("state", "decided_by_id", "decided_at", "excerpt_id")
OWN = (Excerpt, Suggestion, Moment, Code, CodeMerge)  # followed here by rules of their own


@dataclass(frozen=True)
class Follower:
    """A column of a higher room that names a code."""

    model: Any
    column: str

    @property
    def label(self) -> str:
        """Name it for the record of a merge."""
        return f"{self.model._meta.label_lower}.{self.column}"


def followers() -> list[Follower]:
    """Give what names codes besides this room's own rows: found by what is linked, so that no room is named here."""
    return [
        Follower(relation.related_model, relation.field.name)
        for relation in Code._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel) and relation.related_model not in OWN
    ]


@transaction.atomic
def code_merge(*, code: Code, into: Code, actor: Membership) -> CodeMerge:
    """Have `into` take over everything that names `code`; `code` goes. Gives what `code_merge_undo` needs.

    Words that carried both codes keep one excerpt; a suggestion that was decided for either stays decided.
    """
    if code.pk == into.pk:
        raise ApplicationError("Choose another code than this one.", fields={"into": ["Choose another code."]})
    if code.kind != into.kind:
        message = f"“{into.name}” is of another kind. Only codes of one kind become one."
        raise ApplicationError(message, fields={"into": [message]})
    locked = Code.objects.select_for_update().filter(pk__in=[code.pk, into.pk]).order_by("pk")
    rows = {row.pk: row for row in locked}
    if len(rows) < 2:  # noqa: PLR2004  the two
        raise ConflictError("One of the two codes is gone by now.")
    code, into = rows[code.pk], rows[into.pk]
    kept: dict[str, Any] = {
        "code": {name: getattr(code, name) for name in FACTS}
        | {"pk": code.pk, "created_at": code.created_at.isoformat()}
    }
    kept |= _tree_follows(code, into) | _excerpts_follow(code, into) | _suggestions_follow(code, into)
    kept["moments"] = _take_over(Moment, "code", code, into)
    kept["followers"] = {row.label: _take_over(row.model, row.column, code, into) for row in followers()}
    kept["rulings"] = _rulings_follow(code, into)
    name = code.name
    code.delete()
    merge = create(CodeMerge(workspace_id=into.workspace_id, target=into, name=name, kept=kept, merged_by=actor))
    changes = {"code": name, "passages": len(kept["excerpts"]) + len(kept["twins"]), "moments": len(kept["moments"])}
    audit.record("code.merge", into, actor=actor, changes=changes)
    return merge


def _take_over(model: Any, column: str, code: Code, into: Code) -> list[int]:
    """Have rows name the other code; give which. What published versions say stays, only the reference follows."""
    rows = model.objects.filter(**{column: code})
    keys = list(rows.values_list("pk", flat=True))
    _follow(model, column, keys, into.pk)
    return keys


def _follow(model: Any, column: str, keys: list[int], code_id: int) -> None:
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('salesflow.following', 'on', true)")
        model.objects.filter(pk__in=keys).update(**{f"{column}_id": code_id})
        cursor.execute("SELECT set_config('salesflow.following', 'off', true)")


def _tree_follows(code: Code, into: Code) -> dict[str, Any]:
    kept: dict[str, Any] = {"into_parent": into.parent_id}
    above = into.parent
    while above is not None and above.pk != code.pk:
        above = above.parent
    if above is not None:  # it stood below the code that goes: it takes that one's place
        change(into, parent=code.parent)
    children = list(code.children.exclude(pk=into.pk).values_list("pk", flat=True))
    if children and len(path_to(into)) + 1 + levels_below(code) > DEEPEST:
        raise ApplicationError(f"Codes stand at most {DEEPEST} levels deep, and others belong under “{code.name}”.")
    Code.objects.filter(pk__in=children).update(parent=into)
    kept["lifted"] = above is not None
    kept["children"] = children
    return kept


def _excerpts_follow(code: Code, into: Code) -> dict[str, Any]:
    twin = Excerpt.objects.filter(code=into, answer=OuterRef("answer"), start=OuterRef("start"), end=OuterRef("end"))
    rows = code.excerpts.annotate(twin=Subquery(twin.values("pk")[:1])).filter(twin__isnull=False)
    twins = [_excerpt_becomes(row, Excerpt.objects.get(pk=row.twin)) for row in rows]
    moved = list(code.excerpts.values_list("pk", flat=True))
    Excerpt.objects.filter(pk__in=moved).update(code=into)
    return {"excerpts": moved, "twins": twins}


def _excerpt_becomes(row: Excerpt, twin: Excerpt) -> dict[str, Any]:
    """Have the twin stand for `row`, for its coders, moments and suggestions too; give how to part them."""
    also = list(row.also_coded.values_list("pk", "coder_id"))
    known = {twin.coded_by_id, *twin.also_coded.values_list("coder_id", flat=True)}
    joined = [
        pk
        for pk in dict.fromkeys([row.coded_by_id, *(coder for _, coder in also)])
        if pk is not None and pk not in known
    ]
    made = AlsoCoded.objects.bulk_create(
        AlsoCoded(workspace_id=twin.workspace_id, excerpt=twin, coder_id=pk) for pk in joined
    )
    kept: dict[str, Any] = {
        "pk": row.pk,
        "twin": twin.pk,
        "coded_by": row.coded_by_id,
        "coder_name": row.coder_name,
        "created_at": row.created_at.isoformat(),
        "also_coded": also,
        "joined": [joint.pk for joint in made],
        "twin_names": [twin.coder_name, _names_of(twin, row)],
        "moments": list(row.moments.values_list("pk", flat=True)),
        "suggestions": list(row.suggestions.values_list("pk", flat=True)),
    }
    row.moments.update(excerpt=twin)
    row.suggestions.update(excerpt=twin)
    Excerpt.objects.filter(pk=twin.pk).update(coder_name=kept["twin_names"][1])
    row.delete()
    return kept


def _names_of(twin: Excerpt, row: Excerpt) -> str:
    """Give who coded either elsewhere; where both do not fit, those of the one that stays."""
    names = [name for name in (*twin.coder_name.split(BETWEEN_NAMES), *row.coder_name.split(BETWEEN_NAMES)) if name]
    joined = BETWEEN_NAMES.join(dict.fromkeys(names))
    return joined if len(joined) <= LONGEST_NAMES else twin.coder_name


def _suggestions_follow(code: Code, into: Code) -> dict[str, Any]:
    twin = Suggestion.objects.filter(code=into, answer=OuterRef("answer"), start=OuterRef("start"), end=OuterRef("end"))
    rows = code.suggestions.annotate(twin=Subquery(twin.values("pk")[:1])).filter(twin__isnull=False)
    twins = [_suggestion_becomes(row, Suggestion.objects.get(pk=row.twin)) for row in rows]
    moved = list(code.suggestions.values_list("pk", flat=True))
    Suggestion.objects.filter(pk__in=moved).update(code=into)
    # what is coded now is no longer asked for
    coded = Excerpt.objects.filter(
        code=into, answer=OuterRef("answer"), start__lt=OuterRef("end"), end__gt=OuterRef("start")
    )
    answered = list(
        into.suggestions.filter(state=SuggestionState.OPEN)
        .annotate(said=Subquery(coded.values("pk")[:1]))
        .filter(said__isnull=False)
        .values_list("pk", "said")
    )
    for pk, said in answered:
        Suggestion.objects.filter(pk=pk).update(state=SuggestionState.ACCEPTED, excerpt=said, decided_at=timezone.now())
    return {"suggestions": moved, "suggestion_twins": twins, "answered": [pk for pk, _ in answered]}


def _suggestion_becomes(row: Suggestion, twin: Suggestion) -> dict[str, Any]:
    kept = {
        "pk": row.pk,
        "twin": twin.pk,
        "score": row.score,
        "likeness": row.likeness,
        "created_at": row.created_at.isoformat(),
        "was": _decision(row),
    }
    if twin.state == SuggestionState.OPEN and row.state != SuggestionState.OPEN:
        kept["twin_was"] = _decision(twin)
        Suggestion.objects.filter(pk=twin.pk).update(**{name: getattr(row, name) for name in DECIDED})
    row.delete()
    return kept


def _decision(row: Suggestion) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in DECIDED}
    return values | {"decided_at": row.decided_at.isoformat() if row.decided_at else None}


def _rulings_follow(code: Code, into: Code) -> list[list[Any]]:
    """Rewrite the codes that settled passages remember, voted for and taken off; give each as it was."""
    kept = []
    for ruling in Ruling.objects.filter(Q(votes__contains=[[code.pk]]) | Q(removed__contains=[{"code": code.pk}])):
        kept.append([ruling.pk, ruling.votes, ruling.removed])
        votes = {(into.pk if vote[0] == code.pk else vote[0], *vote[1:]): None for vote in ruling.votes}
        removed = [row | {"code": into.pk} if row["code"] == code.pk else row for row in ruling.removed]
        Ruling.objects.filter(pk=ruling.pk).update(votes=list(votes), removed=removed)
    return kept


@transaction.atomic
def code_merge_undo(*, merge: CodeMerge, actor: Membership) -> Code:
    """Part two codes that became one: the code that went is back, with all that named it.

    Raises
    ------
    ConflictError
        When the code that took over is gone itself, or another one bears the name by now.
    """
    merge = CodeMerge.objects.select_for_update(of=("self",)).select_related("target").get(pk=merge.pk)
    if merge.undone_at is not None:
        raise ConflictError("This was undone already.")
    into = merge.target
    if into is None:
        raise ConflictError("The code that took over is gone by now. Undo its own merge first.")
    facts = merge.kept["code"]
    if Code.objects.filter(kind=facts["kind"], name__iexact=facts["name"]).exists():
        raise ConflictError(f"There is a code “{facts['name']}” again. Rename it, then undo this.")
    if into.kind != facts["kind"]:
        raise ConflictError(f"“{into.name}” is of another kind by now, so the two cannot be parted.")
    code = _code_back(merge, into)
    _excerpts_back(merge.kept, code, into)
    _suggestions_back(merge.kept, code, into)
    _follow_back(Moment, "code", merge.kept["moments"], code, into)
    for row in followers():
        _follow_back(row.model, row.column, merge.kept["followers"].get(row.label, []), code, into)
    for pk, votes, removed in merge.kept["rulings"]:
        Ruling.objects.filter(pk=pk).update(votes=votes, removed=removed)
    change(merge, undone_at=timezone.now())
    audit.record("code.merge_undo", into, actor=actor, changes={"code": code.name})
    return code


def _follow_back(model: Any, column: str, keys: list[int], code: Code, into: Code) -> None:
    """Have the rows that still name the code that took over name the other one again."""
    still = model.objects.filter(pk__in=keys, **{column: into})
    _follow(model, column, list(still.values_list("pk", flat=True)), code.pk)


def _code_back(merge: CodeMerge, into: Code) -> Code:
    facts = dict(merge.kept["code"])
    made_at = datetime.fromisoformat(facts.pop("created_at"))
    parent = Code.objects.filter(pk=facts.pop("parent_id") or 0, kind=facts["kind"]).first()
    code = create(Code(workspace_id=merge.workspace_id, parent=parent, **facts))
    Code.objects.filter(pk=code.pk).update(created_at=made_at)
    if merge.kept["lifted"] and into.parent_id == code.parent_id:
        above = Code.objects.filter(pk=merge.kept["into_parent"] or 0).first()
        change(into, parent=above)
    Code.objects.filter(pk__in=merge.kept["children"], parent=into).update(parent=code)
    return code


def _excerpts_back(kept: dict[str, Any], code: Code, into: Code) -> None:
    Excerpt.objects.filter(pk__in=kept["excerpts"], code=into).update(code=code)
    standing = Excerpt.objects.select_related("answer").in_bulk([row["twin"] for row in kept["twins"]])
    for row in kept["twins"]:
        twin = standing.get(row["twin"])
        if twin is None:  # its words are gone since
            continue
        excerpt = create(
            Excerpt(
                pk=row["pk"],
                workspace_id=twin.workspace_id,
                answer=twin.answer,
                code=code,
                start=twin.start,
                end=twin.end,
                quote=twin.quote,
                coded_by_id=row["coded_by"],
                coder_name=row["coder_name"],
            )
        )
        Excerpt.objects.filter(pk=excerpt.pk).update(created_at=datetime.fromisoformat(row["created_at"]))
        alone, joined = row["twin_names"]
        Excerpt.objects.filter(pk=twin.pk, coder_name=joined).update(coder_name=alone)
        AlsoCoded.objects.filter(pk__in=row["joined"]).delete()
        AlsoCoded.objects.bulk_create(
            AlsoCoded(pk=pk, workspace_id=twin.workspace_id, excerpt=excerpt, coder_id=coder)
            for pk, coder in row["also_coded"]
        )
        Moment.objects.filter(pk__in=row["moments"], excerpt=twin).update(excerpt=excerpt)
        Suggestion.objects.filter(pk__in=row["suggestions"], excerpt=twin).update(excerpt=excerpt)


def _suggestions_back(kept: dict[str, Any], code: Code, into: Code) -> None:
    Suggestion.objects.filter(pk__in=kept["answered"], state=SuggestionState.ACCEPTED).update(
        state=SuggestionState.OPEN, excerpt=None, decided_at=None
    )
    Suggestion.objects.filter(pk__in=kept["suggestions"], code=into).update(code=code)
    standing = Suggestion.objects.select_related("answer").in_bulk([row["twin"] for row in kept["suggestion_twins"]])
    for row in kept["suggestion_twins"]:
        twin = standing.get(row["twin"])
        if twin is None:
            continue
        suggestion = Suggestion(
            pk=row["pk"],
            workspace_id=twin.workspace_id,
            answer=twin.answer,
            code=code,
            start=twin.start,
            end=twin.end,
            quote=twin.quote,
            score=row["score"],
            likeness=row["likeness"],
            vector=twin.vector,
        )
        suggestion.save(force_insert=True)
        made_at = datetime.fromisoformat(row["created_at"])
        Suggestion.objects.filter(pk=suggestion.pk).update(created_at=made_at, **_known_decision(row["was"]))
        if "twin_was" in row:
            Suggestion.objects.filter(pk=twin.pk).update(**_known_decision(row["twin_was"]))


def _known_decision(values: dict[str, Any]) -> dict[str, Any]:
    """Give a decision as it was kept; an excerpt that is gone since is left out."""
    excerpt = Excerpt.objects.filter(pk=values["excerpt_id"] or 0).values_list("pk", flat=True).first()
    at = datetime.fromisoformat(values["decided_at"]) if values["decided_at"] else None
    return values | {"excerpt_id": excerpt, "decided_at": at}
