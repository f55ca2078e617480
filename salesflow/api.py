"""The addresses of the REST API, gathered from the rooms: each has `router_entries`, and may have more paths."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, URLPattern, include, path, re_path, resolve
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

NOTHING_HERE = "nothing-here"
ROOMS = ("interviews", "buying_process", "deals", "crm", "jobs")


@extend_schema(exclude=True)
class NothingHere(APIView):
    """Answers for addresses that do not exist, in the API's own shape."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say so to those who may ask."""
        super().initial(request, *args, **kwargs)
        raise NotFound("There is no such address.")


def slashless(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Answer an address without its last slash as the one with it: a redirect would lose the body of a POST."""
    match = resolve(f"{request.path_info}/")
    if rest.endswith("/") or match.url_name == NOTHING_HERE:
        match = ResolverMatch(NothingHere.as_view(), (), {})
    return match.func(request, *match.args, **match.kwargs)  # type: ignore[no-any-return]  # views answer


# the views behind it ask for a token, which no other site's page has
slashless.csrf_exempt = True  # type: ignore[attr-defined]  # as Django's own decorator sets it


def _room_urls() -> list[Any]:
    router = SimpleRouter()
    more: list[URLPattern] = []
    for room in ROOMS:
        module = import_module(f"{room}.api")
        entries: Sequence[tuple[str, Any, str]] = getattr(module, "router_entries", ())
        for prefix, viewset, name in entries:
            router.register(prefix, viewset, basename=name)
        more += getattr(module, "urlpatterns", [])
    return [*more, *router.urls]


urlpatterns = [
    path("v1/", include([*_room_urls(), re_path(r"^(?P<rest>.*)$", slashless, name=NOTHING_HERE)])),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
