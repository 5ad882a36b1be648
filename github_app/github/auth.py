"""Who the App is on GitHub: its key, its name, and a token per installation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from github.Auth import AppAuth, Auth, Token
from jwt.algorithms import RSAAlgorithm

from github_app.github.calls import Kind
from github_app.github.transport import Transport
from github_app.identity import Identity
from plugin.errors import Refusal

_REFRESH_BEFORE = timedelta(minutes=5)
_BACKDATED = timedelta(seconds=60)
_JWT_LIFE = timedelta(minutes=5)
_NO_KEY = "The App's private key is not an RSA key in PEM form"
_RS256 = RSAAlgorithm(RSAAlgorithm.SHA256)


def identity(app: Transport) -> Identity:
    """Who the App is; `app` speaks with the App's own key."""
    found = app.rest("GET", "/app").json
    return Identity(int(found["id"]), str(found["slug"]))


class AppKey:
    """The App's own credentials: a fresh signed JWT for every call.

    Issued a minute in the past against clock drift, valid for five minutes (GitHub allows ten):
    https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
    """

    name = "the App"

    def __init__(self, app_id: int, private_key: str, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._auth = AppAuth(app_id, sign_func=self._signed)
        try:
            # Once: reading and checking a key takes longer than everything else in a call.
            key = _RS256.prepare_key(private_key)
        except (jwt.PyJWTError, ValueError, TypeError):
            # The library's text may quote the key, so the cause is not told.
            raise Refusal(_NO_KEY) from None
        if not isinstance(key, RSAPrivateKey):
            raise Refusal(_NO_KEY)
        self._key = key

    def current(self) -> Auth:
        """The App's authentication."""
        return self._auth

    def renew(self, refused: Auth) -> bool:
        """Nothing better is to be had: every call is signed anew."""
        del refused
        return False

    def _signed(self, payload: dict[str, Any]) -> str:
        now = self._clock()
        times = {"iat": _seconds(now - _BACKDATED), "exp": _seconds(now + _JWT_LIFE)}
        return jwt.encode(payload | times, self._key, algorithm="RS256")


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


@dataclass(frozen=True, slots=True)
class InstallationToken:
    """A token and when it ends; of its form nothing is assumed, neither length nor prefix."""

    value: str = field(repr=False)
    expires_at: datetime
    auth: Auth = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token is for: an installation, narrowed to some repositories by id (none: all)."""

    installation: int
    repositories: tuple[int, ...] = ()


class Tokens:
    """Installation tokens, minted once and kept until five minutes before their end."""

    def __init__(self, app: Transport, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._clock = clock
        self._lock = threading.Lock()
        self._minting: dict[Scope, threading.Lock] = {}
        self._kept: dict[Scope, InstallationToken] = {}

    def token(self, scope: Scope) -> InstallationToken:
        """A token good for five minutes at least; one mint at a time and scope."""
        with self._lock_of(scope):
            kept = self._kept.get(scope)
            if kept is None or kept.expires_at - _REFRESH_BEFORE <= self._clock():
                kept = self._kept[scope] = self._minted(scope)
            return kept

    def forget(self, scope: Scope, value: str) -> None:
        """GitHub refused this token; a newer one minted meanwhile by another thread stays."""
        with self._lock_of(scope):
            kept = self._kept.get(scope)
            if kept is not None and kept.value == value:
                del self._kept[scope]

    def _lock_of(self, scope: Scope) -> threading.Lock:
        with self._lock:
            return self._minting.setdefault(scope, threading.Lock())

    def _minted(self, scope: Scope) -> InstallationToken:
        path = f"/app/installations/{scope.installation}/access_tokens"
        body = {"repository_ids": list(scope.repositories)} if scope.repositories else {}
        answer = self._app.rest("POST", path, body, kind=Kind.MINT)
        if answer.status != 201:
            raise Refusal(f"GitHub gives no token for installation {scope.installation}")
        value = str(answer.json["token"])
        return InstallationToken(value, _moment(answer.json["expires_at"]), Token(value))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class InstallationKey:
    """The credentials of one installation, or of some of its repositories."""

    def __init__(self, tokens: Tokens, scope: Scope) -> None:
        self._tokens = tokens
        self._scope = scope

    @property
    def name(self) -> str:
        """Whose credentials these are."""
        return f"installation {self._scope.installation}"

    def current(self) -> Auth:
        """The authentication by the installation's token."""
        return self._tokens.token(self._scope).auth

    def renew(self, refused: Auth) -> bool:
        """Forget the refused token, so that the next call mints one."""
        self._tokens.forget(self._scope, refused.token)
        return True

    def token(self) -> str:
        """The bare token, for Git."""
        return self._tokens.token(self._scope).value

    def forget(self, token: str) -> None:
        """Git was refused with this token."""
        self._tokens.forget(self._scope, token)
