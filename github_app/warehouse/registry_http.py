"""One question to an OCI registry: addresses, logging in, limits, and what a refusal means."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from werkzeug.datastructures import WWWAuthenticate

from github_app.unanswered import why
from github_app.warehouse.ports import Login, Logins
from plugin.artifact import DOCKER_HUB, Repository
from plugin.errors import Refusal, Temporary

_DOCKER_HUB_API = "registry-1.docker.io"
_TIMEOUT = (5, 20)
_MAX_BYTES = 4 * 1024 * 1024
_BUSY = timedelta(seconds=30)
_MAX_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, its body at most 4 MiB (what the OCI specification asks clients to take)."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def link_next(self) -> str | None:
        """The next page's address, if there is one (RFC 5988)."""
        links = requests.utils.parse_header_links(self.headers.get("Link", ""))
        return next((one["url"] for one in links if one.get("rel") == "next"), None)


class RegistryHttp:
    """Reads from registries, logging in where they ask for it.

    Plain HTTP is spoken only to loopback addresses and to the hosts in `insecure`. A way in, once
    found, is kept per repository until the registry refuses it.
    """

    def __init__(
        self, session: requests.Session, logins: Logins, insecure: frozenset[str] = frozenset()
    ) -> None:
        self._session = session
        self._logins = logins
        self._insecure = insecure
        self._ways_in: dict[Repository, AuthBase] = {}

    def get(
        self, repository: Repository, path: str, accept: str, method: str = "GET"
    ) -> Answer | None:
        """What stands at `path`, below the repository or absolute; None if nothing does.

        `HEAD` as method leaves the body out; Docker Hub does not count it as a pull
        (https://docs.docker.com/docker-hub/usage/pulls/). Raises Refusal when a person must act
        (rights, certificates, a body that is too large), Temporary when the registry is busy or
        away.
        """
        base = self._base(repository.host)
        url = urljoin(f"{base}/v2/{repository.path}/", path)
        if not url.startswith(f"{base}/"):
            raise Refusal(f"{repository.host} sends us on to another registry, {url}")
        answer = self._ask(url, accept, self._ways_in.get(repository, _Nobody()), method)
        if answer.status == 401:
            way_in = self._log_in(repository, answer.headers.get("WWW-Authenticate", ""))
            answer = self._ask(url, accept, way_in, method)
            self._ways_in[repository] = way_in
        if answer.status == 404:
            return None
        self._check(answer, repository)
        return answer

    def _base(self, host: str) -> str:
        api = _DOCKER_HUB_API if host == DOCKER_HUB else host
        return f"{'http' if self._is_plain(host) else 'https'}://{api}"

    def _is_plain(self, host: str) -> bool:
        return host in self._insecure or _is_loopback(urlsplit(f"//{host}").hostname or "")

    def _log_in(self, repository: Repository, challenge: str) -> AuthBase:
        """The way in that the registry's challenge asks for (RFC 7235, 4.1)."""
        asked = WWWAuthenticate.from_header(challenge)
        login = self._logins(repository)
        if asked is not None and asked.type == "bearer":
            return self._token(repository, asked.get("realm") or "", asked.get("service") or "")
        if asked is not None and asked.type == "basic" and login is not None:
            return HTTPBasicAuth(login.user, login.password)
        raise Refusal(_denied(repository, login))

    def _token(self, repository: Repository, realm: str, service: str) -> _Token:
        """A token for pulling (https://distribution.github.io/distribution/spec/auth/token/).

        The password goes to the registry's own site only; others give tokens to strangers.
        """
        place = urlsplit(realm)
        if place.scheme != "https" and not self._is_plain(place.netloc):
            raise Refusal(f"{repository.host} asks us to log in without encryption, at '{realm}'")
        login = self._logins(repository)
        own = _same_site(place.hostname, urlsplit(self._base(repository.host)).hostname)
        known = HTTPBasicAuth(login.user, login.password) if login and own else _Nobody()
        asked = {"service": service, "scope": f"repository:{repository.path}:pull"}
        url = requests.Request("GET", realm, params=asked).prepare().url or realm
        answer = self._ask(url, "application/json", known)
        self._check(answer, repository)
        return _Token(_token_in(answer))

    def _ask(self, url: str, accept: str, way_in: AuthBase, method: str = "GET") -> Answer:
        """One request; `requests` drops the login when a redirect leaves the host."""
        host = urlsplit(url).netloc
        headers = {"Accept": accept}
        try:
            with self._session.request(
                method, url, headers=headers, auth=way_in, timeout=_TIMEOUT, stream=True
            ) as got:
                body = _read(got)
                return Answer(url, got.status_code, got.headers, body)
        except requests.exceptions.SSLError as error:
            raise Refusal(f"the certificate of {host} is not trusted: {error}") from error
        except requests.RequestException as error:
            raise Temporary(f"{host} does not answer: {why(error, *_TIMEOUT)}", _BUSY) from error

    def _check(self, answer: Answer, repository: Repository) -> None:
        """Nothing, if the registry gave what was asked."""
        place = urlsplit(answer.url).netloc
        if answer.status == 429 or answer.status >= 500:
            text = f"{place} answers {answer.status} for {repository}"
            raise Temporary(text, _retry_after(answer.headers.get("Retry-After", "")))
        if answer.status in {401, 403}:
            raise Refusal(_denied(repository, self._logins(repository)))
        if answer.status != 200:
            raise Refusal(f"{place} answers {answer.status} for {repository}")


class _Token(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Nobody(AuthBase):
    """No login; named, or `requests` would look for one in a .netrc file."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _read(got: requests.Response) -> bytes:
    body = bytearray()
    for chunk in got.iter_content(64 * 1024):
        body += chunk
        if len(body) > _MAX_BYTES:
            raise Refusal(f"{got.url} is larger than {_MAX_BYTES} bytes: not a manifest")
    return bytes(body)


def _token_in(answer: Answer) -> str:
    try:
        content = json.loads(answer.body)
        token = content.get("token") or content["access_token"]
    except (ValueError, KeyError, AttributeError) as error:
        raise Refusal(f"{urlsplit(answer.url).netloc} gives no token: {error!r}") from error
    if not isinstance(token, str):
        raise Refusal(f"{urlsplit(answer.url).netloc} gives a token that is no text")
    return token


def _denied(repository: Repository, login: Login | None) -> str:
    who = f"the login '{login.user}'" if login else "anybody without a login"
    return (
        f"{repository.host} does not show {repository.path} to {who}, or it does not exist: "
        f"give Towline a login for {repository.host} that may pull it"
    )


def _retry_after(text: str) -> timedelta:
    """The wait a registry asks for in seconds, an hour at most; 30 seconds if it says nothing."""
    return min(timedelta(seconds=int(text[:9])), _MAX_WAIT) if text.isdecimal() else _BUSY


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _same_site(one: str | None, other: str | None) -> bool:
    """Whether two hosts are one, or neighbours such as auth.docker.io and registry-1.docker.io."""
    return one == other or _parent(one or "") == _parent(other or "")


def _parent(host: str) -> str:
    """The host without its first label, if three or more stand there and it is no address."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.partition(".")[2] if host.count(".") >= 2 else host
