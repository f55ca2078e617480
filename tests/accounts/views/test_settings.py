"""The settings' pages: for whom, with what, in how many queries."""

from zoneinfo import available_timezones

import pytest
from django.db import connection
from django.urls import reverse

from accounts import services
from accounts.choices import Role
from accounts.models import ApiToken, Invitation, Membership, Team
from core import scope
from core.exceptions import ApplicationError
from tests.factories.accounts import (
    ApiTokenFactory,
    InvitationFactory,
    MembershipFactory,
    TeamFactory,
)

ADMIN_PAGES = ["accounts:workspace", "accounts:people", "accounts:invitations", "accounts:teams", "audit:events"]
OWN_PAGES = ["accounts:settings", "accounts:profile", "accounts:tokens", "jobs:list"]


def visit(client, name):
    """Open a page for the first time: the session learns its CSRF token."""
    client.get(reverse(name))
    return client


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("name", ADMIN_PAGES)
def test_page_of_the_admins_is_theirs_alone(name, admin, rep, designer, manager, client_of, client):
    url = reverse(name)
    statuses = [client_of(person).get(url).status_code for person in (admin, rep, designer, manager)]
    assert statuses == [200, 403, 403, 403]
    assert client.get(url).headers["Location"] == f"/accounts/login/?next={url}"


@pytest.mark.parametrize("name", OWN_PAGES)
def test_page_of_oneself_is_everybodys(name, admin, rep, outsider, client_of, client):
    url = reverse(name)
    assert [client_of(person).get(url).status_code for person in (admin, rep, outsider)] == [200, 200, 200]
    assert client.get(url).status_code == 302


def test_landing_page_leads_admins_to_people_and_others_not(admin, rep, client_of):
    link = f'href="{reverse("accounts:people")}"'
    assert link in text(client_of(admin).get(reverse("accounts:settings")))
    assert link not in text(client_of(rep).get(reverse("accounts:settings")))


def test_time_zone_is_the_workspaces_and_one_that_the_database_knows(admin, client_of):
    client, url = visit(client_of(admin), "accounts:workspace"), reverse("accounts:workspace")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        known = {name for (name,) in cursor.fetchall()}
    for name in ("Mars/Phobos", *sorted(available_timezones() - known)):
        assert client.post(url, {"time_zone": name}).status_code == 422
        with pytest.raises(ApplicationError):
            services.workspace_set_time_zone(time_zone=name, actor=admin)
    assert client.post(url, {"time_zone": "Asia/Tokyo"}).status_code == 302
    admin.workspace.refresh_from_db()
    assert admin.workspace.time_zone == "Asia/Tokyo"
    assert '<option value="Asia/Tokyo" selected>' in text(client.get(url))


def test_people_lists_this_workspace_by_name_role_and_leaving(admin, rep, outsider, client_of):
    client, url = client_of(admin), reverse("accounts:people")
    page = text(client.get(url))
    assert ("Rolf Rep" in page, "Olaf Outsider" in page) == (True, False)
    assert "Rolf Rep" not in text(client.get(url, {"role": "manager"}))
    assert "Rolf Rep" in text(client.get(url, {"q": "rolf", "role": "rep"}))
    assert "Rolf Rep" not in text(client.get(url, {"ended": "on"}))


@pytest.mark.parametrize("rows", [1, 3])
def test_people_in_the_same_number_of_queries(rows, admin, client_of, django_assert_num_queries):
    client = visit(client_of(admin), "accounts:people")
    for _ in range(rows):
        MembershipFactory(workspace=admin.workspace, team=TeamFactory(workspace=admin.workspace))
    with django_assert_num_queries(6):
        client.get(reverse("accounts:people"))


@pytest.mark.parametrize("rows", [1, 3])
def test_invitations_in_the_same_number_of_queries(rows, admin, client_of, django_assert_num_queries):
    client = visit(client_of(admin), "accounts:invitations")
    for _ in range(rows):
        InvitationFactory(invited_by=admin, team=TeamFactory(workspace=admin.workspace))
    with django_assert_num_queries(6):
        client.get(reverse("accounts:invitations"))


