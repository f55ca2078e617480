"""Where a code stands in the codebook, and parting it in two."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from core import audit
from core.exceptions import ApplicationError
from core.write import change
from interviews.models import Code, Excerpt, Moment, Suggestion
from interviews.selectors.codebook import levels_below
from interviews.services.coding import code_create
from interviews.validators import DEEPEST


@transaction.atomic
def code_move(*, code: Code, parent: Code | None, actor: Membership) -> Code:
    """Have a code, with all below it, belong under another one of its kind, or under none."""
    # two moves at once could make a circle that neither sees
    list(Code.objects.select_for_update().filter(kind=code.kind).order_by("pk").values_list("pk", flat=True))
    before = code.parent
    above = 0
    step = parent
    while step is not None and step.pk != code.pk:
        above, step = above + 1, step.parent
    if above + 1 + levels_below(code) > DEEPEST:
        raise ApplicationError(f"Codes stand at most {DEEPEST} levels deep, and others belong under this one.")
    if change(code, parent=parent):
        names = [before.name if before else "", parent.name if parent else ""]
        audit.record("code.move", code, actor=actor, changes={"under": names})
    return code


@transaction.atomic
def code_split(*, code: Code, excerpts: Sequence[Excerpt], name: str, description: str, actor: Membership) -> Code:
    """Make a code beside `code` that takes these of its passages, with the moments and suggestions that name them."""
    chosen = [
        row.pk for row in Excerpt.objects.select_for_update().filter(pk__in=[row.pk for row in excerpts], code=code)
    ]
    if not chosen:
        message = "Choose the passages that the new code takes."
        raise ApplicationError(message, fields={"excerpts": [message]})
    made = code_create(
        actor=actor,
        kind=code.kind,
        name=name,
        description=description,
        job=code.job,
        channel=code.channel,
        parent=code.parent,
    )
    now = timezone.now()
    Excerpt.objects.filter(pk__in=chosen).update(code=made, updated_at=now)
    Moment.objects.filter(excerpt__in=chosen, code=code).update(code=made, updated_at=now)
    Suggestion.objects.filter(excerpt__in=chosen, code=code).update(code=made, updated_at=now)
    audit.record("code.split", code, actor=actor, changes={"into": made.name, "passages": len(chosen)})
    return made
