"""Every address of the application."""

from django.urls import include, path

from salesflow import views
from salesflow.metrics import metrics

urlpatterns = [
    path("", views.today, name="today"),
    path("search/", views.search, name="search"),
    path("healthz/", include("salesflow.health")),
    path("metrics", metrics, name="metrics"),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("settings/audit/", include("audit.urls")),
    path("jobs/", include("jobs.urls")),
    path("interviews/", include("interviews.urls")),
    path("process/", include("buying_process.urls")),
    path("deals/", include("deals.urls")),
    path("import/", include("crm.urls")),
    path("api/", include("salesflow.api")),
]
handler404 = "salesflow.views.not_found"
handler403 = "salesflow.views.forbidden"
handler500 = "salesflow.views.server_error"
