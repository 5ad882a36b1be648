"""What every dialect makes of a delivery, and who we are when a delivery is our own echo."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from github_app.events import Reading
from github_app.identity import Identity
from github_app.signatures import Secret
from plugin.errors import Refusal

Headers: TypeAlias = Mapping[str, str]
"""Header names in lower case, values as WSGI gives them."""

_GUID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


@dataclass(frozen=True, slots=True)
class Message:
    """A delivery read: the sender's id for it, what kind it is, and what it asks for."""

    guid: str
    kind: str
    reading: Reading

    def __post_init__(self) -> None:
        if not _GUID.fullmatch(self.guid):
            raise Refusal("the delivery's id is not 1 to 128 letters, digits or '._:-'")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of sender proves itself and what it says.

    `authentic` is asked before `read` sees a byte; `read` raises Refusal naming what is missing.
    """

    authentic: Callable[[Headers, bytes, Iterable[Secret]], bool]
    read: Callable[[Headers, bytes, Identity], Message]