@pytest.mark.parametrize("rows", [1, 3])
def test_teams_in_the_same_number_of_queries(rows, admin, client_of, django_assert_num_queries):
    client = visit(client_of(admin), "accounts:teams")
    for _ in range(rows):
        lead = MembershipFactory(workspace=admin.workspace, role=Role.MANAGER)
        TeamFactory(workspace=admin.workspace, manager=lead)
    with django_assert_num_queries(6):
        client.get(reverse("accounts:teams"))


@pytest.mark.parametrize("rows", [1, 3])
def test_tokens_in_the_same_number_of_queries(rows, admin, client_of, django_assert_num_queries):
    client = visit(client_of(admin), "accounts:tokens")
    for _ in range(rows):
        ApiTokenFactory(membership=MembershipFactory(workspace=admin.workspace))
    with django_assert_num_queries(5):
        client.get(reverse("accounts:tokens"))


def test_person_gets_role_and_team(admin, rep, client_of):
    team = TeamFactory(workspace=admin.workspace)
    response = client_of(admin).post(reverse("accounts:person", args=[rep.pk]), {"role": "manager", "team": team.pk})
    assert response.headers["Location"] == reverse("accounts:people")
    rep.refresh_from_db()
    assert (rep.role, rep.team_id) == (Role.MANAGER, team.pk)


def test_person_of_another_workspace_is_not_there(admin, outsider, client_of):
    client = client_of(admin)
    for name in ("person", "person_end", "person_restore"):
        assert client.post(reverse(f"accounts:{name}", args=[outsider.pk]), {"role": "rep"}).status_code == 404
    outsider.refresh_from_db()
    assert (outsider.role, outsider.ended_at) == (Role.DESIGNER, None)


def test_team_of_another_workspace_is_no_choice(admin, rep, client_of):
    url = reverse("accounts:person", args=[rep.pk])
    response = client_of(admin).post(url, {"role": "rep", "team": TeamFactory().pk})
    assert response.status_code == 422


def test_last_admin_is_told_why_not(admin, client_of):
    response = client_of(admin).post(reverse("accounts:person", args=[admin.pk]), {"role": "rep", "team": ""})
    assert response.status_code == 422
    assert "Abel Admin is the last admin" in text(response)


def test_ending_a_membership_offers_undo_and_undo_works(admin, rep, client_of):
    client, htmx = client_of(admin), {"HX-Request": "true"}
    response = client.post(reverse("accounts:person_end", args=[rep.pk]), headers=htmx)
    undo_url = reverse("accounts:person_restore", args=[rep.pk])
    assert (response.status_code, undo_url in response.headers["HX-Trigger"]) == (200, True)
    assert "Rolf Rep" not in text(response)
    assert client_of(rep).get("/settings/").status_code == 403
    client.post(undo_url)
    assert client_of(rep).get("/settings/").status_code == 200


def test_invitation_shows_its_link_once_and_the_link_lets_in(admin, client_of, client):
    inviting, url = client_of(admin), reverse("accounts:invitations")
    page = text(inviting.post(url, {"email": "nina@example.com", "role": "rep", "team": ""}))
    link = page.split('id="link">')[1].split("<")[0]
    assert "sfl_" not in text(inviting.get(url))
    assert "Join " in text(client.get(link))
    response = client.post(
        link, {"full_name": "Nina", "password": "a calm long password", "password_again": "a calm long password"}
    )
    assert response.headers["Location"] == reverse("today")
    assert Membership.objects.get(user__email="nina@example.com").workspace == admin.workspace
    assert text(client.get("/settings/")).count(admin.workspace.name) > 0
    assert client.get(link).status_code == 404


def test_joining_asks_for_a_good_password(db, client):
    InvitationFactory(secret="sfl_a")
    for password, again in (("short", "short"), ("password1234", "password1234"), ("a calm long password", "another")):
        response = client.post(
            reverse("accounts:join", args=["sfl_a"]),
            {"full_name": "Nina", "password": password, "password_again": again},
        )
        assert response.status_code == 422
    assert Membership.objects.filter(role=Role.REP).count() == 0


