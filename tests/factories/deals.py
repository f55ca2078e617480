"""Deals under way, on the check example's process."""

from datetime import timedelta

from django.utils import timezone

from buying_process.choices import Need
from buying_process.models import Fit, Process, StageActivity, StageNeed, Version
from deals import services
from deals.choices import Word
from deals.models import Deal, Signal
from interviews.models import Code
from tests.factories import buying_process

SIGNALS = (("a", Word.CONFIRMED), ("c", Word.OBSERVED), ("e", Word.CONFIRMED), ("d", Word.REPORTED))


def live_version(workspace, actor, *, needs=True):
    """Give the check example {a b} {c d} {e f} as the live version, with one need of each kind a stage, and ours."""
    version = buying_process.draft(workspace, actor)
    if needs:
        for number, stage in enumerate(version.stages.order_by("position"), start=1):
            add_needs(stage, number)
    buying_process.services.version_publish(version=version, actor=actor, move_deals=False)
    return Version.objects.get(pk=version.pk)


def add_needs(stage, number):
    """Give a stage a role, an information, an evidence, and an activity of ours that helps its first."""
    role = Code.objects.get_or_create(workspace_id=stage.workspace_id, kind="role", name=f"Role {number}")[0]
    shared = {"workspace_id": stage.workspace_id, "stage": stage}
    StageNeed.objects.create(**shared, kind=Need.ROLE, code=role, name=role.name)
    StageNeed.objects.create(**shared, kind=Need.INFORMATION, name=f"Information {number}", channel="online")
    StageNeed.objects.create(**shared, kind=Need.EVIDENCE, name=f"Evidence {number}")
    StageActivity.objects.create(
        **shared,
        name=f"Help {number}",
        actor="sales",
        purpose="facilitates",
        facilitates=stage.activities.filter(actor="customer").first(),
        position=90,
    )


def activity(version, name):
    return StageActivity.objects.get(stage__version=version, name=name)


def need(version, kind, number):
    return StageNeed.objects.get(stage__version=version, kind=kind, stage__position=stage(version, number).position)


def stage(version, number):
    """Give the stage 1, 2, 3."""
    return list(version.stages.order_by("position"))[number - 1]


def deal(owner, version=None, *, name="Harbour Mills", days_old=41, **fields):
    """Give an open deal of `owner`."""
    opened = fields.pop("opened_at", timezone.now() - timedelta(days=days_old))
    return services.deal_create(actor=owner, name=name, opened_at=opened, owner=owner, version=version, **fields)


def check_signals(on, version, actor, *, silence_days=10):
    """Log a, c, e, d, the last of them so many days ago."""
    for number, (name, word) in enumerate(SIGNALS):
        services.deal_log_signal(
            deal=on,
            activity=activity(version, name),
            word=word,
            actor=actor,
            at=timezone.now() - timedelta(days=silence_days + 3 - number),
        )


def second_version(version, actor):
    """Publish a copy of a version as the next one of its process."""
    copy = buying_process.services.version_copy(version=version, actor=actor)
    job = buying_process.services.version_publish(version=copy, actor=actor)
    return Version.objects.get(pk=copy.pk), job


def break_fit(version):
    """Store a newer fit whose numbers do not fit the version, so that none of its deals can be scored."""
    good = Fit.objects.get(version=version)
    Fit.objects.create(
        workspace_id=version.workspace_id,
        version=version,
        number=2,
        stage_ids=good.stage_ids,
        activity_ids=good.activity_ids,
        matrix=good.matrix[:-1],
        start=good.start,
        emissions=good.emissions,
    )


def process_of(version):
    return Process.objects.get(pk=version.process_id)


def past(version, stories, *, now=None):
    """Store ended deals at once: (outcome, the names of the activities seen, days between them), one ending a day."""
    now = now or timezone.now()
    activities = {found.name: found for found in StageActivity.objects.filter(stage__version=version)}
    deals, signals = [], []
    for number, (outcome, names, days) in enumerate(stories):
        closed = now - timedelta(days=len(stories) - number)
        opened = closed - timedelta(days=days * len(names))
        deal = Deal(
            workspace_id=version.workspace_id,
            name=f"Past {number}",
            version=version,
            outcome=outcome,
            opened_at=opened,
            closed_at=closed,
        )
        deals.append(deal)
        signals += [
            Signal(
                workspace_id=version.workspace_id,
                deal=deal,
                activity=activities[name],
                word=Word.CONFIRMED,
                occurred_at=opened + timedelta(days=days * place),
            )
            for place, name in enumerate(names)
        ]
    Deal.objects.bulk_create(deals)
    Signal.objects.bulk_create(signals)
    return deals
