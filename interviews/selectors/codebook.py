"""The codebook: codes with how often they are told."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Membership
from interviews.choices import Job, Kind
from interviews.models import Code, CodeMerge, Excerpt
from interviews.selectors.stories import quotes

MOST_OPTIONS = 30


def activity_codes() -> QuerySet[Code]:
    """Give what customers do."""
    return Code.objects.filter(kind=Kind.ACTIVITY).order_by("name")


def _matching(query: str) -> QuerySet[Code]:
    found = Code.objects.all()
    for word in query.split():
        found = found.filter(Q(name__icontains=word) | Q(description__icontains=word))
    return found


def code_rows(*, kind: str = "", query: str = "", job: str = "", sort: str = "") -> QuerySet[Code]:
    """Give codes with `passages` and `told_by`, of one kind and job and with the words asked for. One query."""
    found = _matching(query)
    if kind in Kind.values:
        found = found.filter(kind=kind)
    if job in Job.values:
        found = found.filter(job=job)
    found = found.annotate(
        passages=Count("excerpts", distinct=True), told_by=Count("excerpts__answer__interview", distinct=True)
    )
    return found.order_by("-told_by", "-passages", "name") if sort == "told" else found.order_by("kind", "name")


@dataclass(frozen=True)
class CodeNode:
    """A code in its tree; `matches` is False for one that only leads to those that were asked for."""

    code: Code
    passages: int
    told_by: int
    matches: bool
    children: tuple["CodeNode", ...]

    @property
    def list_id(self) -> str:
        """Name the list of what belongs under it."""
        return str(self.code.pk)


@dataclass(frozen=True)
class KindTree:
    """The codes of a kind as they belong under each other."""

    kind: str
    label: str
    roots: tuple[CodeNode, ...]


def code_trees(*, kind: str = "", query: str = "", job: str = "") -> list[KindTree]:
    """Give the codes asked for as trees, a tree a kind, with the codes that lead to them. Two queries."""
    asked = {row.pk: row for row in code_rows(kind=kind, query=query, job=job)}
    rows = asked if not (query or job) else {row.pk: row for row in code_rows(kind=kind)}
    shown = set(asked)
    for pk in asked:
        above = rows[pk].parent_id
        while above in rows and above not in shown:
            shown.add(above)
            above = rows[above].parent_id
    below: dict[int | None, list[Code]] = defaultdict(list)
    for pk, row in rows.items():
        if pk in shown:
            below[row.parent_id if row.parent_id in shown else None].append(row)
    roots = [_node(row, below, asked) for row in sorted(below[None], key=lambda row: row.name.lower())]
    trees = [
        KindTree(value, str(label), tuple(node for node in roots if node.code.kind == value))
        for value, label in Kind.choices
    ]
    return [tree for tree in trees if tree.roots]


def _node(row: Any, below: Mapping[int | None, Sequence[Code]], asked: Mapping[int, Code]) -> CodeNode:
    children = sorted(below.get(row.pk, ()), key=lambda child: child.name.lower())
    return CodeNode(
        code=row,
        passages=row.passages,
        told_by=row.told_by,
        matches=row.pk in asked,
        children=tuple(_node(child, below, asked) for child in children),
    )


def path_to(code: Code) -> list[Code]:
    """Give the codes above a code, the widest first. A query a level."""
    found: list[Code] = []
    while code.parent is not None and code.parent not in found:
        code = code.parent
        found.append(code)
    return found[::-1]


def levels_below(code: Code) -> int:
    """Give how many levels of codes stand below a code. A query a level."""
    levels, keys = 0, [code.pk]
    while keys := list(Code.objects.filter(parent__in=keys).exclude(pk=code.pk).values_list("pk", flat=True)):
        levels += 1
    return levels


def possible_parents(code: Code) -> QuerySet[Code]:
    """Give the codes that a code may belong under: of its kind, neither itself nor below it. A query a level."""
    left_out = keys = [code.pk]
    while keys := list(Code.objects.filter(parent__in=keys).exclude(pk__in=left_out).values_list("pk", flat=True)):
        left_out = left_out + keys
    return Code.objects.filter(kind=code.kind).exclude(pk__in=left_out).order_by("name")


def possible_twins(code: Code) -> QuerySet[Code]:
    """Give the codes that a code may become part of: all others of its kind. One query."""
    return Code.objects.filter(kind=code.kind).exclude(pk=code.pk).order_by("name")


def merges_of(membership: Membership, code: Code | None = None) -> QuerySet[CodeMerge]:
    """Give the merges that may be undone, of one code or of all, latest first. One query."""
    found = CodeMerge.objects.visible_to(membership).filter(undone_at=None, target__isnull=False)
    found = found if code is None else found.filter(target=code)
    return found.select_related("target", "merged_by__user")


def kind_counts(query: str = "", job: str = "") -> list[tuple[str, str, int]]:
    """Give (kind, label, number of codes) for each kind. One query."""
    found = _matching(query).filter(job=job) if job in Job.values else _matching(query)
    counted = dict(found.order_by().values_list("kind").annotate(number=Count("pk")))
    return [(kind.value, str(kind.label), counted.get(kind.value, 0)) for kind in Kind]


def code_options(query: str, *, kind: str = "") -> list[dict[str, str]]:
    """Give codes for a field that completes what is typed: names that begin with it first. One query."""
    found = Code.objects.all() if kind not in Kind.values else Code.objects.filter(kind=kind)
    for word in query.split():
        found = found.filter(name__icontains=word)
    rows = sorted(found[:200], key=lambda code: (not code.name.lower().startswith(query.lower()), code.kind, code.name))
    return [
        {"value": str(code.pk), "label": code.name, "detail": str(code.get_kind_display()).lower()}
        for code in rows[:MOST_OPTIONS]
    ]


def quotes_of_code(code: Code) -> QuerySet[Excerpt]:
    """Give everything that was said of a code, with who said it. One query."""
    return quotes(code_ids=[code.pk])
