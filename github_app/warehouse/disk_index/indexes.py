"""The versions a disk subscription may take, each with the checksum that proves its bytes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Self

from github_app.warehouse.candidate import Candidate
from github_app.warehouse.disk_index.asked_images import Asker
from github_app.warehouse.disk_index.choosing import Offered, offered, rules_of, taken
from github_app.warehouse.disk_index.completing import Checksums, Waiting
from github_app.warehouse.disk_index.fetching import Web
from github_app.warehouse.disk_index.publishers import PUBLISHERS
from github_app.warehouse.disk_index.remembered import Lists
from github_app.warehouse.filtered import Filtered, filtered
from plugin.artifact import DiskFamily, DiskImage
from plugin.errors import Refusal
from plugin.subscriptions import DiskSubscription


class DiskIndexes:
    """Disk images as their publishers list them; remembers what it was told.

    `checksums` finds out those that no list says: unless told otherwise, while one waits.
    """

    def __init__(
        self, web: Web, clock: Callable[[], datetime], checksums: Checksums | None = None
    ) -> None:
        self._lists = Lists(web, clock)
        self._checksums = checksums or Waiting(web, clock)
        self.tenant = ""

    def asked_by(self, tenant: str) -> Self:
        """The same for one tenant, who has a turn like any other where images wait to be read."""
        mine = copy(self)
        mine.tenant = tenant
        return mine

    def close(self) -> None:
        """Read no more images."""
        self._checksums.close()

    def candidates(self, subscription: DiskSubscription) -> tuple[Candidate, ...]:
        """The disk images the subscription may take, best first, at most its limit.

        Where a publisher's list says no checksum, only the best one's is found out, from a file
        beside the image or by reading it once, which may take an hour. No older version takes the
        place of one whose checksum is not known: they end where the first such one would stand.
        Empty if nothing passes the rules. Raises Refusal and Temporary.
        """
        return tuple(self._candidates(subscription))

    def _candidates(self, subscription: DiskSubscription) -> Iterator[Candidate]:
        best = taken(rules_of(subscription), self._offered(subscription))
        first = (self._complete(subscription, one, subscription) for one in best[:1])
        for one in (*first, *map(self._known, best[1:])):
            candidate = _candidate(subscription, one)
            if candidate is None:
                return
            yield candidate

    def exact(self, subscription: DiskSubscription, version: str) -> Candidate | None:
        """The version that somebody asks for by its name, whatever the rules say of it.

        None if it is not listed. Its checksum is found out as the best one's is. Raises Refusal
        and Temporary.
        """
        for one in self._offered(subscription):
            if one.version == version.removeprefix("v"):
                wish = (subscription, one.version)
                return _candidate(subscription, self._complete(subscription, one, wish))
        return None

    def filtered(self, subscription: DiskSubscription) -> tuple[Filtered, ...]:
        """The versions of the disk that are listed and not taken, with the rule against each.

        For people who ask; reads the same list. Raises Refusal and Temporary.
        """
        rules, listed = rules_of(subscription), self._offered(subscription)
        best = taken(rules, listed)
        names = ([one.version for one in versions] for versions in (listed, best))
        return tuple(filtered(rules, *names))

    def _offered(self, subscription: DiskSubscription) -> tuple[Offered, ...]:
        family, url = subscription.family, _index_of(subscription)
        found = offered(family, self._lists.at(subscription.publisher, url))
        if not found:
            raise Refusal(f"{url} lists no version of {family}: {_hint(family)}")
        return found

    def _complete(self, subscription: DiskSubscription, one: Offered, wish: Hashable) -> Offered:
        if one.checksum is not None:
            return one
        sums = PUBLISHERS[subscription.publisher].sums(one.address)
        asker = Asker(self.tenant, wish)
        return replace(one, checksum=self._checksums.of(one.address, sums, asker))

    def _known(self, one: Offered) -> Offered:
        if one.checksum is not None:
            return one
        return replace(one, checksum=self._checksums.known(one.address))


def _candidate(subscription: DiskSubscription, one: Offered) -> Candidate | None:
    if one.checksum is None:
        return None
    image = DiskImage(subscription.family, one.version, one.address, one.checksum)
    return Candidate(image, one.created)


def _index_of(subscription: DiskSubscription) -> str:
    family, publisher = subscription.family, subscription.publisher
    if "*" not in family.pattern:
        raise Refusal(
            f"{family} is whatever is newest, or has no version that Towline knows: "
            "write the address of one version, or a star where the version stands"
        )
    index = subscription.index or PUBLISHERS[publisher].index(family.pattern)
    if index is None or "*" in index:
        raise Refusal(
            f"where {publisher.value} lists the versions of {family} is not to be seen from its "
            "address: say it with 'index'"
        )
    return index


def _hint(family: DiskFamily) -> str:
    name = family.pattern.rpartition("/")[2]
    return f"nothing there is called like {name}; is it the right 'index', and does it still exist?"
