"""What a file would bring: new, the same, or other than what is here. Nothing is changed by looking."""

from dataclasses import dataclass, field
from typing import Any

from interviews.models import Code, Interview
from interviews.services.refi.document import CodeItem, Document, Source
from interviews.services.refi.gathering import BROUGHT, source_guid
from interviews.validators import DEEPEST

SHOWN = 200  # of a list in the preview


@dataclass
class CodePlan:
    """A code of the file: its kind here, the row that it is (None: new), and `differs`, {fact: [ours, the file's]}."""

    item: CodeItem
    kind: str
    parent: "CodePlan | None"
    row: Code | None = None
    differs: dict[str, list[str]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """Name it as the codebook does."""
        return self.kind, self.item.name.casefold()


def code_plans(document: Document, default_kind: str) -> tuple[list[CodePlan], dict[str, CodePlan]]:
    """Give each code of a file once, wider ones first, beside what stands; and the same by its id. One query."""
    rows = list(Code.objects.select_related("parent"))
    known = {(row.kind, row.name.casefold()): row for row in rows}
    kinds: dict[str, set[str]] = {}
    for row in rows:
        kinds.setdefault(row.name.casefold(), set()).add(row.kind)
    plans: dict[tuple[str, str], CodePlan] = {}
    by_guid: dict[str, CodePlan] = {}
    for item, above in document.all_codes():
        parent = by_guid.get(above.guid) if above else None
        plan = CodePlan(item, _kind(item, parent, kinds, default_kind), _fitting(parent))
        if plan.parent is not None and plan.parent.kind != plan.kind:
            plan.parent = None
        first = plans.setdefault(plan.key, plan)
        by_guid[item.guid] = first
        if first is plan:
            plan.row = known.get(plan.key)
            plan.differs = _differs(plan)
    return list(plans.values()), by_guid


def _kind(item: CodeItem, parent: CodePlan | None, kinds: dict[str, set[str]], default_kind: str) -> str:
    """Take the kind that the file says, else of the code of that name here, else of the code above it."""
    if item.kind:
        return item.kind
    here = kinds.get(item.name.casefold(), set())
    if len(here) == 1:
        return next(iter(here))
    return parent.kind if parent else default_kind


def _fitting(parent: CodePlan | None) -> CodePlan | None:
    """Give the code to stand under: where the file nests deeper than we do, a wider one."""
    chain: list[CodePlan] = []
    step = parent
    while step is not None:
        chain.append(step)
        step = step.parent
    return chain[len(chain) - DEEPEST + 1] if len(chain) >= DEEPEST else parent


def _differs(plan: CodePlan) -> dict[str, list[str]]:
    """Say where the file knows something else; what it is silent on is no difference."""
    row = plan.row
    if row is None:
        return {}
    here = {
        "description": row.description.replace("\r\n", "\n"),
        "job": row.job,
        "channel": row.channel,
        "parent": row.parent.name if row.parent else "",
    }
    there = {
        "description": plan.item.description,
        "job": plan.item.job,
        "channel": plan.item.channel,
        "parent": plan.parent.item.name if plan.parent else "",
    }
    return {
        name: [here[name], said]
        for name, said in there.items()
        if said and said.casefold() != here[name].strip().casefold()
    }


def known_interviews(document: Document) -> dict[str, Interview]:
    """Give the interviews here that sources of a file are, by the source's id. One query."""
    here: dict[str, Interview] = {}
    for interview in Interview.objects.select_related("segment").prefetch_related("answers__question"):
        here[source_guid(interview)] = interview
        if interview.external_id and not interview.external_id.startswith(BROUGHT):
            here[f"id {interview.external_id}"] = interview
    found = {}
    for source in document.sources:
        row = here.get(source.guid) or here.get(f"id {source.facts.get('external_id', '')}")
        if row is not None:
            found[source.guid] = row
    return found


def same_words(source: Source, interview: Interview) -> bool:
    """Tell whether every answer of the source stands here as it is there."""
    told = {answer.text for answer in interview.answers.all() if answer.text}
    parts = [source.text[span.start : span.end] for span in source.answers] or [source.text.strip()]
    return all(part in told for part in parts)


def preview(document: Document, *, default_kind: str, members: set[str]) -> dict[str, Any]:
    """Say what a file would bring, as plain JSON."""
    plans, _ = code_plans(document, default_kind)
    known = known_interviews(document)
    changed = [
        {"guid": plan.item.guid, "name": plan.item.name, "kind": plan.kind, "differs": plan.differs}
        for plan in plans
        if plan.differs
    ]
    fresh = [plan for plan in plans if plan.row is None]
    other = [
        source.name for source in document.sources if (row := known.get(source.guid)) and not same_words(source, row)
    ]
    return {
        "name": document.name,
        "origin": document.origin,
        "is_project": document.is_project,
        "codes": {
            "new": [[plan.item.name, plan.kind] for plan in fresh[:SHOWN]],
            "new_count": len(fresh),
            "same_count": len(plans) - len(fresh) - len(changed),
            "changed": changed,
            "of_unknown_kind": sum(not item.kind for item, _ in document.all_codes()),
            "joined": len(document.all_codes()) - len(plans),
        },
        "interviews": {
            "new": [source.name for source in document.sources if source.guid not in known][:SHOWN],
            "new_count": len(document.sources) - len(known),
            "same_count": len(known) - len(other),
            "changed": other[:SHOWN],
            "changed_count": len(other),
        },
        "passages": sum(len(source.codings) for source in document.sources),
        "coders": [[coder.name, coder.name.casefold() in members] for coder in document.coders],
        "left_out": document.left_out,
    }
