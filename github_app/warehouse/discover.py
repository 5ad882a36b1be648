"""The newest freight a warehouse's registries offer, or why there is none."""

from __future__ import annotations

from github_app.picture import Discovered, Discovery, Undiscovered
from github_app.warehouse.ports import Registry, Resolved
from github_app.warehouse.selection import candidates, newest_built
from plugin.artifact import Image
from plugin.errors import Refusal, Temporary
from plugin.freight import Freight
from plugin.pipeline import Warehouse
from plugin.subscriptions import ImageSubscription, Selection

_MAX_ASKED = 200


class RegistryDiscovery:
    """Discovery by asking registries: the port `Registries`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def discover(self, warehouse: Warehouse) -> Discovery:
        """The warehouse's newest freight; the reason if one subscription finds nothing.

        A registry that is busy or refuses is such a reason, not an error: other warehouses and
        stages go on, and the next sweep asks again.
        """
        images: list[Image] = []
        for one in warehouse.subscriptions:
            match _asked(one, self._registry):
                case Undiscovered(reason):
                    return Undiscovered(f"warehouse '{warehouse.name}': {reason}")
                case Image() as image:
                    images.append(image)
        return Discovered(Freight(warehouse.name, tuple(images)))


def _asked(subscription: ImageSubscription, registry: Registry) -> Image | Undiscovered:
    try:
        return newest(subscription, registry)
    except (Refusal, Temporary) as error:
        return Undiscovered(str(error))


def newest(subscription: ImageSubscription, registry: Registry) -> Image | Undiscovered:
    """The image the subscription would take now; raises Refusal and Temporary.

    Tags are asked for best first. One that was listed but is gone by now is passed over.
    """
    tags = () if subscription.select is Selection.DIGEST else registry.tags(subscription.repository)
    best = candidates(subscription, tags)
    if subscription.select is Selection.NEWEST_BUILD:
        return _newest_build(subscription, registry, best)
    for tag in best:
        resolved = registry.resolve(subscription.repository, tag)
        if resolved is not None:
            return Image(subscription.repository, tag, resolved.digest)
    return _nothing(subscription, len(tags))


def _newest_build(
    subscription: ImageSubscription, registry: Registry, tags: tuple[str, ...]
) -> Image | Undiscovered:
    """The image built last: only asking for each tag tells, so there may not be many."""
    if len(tags) > _MAX_ASKED:
        raise Refusal(
            f"{len(tags)} tags of {subscription.repository} would each have to be asked for to "
            f"find the newest build: let at most {_MAX_ASKED} pass 'allow' and 'ignore'"
        )
    asked = {tag: registry.resolve(subscription.repository, tag) for tag in tags}
    there: dict[str, Resolved] = {tag: one for tag, one in asked.items() if one is not None}
    best = newest_built({tag: one.created for tag, one in there.items()}, 1)
    if not best:
        return _nothing(subscription, len(tags))
    return Image(subscription.repository, best[0], there[best[0]].digest)


def _nothing(subscription: ImageSubscription, tags: int) -> Undiscovered:
    if subscription.select is Selection.DIGEST:
        return Undiscovered(f"{subscription.repository} has no tag '{subscription.constraint}'")
    rule = subscription.select.value
    if subscription.constraint and subscription.select is Selection.SEMVER:
        rule = f"{rule} {subscription.constraint}"
    return Undiscovered(f"none of the {tags} tags of {subscription.repository} fits ({rule})")
