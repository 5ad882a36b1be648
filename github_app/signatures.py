"""Secrets that do not print themselves, and the proofs senders give with them."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from plugin.errors import Refusal


class Secret:
    """A text that never shows in a repr, a log line or a traceback; ask `reveal()` for it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not text.strip():
            raise Refusal("a secret may not be empty")
        self._text = text

    def reveal(self) -> str:
        """The secret itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and _same(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[type[Secret], tuple[str, ...]]:
        raise TypeError("a secret is not pickled")


def signed_by(secrets: Iterable[Secret], body: bytes, signature: str | None) -> bool:
    """Whether `signature` is `sha256=` and the HMAC-SHA256 of `body` under one of the secrets.

    Every live secret is tried, so that one can be rotated without losing deliveries.
    https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    """
    given = _header_bytes(signature)
    expected = [b"sha256=" + _hmac_hex(secret, body) for secret in secrets]
    return _any_same(expected, given)


def digested_by(
    secrets: Iterable[Secret], body: bytes, signature: str | None, algorithm: str = "sha256"
) -> bool:
    """Whether `signature` is the bare HMAC of `body` under one of the secrets, in hex."""
    expected = [_hmac_hex(secret, body, algorithm) for secret in secrets]
    return _any_same(expected, _header_bytes(signature))


def given_by(secrets: Iterable[Secret], text: str | None) -> bool:
    """Whether `text` is one of the secrets itself, in a header or an address."""
    return _any_same([secret.reveal().encode() for secret in secrets], _header_bytes(text))


def signature_of(secret: Secret, body: bytes) -> str:
    """The header value `signed_by` accepts for `body`."""
    return "sha256=" + _hmac_hex(secret, body).decode("ascii")


def borne_by(secrets: Iterable[Secret], authorization: str | None) -> bool:
    """Whether `authorization` is `Bearer ` and one of the secrets."""
    given = _header_bytes(authorization)
    return _any_same([b"Bearer " + secret.reveal().encode() for secret in secrets], given)


def _hmac_hex(secret: Secret, body: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.new(secret.reveal().encode(), body, algorithm).hexdigest().encode("ascii")


def _header_bytes(header: str | None) -> bytes:
    """The bytes that were on the wire: WSGI hands headers over as Latin-1."""
    try:
        return (header or "").encode("latin-1")
    except UnicodeEncodeError:
        return b""


def _any_same(expected: list[bytes], given: bytes) -> bool:
    # All are compared: how long the answer takes must not say which secret fitted.
    return sum(_same(one, given) for one in expected) > 0


def _same(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)
