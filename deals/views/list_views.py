"""Views of the list that people keep under a name."""

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError
from core.forms import show_errors
from core.http import go_to
from deals import services
from deals.forms import ListForm, ListViewForm
from deals.models import ListView
from deals.policies import may_change_view
from deals.selectors.list_views import deleted_view, view_for
from deals.selectors.listing import Choices
from deals.views.answers import asked

NOT_KEPT = {"view"}


def kept_query(query: QueryDict) -> str:
    """Give what a view keeps of an address: filters and order, no place."""
    kept = QueryDict(mutable=True)
    for name in ListForm(choices=Choices()).fields:
        if name not in NOT_KEPT and query.get(name):
            kept[name] = str(query[name])
    return kept.urlencode()


def _view(request: MemberRequest, view_id: int) -> ListView:
    found = view_for(request.membership, view_id)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@members_only(policies.works_on_deals)
def new(request: MemberRequest) -> HttpResponse:
    """Keep the filters and the order of the address under a name."""
    form = ListViewForm(request.POST or None, membership=request.membership, initial={"query": kept_query(request.GET)})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = services.list_view_save(
                actor=request.membership,
                name=values["name"],
                query=kept_query(QueryDict(values["query"])),
                is_shared=values.get("is_shared", False),
            )
        except ApplicationError as error:
            show_errors(form, error)
        else:
            if values["is_usual"]:
                services.list_view_use(view=made, actor=request.membership)
            messages.success(request, f"“{made}” is saved.")
            return go_to(request, made.get_absolute_url())
    return asked(request, "deals/list_view.html", {"view": None}, form)


@require_http_methods(["GET", "POST"])
@members_only(policies.works_on_deals)
def edit(request: MemberRequest, view_id: int) -> HttpResponse:
    """Rename a view, share it, open the list with it; of somebody else's view only the last."""
    view = _view(request, view_id)
    form = ListViewForm(request.POST or None, membership=request.membership, view=view)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        changed = {name: values[name] for name in ("name", "is_shared") if name in values}
        try:
            if changed:
                services.list_view_change(view=view, actor=request.membership, **changed)
            if values["is_usual"] != form.initial["is_usual"]:
                services.list_view_use(view=view if values["is_usual"] else None, actor=request.membership)
        except ApplicationError as error:
            show_errors(form, error)
        else:
            messages.success(request, "Saved.")
            return go_to(request, view.get_absolute_url())
    return asked(request, "deals/list_view.html", {"view": view}, form)


@require_POST
@members_only(policies.works_on_deals)
def keep(request: MemberRequest, view_id: int) -> HttpResponse:
    """Keep the filters that are shown under the name of the view."""
    view = _view(request, view_id)
    query = kept_query(QueryDict(request.POST.get("query", "").removeprefix("?")))
    services.list_view_change(view=view, actor=request.membership, query=query)
    messages.success(request, f"“{view}” now shows this.")
    return go_to(request, view.get_absolute_url())


@require_POST
@members_only(policies.works_on_deals)
def delete(request: MemberRequest, view_id: int) -> HttpResponse:
    """Take a view away, and offer to bring it back."""
    view = _view(request, view_id)
    services.list_view_delete(view=view, actor=request.membership)
    return go_to(request, f"{reverse('deals:list')}?deleted={view.pk}")


@require_POST
@members_only(policies.works_on_deals)
def restore(request: MemberRequest, view_id: int) -> HttpResponse:
    """Bring a deleted view back."""
    view = deleted_view(request.membership, view_id)
    if view is None or not may_change_view(request.membership, view):
        raise Http404
    services.list_view_restore(view=view, actor=request.membership)
    messages.success(request, f"“{view}” is back.")
    return go_to(request, view.get_absolute_url())
