"""OIDC tokens judged: the claims of one that a trusted issuer gave for us, or nothing."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import jwt

from github_app.oidc.keys import ALGORITHMS, Key
from github_app.oidc.trust import Trusted

_LOG = logging.getLogger(__name__)
_LONGEST = 16 * 1024
_LEEWAY = 30.0


class Keys(Protocol):
    """Who knows the issuers' keys."""

    def key(self, issuer: str, name: str, algorithm: str) -> Key | None:
        """The issuer's key of that id, made for that algorithm; raises Temporary."""


class OidcTokens:
    """Judges tokens by lines of trust: one of them must hold wholly.

    Nothing in a token says how to judge it but the id of its issuer's key: not the algorithm,
    which the key decides, and no address of keys (`jku`, `x5u`).
    https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
    """

    def __init__(
        self, trusted: tuple[Trusted, ...], keys: Keys, clock: Callable[[], datetime]
    ) -> None:
        self._trusted = trusted
        self._keys = keys
        self._clock = clock

    def claims(self, token: str) -> Mapping[str, object] | None:
        """The claims of a token that a trusted issuer gave for us and that is valid now.

        None for anything else, whatever bytes it is. Raises Temporary when the issuer's keys
        cannot be had.
        """
        said = _read(token)
        if said is None:
            return None
        # What is said is judged first: it costs nothing, and keys are asked for seldom.
        doubt = self._doubt(said["payload"]) or self._unsigned(token, said)
        if doubt:
            _LOG.info("a token is refused: %s", doubt)
            return None
        claims: Mapping[str, object] = said["payload"]
        return claims

    def _doubt(self, claims: Mapping[str, object]) -> str:
        """Why the claims would not be good enough if they were signed; '' if they would."""
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject.strip():
            return "it names no subject"
        if not _in_time(claims, self._clock().timestamp()):
            return "it is not valid now, or does not say when it is"
        if not any(one.satisfied_by(claims) for one in self._trusted):
            return "its issuer, audience and claims satisfy no line of TOWLINE_OIDC wholly"
        return ""

    def _unsigned(self, token: str, said: Mapping[str, Any]) -> str:
        """Why it is not its issuer who said that; '' if it is."""
        key = self._key(said["payload"]["iss"], said["header"])
        if key is None:
            return "it names no key of its issuer's that signs with RS256 or ES256"
        return "" if _signed(token, key, said) else "its signature is wrong"

    def _key(self, issuer: str, header: Mapping[str, object]) -> Key | None:
        name, algorithm = header.get("kid"), header.get("alg")
        if not isinstance(name, str) or not name or "crit" in header:
            return None
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            return None
        return self._keys.key(issuer, name, algorithm)


def _in_time(claims: Mapping[str, object], now: float) -> bool:
    """Whether it was given before now and ends after now; clocks may differ by half a minute."""
    ends, given = _moment(claims.get("exp")), _moment(claims.get("iat"))
    begins = _moment(claims["nbf"]) if "nbf" in claims else given
    if ends is None or given is None or begins is None:
        return False
    return max(given, begins) - _LEEWAY <= now < ends + _LEEWAY


def _moment(value: object) -> float | None:
    """Seconds since 1970, https://www.rfc-editor.org/rfc/rfc7519#section-2, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


def _read(token: str) -> dict[str, Any] | None:
    """Header and payload as they stand there, signed by nobody yet."""
    if len(token) > _LONGEST:
        return None
    try:
        return jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None


def _signed(token: str, key: Key, said: Mapping[str, Any]) -> bool:
    """Whether the key signed these very bytes."""
    try:
        jwt.api_jws.PyJWS().decode(token, key, algorithms=[said["header"]["alg"]])
    except (jwt.PyJWTError, ValueError):
        return False
    return True
