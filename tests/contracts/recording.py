"""A WSGI layer that holds every exchange through it against GitHub's contracts.

Wrap the stand-in's application and use it as before; what departs from a contract is kept in
`faults`. Git traffic and pages pass through untouched.
"""

from __future__ import annotations

import io
import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tests.contracts import fetch
from tests.contracts.deliveries import Sent, Webhooks, signature_fault
from tests.contracts.documents import Documents
from tests.contracts.exchange import Contract, Exchange

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REST = "/api/v3"
GRAPHQL = "/api/graphql"
_ERROR_KEYS = frozenset({"message", "type", "path", "locations", "extensions"})


@dataclass(frozen=True, slots=True)
class Contracts:
    """GitHub's three published contracts."""

    rest: Contract
    webhooks: Webhooks
    documents: Documents


@lru_cache(maxsize=1)
def contracts() -> Contracts:
    """The contracts `tests.contracts.fetch` has put in place; read once per process (a second)."""
    return Contracts(
        Contract.read(fetch.OPENAPI), Webhooks.read(fetch.WEBHOOKS), Documents.read(fetch.SCHEMA)
    )


class Record:
    """What went through, and everything in which it departed from the contracts."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def exchange(self, exchange: Exchange) -> None:
        """Judge one REST exchange (its path below the API's base)."""
        known = contracts().rest
        met = known.operation(exchange.method, exchange.path)
        name = f"{exchange.method} {met[0].template}" if met else str(exchange)
        self._keep(name, known.faults(exchange))

    def document(self, request: bytes, status: int, answer: bytes) -> None:
        """Judge one GraphQL exchange: what GitHub refuses is a fault unless it was refused."""
        body = _object(request)
        faults = contracts().documents.faults(body.get("query", ""), body.get("variables"))
        said = _object(answer)
        if status == 200 and said.get("errors"):
            faults = []
        self._keep("POST /graphql", [*faults, *_answer_faults(said, status)])

    def webhook(self, sent: Sent, secret: str | None = None) -> None:
        """Judge one webhook; its signature too when the secret is given."""
        wrong = signature_fault(sent, secret) if secret else None
        self._keep(sent.event, [*contracts().webhooks.faults(sent), *([wrong] if wrong else [])])

    def _keep(self, name: str, faults: list[str]) -> None:
        with self._lock:
            self.seen[name] += 1
            self.faults += [fault for fault in faults if fault not in self.faults]


class Recorder:
    """The WSGI application `app`, with every exchange judged into `record`."""

    def __init__(self, app: WSGIApplication, record: Record) -> None:
        self._app = app
        self._record = record

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as `app` does; a judgement never changes an answer."""
        path = environ.get("PATH_INFO", "")
        if not path.startswith((REST + "/", GRAPHQL)):
            return self._app(environ, start_response)
        request = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(request)
        heard = _Answer(start_response)
        chunks = self._app(environ, heard)
        try:
            body = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        self._judge(environ, request, heard, body)
        return [body]

    def _judge(self, environ: WSGIEnvironment, request: bytes, heard: _Answer, body: bytes) -> None:
        # WSGI hands the decoded bytes over as Latin-1 (PEP 3333).
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if path.startswith(GRAPHQL):
            if heard.status < 400:
                self._record.document(request, heard.status, body)
            return
        exchange = Exchange(
            method=environ["REQUEST_METHOD"],
            path=path.removeprefix(REST),
            query=environ.get("QUERY_STRING", ""),
            request_headers=_request_headers(environ),
            request_body=request,
            status=heard.status,
            response_headers=heard.headers,
            response_body=body,
        )
        self._record.exchange(exchange)


class _Answer:
    """A `start_response` that remembers status and headers."""

    def __init__(self, start_response: StartResponse) -> None:
        self._start = start_response
        self.status = 0
        self.headers: dict[str, str] = {}

    def __call__(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: tuple[type[BaseException], BaseException, TracebackType]
        | tuple[None, None, None]
        | None = None,
        /,
    ) -> Any:
        self.status, self.headers = int(status[:3]), dict(headers)
        return self._start(status, headers, exc_info) if exc_info else self._start(status, headers)


def _request_headers(environ: WSGIEnvironment) -> dict[str, str]:
    return {
        key.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _answer_faults(said: Mapping[str, Any], status: int) -> list[str]:
    """GraphQL answers as GitHub shapes them: 200, `data`, and errors that carry their type.

    https://docs.github.com/graphql/guides/using-graphql-clients
    """
    faults = [] if status == 200 else [f"graphql: status {status}"]
    for error in said.get("errors", ()):
        strange = sorted(error.keys() - _ERROR_KEYS)
        if strange or "message" not in error:
            faults.append(f"graphql: an error with keys {sorted(error)}")
    if "data" not in said and "errors" not in said:
        faults.append("graphql: neither data nor errors")
    return faults
