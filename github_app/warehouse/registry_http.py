"""One question to an OCI registry: where to, on what ways in, and what a refusal means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase

from github_app.unanswered import why
from github_app.warehouse.ports import Logins
from github_app.warehouse.reach import Addresses, Reach
from github_app.warehouse.registry_limits import retry_after, used_up
from github_app.warehouse.registry_login import Bearer, Nobody, RegistryLogin
from github_app.warehouse.rests import Rests
from plugin.artifact import DOCKER_HUB, Repository
from plugin.errors import Refusal, Temporary

_DOCKER_HUB_API = "registry-1.docker.io"
_TIMEOUT = (5, 20)
_MAX_BYTES = 4 * 1024 * 1024
_BUSY = timedelta(seconds=30)
_MAX_HOPS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
_LAID_ASIDE = "Towline-Location"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, its body at most 4 MiB (what the OCI specification asks clients to take)."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def link_next(self) -> str | None:
        """The next page's address, if there is one (RFC 8288)."""
        links = requests.utils.parse_header_links(self.headers.get("Link", ""))
        found = next((one["url"] for one in links if one.get("rel") == "next"), None)
        return None if found is None else urljoin(self.url, found)


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
        self._session = session
        self._reach = Reach(insecure, addresses)
        self._clock = clock
        self._rests = None if clock is None else Rests(clock)
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
        ask = requests.Request(method, url, headers)
        answer = self._ask(ask, self._known_way(repository))
        if answer.status == 401 and urlsplit(answer.url).netloc == urlsplit(url).netloc:
            way_in = self._found_way(repository, answer.headers.get("WWW-Authenticate", ""))
            answer = self._ask(ask, way_in.auth)
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

    def _known_way(self, repository: Repository) -> AuthBase:
        known = self._ways_in.get(repository)
        if known is None:
            return Nobody()
        match known.auth:
            case Bearer(until=datetime() as until) if self._clock and self._clock() >= until:
                known = self._found_way(repository, known.challenge)
                self._ways_in[repository] = known
        return known.auth

    def _found_way(self, repository: Repository, challenge: str) -> _WayIn:
        return _WayIn(challenge, self.login.way_in(repository, challenge))

    def _token_server(self, repository: Repository, url: str, way_in: AuthBase) -> bytes:
        self._reach.check(urlsplit(self.base(repository.host)).netloc, url)
        answer = self._ask(requests.Request("GET", url, {"Accept": "application/json"}), way_in)
        self._check(answer, repository)
        return answer.body

    def _ask(self, ask: requests.Request, way_in: AuthBase) -> Answer:
        """The answer at the end of all redirects, to which no login goes along."""
        origin, url = urlsplit(ask.url).netloc, ask.url
        for _ in range(_MAX_HOPS + 1):
            self._reach.check(origin, url)
            own = urlsplit(url)[:2] == urlsplit(ask.url)[:2]
            answer = self._once(ask, url, way_in if own else Nobody())
            following = answer.headers.get(_LAID_ASIDE)
            if answer.status not in _MOVED or not following:
                return answer
            url = urljoin(url, following)
        raise Temporary(f"{origin} sends us from one address to the next without end", _BUSY)

    def _once(self, ask: requests.Request, url: str, way_in: AuthBase) -> Answer:
        place = urlsplit(url).netloc
        if self._rests:
            self._rests.check(place)
        hooks = [*self._session.hooks["response"], _lay_aside]
        try:
            with self._session.request(
                ask.method or "GET",
                url,
                headers=ask.headers,
                auth=way_in,
                timeout=_TIMEOUT,
                stream=True,
                allow_redirects=False,
                hooks={"response": hooks},
            ) as got:
                answer = Answer(url, got.status_code, got.headers, _read(got))
        except requests.exceptions.SSLError as error:
            raise Refusal(_no_trust(place, error)) from error
        except requests.RequestException as error:
            raise Temporary(f"{place} does not answer: {why(error, *_TIMEOUT)}", _BUSY) from error
        self._rest(place, answer)
        return answer

    def _rest(self, place: str, answer: Answer) -> None:
        """Leave a host alone that says it has had enough of us."""
        if self._rests is None:
            return
        if answer.status == 429:
            self._rests.begin(place, retry_after(answer.headers), f"{place} answers 429")
        rest = used_up(answer.headers)
        if rest is not None:
            self._rests.begin(place, rest, f"{place} has nothing left of what it grants us")

    def _check(self, answer: Answer, repository: Repository) -> None:
        """Nothing, if the registry gave what was asked."""
        place = urlsplit(answer.url).netloc
        if answer.status == 429 or answer.status >= 500:
            text = f"{place} answers {answer.status} for {repository}"
            raise Temporary(text, retry_after(answer.headers))
        if answer.status in {401, 403}:
            raise self.login.denied(repository)
        if answer.status != 200:
            raise Refusal(f"{place} answers {answer.status} for {repository}")


def _lay_aside(got: requests.Response, **_: object) -> None:
    """Let nobody but us see where a redirect leads.

    Even where it is not to follow, `requests` reads the whole body, however large.
    """
    location = got.headers.pop("Location", None)
    if location is not None:
        got.headers[_LAID_ASIDE] = location


def _read(got: requests.Response) -> bytes:
    body = bytearray()
    for chunk in got.iter_content(64 * 1024):
        body += chunk
        if len(body) > _MAX_BYTES:
            raise Refusal(f"{got.url} is larger than {_MAX_BYTES} bytes: not a manifest")
    return bytes(body)


def _no_trust(place: str, error: requests.exceptions.SSLError) -> str:
    if "WRONG_VERSION_NUMBER" in str(error):
        return f"{place} speaks no TLS: if that is meant, name it in TOWLINE_INSECURE_REGISTRIES"
    return f"the certificate of {place} is not trusted: {error}"
