"""What a person does to their own sign-in, on allauth's pages, is on the record of each workspace they work in."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa

from accounts.models import User
from accounts.selectors import memberships_of
from core import scope
from core.audit import record

HAPPENINGS = {
    "account.change_password": (account.password_changed, account.password_set),
    "account.reset_password": (account.password_reset,),
    "account.add_email": (account.email_added,),
    "account.change_email": (account.email_changed,),
    "account.remove_email": (account.email_removed,),
    "account.add_second_factor": (mfa.authenticator_added,),
    "account.remove_second_factor": (mfa.authenticator_removed,),
    "account.renew_recovery_codes": (mfa.authenticator_reset,),
}


def keep_on_record() -> None:
    """Have allauth tell us; called once, by the accounts app."""
    for verb, signals in HAPPENINGS.items():
        for signal in signals:
            signal.connect(_recorder(verb), weak=False, dispatch_uid=f"{verb} on the record")


def _recorder(verb: str) -> Any:
    def note(*, user: User, authenticator: Any = None, **_: Any) -> None:
        changes = {"kind": authenticator.get_type_display()} if authenticator is not None else {}
        with scope.across_workspaces("a person signs in to all of their workspaces alike"):
            for membership in memberships_of(user.pk):
                record(verb, membership, actor=membership, changes=changes)

    return note
