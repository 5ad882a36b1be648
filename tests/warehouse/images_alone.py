"""Discovery where images are all that anybody subscribes to."""

from __future__ import annotations

from collections.abc import Iterable

from github_app.warehouse.candidate import Candidate
from github_app.warehouse.discover import SourceDiscovery
from github_app.warehouse.filtered import Filtered
from github_app.warehouse.ports import Registry
from github_app.warehouse.sources import Sources
from plugin.artifact import Revision
from plugin.subscriptions import (
    ChartSubscription,
    DiskSubscription,
    GitSubscription,
    Subscription,
)


def of_images(registry: Registry) -> SourceDiscovery:
    """Discovery that asks a registry, and fails the test where it would ask anybody else."""
    return SourceDiscovery(Sources(registry, Nobody(), Nobody(), Nobody()))


class Nobody:
    """Charts, Git and publishers that nobody asks."""

    def versions(self, subscription: ChartSubscription) -> Iterable[Candidate]:
        raise AssertionError(subscription)

    def newest(self, subscription: GitSubscription, last: Revision | None) -> Iterable[Candidate]:
        raise AssertionError(subscription)

    def candidates(self, subscription: DiskSubscription) -> Iterable[Candidate]:
        raise AssertionError(subscription)

    def filtered(self, subscription: Subscription) -> tuple[Filtered, ...]:
        raise AssertionError(subscription)

    def exact(self, subscription: Subscription, version: str) -> Candidate | None:
        raise AssertionError(subscription)
