"""Documents and disk images over HTTP, as much as may be read and no further.

Only TLS vouches for what is read here; plain HTTP is spoken to loopback addresses and to the hosts
an operator named. Whoever writes a pipeline names the first host; a redirect may lead on to public
addresses, never into a private network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

import requests

from github_app.guarded_http.client import Bound, GuardedHttp, check_busy
from github_app.guarded_http.reach import Addresses, Reach
from plugin.errors import Refusal

_MAX_BYTES = 32 * 1024 * 1024
_SPAN = re.compile(r"bytes (\d{1,19})-\d{1,19}/(\d{1,19})")
_DOCUMENT = Bound(_MAX_BYTES, f"is larger than {_MAX_BYTES} bytes: no list of versions")


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

    @property
    def strong(self) -> str | None:
        """What stands for this state byte by byte (RFC 9110, 8.8.1)."""
        weak = self.etag is None or self.etag.startswith("W/")
        return self.modified if weak else self.etag


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

    def rest(
        self, url: str, start: int, known: Validators
    ) -> AbstractContextManager[Download | None]:
        """The file from byte `start` on; None if that cannot be had, or not of the state `known`.

        Its `length` is that of the whole file.
        """


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
        lookup: Addresses | None = None,
    ) -> None:
        self._http = GuardedHttp(session, Reach(insecure, lookup, neighbours=False), clock)

    def get(self, url: str, known: Validators | None = None) -> Answer:
        """The document at `url`: UTF-8 text of at most 32 MiB, in at most two minutes."""
        with self._answer(url, known.headers if known else {}) as got:
            if got.status_code == 304:
                return NotModified()
            if got.status_code != 200:
                return Missing(got.status_code)
            body = b"".join(self._http.pieces(got, _DOCUMENT))
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
                self._http.stored(got),
            )

    @contextmanager
    def rest(self, url: str, start: int, known: Validators) -> Iterator[Download | None]:
        """The file from byte `start` on (RFC 9110, 13.1.5 and 14.2)."""
        if not start or not known.strong:
            yield None
            return
        asked = {"Range": f"bytes={start}-", "If-Range": known.strong}
        with self._answer(url, {"Accept-Encoding": "identity", **asked}) as got:
            span = _SPAN.fullmatch(got.headers.get("Content-Range", ""))
            same = span and int(span[1]) == start and _validators(got) == known
            if got.status_code == 206 and span and same:
                yield Download(known, int(span[2]), self._http.stored(got))
            else:
                yield None

    @contextmanager
    def _answer(self, url: str, headers: dict[str, str]) -> Iterator[requests.Response]:
        """The answer, unread: a 200, 304 or one that gives nothing."""
        ask = requests.Request("GET", url, {"User-Agent": "towline", **headers})
        with self._http.open(ask) as got:
            check_busy(got.status_code, got.headers, url)
            yield got


def _validators(got: requests.Response) -> Validators:
    return Validators(got.headers.get("ETag"), got.headers.get("Last-Modified"))
