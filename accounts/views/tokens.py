"""Tokens of the API: one's own, and all of the workspace for its admins."""

from datetime import date, datetime, time

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policies, selectors
from accounts.access import MemberRequest, members_only
from accounts.forms import TokenForm
from accounts.services import token_create
from accounts.services import token_revoke as revoke
from core.exceptions import ApplicationError
from core.http import go_to


def _end_of(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.max)) if day else None


@require_http_methods(["GET", "POST"])
@members_only(policies.is_member)
def tokens(request: MemberRequest) -> HttpResponse:
    """List tokens, and make one that acts as oneself; its secret is shown once."""
    form = TokenForm(request.POST or None)
    made, secret = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = token_create(
                membership=request.membership,
                name=form.cleaned_data["name"],
                expires_at=_end_of(form.cleaned_data["expires_on"]),
                actor=request.membership,
            )
        except ApplicationError as error:
            form.add_error("expires_on", error.message)
        else:
            form = TokenForm()
    context = {"form": form, "made": made, "secret": secret, "tokens": selectors.tokens(request.membership)}
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@require_POST
@members_only(policies.is_member)
def token_revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Stop a token for good."""
    token = get_object_or_404(selectors.tokens(request.membership), pk=pk)
    revoke(token=token, actor=request.membership)
    messages.success(request, f"The token “{token.name}” no longer works.")
    return go_to(request, reverse("accounts:tokens"))
