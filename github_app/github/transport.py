"""One credential's conversation with GitHub: reads repeated, writes never, limits obeyed."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import requests
from github import GithubException
from github.Auth import Auth
from github.Requester import Requester
from urllib3.exceptions import NewConnectionError

from github_app.github.answers import (
    GraphAnswer,
    RestAnswer,
    UnknownOutcome,
    broke_down,
    graph_answer,
    is_limit,
    refusal,
    rest_answer,
)
from github_app.github.calls import CallCounter, Kind
from github_app.github.host import Host
from github_app.github.limits import Window
from github_app.unanswered import why
from plugin.errors import Refusal, Temporary

_READ_AGAIN_AFTER = (0.2, 1.0)
_MUTATION = re.compile(r"^\s*mutation\b", re.MULTILINE)


class Credentials(Protocol):
    """What a transport signs its calls with."""

    @property
    def name(self) -> str:
        """Whose credentials these are, as in "installation 7"."""

    def current(self) -> Auth:
        """The credential to use now; the same object as long as it does not change."""

    def renew(self, refused: Auth) -> bool:
        """Forget the refused credential; whether `current` can give another one."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to write: GitHub asks for a second between writes of one installation.

    What creates several things that people are told of, such as pull requests, counts as that many:
    so no more than 60 are made in a minute, and GitHub allows 80.
    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
    """

    sleep: Callable[[float], None]
    between_writes: timedelta = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Wire:
    """What all conversations with one GitHub share; `timeout` is in seconds."""

    host: Host
    clock: Callable[[], datetime]
    pace: Pace
    calls: CallCounter
    timeout: int = 15

    def requester(self, auth: Auth) -> Requester:
        """PyGithub's requester with everything it would decide by itself turned off."""
        return Requester(
            auth=auth,
            base_url=self.host.api,
            timeout=self.timeout,
            user_agent="towline",
            per_page=100,
            verify=True,
            # Its default repeats a POST after a 502, although GitHub may have done the work.
            retry=None,
            pool_size=8,
            seconds_between_requests=None,
            seconds_between_writes=None,
            api_version="2022-11-28",
        )


@dataclass(frozen=True, slots=True)
class _Call:
    verb: str
    path: str
    body: Mapping[str, Any] | None
    kind: Kind
    writes: bool
    creates: int = 1

    def __str__(self) -> str:
        return "a GraphQL document" if self.kind is Kind.GRAPHQL else f"{self.verb} {self.path}"


class _Unavailable(Temporary):
    """A read found nobody to answer it."""


class Transport:
    """REST and GraphQL for one credential: an installation's, or the App's own.

    Errors: Refusal (permission, not found, moved), Temporary (limit, outage), and UnknownOutcome
    when a write may have been done. After a limit nothing is sent before its time has come.
    """

    def __init__(self, wire: Wire, credentials: Credentials) -> None:
        self._wire = wire
        self._credentials = credentials
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._wrote_at: datetime | None = None
        self._gap = timedelta(0)
        self._window = Window(credentials.name, wire.clock)
        self._requester: tuple[Auth, Requester] | None = None

    def rest(
        self,
        verb: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        kind: Kind = Kind.REST,
    ) -> RestAnswer:
        """The answer to one REST call; 405, 409, 422 and the like are answers, see `refusal`.

        `path` starts with a slash, or is an address GitHub gave (a next page). A token mint may be
        repeated like a read: a second token harms nobody.
        """
        writes = verb != "GET" and kind is not Kind.MINT
        return self._perform(_Call(verb, path, body, kind, writes))

    def graphql(self, document: str, variables: Mapping[str, Any], creates: int = 1) -> GraphAnswer:
        """The answer to one document; a mutation is sent once, whatever becomes of it.

        `creates` is how many things it makes that people are told of.
        """
        body = {"query": document, "variables": dict(variables)}
        writes = bool(_MUTATION.search(document))
        call = _Call("POST", "graphql", body, Kind.GRAPHQL, writes, max(1, creates))
        return graph_answer(self._perform(call))

    def close(self) -> None:
        """Let go of the connections; the next call opens new ones."""
        with self._lock:
            held, self._requester = self._requester, None
        if held is not None:
            held[1].close()

    def _perform(self, call: _Call) -> RestAnswer:
        if not call.writes:
            return self._read(call)
        with self._writing:
            self._await_turn()
            try:
                return self._attempt(call)
            finally:
                self._wrote_at = self._wire.clock()
                self._gap = self._wire.pace.between_writes * call.creates

    def _read(self, call: _Call) -> RestAnswer:
        for seconds in _READ_AGAIN_AFTER:
            try:
                return self._attempt(call)
            except _Unavailable:
                self._wire.pace.sleep(seconds)
        return self._attempt(call)

    def _await_turn(self) -> None:
        self._window.check()
        gap = self._gap
        if self._wrote_at is None or gap <= timedelta(0):
            return
        # A clock set back must not make us wait for longer than the gap.
        wait = min(gap, self._wrote_at + gap - self._wire.clock())
        if wait > timedelta(0):
            self._wire.pace.sleep(wait.total_seconds())

    def _attempt(self, call: _Call) -> RestAnswer:
        self._window.check()
        auth = self._credentials.current()
        answer = self._exchange(call, auth)
        if answer.status == 401 and self._credentials.renew(auth):
            answer = self._exchange(call, self._credentials.current())
        return self._judged(call, answer)

    def _exchange(self, call: _Call, auth: Auth) -> RestAnswer:
        requester = self._requester_for(auth)
        path = requester.graphql_url if call.kind is Kind.GRAPHQL else call.path
        self._wire.calls.add(call.kind)
        try:
            status, headers, text = requester.requestJson(call.verb, path, input=call.body)
        except requests.RequestException as error:
            what = why(error, self._wire.timeout, self._wire.timeout)
            raise self._outage(call, what, sent=not _never_sent(error)) from error
        except (RuntimeError, AssertionError, GithubException) as error:
            raise Refusal(f"{call} cannot be asked of {self._wire.host.url}: {error}") from error
        answer = rest_answer(status, headers, text)
        if answer is None:
            raise self._outage(call, "an answer that is no JSON", sent=True)
        return answer

    def _requester_for(self, auth: Auth) -> Requester:
        with self._lock:
            held = self._requester
            if held is not None and held[0] is auth:
                return held[1]
            self._requester = (auth, self._wire.requester(auth))
            made = self._requester[1]
        if held is not None:
            held[1].close()
        return made

    def _judged(self, call: _Call, answer: RestAnswer) -> RestAnswer:
        if answer.status >= 500:
            raise self._outage(call, f"status {answer.status}", sent=True)
        if is_limit(answer):
            raise self._window.closed_by(answer, writes=call.writes)
        self._window.worked()
        if broke_down(answer):
            raise self._outage(call, "GraphQL broke down", sent=True)
        refused = refusal(str(call), self._credentials.name, answer)
        if refused is not None:
            raise refused
        return answer

    def _outage(self, call: _Call, what: str, *, sent: bool) -> Temporary:
        text = f"GitHub at {self._wire.host.api} did not answer {call}: {what}"
        if not call.writes:
            return _Unavailable(text)
        return UnknownOutcome(f"{text}; it may have been done") if sent else Temporary(text)


def _never_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)
