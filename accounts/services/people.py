"""What people say of themselves."""

from django.db import transaction

from accounts.models import Membership
from core import audit
from core.write import change


@transaction.atomic
def profile_update(*, actor: Membership, full_name: str, time_zone: str) -> None:
    """Change a person's own name and time zone."""
    changes = change(actor.user, full_name=full_name, time_zone=time_zone)
    if changes:
        audit.record("profile.update", actor, actor=actor, changes={"fields": sorted(changes)})
