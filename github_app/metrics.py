"""What the App counts and measures, for Prometheus; labels never hold names people can choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from github_app.inbox.ports import State

if TYPE_CHECKING:
    # Only the type: the module that counts is at the edge, this one is not.
    from github_app.github.calls import Calls

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Metrics:
    """The App's measurements in a registry of their own: two Apps in one process don't mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._deliveries = self._counter("deliveries", "Deliveries by answer", "dialect", "answer")
        self._rounds = self._counter("rounds", "Rounds worked off, by outcome", "outcome")
        self._actions = self._counter("actions", "Actions applied, by outcome", "action", "outcome")
        self._seconds = Histogram(
            "towline_step_seconds",
            "How long each step of a round took",
            ("step",),
            registry=self._registry,
            buckets=_SECONDS,
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"towline_{name}", text, labels, registry=self._registry)

    def delivery(self, dialect: str, answer: str) -> None:
        """A delivery was answered: accepted, duplicate, ignored, malformed, forged, full, ..."""
        self._deliveries.labels(dialect, answer).inc()

    def round(self, outcome: str) -> None:
        """A round over one key ended: done, retried or refused."""
        self._rounds.labels(outcome).inc()

    def action(self, kind: str, outcome: str) -> None:
        """An action of a plan was carried out, or was not."""
        self._actions.labels(kind, outcome).inc()

    def took(self, step: str, seconds: float) -> None:
        """A step (observe, plan, apply, discover, sweep, ...) took so long."""
        self._seconds.labels(step).observe(seconds)

    def watch_inbox(self, counts: Callable[[], Mapping[State, int]]) -> None:
        """Ask `counts` for the inbox's depth whenever somebody reads the metrics."""

        def rows() -> Iterator[Metric]:
            family = GaugeMetricFamily("towline_inbox_rows", "Rows of the inbox", labels=["state"])
            for state, count in counts().items():
                family.add_metric([state.value], count)
            yield family

        self._registry.register(_Asked(rows))

    def watch_calls(self, calls: Callable[[], Calls]) -> None:
        """Ask `calls` how often GitHub was asked whenever somebody reads the metrics."""

        def sent() -> Iterator[Metric]:
            family = CounterMetricFamily(
                "towline_github_calls", "Requests to GitHub, repetitions included", labels=["kind"]
            )
            for kind, count in asdict(calls()).items():
                family.add_metric([kind], count)
            yield family

        self._registry.register(_Asked(sent))

    def exposition(self) -> tuple[bytes, str]:
        """Everything measured, in Prometheus' text format, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


class _Asked(Collector):
    """Figures somebody else keeps, looked up when they are read."""

    def __init__(self, figures: Callable[[], Iterator[Metric]]) -> None:
        self._figures = figures

    def describe(self) -> Iterator[Metric]:
        """Nothing is asked while the collector is registered."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The figures now."""
        return self._figures()
