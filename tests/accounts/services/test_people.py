"""Memberships, teams, tokens, workspaces: what services do and refuse."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from accounts import services
from accounts.choices import Role
from accounts.models import Membership
from accounts.tokens import token_hash
from audit.models import AuditEvent
from core import scope
from core.exceptions import ApplicationError
from tests.factories.accounts import ApiTokenFactory, MembershipFactory, TeamFactory, UserFactory


def verbs(workspace):
    with scope.in_workspace(workspace.pk):
        return list(AuditEvent.objects.order_by("pk").values_list("verb", "actor_label"))


def test_workspace_starts_with_its_owner_as_admin(db):
    owner = UserFactory(full_name="Olga Owner")
    workspace = services.workspace_create(name="Acme", slug="acme", owner=owner)
    membership = Membership.objects.get(workspace=workspace)
    assert (membership.user, membership.role) == (owner, Role.ADMIN)
    assert verbs(workspace) == [("workspace.create", "SalesFlow"), ("membership.create", "SalesFlow")]


def test_workspace_refuses_a_slug_that_is_taken(workspace):
    with pytest.raises(ApplicationError) as refused:
        services.workspace_create(name="Other", slug=workspace.slug)
    assert list(refused.value.fields) == ["slug"]


def test_role_changes_with_one_audit_row(in_workspace, admin, rep):
    services.membership_change_role(membership=rep, role=Role.MANAGER, actor=admin)
    rep.refresh_from_db()
    assert rep.role == Role.MANAGER
    assert verbs(in_workspace) == [("membership.change_role", "Abel Admin (Admin)")]


def test_role_that_stays_writes_nothing(in_workspace, admin, rep):
    services.membership_change_role(membership=rep, role=Role.REP, actor=admin)
    assert verbs(in_workspace) == []


def test_second_membership_of_the_same_role_is_refused(in_workspace, admin, rep):
    MembershipFactory(workspace=in_workspace, user=rep.user, role=Role.MANAGER)
    with pytest.raises(ApplicationError, match="second membership"):
        services.membership_change_role(membership=rep, role=Role.MANAGER, actor=admin)


@pytest.mark.parametrize(
    "write", [services.membership_end, partial(services.membership_change_role, role=Role.REP)], ids=["end", "role"]
)
def test_last_admin_stays(in_workspace, admin, rep, write):
    with pytest.raises(ApplicationError, match="the last admin"):
        write(membership=admin, actor=admin)
    admin.refresh_from_db()
    assert (admin.role, admin.ended_at) == (Role.ADMIN, None)


def test_an_admin_who_has_left_does_not_count(in_workspace, admin):
    MembershipFactory(workspace=in_workspace, role=Role.ADMIN, ended_at=timezone.now())
    with pytest.raises(ApplicationError, match="the last admin"):
        services.membership_end(membership=admin, actor=admin)


def test_end_and_restore(in_workspace, admin, rep):
    services.membership_end(membership=rep, actor=admin)
    rep.refresh_from_db()
    assert rep.ended_at is not None
    services.membership_restore(membership=rep, actor=admin)
    rep.refresh_from_db()
    assert rep.ended_at is None
    assert [verb for verb, _ in verbs(in_workspace)] == ["membership.end", "membership.restore"]


def test_two_admins_cannot_end_each_other_at_once(transactional_db):
    first = MembershipFactory(role=Role.ADMIN)
    second = MembershipFactory(role=Role.ADMIN, workspace=first.workspace)
    start, refused = threading.Barrier(2), []

    def end(membership, actor):
        try:
            start.wait()
            with scope.in_workspace(first.workspace_id):
                services.membership_end(membership=membership, actor=actor)
        except ApplicationError as error:
            refused.append(error.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=end, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Membership.objects.active().filter(workspace=first.workspace).count() == 1


def test_team_of_another_workspace_is_refused(in_workspace, admin, rep):
    with pytest.raises(ApplicationError, match="not of this workspace"):
        services.membership_set_team(membership=rep, team=TeamFactory(), actor=admin)


def test_whoever_left_comes_back_to_the_team(in_workspace, admin, rep, colleague):
    team = services.team_create(name="North", actor=admin)
    services.team_assign(team=team, members=[rep, colleague], actor=admin)
    services.membership_end(membership=rep, actor=admin)
    services.team_assign(team=team, members=[colleague], actor=admin)
    services.membership_restore(membership=rep, actor=admin)
    assert set(team.members.all()) == {rep, colleague}


def test_team_gets_name_manager_and_members(in_workspace, admin, rep, colleague, manager):
    team = services.team_create(name="North", manager=manager, actor=admin)
    services.team_assign(team=team, members=[rep, colleague], actor=admin)
    services.team_assign(team=team, members=[colleague], actor=admin)
    services.team_rename(team=team, name="North and east", actor=admin)
    services.team_set_manager(team=team, manager=None, actor=admin)
    assert list(team.members.all()) == [colleague]
    assert (team.name, team.manager) == ("North and east", None)
    assert [verb for verb, _ in verbs(in_workspace)] == [
        "team.create",
        "membership.set_team",
        "membership.set_team",
        "membership.set_team",
        "team.rename",
        "team.set_manager",
    ]


def test_team_refuses_a_manager_who_is_none(in_workspace, admin, rep):
    with pytest.raises(ApplicationError, match="role Manager"):
        services.team_create(name="North", manager=rep, actor=admin)


def test_team_refuses_a_manager_of_another_workspace(in_workspace, admin):
    with pytest.raises(ApplicationError, match="role Manager"):
        services.team_create(name="North", manager=MembershipFactory(role=Role.MANAGER), actor=admin)


def test_team_refuses_a_name_that_is_taken(in_workspace, admin):
    services.team_create(name="North", actor=admin)
    with pytest.raises(ApplicationError):
        services.team_create(name="NORTH", actor=admin)


def test_token_is_kept_as_a_hash(in_workspace, rep):
    token, secret = services.token_create(membership=rep, name="Export", actor=rep)
    assert token.token_hash == token_hash(secret)
    assert secret.startswith(token.prefix)
    assert secret not in str(vars(token))
    assert verbs(in_workspace) == [("token.create", "Rolf Rep (Rep)")]


def test_token_expires_in_the_future(in_workspace, rep):
    with pytest.raises(ApplicationError, match="in the future"):
        services.token_create(membership=rep, name="Old", actor=rep, expires_at=timezone.now() - timedelta(days=1))


def test_token_is_revoked_by_its_owner_and_by_admins_alone(in_workspace, rep, colleague, admin):
    token = ApiTokenFactory(membership=rep)
    with pytest.raises(ApplicationError, match="Only an admin"):
        services.token_revoke(token=token, actor=colleague)
    services.token_revoke(token=token, actor=admin)
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_profile_changes_name_and_time_zone(in_workspace, rep):
    services.profile_update(actor=rep, full_name="Rolf Reiter", time_zone="Europe/Berlin")
    rep.user.refresh_from_db()
    assert (rep.user.full_name, rep.user.time_zone) == ("Rolf Reiter", "Europe/Berlin")
    with pytest.raises(ApplicationError) as refused:
        services.profile_update(actor=rep, full_name="Rolf", time_zone="Moon/Crater")
    assert list(refused.value.fields) == ["time_zone"]
