"""One request to a registry that we may write to: logging in, limits, and what a refusal means."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase

from github_app.guarded_http.client import Answer, GuardedHttp, Patience
from github_app.guarded_http.reach import Reach
from github_app.guarded_http.waits import is_busy, retry_after
from github_app.publishing.blob import Body
from github_app.warehouse.registry_http import MANIFEST
from plugin.artifact import Repository
from plugin.errors import Refusal, Temporary

_BUSY = timedelta(seconds=2)
# While a body is sent the first counts, then the second: registries verify what they got, and move
# it to where it stays, before they answer.
_PATIENCE = Patience(connect=60, read=600, again=_BUSY)
_LONGEST = timedelta(minutes=1)


class WayIn(Protocol):
    """How to get into a registry."""

    def __call__(self, challenge: str) -> AuthBase:
        """The way in that a challenge asks for; raises Refusal and Temporary."""


@dataclass(frozen=True, slots=True)
class Place:
    """A repository, the base URL of its registry, and how we get in there to pull and push.

    `denied` says who we are and what to do where we may not.
    """

    repository: Repository
    base: str
    way_in: WayIn = field(repr=False)
    denied: Callable[[], str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request below the repository, or to an address that the registry has given."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | bytes | None = None


class Writes:
    """Requests to one repository, with a login that may push."""

    def __init__(self, session: requests.Session, place: Place) -> None:
        # Whoever made the place has seen to it that plain HTTP may be spoken there.
        self._http = GuardedHttp(
            session, Reach(frozenset({urlsplit(place.base).netloc})), patience=_PATIENCE
        )
        self._place = place
        self._way_in: AuthBase | None = None

    @property
    def repository(self) -> Repository:
        """The repository."""
        return self._place.repository

    def ask(self, asked: Asked, *expected: int) -> Answer:
        """The answer, its status one of those expected.

        Raises Refusal when a person must act, Temporary when the registry is busy or away. A way
        in that has run out, as tokens do while a large body is sent, is found anew once.
        """
        url = self._url(asked.path)
        answer = self._send(url, asked)
        if answer.status == 401:
            self._way_in = self._place.way_in(answer.headers.get("WWW-Authenticate", ""))
            answer = self._send(url, asked)
        if answer.status not in expected:
            raise self._wrong(asked, answer)
        return answer

    def _url(self, path: str) -> str:
        """The address on the registry's own host, where our login is known to be safe.

        Registries behind a proxy that ends TLS often believe that they are asked in plain HTTP.
        """
        base = self._place.base
        url = urljoin(f"{base}/v2/{self.repository.path}/", path)
        there = urlsplit(url)
        if there.netloc != urlsplit(base).netloc:
            raise Refusal(
                f"{self.repository.host} sends the upload on to another host, {url[:200]}: if that "
                "is the registry behind a proxy, tell the registry its own name"
            )
        return f"{base}{there.path}{f'?{there.query}' if there.query else ''}"

    def _send(self, url: str, asked: Asked) -> Answer:
        """The answer; nothing is sent on to where a redirect leads."""
        ask = requests.Request(
            asked.method, url, dict(asked.headers), data=asked.body, auth=self._way_in
        )
        return self._http.read(ask, MANIFEST, follow=asked.method in {"GET", "HEAD"})

    def _wrong(self, asked: Asked, answer: Answer) -> Refusal | Temporary:
        """What to say about an answer that nobody wanted."""
        host, said = urlsplit(answer.url).netloc, _said(answer)
        text = f"{host} answers {answer.status} to {asked.method} for {self.repository}{said}"
        match answer.status:
            case 401 | 403:
                return Refusal(f"{self._place.denied()}{said}")
            case 404:
                return Refusal(
                    f"{host} has no place for {self.repository}{said}: make the repository there "
                    "first, or see whether its name is right"
                )
            case 413:
                return Refusal(
                    f"{host} takes no body that large{said}: raise the limit of the proxy before "
                    "it (nginx: client_max_body_size 0)"
                )
            case status if is_busy(status):
                return Temporary(text, _after(answer.headers))
            case _:
                return Refusal(text)


def _after(headers: Mapping[str, str]) -> timedelta:
    """The wait a registry asks for, a minute at most: somebody sits and waits."""
    return min(retry_after(headers), _LONGEST) if "Retry-After" in headers else _BUSY


def _said(answer: Answer) -> str:
    """The first error in the answer, in brackets.

    https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
    """
    try:
        match json.loads(answer.body):
            case {"errors": [{"code": str(code), **more}, *_]}:
                message = str(more.get("message", ""))
                text = f"{code}: {message}" if message else code
                return f" ({''.join(one for one in text if one.isprintable())[:300]})"
    except (ValueError, RecursionError):
        pass
    return ""
