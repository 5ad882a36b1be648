"""Documents and disk images over HTTP, as much as may be read and no further.

Only TLS vouches for what is read here; plain HTTP is spoken to loopback addresses and to the hosts
an operator named. Whoever writes a pipeline names the first host; a redirect may lead on to public
addresses, never into a private network. (Names are looked up once for that and again to connect.)
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol, TypeAlias
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from github_app.unanswered import why
from github_app.warehouse.rests import Rests
from plugin.errors import Refusal, Temporary

_TIMEOUT = (5, 20)
_MAX_BYTES = 32 * 1024 * 1024
_MAX_TIME = timedelta(minutes=2)
_MAX_REDIRECTS = 5
_CHUNK = 256 * 1024
_BROKEN = timedelta(seconds=30)
_LONGEST = timedelta(hours=1)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LAID_ASIDE = "Towline-Location"
_BUSY = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server calls one state of a document (RFC 9110, 8.8); None where it says nothing."""

    etag: str | None = None
    modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The request headers that ask for anything but this state."""
        said = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Page:
    """A document."""

    text: str
    validators: Validators


@dataclass(frozen=True, slots=True)
class NotModified:
    """The document is as it was."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The server gives nothing, and says so with this status: not there, not allowed, not free."""

    status: int


Answer: TypeAlias = Page | NotModified | Missing


@dataclass(frozen=True, slots=True)
class Download:
    """A file while it is read: its state, its length if said, and its bytes, once."""

    validators: Validators
    length: int | None
    chunks: Iterator[bytes]


class Web(Protocol):
    """The world of documents; its verbs raise Refusal and Temporary."""

    def get(self, url: str, known: Validators | None = None) -> Answer:
        """The document at `url`, unless it is as `known`."""

    def download(self, url: str) -> AbstractContextManager[Download | Missing]:
        """The file at `url`."""


