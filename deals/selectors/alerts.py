"""Alerts that stand: of a person's deals, and of one deal."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Membership
from deals.choices import AlertKind
from deals.models import Alert, AlertChoice, Deal

SHOWN = 8
ANY = "any"
HEARD = "heard"  # alerts of the kinds that the deal's owner wants
WORDS = {
    AlertKind.AHEAD: "We run ahead of them",
    AlertKind.SILENT: "They have gone silent",
    AlertKind.CIRCLES: "They go round in circles",
}


@dataclass(frozen=True)
class Told:
    """An alert in words."""

    kind: str
    title: str
    sentence: str
    deal: Deal
    raised_at: datetime


def choice_of(membership: Membership) -> AlertChoice:
    """Give what a person chose; all of it where they never did. One query."""
    known = AlertChoice.objects.filter(membership=membership).first()
    return known or AlertChoice(membership=membership, workspace_id=membership.workspace_id)


def standing(membership: Membership, choice: AlertChoice) -> QuerySet[Alert]:
    """Give the alerts on a person's own open deals of the kinds that they want, the newest first."""
    found = Alert.objects.filter(
        workspace_id=membership.workspace_id, cleared_at__isnull=True, deal__owner=membership, kind__in=choice.kinds
    )
    return found.select_related("deal__stage", "deal__alignment__likely_stage")


def alerts_for(membership: Membership) -> tuple[list[Told], int]:
    """Give the first alerts for a person, and how many there are. Three queries."""
    found = standing(membership, choice_of(membership))
    return [told(alert) for alert in found[:SHOWN]], found.count()


def alerts_on(deal: Deal) -> list[Told]:
    """Give the alerts that stand on a deal, whose row comes with its alignment. One query."""
    rows = Alert.objects.filter(deal=deal, cleared_at__isnull=True).order_by("kind")
    for row in rows:
        row.deal = deal
    return [told(row) for row in rows]


def alerted(kind: str) -> Q:
    """Match deals on which an alert of a kind stands, or any, or any that the deal's owner wants to hear of."""
    alerts = Alert.objects.filter(cleared_at__isnull=True)
    if kind in AlertKind.values:
        alerts = alerts.filter(kind=kind)
    elif kind == HEARD:
        for each in AlertKind.values:  # whoever never chose wants them all
            alerts = alerts.exclude(kind=each, **{f"deal__owner__alert_choice__{each}": False})
    return Q(pk__in=alerts.order_by().values(deal_pk=F("deal_id")))


def told(alert: Alert) -> Told:
    """Say an alert in words, by the figures of now."""
    deal, row = alert.deal, alert.deal.alignment
    if alert.kind == AlertKind.AHEAD:
        sentence = f"We are at “{deal.stage or 'no stage'}”, they are probably at “{row.likely_stage or 'no stage'}”."
    elif alert.kind == AlertKind.SILENT:
        days = (timezone.now() - (deal.last_signal_at or deal.opened_at)).days
        sentence = f"Nothing seen from them for {days} days."
    else:
        sentence = f"They went back {row.returns_seen} times; {row.returns_expected:.1f} would be usual."
    kind = AlertKind(alert.kind)
    return Told(kind, WORDS[kind], sentence, deal, alert.raised_at)
