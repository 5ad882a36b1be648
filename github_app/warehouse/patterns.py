"""The allow and ignore patterns of a subscription, compiled once; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import re2

from plugin.errors import Refusal


class Patterned(Protocol):
    """What has patterns: image, disk and Git subscriptions."""

    @property
    def allow(self) -> tuple[str, ...]:
        """One of these must match, if there are any."""

    @property
    def ignore(self) -> tuple[str, ...]:
        """None of these may match."""


class Pattern(Protocol):
    """A compiled pattern."""

    def search(self, text: str) -> object | None:
        """Something if it matches anywhere in `text`."""


@dataclass(frozen=True, slots=True)
class Patterns:
    r"""What `allow` and `ignore` ask of a tag; `ignore` is asked first, and wins.

    Patterns are RE2, as in Kargo, and match anywhere in the tag: `1\.` matches `11.0`
    (https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses).
    """

    allow: tuple[tuple[str, Pattern], ...]
    ignore: tuple[tuple[str, Pattern], ...]

    @classmethod
    def of(cls, allow: Sequence[str], ignore: Sequence[str]) -> Patterns:
        """The compiled patterns; raises Refusal for one that is none."""
        return cls(
            tuple((text, pattern(text)) for text in allow),
            tuple((text, pattern(text)) for text in ignore),
        )

    def objection(self, tag: str) -> str | None:
        """The rule that keeps the tag out, None if it may pass."""
        for text, one in self.ignore:
            if one.search(tag):
                return f"ignore '{text}'"
        if self.allow and not any(one.search(tag) for _, one in self.allow):
            return "no allow pattern matches"
        return None

    def passes(self, tag: str) -> bool:
        """Whether no rule keeps the tag out."""
        return self.objection(tag) is None


def pattern(text: str) -> Pattern:
    """The compiled RE2 pattern; raises Refusal if it is none."""
    options = re2.Options()
    options.log_errors = False
    try:
        compiled: Pattern = re2.compile(text, options)
    except re2.error as error:
        raise Refusal(f"'{text}' is not a pattern: {_words(error)}") from error
    return compiled


def _words(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
