"""The newest freight a warehouse's registries offer, or why there is none."""

from __future__ import annotations

from github_app.picture import Discovered, Discovery, Undiscovered
from github_app.warehouse.offered_images import offered
from github_app.warehouse.ports import Registry
from plugin.artifact import Artifact
from plugin.errors import Refusal, Temporary
from plugin.freight import Freight
from plugin.pipeline import Warehouse
from plugin.subscriptions import ImageSubscription, Selection, Subscription


class RegistryDiscovery:
    """Discovery by asking registries: the port `Registries`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def discover(self, warehouse: Warehouse) -> Discovery:
        """The warehouse's newest freight; the reason if one subscription finds nothing.

        A registry that is busy or refuses is such a reason, not an error: other warehouses and
        stages go on, and the next sweep asks again.
        """
        newest: list[Artifact] = []
        for one in warehouse.subscriptions:
            match _asked(one, self._registry):
                case Undiscovered(reason):
                    return Undiscovered(f"warehouse '{warehouse.name}': {reason}")
                case artifact:
                    newest.append(artifact)
        return Discovered(Freight(warehouse.name, tuple(newest)))


def _asked(subscription: Subscription, registry: Registry) -> Artifact | Undiscovered:
    match subscription:
        case ImageSubscription():
            try:
                best = next(offered(subscription, registry), None)
            except (Refusal, Temporary) as error:
                return Undiscovered(str(error))
            return _nothing(subscription) if best is None else best.artifact
        case _:
            return Undiscovered(f"nobody looks for what '{subscription.name}' subscribes to")


def _nothing(subscription: ImageSubscription) -> Undiscovered:
    if subscription.select is Selection.DIGEST:
        return Undiscovered(f"{subscription.repository} has no tag '{subscription.constraint}'")
    rule = subscription.select.value
    if subscription.constraint and subscription.select is Selection.SEMVER:
        rule = f"{rule} {subscription.constraint}"
    if subscription.platform:
        rule = f"{rule}, {subscription.platform}"
    return Undiscovered(f"no tag of {subscription.repository} fits ({rule})")
