"""One question to an OCI registry: where to, on what ways in, and what a refusal means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase

from github_app.guarded_http.client import Answer, Bound, GuardedHttp, check_busy
from github_app.guarded_http.reach import Addresses, Reach
from github_app.warehouse.ports import Logins
from github_app.warehouse.registry_login import Bearer, RegistryLogin
from plugin.artifact import DOCKER_HUB, Repository
from plugin.errors import Refusal

_DOCKER_HUB_API = "registry-1.docker.io"
_MAX_BYTES = 4 * 1024 * 1024
MANIFEST = Bound(_MAX_BYTES, f"is larger than {_MAX_BYTES} bytes: not a manifest")
"""At most 4 MiB, what the OCI specification asks clients to take."""


@dataclass(frozen=True, slots=True)
class _WayIn:
    """How we got in, and the challenge that asked for it."""

    challenge: str
    auth: AuthBase


class RegistryHttp:
    """Reads from registries, logging in where they ask for it; for many threads.

    Plain HTTP is spoken only to loopback addresses and to the hosts in `insecure`. A way in, once
    found, is kept per repository until the registry refuses it. With a `clock` tokens are replaced
    before they end, and a host that said how long it is busy is not asked until then.
    """

    def __init__(
        self,
        session: requests.Session,
        logins: Logins,
        insecure: frozenset[str] = frozenset(),
        clock: Callable[[], datetime] | None = None,
        addresses: Addresses | None = None,
    ) -> None:
        self._reach = Reach(insecure, addresses)
        self._http = GuardedHttp(session, self._reach, clock)
        self._clock = clock
        self._ways_in: dict[Repository, _WayIn] = {}
        self.login = RegistryLogin(self._token_server, logins, self.base, clock)

    def base(self, host: str) -> str:
        """The base URL of a registry's API, without a slash at its end."""
        api = _DOCKER_HUB_API if host == DOCKER_HUB else host
        return f"{'http' if self._reach.is_plain(host) else 'https'}://{api}"

    def get(
        self,
        repository: Repository,
        path: str,
        accept: str,
        method: str = "GET",
        etag: str | None = None,
    ) -> Answer | None:
        """What stands at `path`, below the repository or absolute; None if nothing does.

        `HEAD` as method leaves the body out; Docker Hub does not count it as a pull
        (https://docs.docker.com/docker-hub/usage/pulls/). With an `etag` the answer's status may
        be 304: nothing has changed. Raises Refusal when a person must act (rights, certificates, a
        body that is too large), Temporary when the registry is busy or away.
        """
        url = self._url(repository, path)
        headers = {"Accept": accept} | ({"If-None-Match": etag} if etag else {})
        ask = requests.Request(method, url, headers, auth=self._known_way(repository))
        answer = self._http.read(ask, MANIFEST)
        if answer.status == 401 and urlsplit(answer.url).netloc == urlsplit(url).netloc:
            way_in = self._found_way(repository, answer.headers.get("WWW-Authenticate", ""))
            ask.auth = way_in.auth
            answer = self._http.read(ask, MANIFEST)
            self._ways_in[repository] = way_in
        if answer.status == 404:
            return None
        if answer.status != 304 or etag is None:
            self._check(answer, repository)
        return answer

    def _url(self, repository: Repository, path: str) -> str:
        """The address on the registry's own host; some think that they are asked in plain HTTP."""
        base = self.base(repository.host)
        there = urlsplit(urljoin(f"{base}/v2/{repository.path}/", path))
        if there.netloc != urlsplit(base).netloc:
            raise Refusal(
                f"{repository.host} sends us on to another registry, {there.geturl()[:200]}"
            )
        return f"{base}{there.path}{f'?{there.query}' if there.query else ''}"

    def _known_way(self, repository: Repository) -> AuthBase | None:
        known = self._ways_in.get(repository)
        if known is None:
            return None
        match known.auth:
            case Bearer(until=datetime() as until) if self._clock and self._clock() >= until:
                known = self._found_way(repository, known.challenge)
                self._ways_in[repository] = known
        return known.auth

    def _found_way(self, repository: Repository, challenge: str) -> _WayIn:
        return _WayIn(challenge, self.login.way_in(repository, challenge))

    def _token_server(self, repository: Repository, url: str, way_in: AuthBase | None) -> bytes:
        ask = requests.Request("GET", url, {"Accept": "application/json"}, auth=way_in)
        answer = self._http.read(ask, MANIFEST, urlsplit(self.base(repository.host)).netloc)
        self._check(answer, repository)
        return answer.body

    def _check(self, answer: Answer, repository: Repository) -> None:
        """Nothing, if the registry gave what was asked."""
        check_busy(answer.status, answer.headers, answer.url)
        if answer.status in {401, 403}:
            raise self.login.denied(repository)
        if answer.status != 200:
            place = urlsplit(answer.url).netloc
            raise Refusal(f"{place} answers {answer.status} for {repository}")
