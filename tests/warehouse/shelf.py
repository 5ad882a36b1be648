"""Registries as tests want them: a table, and one that counts what it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from github_app.warehouse.ports import Resolved
from plugin.artifact import Repository
from plugin.artifact.platform import Platform
from plugin.errors import Temporary

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def shelf(
    *tags: str, built: tuple[int, ...] = (), platforms: tuple[Platform, ...] = ()
) -> dict[str, Resolved]:
    """Tags with their images: each of another digest, `built` so many days after the first day."""
    times = built or (0,) * len(tags)
    return {
        tag: Resolved(digest(place), MANIFEST, {}, DAY + timedelta(days=days), platforms)
        for place, (tag, days) in enumerate(zip(tags, times, strict=True), 1)
    }


@dataclass
class Shelf:
    """The port `Registry`; `listed` are tags that are listed but gone, `asked` what was asked."""

    images: dict[Repository, dict[str, Resolved]]
    listed: tuple[str, ...] = ()
    broken: dict[Repository, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def tags(self, repository: Repository) -> tuple[str, ...]:
        if repository in self.broken:
            raise self.broken[repository]
        return (*self.listed, *self.images[repository])

    def resolve(
        self,
        repository: Repository,
        tag: str,
        platform: Platform | None = None,
        *,
        moves: bool = False,
    ) -> Resolved | None:
        self.asked.append(f"{tag} as it is now" if moves else tag)
        return self.images[repository].get(tag)

    def dated(
        self, repository: Repository, tags: Sequence[str], platform: Platform | None = None
    ) -> Mapping[str, Resolved]:
        self.asked += tags
        known = self.images[repository]
        return {tag: known[tag] for tag in tags if tag in known}

    def digest(self, repository: Repository, tag: str) -> str | None:
        found = self.images[repository].get(tag)
        return None if found is None else found.digest


@dataclass
class Counter:
    """A registry that counts questions: `pushed` is behind every tag, `down` makes it busy."""

    listed: tuple[str, ...] = ("1.0.0",)
    pushed: str = "digest 1"
    down: bool = False
    asked: list[str] = field(default_factory=list)

    def tags(self, repository: Repository) -> tuple[str, ...]:
        self.asked.append("tags")
        if self.down:
            raise Temporary("busy", timedelta(minutes=5))
        return self.listed

    def resolve(
        self,
        repository: Repository,
        tag: str,
        platform: Platform | None = None,
        *,
        moves: bool = False,
    ) -> Resolved | None:
        self.asked.append(tag if platform is None else f"{tag} for {platform}")
        return None if tag == "gone" else Resolved(self.pushed, "image")

    def dated(
        self, repository: Repository, tags: Sequence[str], platform: Platform | None = None
    ) -> Mapping[str, Resolved]:
        self.asked.append(f"dates of {' '.join(tags)}")
        return {tag: Resolved(self.pushed, "dated") for tag in tags if tag != "gone"}

    def digest(self, repository: Repository, tag: str) -> str | None:
        self.asked.append(f"digest of {tag}")
        return self.pushed
