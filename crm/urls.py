"""Addresses of the crm room."""

from django.urls import path

from crm.views import imports

app_name = "crm"
urlpatterns = [
    path("", imports.imports, name="imports"),
    path("<int:import_id>/", imports.detail, name="import"),
    path("<int:import_id>/columns/", imports.columns, name="columns"),
    path("<int:import_id>/values/", imports.values, name="values"),
    path("<int:import_id>/start/", imports.start, name="start"),
    path("<int:import_id>/errors.csv", imports.errors, name="errors"),
    path("<int:import_id>/delete/", imports.delete, name="delete"),
]
