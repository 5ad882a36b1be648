"""The versions of a Helm chart that a subscription may take, best first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol

from github_app.warehouse.candidate import Candidate
from github_app.warehouse.charts_index import Listed
from github_app.warehouse.ports import HELM_CHART, Registry
from github_app.warehouse.selection import by_version
from plugin.artifact import Chart, ChartName, Repository
from plugin.artifact.chart import is_version
from plugin.subscriptions import ChartSubscription

_OCI = "oci://"


class Indexes(Protocol):
    """Chart repositories over HTTP; raises Refusal and Temporary."""

    def versions(self, chart: ChartName) -> tuple[Listed, ...]:
        """Every version of the chart that its repository's index lists."""


class Charts:
    """Charts of HTTP repositories and of registries."""

    def __init__(self, indexes: Indexes, registry: Registry) -> None:
        self._indexes = indexes
        self._registry = registry

    def versions(self, subscription: ChartSubscription) -> Iterator[Candidate]:
        """At most `limit` versions that the constraint admits; raises Refusal and Temporary.

        The newest comes first by semantic version, read leniently, as in Kargo
        (https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses). Without a
        constraint even pre-releases may win. Deprecated versions are versions like others: neither
        Kargo nor `helm install` passes them over, and the last version of a chart is usually one;
        a fact says so. What Helm would take for a range, such as `1.2`, is no version of a chart.
        """
        if subscription.chart.repository.startswith(_OCI):
            return islice(self._in_registry(subscription), subscription.limit)
        return islice(self._in_index(subscription), subscription.limit)

    def _in_index(self, subscription: ChartSubscription) -> Iterator[Candidate]:
        known = {one.version: one for one in reversed(self._indexes.versions(subscription.chart))}
        for version in newest_first(known, subscription.constraint):
            one = known[version]
            chart = Chart(subscription.chart, version)
            yield Candidate(chart, one.created, tuple(_facts(one)))

    def _in_registry(self, subscription: ChartSubscription) -> Iterator[Candidate]:
        """Each version is asked for when somebody wants it; what is no chart is passed over.

        Helm writes the `+` of a version as `_` in a tag, which knows no `+`
        (https://helm.sh/docs/topics/registries/#oci-feature-deprecation-and-behavior-changes-with-v380).
        """
        repository = repository_of(subscription.chart)
        tags = {tag.replace("_", "+"): tag for tag in self._registry.tags(repository)}
        for version in newest_first(tags, subscription.constraint):
            there = self._registry.resolve(repository, tags[version])
            if there is not None and there.kind == HELM_CHART:
                facts = (("digest", there.digest), *there.facts.items())
                yield Candidate(Chart(subscription.chart, version), there.created, facts)


def repository_of(chart: ChartName) -> Repository:
    """Where a registry keeps the chart of an `oci://` address; raises Refusal."""
    return Repository.parse(f"{chart.repository.removeprefix(_OCI)}/{chart.name}")


def newest_first(versions: Iterable[str], constraint: str | None) -> list[str]:
    """Those that a chart can have and the constraint admits; equal ones by name, descending."""
    return by_version((one for one in versions if is_version(one)), constraint, strict=False)


def _facts(one: Listed) -> Iterator[tuple[str, str]]:
    said = {
        "appVersion": one.app_version,
        "digest": one.digest,
        "deprecated": "true" if one.deprecated else "",
        "sources": " ".join(one.sources),
    }
    yield from ((name, text) for name, text in said.items() if text)
