"""Headers and errors of every response."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from core.exceptions import ApplicationError

Handler = Callable[[HttpRequest], HttpResponse]
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class PermissionsPolicyMiddleware:
    """Says that no page asks for the device's sensors, and keeps signed-in pages out of shared caches."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ApplicationErrorMiddleware:
    """Renders an ApplicationError that a view let through: as JSON, as a toast for htmx, or as a page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for the view that raised."""
        if not isinstance(error, ApplicationError):
            return None
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse(
                {"code": error.code, "message": error.message, "errors": error.fields}, status=error.status
            )
        if request.headers.get("HX-Request"):
            from django_htmx.http import reswap, trigger_client_event

            response = HttpResponse(status=error.status)
            trigger_client_event(response, "toast", {"message": error.message, "level": "error"})
            return reswap(response, "none")
        messages.error(request, error.message)
        return render(request, "error.html", {"error": error}, status=error.status)
