"""Many deals at a glance: the manager's page, a rep's own, all for sales ops."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.http import render_page
from core.identifiers import number_of
from deals.selectors.team import team_page
from deals.views.charts import line_of


@require_GET
@members_only(policies.works_on_deals)
def team(request: MemberRequest) -> HttpResponse:
    """Show the deals that one sees by where we are against where they are, by person, and over twelve weeks."""
    page = team_page(
        request.membership,
        team_id=number_of(request.GET.get("team", "")),
        version_id=number_of(request.GET.get("version", "")),
        today=timezone.localdate(timezone=request.membership.workspace.zone),  # as the days of the course are counted
    )
    return render_page(request, "deals/team.html", {"page": page, "line": line_of(page.trend)}, fragment="changed")