class HttpWeb:
    """The port `Web` on `requests`.

    A host that was busy is left alone for as long as it asked. `lookup` gives the addresses of a
    host's name, none if it is unknown here.
    """

    def __init__(
        self,
        session: requests.Session,
        clock: Callable[[], datetime],
        insecure: frozenset[str] = frozenset(),
        lookup: Callable[[str], tuple[str, ...]] | None = None,
    ) -> None:
        self._session = session
        self._clock = clock
        self._insecure = insecure
        self._lookup = lookup or addresses_of
        self._rests = Rests(clock)

    def get(self, url: str, known: Validators | None = None) -> Answer:
        """The document at `url`: UTF-8 text of at most 32 MiB, in at most two minutes."""
        with self._answer(url, known.headers if known else {}) as got:
            if got.status_code == 304:
                return NotModified()
            if got.status_code != 200:
                return Missing(got.status_code)
            body = self._body(got, url)
            try:
                return Page(body.decode("utf-8-sig"), _validators(got))
            except UnicodeDecodeError as error:
                raise Refusal(f"{url} is no text in UTF-8: {error}") from error

    @contextmanager
    def download(self, url: str) -> Iterator[Download | Missing]:
        """The file at `url`, byte for byte as it is stored."""
        with self._answer(url, {"Accept-Encoding": "identity"}) as got:
            if got.status_code != 200:
                yield Missing(got.status_code)
                return
            length = got.headers.get("Content-Length", "")
            yield Download(
                _validators(got),
                int(length) if length.isdecimal() and len(length) < 20 else None,
                self._chunks(got, url, decoded=False),
            )

    @contextmanager
    def _answer(self, url: str, headers: dict[str, str]) -> Iterator[requests.Response]:
        """The answer at the end of the redirects, unread: a 200, 304 or one that gives nothing."""
        here = url
        for _ in range(_MAX_REDIRECTS + 1):
            self._check_scheme(here)
            with self._ask(here, headers) as got:
                if got.status_code not in _REDIRECTS:
                    self._check_status(got, here)
                    yield got
                    return
                here = _joined(here, got.headers.get(_LAID_ASIDE, ""))
            self._check_place(here, url)
        raise Refusal(f"{url} sends us from one address to the next without end")

    def _ask(self, url: str, headers: dict[str, str]) -> requests.Response:
        host = _place(url).netloc
        self._rests.check(host)
        try:
            return self._session.get(
                url,
                headers={"User-Agent": "towline", **headers},
                auth=_nobody,
                timeout=_TIMEOUT,
                stream=True,
                allow_redirects=False,
                hooks={"response": _lay_aside},
            )
        except requests.exceptions.SSLError as error:
            raise Refusal(f"the certificate of {host} is not trusted: {error}") from error
        except (requests.exceptions.InvalidURL, UnicodeError) as error:
            raise Refusal(f"{url[:200]} is no address: {error}") from error
        except requests.RequestException as error:
            text = f"{host} does not answer: {why(error, *_TIMEOUT)}"
            self._rests.begin(host, _BROKEN, text)
            raise Temporary(text, _BROKEN) from error

    def _check_scheme(self, url: str) -> None:
        place = _place(url)
        plain = place.netloc in self._insecure or _is_loopback(place.hostname or "")
        if place.scheme != "https" and not (place.scheme == "http" and plain):
            raise Refusal(
                f"{url[:200]} is not encrypted: nobody could vouch for what it says; "
                "write an address that begins with https://"
            )

    def _check_place(self, url: str, first: str) -> None:
        """Nothing, if a redirect may lead from the address `first`, which a person named."""
        self._check_scheme(url)
        place = _place(url)
        host = place.hostname or ""
        if host == _place(first).hostname or place.netloc in self._insecure:
            return
        for address in self._lookup(host):
            if not _is_public(address):
                raise Refusal(f"{first} sends us into a private network, to {host} ({address})")

    def _check_status(self, got: requests.Response, url: str) -> None:
        if got.status_code in _BUSY or got.status_code >= 500:
            host = _place(url).netloc
            text = f"{host} answers {got.status_code} for {url}"
            wait = _retry_after(got.headers.get("Retry-After", ""), self._clock())
            self._rests.begin(host, wait, text)
            raise Temporary(text, wait)

    def _body(self, got: requests.Response, url: str) -> bytes:
        body, end = bytearray(), self._clock() + _MAX_TIME
        for chunk in self._chunks(got, url, decoded=True):
            body += chunk
            if len(body) > _MAX_BYTES:
                raise Refusal(f"{url} is larger than {_MAX_BYTES} bytes: no list of versions")
            if self._clock() > end:
                raise Temporary(f"{url} was not read in {_MAX_TIME}", _BROKEN)
        return bytes(body)

    def _chunks(self, got: requests.Response, url: str, *, decoded: bool) -> Iterator[bytes]:
        """What has come, as soon as it has: whoever sends little by little is noticed."""
        try:
            while chunk := got.raw.read1(_CHUNK, decode_content=decoded):
                yield chunk
        except (HTTPError, OSError) as error:
            raise Temporary(f"{url} broke off: {error}", _BROKEN) from error


def _place(url: str) -> SplitResult:
    try:
        place = urlsplit(url)
    except ValueError as error:
        raise Refusal(f"{url[:200]} is no address: {error}") from error
    if not place.hostname:
        raise Refusal(f"{url[:200]} is no address: it names no host")
    return place


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError as error:
        raise Refusal(f"{base} sends us to '{location[:200]}', which is no address") from error


def addresses_of(host: str) -> tuple[str, ...]:
    """The addresses of a host's name; none if nobody here knows it, as behind a proxy."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(str(one[4][0]) for one in found)


def _retry_after(text: str, now: datetime) -> timedelta:
    """The wait a server asks for, in seconds or by a date (RFC 9110, 10.2.3); an hour at most."""
    if text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), _LONGEST)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return _BROKEN
    wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), _LONGEST)


def _is_public(address: str) -> bool:
    try:
        place = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(place, "ipv4_mapped", None) or place
    return bool(inner.is_global) and not inner.is_multicast


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _validators(got: requests.Response) -> Validators:
    return Validators(got.headers.get("ETag"), got.headers.get("Last-Modified"))


def _lay_aside(got: requests.Response, **_: object) -> None:
    """Let nobody but us see where a redirect leads.

    Even where it is not to follow, `requests` reads the whole body and parses the address.
    """
    location = got.headers.pop("Location", None)
    if location is not None:
        got.headers[_LAID_ASIDE] = location


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No login; said, or `requests` would look for one in a .netrc file."""
    return request
