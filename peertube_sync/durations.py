"""How long our own answers take, as a middleware: a histogram for Prometheus. Needs the extra `metrics`.

A leaf like `headers`: faces are known by the names of their address spaces. With PROMETHEUS_MULTIPROC_DIR, which
prometheus-client reads, all processes of a machine write into one directory, and their durations add up.
"""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

NAME = "peertube_sync_http_request_duration_seconds"
DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
FACES = {"peertube_sync_site": "site", "peertube_sync_api": "api", "peertube_sync_compat": "compat"}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""

if directory := os.environ.get(DIRECTORY):
    Path(directory).mkdir(parents=True, exist_ok=True)

_registry = CollectorRegistry()
_histogram = Histogram(
    NAME,
    "How long answers took: by face, name of the address, method, and class of the status.",
    ("face", "route", "method", "status"),
    buckets=BUCKETS,
    registry=_registry,
)


class RequestDurations:
    """A middleware, to be the first one: it measures what the others take too. It knows nothing of other interfaces."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        if match and match.app_names and (face := FACES.get(match.app_names[-1])):
            method = request.method if request.method in METHODS else "other"
            labels = (face, match.url_name or match.route, method, f"{response.status_code // 100}xx")
            _histogram.labels(*labels).observe(time.perf_counter() - began)
        return response


def durations() -> Iterable[Metric]:
    """Return the histogram: of all processes that share a directory, else of this one."""
    if os.environ.get(DIRECTORY):
        found = MultiProcessCollector(None).collect()  # type: ignore[no-untyped-call]
        return [metric for metric in found if metric.name == NAME]  # the host project's own may lie there too
    return _registry.collect()
