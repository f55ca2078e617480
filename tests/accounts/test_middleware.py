"""Which membership a request acts as, and that its scope ends with it."""

import threading

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.middleware import SESSION_KEY, MembershipMiddleware
from core import scope
from core.exceptions import ScopeError
from tests.factories.accounts import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def request_by(user, session=None):
    request = RequestFactory().get("/")
    request.user, request.session = user, session or {}
    return request


def pass_through(request, view=None):
    """Run the middleware around a view that notes the scope it sees."""
    seen = []

    def look(request):
        try:
            seen.append(scope.workspace_id())
        except ScopeError:
            seen.append(None)
        return HttpResponse()

    MembershipMiddleware(view or look)(request)
    return seen


def assert_no_scope():
    with pytest.raises(ScopeError):
        scope.workspace_id()


def test_member_works_in_their_workspace_and_the_scope_ends_with_the_request(designer):
    request = request_by(designer.user)
    assert pass_through(request) == [designer.workspace_id]
    assert request.membership == designer
    assert_no_scope()


def test_scope_ends_also_when_the_view_raises(designer):
    def broken(request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pass_through(request_by(designer.user), broken)
    assert_no_scope()
    assert timezone.get_current_timezone_name() == "UTC"


def test_session_chooses_among_own_memberships(designer):
    second = MembershipFactory(user=designer.user)
    request = request_by(designer.user, {SESSION_KEY: second.pk})
    assert pass_through(request) == [second.workspace_id]


def test_session_that_names_somebody_elses_membership_is_ignored(designer, outsider):
    request = request_by(designer.user, {SESSION_KEY: outsider.pk})
    assert pass_through(request) == [designer.workspace_id]


@pytest.mark.parametrize("rubbish", ["x", None, -1, [1], {"a": 1}])
def test_session_with_rubbish_is_ignored(designer, rubbish):
    assert pass_through(request_by(designer.user, {SESSION_KEY: rubbish})) == [designer.workspace_id]


def test_ended_membership_gives_no_scope(designer):
    designer.ended_at = timezone.now()
    designer.save()
    request = request_by(designer.user, {SESSION_KEY: designer.pk})
    assert pass_through(request) == [None]
    assert request.membership is None


def test_inactive_person_gives_no_scope(designer):
    designer.user.is_active = False
    designer.user.save()
    assert pass_through(request_by(designer.user)) == [None]


def test_person_without_membership_gives_no_scope():
    assert pass_through(request_by(UserFactory())) == [None]


def test_time_zone_is_the_persons_and_ends_with_the_request(designer):
    designer.user.time_zone = "Asia/Tokyo"
    seen = []
    pass_through(
        request_by(designer.user), lambda _: seen.append(timezone.get_current_timezone_name()) or HttpResponse()
    )
    assert seen == ["Asia/Tokyo"]
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_thread_does_not_see_the_scope_of_another(designer):
    seen = []

    def look():
        try:
            seen.append(scope.workspace_id())
        except ScopeError:
            seen.append(None)

    with scope.in_workspace(designer.workspace_id):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == [None]


def test_ended_member_is_told_so_on_the_page(designer, client_of):
    client = client_of(designer)
    designer.ended_at = timezone.now()
    designer.save()
    response = client.get("/settings/")
    assert response.status_code == 403
    assert "You are in no workspace" in response.content.decode()


def test_deactivated_person_is_signed_out(designer, client_of):
    client = client_of(designer)
    designer.user.is_active = False
    designer.user.save()
    assert client.get("/settings/").status_code == 302
