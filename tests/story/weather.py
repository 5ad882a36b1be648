"""The network between the App and the stand-in: every request kept, and trouble on demand."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_API = "/api/"
_TOKENS = re.compile(r"/access_tokens$")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer on its way to the App."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


Real: TypeAlias = Callable[[], Answer]
Trouble: TypeAlias = Callable[[Real], Answer]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of the App: `look`, `write`, `mint` or `rest`, and what it said."""

    kind: str
    method: str
    path: str
    body: Mapping[str, Any]
    status: str

    @property
    def mutations(self) -> tuple[str, ...]:
        """The mutations of a writing document, in order."""
        if self.kind != "write":
            return ()
        return tuple(re.findall(r"^  m\d+: (\w+)", self.body["query"], re.MULTILINE))


@dataclass(slots=True)
class Weather:
    """A WSGI application in front of another; troubles are used up in order, each by its kind."""

    inner: WSGIApplication
    exchanges: list[Exchange] = field(default_factory=list)
    _troubles: list[tuple[str, str, Trouble]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, kind: str, trouble: Trouble, holding: str = "") -> None:
        """What happens to the next request of a kind, with these words in its variables."""
        with self._lock:
            self._troubles.append((kind, holding, trouble))

    def said(self, kind: str) -> list[Exchange]:
        """The requests of a kind so far."""
        with self._lock:
            return [one for one in self.exchanges if one.kind == kind]

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        by_app = environ.get("HTTP_USER_AGENT") == "towline"
        if not by_app or not environ["PATH_INFO"].startswith(_API):
            return self.inner(environ, start)
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = json.loads(raw) if raw else {}
        kind = _kind(environ, body)
        answer = self._trouble(kind, raw.decode())(lambda: _answered(self.inner, environ, raw))
        with self._lock:
            self.exchanges.append(
                Exchange(kind, environ["REQUEST_METHOD"], environ["PATH_INFO"], body, answer.status)
            )
        start(answer.status, list(answer.headers))
        return [answer.body]

    def _trouble(self, kind: str, said: str) -> Trouble:
        with self._lock:
            for number, (planned, holding, trouble) in enumerate(self._troubles):
                if planned == kind and holding in said:
                    del self._troubles[number]
                    return trouble
        return lambda real: real()


def _kind(environ: WSGIEnvironment, body: Mapping[str, Any]) -> str:
    if environ["PATH_INFO"].endswith("/graphql"):
        return "write" if body["query"].lstrip().startswith("mutation") else "look"
    return "mint" if _TOKENS.search(environ["PATH_INFO"]) else "rest"


def _answered(inner: WSGIApplication, environ: WSGIEnvironment, raw: bytes) -> Answer:
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start(
        status: str, headers: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        del exc_info
        told.append((status, headers))
        return lambda _: None

    found = inner({**environ, "wsgi.input": io.BytesIO(raw)}, start)
    body = b"".join(found)
    close = getattr(found, "close", None)
    if close is not None:
        close()
    return Answer(told[-1][0], tuple(told[-1][1]), body)


def says(status: str, body: object, **headers: str) -> Answer:
    """An answer with a JSON body."""
    more = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(status, (("Content-Type", "application/json"), *more), json.dumps(body).encode())


BAD_GATEWAY = Answer("502 Bad Gateway", (("Content-Type", "text/html"),), b"<h1>502</h1>")


def lost_after(real: Real) -> Answer:
    """The work is done, its answer lost."""
    real()
    return BAD_GATEWAY


def lost_before(real: Real) -> Answer:
    """The work is not done."""
    del real
    return BAD_GATEWAY


def first(what: Callable[[], object]) -> Trouble:
    """Something else happens before the request arrives."""

    def trouble(real: Real) -> Answer:
        what()
        return real()

    return trouble


def limited(status: str, seconds: int) -> Trouble:
    """A secondary rate limit."""
    words = {"message": "You have exceeded a secondary rate limit.", "documentation_url": "x"}
    return lambda _: says(status, words, Retry_After=str(seconds))


def expired(real: Real) -> Answer:
    """The token is not valid any more."""
    del real
    return says("401 Unauthorized", {"message": "Bad credentials"})
