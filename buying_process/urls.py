"""Addresses of the buying_process room."""

from django.urls import URLPattern

app_name = "buying_process"
urlpatterns: list[URLPattern] = []
