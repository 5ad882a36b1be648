"""One question at a time: where it may lead, how much may come back, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from github_app.guarded_http.bodies import come
from github_app.guarded_http.connections import connections, nobody
from github_app.guarded_http.deadlines import Deadline, Times
from github_app.guarded_http.failures import reason, refusal
from github_app.guarded_http.reach import Reach, Zone, place_of
from github_app.guarded_http.rests import Rests
from github_app.guarded_http.waits import is_busy, retry_after, used_up
from plugin.errors import Refusal, Temporary

_HOPS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited: seconds for a connection and for the next bytes; for a whole body.

    For a `file` there is longer, and for one that is sent; its reader may have less patience. After
    `again` whoever gave no answer is asked anew.
    """

    connect: float = 5
    read: float = 20
    body: timedelta = timedelta(minutes=2)
    file: timedelta = timedelta(hours=2)
    sending: timedelta = timedelta(days=1)
    again: timedelta = timedelta(seconds=30)

    @property
    def answer(self) -> timedelta:
        """How long is waited for all headers: a connection that breaks is tried once more."""
        return timedelta(seconds=2 * (self.connect + self.read))


_USUAL = Patience()


@dataclass(frozen=True, slots=True)
class Bound:
    """How many bytes of a body are read, unpacked, and what is said of a larger one."""

    most: int
    larger: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from `url`, where redirects have led."""

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


class GuardedHttp:
    """Asks whom `reach` admits, follows redirects as far; for many threads.

    The request's own login goes to its own host alone, and to no other goes any. Nothing takes
    longer than there is `patience`, whatever a server does. With a `clock` a host that was busy or
    away is not asked until it may be. The `session` tells headers, proxies and certificates; its
    hooks see every answer.
    """

    def __init__(
        self,
        session: requests.Session,
        reach: Reach,
        clock: Callable[[], datetime] | None = None,
        patience: Patience = _USUAL,
    ) -> None:
        self._session = session
        self._connections = connections(session)
        self._reach = reach
        self._clock = clock
        self._rests = None if clock is None else Rests(clock)
        self._patience = patience
        self._stand: dict[str, Zone] = {}

    def read(
        self, ask: requests.Request, bound: Bound, origin: str = "", *, follow: bool = True
    ) -> Answer:
        """The answer with its body; see `open`."""
        with self.open(ask, origin, follow=follow) as got:
            return Answer(got.url, got.status_code, got.headers, b"".join(self.pieces(got, bound)))

    @contextmanager
    def open(
        self, ask: requests.Request, origin: str = "", *, follow: bool = True
    ) -> Iterator[requests.Response]:
        """The answer at the end of all redirects, whatever its status, its body unread.

        `origin` is the host on whose behalf we ask, if it is another than the one asked. Raises
        Refusal (an address nobody may send us to, a certificate), and Temporary.
        """
        first, here = place_of(ask.url), ask.url
        origin = origin or first.netloc
        for _ in range(_HOPS + 1):
            deepest = self._reach.check(origin, here, self._stand.get(origin))
            there = place_of(here)
            if self._rests:
                self._rests.check(there.netloc, _shown(here))
            login = ask.auth if there[:2] == first[:2] else None
            with self._sent(ask, here, login, deepest) as got:
                self._note(origin, here, got)
                onward = got.headers.get("Location") if got.status_code in _MOVED else None
                if not onward or not follow:
                    yield got
                    return
            here = _joined(here, onward)
        raise Refusal(f"{_shown(ask.url)} sends us from one address to the next without end")

    def pieces(self, got: requests.Response, bound: Bound) -> Iterator[bytes]:
        """The body, unpacked, as it comes; raises Refusal if it is too large, and Temporary."""
        size, time = 0, self._patience.body
        end, broken = self._clock and self._clock() + time, partial(self._broken, got, time)
        for piece in come(got, time, broken, unpacked=True):
            size += len(piece)
            if size > bound.most:
                raise Refusal(f"{_shown(got.url)} {bound.larger}")
            if end and self._clock and self._clock() > end:
                raise broken(None)
            yield piece

    def stored(self, got: requests.Response) -> Iterator[bytes]:
        """The file, byte for byte, as it comes; raises Temporary."""
        time = self._patience.file
        return come(got, time, partial(self._broken, got, time), unpacked=False)

    def _broken(
        self, got: requests.Response, time: timedelta, error: Exception | None
    ) -> Temporary:
        late = f"was not read in {time}"
        text = late if error is None else f"broke off: {self._reason(error)}"
        return Temporary(f"{_shown(got.url)} {text}", self._patience.again)

    def _sent(
        self, ask: requests.Request, url: str, login: AuthBase | None, deepest: Zone
    ) -> requests.Response:
        """The answer of one host; our connections follow no redirect and read no body."""
        request = requests.Request(
            ask.method, url, ask.headers, data=ask.data, auth=login or nobody
        )
        patience = self._patience
        sending = patience.sending if ask.data else None
        deadline = Deadline(Times(patience.body, patience.answer, sending))
        try:
            prepared = self._session.prepare_request(request)
            settings = self._session.merge_environment_settings(url, {}, True, None, None)
            timeout = (patience.connect, patience.read)
            with deadline.answering():
                got = self._connections.send(prepared, deepest=deepest, timeout=timeout, **settings)
        except (requests.RequestException, HTTPError, UnicodeError) as error:
            raise self._unanswered(url, deadline, error) from error
        if deadline.passed:
            got.close()
            raise self._unanswered(url, deadline)
        for hook in self._session.hooks["response"]:
            hook(got)
        return got

    def _unanswered(
        self, url: str, deadline: Deadline, error: Exception | None = None
    ) -> Refusal | Temporary:
        """What is to be said; whoever did not answer is left alone for a while."""
        place, seconds = urlsplit(url).netloc, deadline.time.total_seconds()
        if deadline.passed or error is None:
            text = f"{place} takes longer than {seconds:g} seconds to answer"
        elif refused := refusal(url, error):
            return refused
        else:
            text = f"{place} does not answer: {self._reason(error)}"
        self._rest(_shown(url), self._patience.again, text)
        return Temporary(text, self._patience.again)

    def _note(self, origin: str, url: str, got: requests.Response) -> None:
        """Remember where the origin stands, and whom to leave alone.

        Who answers that we ask too much means all our questions, other trouble is an address's.
        """
        place, status, used = urlsplit(url).netloc, got.status_code, used_up(got.headers)
        stands = getattr(got.raw.connection, "zone", None)
        if place == origin and stands is not None:
            self._stand[origin] = stands
        if is_busy(status):
            whole = place if status == 429 else _shown(url)
            self._rest(whole, retry_after(got.headers), f"{place} answers {status}")
        if used is not None:
            self._rest(place, used, f"{place} has nothing left of what it grants us")

    def _rest(self, whom: str, after: timedelta, text: str) -> None:
        if self._rests:
            self._rests.begin(whom, after, text)

    def _reason(self, error: Exception) -> str:
        return reason(error, self._patience.connect, self._patience.read)


def check_busy(status: int, headers: Mapping[str, str], url: str) -> None:
    """Nothing, unless the answer means "later"; then raises Temporary."""
    if is_busy(status):
        text = f"{urlsplit(url).netloc} answers {status} for {_shown(url)}"
        raise Temporary(text, retry_after(headers))


def asked_for(url: str, params: Mapping[str, str] | None = None) -> str:
    """The address as it will be written in a request; raises Refusal.

    What is checked must be what is asked: readers differ about addresses that are written oddly.
    """
    try:
        return requests.Request("GET", url, params=params).prepare().url or url
    except (ValueError, requests.RequestException):
        raise Refusal(f"we are sent to '{url[:200]}', which is no address") from None


def _joined(place: str, location: str) -> str:
    try:
        return asked_for(urljoin(place, location))
    except ValueError:
        text = f"{_shown(place)} sends us to '{location[:200]}', which is no address"
        raise Refusal(text) from None


def _shown(url: str) -> str:
    """The address without its query, in which storage is told who may read."""
    return url.partition("?")[0]
