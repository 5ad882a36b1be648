"""Images that wait to be read: who asked for them, and whose turn is next; pure."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from github_app.publishing.progress import size

# A few bytes each; what is scarce is the time to read them, which each tenant has a share of.
_MOST = 1000
_MOST_OF_TENANT = 100
_REMEMBERED = 1000


class Asker(NamedTuple):
    """Who wants one checksum at a time; of a `tenant`, who has many such wishes."""

    tenant: str
    wish: Hashable


@dataclass(frozen=True, slots=True)
class SoFar:
    """How many bytes of an image have come, and how many there are, if that is known."""

    read: int
    length: int | None

    def __str__(self) -> str:
        whole = f" of {size(self.length)}" if self.length is not None else ""
        return f"{size(self.read)}{whole}"


@dataclass(slots=True)
class AskedImage:
    """An image, who asked for it and when last, and how far it is if it is being read."""

    address: str
    askers: dict[Asker, datetime]
    so_far: SoFar | None = None

    def wanted(self, since: datetime) -> bool:
        """Whether anybody has asked since then."""
        return any(at >= since for at in self.askers.values())


@dataclass(slots=True)
class AskedImages:
    """The images that wait, and the one that is read: one turn per tenant, the first come first.

    Without a tenant's name, a host stands for the tenant.
    """

    reading: AskedImage | None = None
    _waiting: dict[str, AskedImage] = field(default_factory=dict)
    _served: dict[str, int] = field(default_factory=dict)
    _turns: int = 0

    def ask(self, address: str, asker: Asker, now: datetime) -> AskedImage | None:
        """The image, if it waits or is read already; from now on the asker wants no other."""
        for one in self._every():
            if one.address != address and asker in one.askers:
                del one.askers[asker]
                if not one.askers:
                    self._waiting.pop(one.address, None)
        found = next((one for one in self._every() if one.address == address), None)
        if found is not None:
            found.askers[asker] = now
        return found

    def add(self, address: str, asker: Asker, now: datetime) -> AskedImage | None:
        """The image, which waits now; None if its tenant, or all of them, have too many."""
        tenant = _tenant(address, asker)
        mine = sum(tenant in _tenants(one) for one in self._waiting.values())
        if mine >= _MOST_OF_TENANT or len(self._waiting) >= _MOST:
            return None
        return self._waiting.setdefault(address, AskedImage(address, {asker: now}))

    def next(self, since: datetime) -> AskedImage | None:
        """Begin the image whose tenant's turn is longest ago; drop what nobody wants since then."""
        self._waiting = {key: one for key, one in self._waiting.items() if one.wanted(since)}
        turns = (
            (self._served.get(tenant, 0), place, tenant, one)
            for place, one in enumerate(self._waiting.values())
            for tenant in _tenants(one)
        )
        best = min(turns, key=lambda turn: turn[:2], default=None)
        self.reading = best[3] if best else None
        if best is not None:
            self._begin(best[2], best[3].address)
        return self.reading

    def ahead(self, image: AskedImage) -> int:
        """How many others are read or wait."""
        return sum(1 for one in self._every() if one is not image)

    def _begin(self, tenant: str, address: str) -> None:
        del self._waiting[address]
        self._turns += 1
        self._served.pop(tenant, None)
        self._served[tenant] = self._turns
        if len(self._served) > _REMEMBERED:
            del self._served[next(iter(self._served))]

    def _every(self) -> tuple[AskedImage, ...]:
        return (*self._waiting.values(), *([self.reading] if self.reading else []))


def _tenants(image: AskedImage) -> set[str]:
    return {_tenant(image.address, asker) for asker in image.askers}


def _tenant(address: str, asker: Asker) -> str:
    return asker.tenant or address.partition("://")[2].partition("/")[0]
