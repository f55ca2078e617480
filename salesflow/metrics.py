"""Figures for a Prometheus that watches the installation: `/metrics`, for whoever has the token of METRICS_TOKEN.

They are read from the database, so that one web process answers for all programs on all machines.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from deals.selectors.sweep import sweep
from jobs.selectors import jobs_by_state


class Figures:
    """What is collected when somebody asks."""

    def collect(self) -> Iterator[Metric]:
        """Read the figures."""
        found = sweep()
        gauges = (
            ("stale_scores", "Scores that are behind their deal, those given up left out.", found.stale),
            ("urgent_scores", "Of them, those that follow a person's own edit.", found.urgent),
            ("oldest_stale_score_seconds", "How long the oldest of them has waited.", found.oldest_age),
            ("quarantined_scores", "Scores given up after five failures, until somebody says Retry.", found.given_up),
            ("sweep_heartbeat_age_seconds", "Since a worker last looked for stale scores.", found.heartbeat_age),
            ("stretches_left", "Stretches of deals that bulk jobs under way still have to score.", found.stretches),
        )
        for name, words, value in gauges:
            yield GaugeMetricFamily(f"salesflow_{name}", words, value=value)
        yield CounterMetricFamily(
            "salesflow_scores", "Scores computed since the installation began.", value=found.scored
        )
        by_state = GaugeMetricFamily("salesflow_jobs", "Jobs by state.", labels=["state"])
        for state, count in jobs_by_state().items():
            by_state.add_metric([state], count)
        yield by_state


REGISTRY = CollectorRegistry(auto_describe=False)
REGISTRY.register(Figures())


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the figures; without the right token there is no such page."""
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not constant_time_compare(given, token):
        raise Http404
    try:
        content = generate_latest(REGISTRY)
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse(content, content_type=CONTENT_TYPE_LATEST)
