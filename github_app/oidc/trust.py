"""Whose OIDC tokens are let in: lines of trust, as pure values read from one setting."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from plugin.errors import Refusal

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ADDRESS = re.compile(r"/webhooks/([^/]+)/?\Z")
_CLAIM = re.compile(r"[A-Za-z0-9_:./-]{1,200}")
# Whoever signs up there gets valid tokens for any audience: only these claims say whose they are.
_ANYBODY: Mapping[str, tuple[str, ...]] = {
    "https://token.actions.githubusercontent.com": (
        *("repository", "repository_owner", "sub", "repository_id", "repository_owner_id"),
        *("workflow_ref", "enterprise", "enterprise_id"),
    ),
    "https://gitlab.com": ("project_path", "namespace_path", "sub", "project_id", "namespace_id"),
    "https://accounts.google.com": ("email", "sub"),
}


@dataclass(frozen=True, slots=True)
class Trusted:
    """Tokens of `issuer` made for `audience` whose claims are those `pinned` are let in.

    A valid signature does not authorise: nothing is trusted without a pinned claim.
    """

    issuer: str
    audience: str
    pinned: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        _refuse_address(self.issuer)
        if not self.audience.strip():
            raise Refusal(f"{self.issuer}: name the audience its tokens are made for")
        _refuse_stars(self)
        _refuse_claims(self.issuer, self.pinned)

    @classmethod
    def parse(cls, text: str) -> Trusted:
        """The trust in `issuer audience claim=value ...`, quoted as in a shell; raises Refusal."""
        words = _words(text)
        if len(words) < 2:
            raise Refusal(f"'{text.strip()}' is not 'issuer audience claim=value ...'")
        return cls(words[0], words[1], tuple(_claim(word) for word in words[2:]))

    @property
    def dialect(self) -> str:
        """The one dialect that takes these tokens, if the audience is its very address; or ''."""
        match = _ADDRESS.search(self.audience)
        return match[1] if match else ""

    def satisfied_by(self, claims: Mapping[str, object]) -> bool:
        """Whether issuer, audience and every pinned claim are exactly those of the token."""
        return (
            claims.get("iss") == self.issuer
            and _only(claims.get("aud")) == self.audience
            and all(_spelled(claims.get(name)) == value for name, value in self.pinned)
        )


def trusted_in(text: str) -> tuple[Trusted, ...]:
    """The lines of trust in a setting, parted by semicolons or line ends; raises one Refusal."""
    found, mistakes = [], []
    for line in re.split(r"[;\n]", text):
        if line.strip():
            try:
                found.append(Trusted.parse(line))
            except Refusal as refusal:
                mistakes.append(str(refusal))
    if mistakes:
        raise Refusal("; ".join(mistakes))
    return tuple(found)


def is_safe(address: SplitResult) -> bool:
    """Whether keys may be fetched from there: encrypted, or without leaving this machine."""
    if address.username is not None or address.password is not None or not address.hostname:
        return False
    return address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOOPBACK)


def _refuse_address(issuer: str) -> None:
    try:
        address = urlsplit(issuer)
        safe = is_safe(address) and not address.query and not address.fragment
    except ValueError:
        safe = False
    if not safe:
        raise Refusal(f"'{issuer}' is not the https address of an issuer of tokens")


def _refuse_stars(trusted: Trusted) -> None:
    """They look like 'anything', and would let in nobody."""
    if "*" in trusted.audience:
        raise Refusal(f"{trusted.issuer}: the audience has a star: write it as the tokens have it")
    for name, value in trusted.pinned:
        if "*" in value:
            raise Refusal(
                f"{trusted.issuer}: '{name}={value}' has a star, which stands for nothing here: "
                "write a line for each value, or a claim they share, such as repository_owner"
            )


def _refuse_claims(issuer: str, pinned: tuple[tuple[str, str], ...]) -> None:
    names = [name for name, _ in pinned]
    if len(set(names)) != len(names):
        raise Refusal(f"{issuer}: a claim has one value; write a line for each value it may have")
    wanted = _ANYBODY.get(issuer.rstrip("/"), ())
    if not names or (wanted and not set(names) & set(wanted)):
        raise Refusal(f"{issuer}: {_demand(wanted)}")
    if "email" in names and ("email_verified", "true") not in pinned:
        raise Refusal(f"{issuer}: email proves nothing by itself: add email_verified=true")


def _demand(wanted: Iterable[str]) -> str:
    names = ", ".join(wanted)
    if not names:
        return "say whose tokens are let in, as claim=value (sub=... at least)"
    return f"anybody can have its tokens: say whose are let in by one of {names}, as claim=value"


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise Refusal(f"'{text.strip()}' has a quotation mark without its other one") from None


def _claim(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals or not value or not _CLAIM.fullmatch(name):
        raise Refusal(f"'{word}' is not claim=value")
    return name, value


def _only(audience: object) -> object:
    """The audience there is: a token for others as well can come from any of them."""
    return audience[0] if isinstance(audience, list) and len(audience) == 1 else audience


def _spelled(value: object) -> str | None:
    """A claim as the setting spells it; None for whatever has no single value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None
