"""The way into a registry that its challenge asks for: a token, or user name and password."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.http import parse_list_header

from github_app.guarded_http.client import asked_for
from github_app.guarded_http.reach import place_of
from github_app.warehouse.ports import Login, Logins
from plugin.artifact import Repository
from plugin.errors import Refusal

_LONGEST_LIFE = timedelta(days=1)


class Bearer(AuthBase):
    """A token, good until `until`; None where nobody says how long."""

    def __init__(self, token: str, until: datetime | None = None) -> None:
        self._token = token
        self.until = until

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the token."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class TokenServer(Protocol):
    """Who asks token servers, within what a registry may send us to."""

    def __call__(self, repository: Repository, url: str, way_in: AuthBase | None) -> bytes:
        """The answer at `url`; raises Refusal and Temporary."""


class RegistryLogin:
    """Ways into registries. `base` tells a registry's own address, `clock` how old a token is."""

    def __init__(
        self,
        ask: TokenServer,
        logins: Logins,
        base: Callable[[str], str],
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._ask = ask
        self._logins = logins
        self._base = base
        self._clock = clock

    def way_in(self, repository: Repository, challenge: str, actions: str = "pull") -> AuthBase:
        """The way in that the registry's challenges ask for; raises Refusal and Temporary.

        `challenge` is the header of https://www.rfc-editor.org/rfc/rfc9110#field.www-authenticate,
        which may name several: a token goes before a password. `actions` are what we want to do
        there, such as `pull,push`.
        """
        asked = {one.type: one for one in reversed(list(challenges(challenge)))}
        login = self._logins(repository)
        bearer = asked.get("bearer")
        if bearer is not None and bearer.get("realm"):
            return self._token(repository, bearer, login, actions)
        if "basic" in asked and login is not None:
            return password(login)
        raise self.denied(repository, actions)

    def denied(self, repository: Repository, actions: str = "pull") -> Refusal:
        """What to say where we may not."""
        login = self._logins(repository)
        who = f"the login '{login.user}'" if login else "anybody without a login"
        may = "that may pull it" if actions == "pull" else f"that may {actions} it"
        return Refusal(
            f"{repository.host} does not show {repository.path} to {who}, or it does not exist: "
            f"give Towline a login for {repository.host} {may}"
        )

    def _token(
        self, repository: Repository, bearer: WWWAuthenticate, login: Login | None, actions: str
    ) -> Bearer:
        """A token (https://distribution.github.io/distribution/spec/auth/token/).

        The password goes to the registry's own site only; others give tokens to strangers.
        """
        realm = bearer.get("realm") or ""
        own = _same_site(place_of(realm).hostname, place_of(self._base(repository.host)).hostname)
        way_in = password(login) if login is not None and own else None
        asked = {
            "service": bearer.get("service") or "",
            "scope": f"repository:{repository.path}:{actions}",
        }
        answer = self._ask(repository, asked_for(realm, asked), way_in)
        token, life = _token_in(answer, place_of(realm).netloc)
        # Clocks differ, and a request takes its time.
        until = self._clock() + life * 0.9 if self._clock and life else None
        return Bearer(token, until)


def challenges(header: str) -> Iterator[WWWAuthenticate]:
    """The challenges of a header, which commas divide as they divide the parts of each."""
    parts: list[str] = []
    for item in [*parse_list_header(header), ""]:
        scheme, _, rest = item.partition(" ")
        begins = not item or ("=" not in scheme and not rest.lstrip().startswith("="))
        if begins and parts:
            found = WWWAuthenticate.from_header(", ".join(parts))
            parts = []
            if found is not None:
                yield found
        parts.append(item)


def password(login: Login) -> HTTPBasicAuth:
    """User name and password, for whoever takes them as they are."""
    # As bytes: of texts `requests` takes Latin-1 only.
    return HTTPBasicAuth(login.user.encode(), login.password.encode())


def _token_in(body: bytes, place: str) -> tuple[str, timedelta | None]:
    """The token, and how long it lives where that is said."""
    try:
        said = json.loads(body)
        token = said.get("token") or said["access_token"]
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        raise Refusal(f"{place} gives no token: {type(error).__name__}") from None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise Refusal(f"{place} gives a token that is no text")
    life = said.get("expires_in")
    known = isinstance(life, int) and not isinstance(life, bool) and life > 0
    return token, min(timedelta(seconds=min(life, 10**9)), _LONGEST_LIFE) if known else None


def _same_site(one: str | None, other: str | None) -> bool:
    """Whether two hosts are one, or neighbours such as auth.docker.io and registry-1.docker.io."""
    return one == other or _parent(one or "") == _parent(other or "")


def _parent(host: str) -> str:
    """The host without its first label, if three or more stand there and it is no address."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.partition(".")[2] if host.count(".") >= 2 else host