def test_known_person_signs_in_and_joins(rep, client_of, client):
    invitation = InvitationFactory(secret="sfl_a", email=rep.user.email)
    url = reverse("accounts:join", args=["sfl_a"])
    assert f"{reverse('account_login')}?next={url}" in text(client.get(url))
    joining = client_of(rep)
    assert joining.post(url).headers["Location"] == reverse("today")
    assert joining.session["membership"] == Membership.objects.get(workspace=invitation.workspace, user=rep.user).pk


def test_withdrawing(admin, outsider, client_of):
    invitation = InvitationFactory(invited_by=admin)
    url = reverse("accounts:invitation_withdraw", args=[invitation.pk])
    other_admin = MembershipFactory(role=Role.ADMIN)
    assert client_of(other_admin).post(url).status_code == 404
    assert client_of(admin).post(url).status_code == 302
    with scope.in_workspace(admin.workspace_id):
        assert Invitation.objects.get().withdrawn_at is not None


def test_team_is_started_and_filled(admin, rep, manager, client_of):
    client = client_of(admin)
    response = client.post(reverse("accounts:teams"), {"name": "North", "manager": manager.pk})
    with scope.in_workspace(admin.workspace_id):
        team = Team.objects.get()
    assert response.headers["Location"] == reverse("accounts:team", args=[team.pk])
    client.post(response.headers["Location"], {"name": "North", "manager": manager.pk, "members": [rep.pk]})
    assert list(team.members.all()) == [rep]
    again = client.post(reverse("accounts:teams"), {"name": "north", "manager": ""})
    assert again.status_code == 422


def test_token_is_shown_once_and_works_until_it_is_stopped(rep, client_of, client):
    owner, url = client_of(rep), reverse("accounts:tokens")
    secret = text(owner.post(url, {"name": "Export", "expires_on": ""})).split('id="secret">')[1].split("<")[0]
    assert secret not in text(owner.get(url))
    bearer = {"Authorization": f"Bearer {secret}"}
    jobs = "/api/v1/jobs/"
    assert client.get(jobs, headers=bearer).status_code == 200
    with scope.in_workspace(rep.workspace_id):
        token = ApiToken.objects.get()
    owner.post(reverse("accounts:token_revoke", args=[token.pk]))
    assert client.get(jobs, headers=bearer).status_code == 401


def test_token_of_a_colleague_is_not_there_but_for_admins(rep, colleague, admin, client_of):
    token = ApiTokenFactory(membership=rep, name="Rolfs tool")
    url = reverse("accounts:token_revoke", args=[token.pk])
    assert "Rolfs tool" not in text(client_of(colleague).get(reverse("accounts:tokens")))
    assert client_of(colleague).post(url).status_code == 404
    assert "Rolfs tool" in text(client_of(admin).get(reverse("accounts:tokens")))
    assert client_of(admin).post(url).status_code == 302


def test_profile(rep, client_of):
    client, url = client_of(rep), reverse("accounts:profile")
    assert client.post(url, {"full_name": "Rolf R", "time_zone": "Mars/Base"}).status_code == 422
    assert client.post(url, {"full_name": "Rolf R", "time_zone": "Europe/Berlin"}).status_code == 302
    rep.user.refresh_from_db()
    assert (rep.user.full_name, rep.user.time_zone) == ("Rolf R", "Europe/Berlin")


def test_switch_acts_as_another_own_membership(rep, outsider, client_of):
    client, second = client_of(rep), MembershipFactory(user=rep.user, role=Role.ADMIN)
    assert client.get(reverse("accounts:people")).status_code == 403
    assert client.post(reverse("accounts:switch", args=[second.pk])).status_code == 302
    assert client.get(reverse("accounts:people")).status_code == 200
    assert client.post(reverse("accounts:switch", args=[outsider.pk])).status_code == 404
    assert client.get(reverse("accounts:switch", args=[second.pk])).status_code == 405
