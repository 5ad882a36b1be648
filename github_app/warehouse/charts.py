"""The versions of a Helm chart that a subscription may take, best first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from github_app.warehouse.candidate import Candidate
from github_app.warehouse.charts_index import Listed
from github_app.warehouse.filtered import NOT_THERE, Filtered, filtered, rules_of
from github_app.warehouse.ports import HELM_CHART, Registry
from github_app.warehouse.selection import by_version
from plugin.artifact import Chart, ChartName, Repository
from plugin.artifact.chart import is_version
from plugin.subscriptions import ChartSubscription

_OCI = "oci://"
_MOST_ASKED = 200
_NO_VERSION = "not a whole version, as charts have them"


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
        return (one for one in self._judged(subscription) if isinstance(one, Candidate))

    def exact(self, subscription: ChartSubscription, version: str) -> Candidate | None:
        """One version, whatever the constraint says of it; None: there is none."""
        if not is_version(version):
            return None
        if subscription.chart.in_registry:
            pushed = self._pushed(subscription, version)
            return pushed if isinstance(pushed, Candidate) else None
        one = self._listed(subscription).get(version)
        return None if one is None else _described(subscription, one)

    def filtered(self, subscription: ChartSubscription) -> tuple[Filtered, ...]:
        """The versions that are not taken, with the rule against each."""
        listed = tuple(self._listed(subscription))
        no_version = [one for one in listed if not is_version(one)]
        asked = tuple(self._judged(subscription))
        out = tuple(one for one in asked if isinstance(one, Filtered))
        names = [one.tag if isinstance(one, Filtered) else one.artifact.tag for one in asked]
        others = filtered(rules_of(subscription), listed, (*names, *no_version))
        return (*out, *(Filtered(one, _NO_VERSION) for one in no_version), *others)

    def _judged(self, subscription: ChartSubscription) -> Iterator[Candidate | Filtered]:
        """The best versions until there are enough, and those that turn out to be no chart.

        Each version of a registry is asked for when somebody wants it.
        """
        every = self._listed(subscription)
        best = newest_first(every, subscription.constraint)
        if subscription.chart.in_registry:
            best = best[: max(_MOST_ASKED, subscription.limit)]
        found = 0
        for version in best:
            listed = every[version]
            if listed is None:
                one = self._pushed(subscription, version)
            else:
                one = _described(subscription, listed)
            yield one
            found += isinstance(one, Candidate)
            if found == subscription.limit:
                return

    def _listed(self, subscription: ChartSubscription) -> Mapping[str, Listed | None]:
        """Every version that there is, with what the index says of it; a registry says nothing.

        Of a version that is listed twice Helm takes the first. It writes the `+` of a version as
        `_` in a registry's tag, which knows no `+`
        (https://helm.sh/docs/topics/registries/#oci-feature-deprecation-and-behavior-changes-with-v380).
        """
        if subscription.chart.in_registry:
            tags = self._registry.tags(repository_of(subscription.chart))
            return {tag.replace("_", "+"): None for tag in tags}
        return {one.version: one for one in reversed(self._indexes.versions(subscription.chart))}

    def _pushed(self, subscription: ChartSubscription, version: str) -> Candidate | Filtered:
        """A version in a registry, or why it is none."""
        repository = repository_of(subscription.chart)
        there = self._registry.resolve(repository, version.replace("+", "_"))
        if there is None:
            return Filtered(version, NOT_THERE)
        if there.kind != HELM_CHART:
            return Filtered(version, "no Helm chart")
        facts = (("digest", there.digest), *there.facts.items())
        return Candidate(Chart(subscription.chart, version, there.digest), there.created, facts)


def repository_of(chart: ChartName) -> Repository:
    """Where a registry keeps the chart of an `oci://` address; raises Refusal."""
    return Repository.parse(f"{chart.repository.removeprefix(_OCI)}/{chart.name}")


def newest_first(versions: Iterable[str], constraint: str | None) -> list[str]:
    """Those that a chart can have and the constraint admits; equal ones by name, descending."""
    return by_version((one for one in versions if is_version(one)), constraint, strict=False)


def _described(subscription: ChartSubscription, one: Listed) -> Candidate:
    return Candidate(Chart(subscription.chart, one.version), one.created, tuple(_facts(one)))


def _facts(one: Listed) -> Iterator[tuple[str, str]]:
    said = {
        "appVersion": one.app_version,
        "digest": one.digest,
        "deprecated": "true" if one.deprecated else "",
        "sources": " ".join(one.sources),
    }
    yield from ((name, text) for name, text in said.items() if text)
