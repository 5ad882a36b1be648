"""Helm charts: a name in a repository, and a version of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.errors import Refusal

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ADDRESS = re.compile(r"(?:https?|oci)://[^\s/?#]+(?:/[^\s?#]*)?")
# SemVer 2 with Helm's leniency: a `v`, and one or two numbers
# (https://helm.sh/docs/topics/charts/#charts-and-versioning).
_VERSION = re.compile(r"v?[0-9]+(?:\.[0-9]+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")


@dataclass(frozen=True, slots=True, order=True)
class ChartName:
    """A chart: its name, and the address of its repository, '' where nobody says."""

    repository: str
    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise Refusal(f"'{self.name[:120]}' is not a chart's name")
        if self.repository and not _ADDRESS.fullmatch(self.repository):
            raise Refusal(f"'{self.repository[:120]}' is not a chart repository's address")
        object.__setattr__(self, "repository", self.repository.rstrip("/").lower())

    @classmethod
    def parse(cls, text: str) -> ChartName:
        """The chart of `web`, `https://charts.acme.io/web` or `oci://ghcr.io/acme/web`."""
        repository, _, name = text.rstrip("/").rpartition("/")
        return cls(repository, name)

    def __str__(self) -> str:
        return f"{self.repository}/{self.name}" if self.repository else self.name

    def includes(self, other: ChartName) -> bool:
        """Whether `other` is this chart; a chart without a repository is of any."""
        return self.name == other.name and self.repository in ("", other.repository)


def is_version(text: str) -> bool:
    """Whether `text` is one exact version of a chart, not a range."""
    return _VERSION.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class Chart:
    """A chart at one version."""

    subject: ChartName
    tag: str
    digest = None

    def __post_init__(self) -> None:
        if not is_version(self.tag):
            raise Refusal(f"'{self.tag[:120]}' is not a version of chart {self.subject}")

    def __str__(self) -> str:
        return f"{self.subject} {self.tag}"
