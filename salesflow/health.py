"""Is it alive, and can it serve? Asked by balancers and by the supervisor; answered without sign-in, without detail.

A sweep that is late does not make the web unready, since edits go on without it: it is said beside, and the supervisor
starts the worker anew.
"""

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from deals.selectors.sweep import sweep


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer that the process serves requests."""
    return JsonResponse({"status": "live"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer whether the database is there, and whether scores are recomputed in time."""
    try:
        found = sweep()
    except DatabaseError:
        return JsonResponse({"status": "not ready", "database": "unreachable"}, status=503)
    said = {"sweep": "late" if found.is_late else "in time", "worker": "silent" if found.is_silent else "at work"}
    return JsonResponse({"status": "ready"} | said)


urlpatterns = [path("live", live, name="live"), path("ready", ready, name="ready")]
