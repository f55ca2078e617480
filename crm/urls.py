"""Addresses of the crm room."""

from django.urls import URLPattern

app_name = "crm"
urlpatterns: list[URLPattern] = []
