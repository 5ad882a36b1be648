"""What an image says of itself for people, and when it was built; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from github_app.markdown import shortened
from github_app.warehouse.manifests import platform_of, texts
from github_app.warehouse.said_time import said_time
from plugin.artifact.platform import Platform

_OCI = "org.opencontainers.image."
_CREATED = (f"{_OCI}created", "org.label-schema.build-date")
_LONG = frozenset({f"{_OCI}title", f"{_OCI}description"})
_WORDS = "source revision version url documentation licenses created"
# `shasum` is the checksum of the disk in a container disk as KubeVirt's project builds them
# (https://github.com/kubevirt/containerdisks).
_NAMES = (*(f"{_OCI}{word}" for word in _WORDS.split()), *sorted(_LONG), "shasum")
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Config:
    """An image's configuration, as far as it is of use here."""

    labels: Mapping[str, str]
    created: datetime | None
    platform: Platform | None

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Config:
        """The parts of https://github.com/opencontainers/image-spec/blob/main/config.md we read."""
        inner = content.get("config")
        labels = texts(inner.get("Labels")) if isinstance(inner, dict) else {}
        return cls(labels, said_time(content.get("created")), platform_of(content))

    @property
    def built(self) -> datetime | None:
        """The later of the labels' time and the config's own: reproducible builds say 1970."""
        times = [said_time(self.labels.get(name)) for name in _CREATED]
        return max((one for one in (*times, self.created) if one is not None), default=None)


NO_CONFIG = Config({}, None, None)


def annotated_time(annotations: Mapping[str, str]) -> datetime | None:
    """The time an annotation says, which Kargo takes as it is; None if none does.

    https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses
    """
    times = (said_time(annotations.get(name)) for name in _CREATED)
    return next((one for one in times if one is not None), None)


def facts(*said: Mapping[str, str]) -> Mapping[str, str]:
    """What people may want to know, each by the first that says it, in lines fit to be shown."""
    found: dict[str, str] = {}
    for name in _NAMES:
        text = next((_line(one[name]) for one in said if one.get(name)), "")
        if name in _LONG:
            text = shortened(text, _LONGEST)
        # Half an address leads elsewhere.
        if text and len(text) <= _LONGEST:
            found[name] = text
    return found


def _line(text: str) -> str:
    """One line without what moves a cursor, hides, or turns the direction of writing."""
    return "".join(one for one in " ".join(text.split()) if one.isprintable())
