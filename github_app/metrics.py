"""What the App counts and measures, for Prometheus; labels never hold names people can choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from github_app.inbox.ports import State

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Metrics:
    """The App's measurements in a registry of their own: two Apps in one process don't mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._deliveries = self._counter("deliveries", "Deliveries by answer", "dialect", "answer")
        self._rounds = self._counter("rounds", "Rounds worked off, by outcome", "outcome")
        self._actions = self._counter("actions", "Actions applied, by outcome", "action", "outcome")
        self._calls = self._counter("github_calls", "Requests to GitHub", "kind")
        self._seconds = Histogram(
            "towline_step_seconds",
            "How long each step of a round took",
            ("step",),
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._waited = Histogram(
            "towline_delivery_wait_seconds",
            "From a delivery's receipt until its round began",
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._remaining = Gauge(
            "towline_github_rate_limit_remaining",
            "Requests GitHub still allows in this hour",
            ("installation", "resource"),
            registry=self._registry,
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

    def github_call(self, kind: str) -> None:
        """A request was sent to GitHub: rest, graphql, git or token."""
        self._calls.labels(kind).inc()

    def took(self, step: str, seconds: float) -> None:
        """A step (observe, plan, apply, discover, sweep, ...) took so long."""
        self._seconds.labels(step).observe(seconds)

    def waited(self, seconds: float) -> None:
        """A delivery waited so long before its round began."""
        self._waited.observe(seconds)

    def rate_limit(self, installation: int, resource: str, remaining: int) -> None:
        """GitHub said how many requests of a resource (core, graphql) remain."""
        self._remaining.labels(str(installation), resource).set(remaining)

    def watch_inbox(self, counts: Callable[[], Mapping[State, int]]) -> None:
        """Ask `counts` for the inbox's depth whenever somebody reads the metrics."""
        self._registry.register(_Depth(counts))

    def exposition(self) -> tuple[bytes, str]:
        """Everything measured, in Prometheus' text format, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


class _Depth(Collector):
    """The inbox's rows by state, counted when asked."""

    def __init__(self, counts: Callable[[], Mapping[State, int]]) -> None:
        self._counts = counts

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield self._empty()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = self._empty()
        for state, count in self._counts().items():
            family.add_metric([state.value], count)
        yield family

    @staticmethod
    def _empty() -> GaugeMetricFamily:
        return GaugeMetricFamily("towline_inbox_rows", "Rows of the inbox", labels=["state"])
