"""Artifacts that only their makers know: a name, and versions that CI posts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.errors import Refusal

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+:/@-]{0,254}")


@dataclass(frozen=True, slots=True, order=True)
class CustomName:
    """What has versions, by the name of its subscription, of which there is one."""

    name: str
    subscription = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise Refusal(f"'{self.name[:120]}' is not the name of a custom artifact")

    def __str__(self) -> str:
        return self.name

    @property
    def plain(self) -> CustomName:
        """Itself."""
        return self


@dataclass(frozen=True, slots=True, order=True)
class Custom:
    """A custom artifact at one version, as its maker posted it."""

    subject: CustomName
    tag: str
    digest = None
    content = None

    def __post_init__(self) -> None:
        if not _VERSION.fullmatch(self.tag):
            raise Refusal(
                f"'{self.tag[:120]}' is not a version of {self.subject}: up to 255 letters, "
                "digits and '._+:/@-', a letter or digit first"
            )

    def __str__(self) -> str:
        return f"{self.subject} {self.tag}"

    @property
    def version(self) -> str:
        """Its version for people."""
        return self.tag
