"""Is it alive, and can it serve? Asked by balancers and by the supervisor; answered without sign-in, without detail."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer that the process serves requests."""
    return JsonResponse({"status": "live"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer whether the database is there."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "not ready", "database": "unreachable"}, status=503)
    return JsonResponse({"status": "ready"})


urlpatterns = [path("live", live, name="live"), path("ready", ready, name="ready")]
