"""Is it alive, and can it serve? Asked by balancers and by the supervisor; answered without sign-in, without detail.

A sweep that is late or a worker that leaves jobs waiting does not make the web unready, since edits go on without them:
it is said beside, and the supervisor starts them anew.
"""

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from deals.selectors.sweep import sweep
from jobs.selectors import jobs_stand_still


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer that the process serves requests."""
    return JsonResponse({"status": "live"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer whether the database is there, and whether scores are recomputed in time."""
    try:
        said = {"sweep": sweep().state, "worker": "silent" if jobs_stand_still() else "at work"}
    except DatabaseError:
        return JsonResponse({"status": "not ready", "database": "unreachable"}, status=503)
    return JsonResponse({"status": "ready"} | said)


urlpatterns = [path("live", live, name="live"), path("ready", ready, name="ready")]
