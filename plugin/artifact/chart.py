"""Helm charts: a name in a repository, and a version of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.artifact.image import is_digest
from plugin.errors import Refusal

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ADDRESS = re.compile(
    r"(?P<host>(?:https?|oci)://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?)"
    r"(?P<path>(?:/+[a-z0-9!$&()*+,.:;=@_~%-]+)*)/*",
    re.IGNORECASE | re.ASCII,
)
# SemVer 2 with Helm's `v` (https://helm.sh/docs/topics/charts/#charts-and-versioning). Fewer than
# three numbers are a range to Helm (https://github.com/Masterminds/semver#checking-version-constraints).
_WORDS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION = re.compile(rf"v?[0-9]+(?:\.[0-9]+){{2}}(?:-{_WORDS})?(?:\+{_WORDS})?")


@dataclass(frozen=True, slots=True, order=True)
class ChartName:
    """A chart: its name, and the address of its repository, '' where nobody says.

    `subscription` as in `Repository`.
    """

    repository: str
    name: str
    subscription: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise Refusal(f"'{self.name[:120]}' is not a chart's name")
        if self.repository:
            found = _ADDRESS.fullmatch(self.repository)
            if found is None:
                raise Refusal(f"'{self.repository[:120]}' is not a chart repository's address")
            # Hosts have no case, paths may have.
            object.__setattr__(self, "repository", found["host"].lower() + found["path"])

    @classmethod
    def parse(cls, text: str) -> ChartName:
        """The chart of `web`, `https://charts.acme.io/web` or `oci://ghcr.io/acme/web`."""
        repository, _, name = text.rstrip("/").rpartition("/")
        return cls(repository, name)

    def __str__(self) -> str:
        return f"{self.repository}/{self.name}" if self.repository else self.name

    @property
    def in_registry(self) -> bool:
        """Whether the chart is kept in a registry, and not in a repository over HTTP."""
        return self.repository.startswith("oci://")

    def includes(self, other: ChartName) -> bool:
        """Whether `other` is this chart; a chart without a repository is of any."""
        same = self.name == other.name and self.subscription == other.subscription
        return same and self.repository in ("", other.repository)

    @property
    def plain(self) -> ChartName:
        """The chart itself, whatever subscription to it this is."""
        return ChartName(self.repository, self.name)


def is_version(text: str) -> bool:
    """Whether `text` is one exact version of a chart, not a range."""
    return _VERSION.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class Chart:
    """A chart at one version; `content` is its digest where a registry keeps it."""

    subject: ChartName
    tag: str
    content: str | None = None
    digest = None

    def __post_init__(self) -> None:
        if self.content is not None and not is_digest(self.content):
            raise Refusal(f"'{self.content[:120]}' is not a digest of chart {self.subject}")
        if not is_version(self.tag):
            raise Refusal(f"'{self.tag[:120]}' is not a version of chart {self.subject}")

    def __str__(self) -> str:
        return f"{self.subject} {self.tag}"

    @property
    def version(self) -> str:
        """Its version for people."""
        return self.tag
