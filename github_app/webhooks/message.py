"""What every dialect is given and makes of it, and who we are when a delivery is our own echo."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from github_app.events import Reading
from github_app.identity import Identity
from github_app.signatures import Secret
from plugin.errors import Refusal

Headers: TypeAlias = Mapping[str, str]
"""Header names in lower case, values as WSGI gives them."""

MAX_BODY = 2 * 1024 * 1024
"""How many bytes a delivery may have."""

_GUID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


def is_guid(text: str) -> bool:
    """Whether a delivery may be known by this."""
    return _GUID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A request as it came in, believed by nobody yet.

    `token` is what stands behind `/webhooks/<dialect>/` in its address, `registry` what
    `?registry=` says there, each '' if nothing does: some registries do not know their own name,
    or know it by another one than those who pull from them.
    """

    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    token: str = field(default="", repr=False)
    registry: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who proved to have sent it: whoever knows the secret, or whom a token's claims name."""

    name: str
    claims: Mapping[str, object] = field(default_factory=dict)


SECRET_HOLDER = Sender("the secret")
"""Somebody who knows the dialect's secret; no repository has such a name."""


class Tokens(Protocol):
    """Who judges OIDC tokens."""

    def claims(self, token: str) -> Mapping[str, object] | None:
        """The claims of a token that a trusted issuer gave for us and that is valid now.

        None for anything else, whatever bytes it is. Raises Temporary when the issuer's keys
        cannot be had.
        """


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proves a sender of one dialect: without any, nobody is let in.

    `secrets` are valid all at once, so that one can be rotated. `tokens` trusts those alone whom
    the App was told to trust for this dialect; `home` is the issuer that the App's own GitHub has
    for the jobs of its repositories, '' if nobody is known by a repository's name alone.
    """

    secrets: tuple[Secret, ...]
    tokens: Tokens
    home: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A delivery read: the id it is known by, what kind it is, and what it asks for.

    `repeats` marks an id made of what was said alone, because the sender gives neither id nor
    time: the same may rightly be said again later. `sent_at` is when the sender says it sent this,
    where an old one must not be let in again.
    """

    guid: str
    kind: str
    reading: Reading
    repeats: bool = False
    sent_at: datetime | None = None

    def __post_init__(self) -> None:
        if not is_guid(self.guid):
            raise Refusal("the delivery's id is not 1 to 128 letters, digits or '._:-'")
        if self.sent_at is not None and self.sent_at.tzinfo is None:
            raise Refusal("the delivery's time has no time zone")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of sender proves itself and what it says.

    `proven` is asked before `read` sees a byte, and answers None to whoever proves nothing;
    `read` raises Refusal naming what is missing. `content_types` are taken beside JSON's, in lower
    case; `max_body` is in bytes.
    """

    proven: Callable[[Delivered, Credentials], Sender | None]
    read: Callable[[Delivered, Identity, Sender], Message]
    content_types: frozenset[str] = frozenset()
    max_body: int = MAX_BODY
