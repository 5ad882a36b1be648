"""Clocks and registries that a story turns and fills by hand; models, not mocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from github_app.arrivals import Facts
from github_app.discovery import Discovered, Discovery, Undiscovered
from github_app.ports import Known
from github_app.warehouse.discover import SourceDiscovery
from github_app.warehouse.ports import Resolved
from plugin.artifact import GitRepository, Image, Repository, Revision, Watched
from plugin.freight import Freight
from plugin.pipeline import Warehouse
from plugin.subscriptions import CustomSubscription, TakenWhole
from tests.warehouse import shelf as table
from tests.warehouse.images_alone import of_images
from tests.warehouse.shelf import MANIFEST


def digest(number: int) -> str:
    """A digest to tell apart from others."""
    return f"sha256:{number:064x}"


@cache
def key_pair() -> tuple[str, str]:
    """An RSA key of the App, private and public, as PEM; one for the whole run, they are slow."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


@dataclass(slots=True)
class Clock:
    """A clock that goes only where it is turned to."""

    now: datetime = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Shelf:
    """Registries as a shelf of images: what stands there is the newest; a model of the port.

    Watched directories and posted artifacts are discovered as they really are, and the images of
    their pins, and of freight that somebody assembles, are looked up on the shelf.
    """

    images: dict[str, Image] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)
    revisions: dict[GitRepository, Revision] = field(default_factory=dict)
    facts: dict[Watched, Facts] = field(default_factory=dict)

    def assemble(
        self, warehouse: Warehouse, versions: Mapping[str, str], known: Known, now: datetime
    ) -> Discovery:
        """Freight of these versions, as far as they stand on the shelf."""
        return self._really.assemble(warehouse, versions, known, now)

    def discover(self, warehouse: Warehouse, known: Known, now: datetime) -> Discovery:
        """The warehouse's images if all stand on the shelf."""
        if warehouse.name in self.trouble:
            return Undiscovered(self.trouble[warehouse.name])
        kinds = TakenWhole | CustomSubscription
        if any(isinstance(one, kinds) for one in warehouse.subscriptions):
            return self._really.discover(warehouse, known, now)
        found = [
            self.revisions.get(one) if isinstance(one, GitRepository) else self.images.get(str(one))
            for one in warehouse.carries
        ]
        artifacts = [one for one in found if one is not None]
        if len(artifacts) < len(found):
            return Undiscovered(f"warehouse {warehouse.name}: there is no such image yet")
        said = {one: self.facts[one] for one in warehouse.carries if one in self.facts}
        return Discovered(Freight(warehouse.name, tuple(artifacts)), said)

    @property
    def _really(self) -> SourceDiscovery:
        behind: defaultdict[Repository, dict[str, Resolved]] = defaultdict(dict)
        for image in self.images.values():
            behind[image.repository][image.tag] = Resolved(image.digest, MANIFEST)
        return of_images(table.Shelf(behind))
