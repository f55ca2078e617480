"""People on the customer's side of a deal."""

from typing import Any, TypedDict, Unpack

from django.db import transaction

from accounts.models import Membership
from core.audit import record
from core.exceptions import ApplicationError
from core.jobs import enqueue
from core.write import change, create
from deals.models import Contact, Deal
from deals.services.alignment import DOORBELL
from deals.validators import refuse_other_workspace
from interviews.choices import Kind
from interviews.models import Code


class ContactDetails(TypedDict, total=False):
    """What is known of a contact; `role` is a code of the codebook."""

    name: str
    role: Code | None
    engaged: bool


def contact_add(*, deal: Deal, actor: Membership | None, **fields: Unpack[ContactDetails]) -> Contact:
    """Add a person, with the role they play in buying. Names stay out of the audit log."""
    _check(deal, fields)
    with transaction.atomic():
        contact = create(Contact(workspace_id=deal.workspace_id, deal=deal, **fields))
        record("deal.add_contact", deal, actor=actor, changes={"role": [None, contact.role]})
        enqueue(DOORBELL)
    return contact


def contact_update(*, contact: Contact, actor: Membership | None, **fields: Unpack[ContactDetails]) -> Contact:
    """Change a person's name or role, or whether they are engaged."""
    _check(contact.deal, fields)
    with transaction.atomic():
        changes = change(contact, **fields)
        if changes:
            shown: dict[str, Any] = {name: pair for name, pair in changes.items() if name != "name"}
            record("deal.update_contact", contact.deal, actor=actor, changes=shown)
            enqueue(DOORBELL)
    return contact


def _check(deal: Deal, fields: ContactDetails) -> None:
    role = fields.get("role")
    refuse_other_workspace(deal.workspace_id, role=role)
    if role is not None and role.kind != Kind.ROLE:
        raise ApplicationError("Choose a role.", fields={"role": ["Choose a role."]})
