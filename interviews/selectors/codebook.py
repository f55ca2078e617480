"""The codebook: codes with how often they are told."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from interviews.choices import Kind
from interviews.models import Code, Excerpt
from interviews.selectors.stories import quotes

MOST_OPTIONS = 30


@dataclass(frozen=True)
class CodeRow:
    """A code and how often it is told: passages, and interviews that have at least one."""

    code: Code
    passages: int
    interviews: int


def activity_codes() -> QuerySet[Code]:
    """Give what customers do."""
    return Code.objects.filter(kind=Kind.ACTIVITY).order_by("name")


def _matching(query: str) -> QuerySet[Code]:
    found = Code.objects.all()
    for word in query.split():
        found = found.filter(Q(name__icontains=word) | Q(description__icontains=word))
    return found


def code_rows(*, kind: str = "", query: str = "", sort: str = "") -> QuerySet[Code]:
    """Give codes with `passages` and `told_by`, of one kind and with the words asked for. One query."""
    found = _matching(query)
    if kind in Kind.values:
        found = found.filter(kind=kind)
    found = found.annotate(
        passages=Count("excerpts", distinct=True), told_by=Count("excerpts__answer__interview", distinct=True)
    )
    return found.order_by("-told_by", "-passages", "name") if sort == "told" else found.order_by("kind", "name")


def kind_counts(query: str = "") -> list[tuple[str, str, int]]:
    """Give (kind, label, number of codes) for each kind. One query."""
    counted = dict(_matching(query).order_by().values_list("kind").annotate(number=Count("pk")))
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
