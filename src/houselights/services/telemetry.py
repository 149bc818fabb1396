"""What the house tells its operators in numbers: requests, durations, generations. Never anything about a person.

Each house has a registry of its own, so that two in one process (tests, an embedding program) do not add up. With
several worker processes, `PROMETHEUS_MULTIPROC_DIR` makes the numbers of all of them one (`houselights serve` sets it).
"""

import os
from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from houselights.storage.control.control import Control

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Telemetry:
    """Counts requests and, when scraped, says which generation each workspace serves."""

    def __init__(self, control: Control):
        self._registry = CollectorRegistry()
        labels = ("room", "method", "route", "status")
        self._requests = Counter("houselights_requests", "Requests answered.", labels, registry=self._registry)
        self._seconds = Histogram(
            "houselights_request_seconds",
            "Time from request to reply.",
            ("room", "route"),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._generations = _Generations(control)

    def answered(self, *, room: str, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request. `route` is the template ("/v1/audiences/{audience_id}"), never the path with its ids."""
        self._requests.labels(room, method, route, str(status)).inc()
        self._seconds.labels(room, route).observe(seconds)

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it unannotated
        else:
            registry = self._registry
        generations = CollectorRegistry()
        generations.register(self._generations)
        return generate_latest(registry) + generate_latest(generations)


class _Generations(Collector):
    """Read at scrape time, so that every process says the same."""

    def __init__(self, control: Control):
        self._control = control

    def collect(self) -> Iterable[Metric]:
        number = GaugeMetricFamily("houselights_generation", "Generation being served.", labels=["workspace"])
        people = GaugeMetricFamily("houselights_people", "People in that generation.", labels=["workspace"])
        built = GaugeMetricFamily(
            "houselights_generation_built_seconds", "When it was built, in seconds of the epoch.", labels=["workspace"]
        )
        for workspace in self._control.workspaces.list():
            generation = self._control.generations.current(workspace.id)
            if generation is not None:
                number.add_metric([workspace.name], generation.number)
                people.add_metric([workspace.name], generation.people)
                built.add_metric([workspace.name], generation.built_at.timestamp())
        return number, people, built
