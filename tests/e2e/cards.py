"""A thousand deals of one rep in the demo company, for the board: made and taken away as sets."""

from django.db import connection, transaction

from accounts.models import Membership, User
from accounts.services.workspaces import membership_create
from buying_process.models import StageActivity
from core import scope
from deals.models import Deal

CARDS = 1000
OWNER = "cards@example.com"
DEALS = """
INSERT INTO deals_deal (workspace_id, external_id, name, account, owner_id, owner_name, currency, version_id, stage_id,
    channels, outcome, opened_at, created_at, updated_at)
SELECT %(workspace)s, 'card-' || n, 'Card ' || n, '', %(owner)s, '', '', %(version)s,
    (%(stages)s::bigint[])[1 + n %% cardinality(%(stages)s::bigint[])], '{}', 'open', now() - interval '40 days', now(),
    now()
FROM generate_series(1, %(cards)s) AS n
"""
SIGNALS = """
INSERT INTO deals_signal (workspace_id, deal_id, activity_id, word, occurred_at, note, external_id, created_at)
SELECT deal.workspace_id, deal.id,
    (%(activities)s::bigint[])[1 + (deal.id * nth) %% cardinality(%(activities)s::bigint[])], 'observed',
    now() - make_interval(days => 10 * nth), '', '', now()
FROM deals_deal AS deal, generate_series(1, 2) AS nth WHERE deal.owner_id = %(owner)s
"""


def make() -> None:
    """Make the rep, who signs in with the demo's password, and their deals."""
    with scope.across_workspaces("cards for the browser test"):
        demo = Membership.objects.select_related("user", "workspace").get(user__email="ben@example.com")
        owner = Membership.objects.filter(user__email=OWNER).first() or _owner(demo)
    with scope.in_workspace(demo.workspace_id), transaction.atomic(), connection.cursor() as cursor:
        version = Deal.objects.open().filter(version__isnull=False).latest("pk").version
        values = {
            "workspace": demo.workspace_id,
            "owner": owner.pk,
            "version": version.pk,
            "cards": CARDS,
            "stages": list(version.stages.order_by("position").values_list("pk", flat=True)),
            "activities": list(
                StageActivity.objects.filter(stage__version=version, actor="customer").values_list("pk", flat=True)
            ),
        }
        cursor.execute(DEALS, values)
        cursor.execute(SIGNALS, values)


def take_away() -> None:
    """Delete the deals, so that no other test meets them."""
    with scope.across_workspaces("cards for the browser test"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL salesflow.erase = 'on'")
        Deal.objects.filter(owner__user__email=OWNER).delete()


def _owner(demo: Membership) -> Membership:
    user = User.objects.create_user(OWNER, None, full_name="Cara Cards")
    user.password = demo.user.password
    user.save()
    with scope.in_workspace(demo.workspace_id):
        return membership_create(workspace=demo.workspace, user=user, role="rep")
