"""The keys issuers sign with: asked for when one is needed, and seldom again."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import SplitResult, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from github_app.oidc.trust import is_safe
from plugin.errors import Refusal, Temporary

ALGORITHMS = frozenset({"RS256", "ES256"})
"""The only ones: none of them can be had with what everybody knows."""
Key: TypeAlias = RSAPublicKey | EllipticCurvePublicKey
_Named: TypeAlias = tuple[str, str]
_LOG = logging.getLogger(__name__)
# Where an issuer that everybody uses keeps its keys, if not with itself.
_ELSEWHERE: Mapping[str, str] = {"https://accounts.google.com": "www.googleapis.com"}
_FRESH = timedelta(hours=1)
_USABLE = timedelta(hours=24)
_AFTER_SUCCESS = timedelta(minutes=5)
_AFTER_FAILURE = timedelta(seconds=30)
_BEING_ASKED = timedelta(seconds=2)
_MOST_KEYS = 100
_PATIENCE = 1.0


@dataclass(slots=True)
class _Ring:
    """One issuer's keys, when they were had, and what hindered the last try to have them."""

    keys: Mapping[_Named, Key] = field(default_factory=dict)
    had_at: datetime | None = None
    ask_at: datetime | None = None
    trouble: str = ""
    asking: threading.Lock = field(default_factory=threading.Lock)
    # Whoever waits here keeps a thread from the other senders.
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(4))


class IssuerKeys:
    """The keys of some issuers, found through their OpenID configurations.

    An issuer is asked when it has a key that nobody here knows, and once an hour so that keys are
    forgotten that it gave up; after an answer not for 5 minutes, after none not for 30 seconds: a
    storm of tokens with invented key ids makes no storm of requests. Without it, its keys are good
    for a day. `fetch` gives the body at an address, or raises Temporary; `hosts` are those besides
    an issuer's own where keys may be.
    https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
    """

    def __init__(
        self,
        issuers: Iterable[str],
        fetch: Callable[[str], bytes],
        clock: Callable[[], datetime],
        hosts: frozenset[str] = frozenset(),
    ) -> None:
        self._rings = {issuer: _Ring() for issuer in issuers}
        self._fetch = fetch
        self._clock = clock
        self._hosts = hosts

    def key(self, issuer: str, name: str, algorithm: str) -> Key | None:
        """The issuer's key of that id, made for that algorithm; None if it has none.

        Raises Temporary when that cannot be found out now.
        """
        ring = self._rings[issuer]
        known = (name, algorithm) in ring.keys
        if not (known and _younger(ring.had_at, _FRESH, self._clock())):
            self._ask(issuer, ring, 0 if known else _PATIENCE)
        if not _younger(ring.had_at, _USABLE, self._clock()):
            raise _not_now(issuer, ring)
        found = ring.keys.get((name, algorithm))
        if found is None and ring.trouble:
            raise _not_now(issuer, ring)
        return found

    def _ask(self, issuer: str, ring: _Ring, patience: float) -> None:
        """Renew the keys if it is time to; one asks, a few others wait a moment for the answer."""
        if not ring.waiting.acquire(blocking=False):
            return
        try:
            if ring.asking.acquire(timeout=patience):
                self._ask_alone(issuer, ring)
        finally:
            ring.waiting.release()

    def _ask_alone(self, issuer: str, ring: _Ring) -> None:
        try:
            now = self._clock()
            if ring.ask_at is None or now >= ring.ask_at:
                self._renew(issuer, ring, now)
        finally:
            ring.asking.release()

    def _renew(self, issuer: str, ring: _Ring, now: datetime) -> None:
        try:
            ring.keys = self._found(issuer)
        except (Refusal, Temporary) as error:
            _LOG.warning("the keys of %s cannot be had: %s", issuer, error)
            ring.ask_at, ring.trouble = now + _AFTER_FAILURE, str(error)
        else:
            ring.had_at, ring.ask_at, ring.trouble = now, now + _AFTER_SUCCESS, ""

    def _found(self, issuer: str) -> Mapping[_Named, Key]:
        address = issuer.rstrip("/") + "/.well-known/openid-configuration"
        configuration = _object(self._fetch(address), address)
        if configuration.get("issuer") != issuer:
            raise Refusal(f"{address} is the configuration of another issuer")
        keys = self._allowed(issuer, configuration.get("jwks_uri"))
        return dict(_keys(_object(self._fetch(keys), keys)))

    def _allowed(self, issuer: str, keys: object) -> str:
        """The address of the keys, if they may be fetched from there."""
        if not isinstance(keys, str):
            raise Refusal("its configuration says nowhere where its keys are")
        address = _split(keys)
        hosts = {urlsplit(issuer).netloc.lower(), _ELSEWHERE.get(issuer), *self._hosts}
        if not is_safe(address) or address.netloc.lower() not in hosts:
            raise Refusal(
                f"its keys are said to be at {keys[:200]}: if that is right, "
                f"name the host in TOWLINE_OIDC_KEY_HOSTS"
            )
        return keys


def _not_now(issuer: str, ring: _Ring) -> Temporary:
    after = _AFTER_FAILURE if ring.trouble else _BEING_ASKED
    return Temporary(f"the keys of {issuer} cannot be had now: send it again", after)


def _younger(at: datetime | None, age: timedelta, now: datetime) -> bool:
    return at is not None and now - at < age


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        raise Refusal("its configuration names no address where its keys are") from None


def _object(body: bytes, address: str) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Temporary(f"{address} gives no JSON object")
    return found


def _keys(found: Mapping[str, Any]) -> Iterator[tuple[_Named, Key]]:
    """The public keys for signatures in a set, each under its id and the algorithm it is made for.

    https://www.rfc-editor.org/rfc/rfc7517#section-5
    """
    entries = found.get("keys")
    for entry in entries[:_MOST_KEYS] if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("use", "sig") == "sig" and "d" not in entry:
            name, key = entry.get("kid"), _key(entry)
            algorithm = _algorithm(key)
            if isinstance(name, str) and algorithm and entry.get("alg", algorithm) == algorithm:
                yield (name, algorithm), key


def _key(entry: dict[str, Any]) -> Any:
    """The key, or something else that is none of ours."""
    try:
        return jwt.PyJWK(entry).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None


def _algorithm(key: object) -> str:
    """What the key is used with here: the key decides it, never the token."""
    match key:
        case RSAPublicKey(key_size=size) if size >= 2048:
            return "RS256"
        case EllipticCurvePublicKey(curve=SECP256R1()):
            return "ES256"
        case _:
            return ""
