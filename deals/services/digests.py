"""One mail in a person's morning of what is new among their alerts; never two on a day of theirs."""

from datetime import date, datetime, timedelta
from smtplib import SMTPException
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, dumps, loads
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from core import scope
from deals.choices import AlertKind
from deals.models import Alert, Digest
from deals.selectors.alerts import WORDS, Told, choice_of, standing, told
from deals.services.alerts import alerts_choose

log = structlog.get_logger(__name__)
SALT = "deals.digest"
MORNING = range(7, 12)  # hours of the person's day; who was not reached by noon hears tomorrow
NAMED = 10  # deals of a kind


def digests_send(*, now: datetime | None = None) -> int:
    """Mail everybody whose morning it is and for whom something is new; give how many mails went out."""
    moment = now or timezone.now()
    with scope.across_workspaces("mornings come in every workspace"):
        fresh = Alert.objects.filter(cleared_at__isnull=True, deal__owner__isnull=False).order_by()
        latest = dict(fresh.values_list("deal__owner").annotate(Max("raised_at")))
        people = list(Membership.objects.active().filter(pk__in=latest).select_related("user", "workspace"))
    sent = 0
    for member in people:
        here = moment.astimezone(ZoneInfo(member.user.time_zone))
        if here.hour in MORNING:
            with scope.in_workspace(member.workspace_id):
                sent += _send(member, here.date(), latest[member.pk])
    return sent


def _send(member: Membership, on: date, newest: datetime) -> bool:
    last = Digest.objects.filter(membership=member).first()
    if last is not None and (last.on >= on or last.created_at >= newest):
        return False
    choice = choice_of(member)
    alerts = list(standing(member, choice)) if choice.digest else []
    if not any(last is None or alert.raised_at > last.created_at for alert in alerts):
        return False
    with transaction.atomic():
        row, is_ours = Digest.objects.get_or_create(
            membership=member, on=on, defaults={"workspace_id": member.workspace_id, "alerts": len(alerts)}
        )
    if not is_ours:
        return False
    since = last.created_at if last is not None else row.created_at - timedelta(days=36500)
    try:
        _message(member, [told(alert) for alert in alerts], since).send()
    except (SMTPException, OSError) as error:
        # the server did not take it: the next round tries again
        row.delete()
        log.warning("digest_not_sent", membership_id=member.pk, error=type(error).__name__)
        return False
    return True


def _message(member: Membership, alerts: list[Told], since: datetime) -> EmailMessage:
    new = sum(alert.raised_at > since for alert in alerts)
    groups = [
        {"title": WORDS[kind], "alerts": found[:NAMED], "more": max(len(found) - NAMED, 0)}
        for kind in AlertKind
        if (found := [alert for alert in alerts if alert.kind == kind])
    ]
    off = address(reverse("deals:digest_off", args=[digest_token(member)]))
    context = {"member": member, "groups": groups, "new": new, "off": off, "site": settings.PUBLIC_URL}
    deals = len({alert.deal.pk for alert in alerts})
    return EmailMessage(
        f"{deals} {'deal needs' if deals == 1 else 'deals need'} a look",
        render_to_string("deals/mail/digest.txt", context),
        None,
        [member.user.email],
        headers={"List-Unsubscribe": f"<{off}>"},
    )


def address(path: str) -> str:
    """Give the whole address of a page, for a mail."""
    return f"{settings.PUBLIC_URL}{path}"


def digest_token(member: Membership) -> str:
    """Give the key of the link that ends the mails; it opens nothing else."""
    return dumps(member.pk, salt=SALT)


def member_of_token(token: str) -> Membership | None:
    """Find whose mails a link ends."""
    try:
        pk = loads(token, salt=SALT)
    except BadSignature:
        return None
    return Membership.objects.active().select_related("user", "workspace").filter(pk=pk).first()


def digest_end(*, member: Membership) -> None:
    """Send this person no more mails of alerts."""
    with scope.in_workspace(member.workspace_id):
        alerts_choose(actor=member, digest=False)
