"""The App's HTTP face: deliveries come in, and are answered once they cannot be lost."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import assert_never

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge

from github_app import logs
from github_app.events import Answered, Event, Ignored, Understood, Unknown
from github_app.identity import Identity
from github_app.inbox.ports import Accepted, Crowded, Delivery, Duplicate, Inbox, StoreFull
from github_app.metrics import Metrics
from github_app.senders import demand, unset
from github_app.signatures import Secret
from github_app.webhooks import DIALECTS
from github_app.webhooks.address import registry_in
from github_app.webhooks.message import (
    MAX_BODY,
    Credentials,
    Delivered,
    Dialect,
    Message,
    Sender,
    Tokens,
)
from github_app.webhooks.replays import timely
from github_app.webhooks.wording import told
from plugin.errors import Refusal, Temporary

_LOG = logging.getLogger(__name__)
_RETRY = timedelta(seconds=30)
_PAGES = (
    "there is no such page: webhooks are posted to /webhooks/NAME, where NAME is one of "
    f"{', '.join(DIALECTS)}; /healthz, /readyz and /metrics say how the App is"
)
_REFUSED = frozenset({"too large", "unproven", "forged", "malformed", "unknown", "crowded"})


@dataclass(frozen=True, slots=True)
class Parts:
    """What the HTTP face is made of.

    `secrets` are those of each dialect, `tokens` judges the tokens sent to it: a dialect without
    both lets nobody in. `home` is the issuer of those that jobs on our own GitHub have. `wake`
    tells the worker that there is something to do. `readiness` names what must be true before the
    App is of use. `new_id` gives the ids under which unexpected errors are told and logged.
    """

    inbox: Inbox
    identity: Identity
    secrets: Mapping[str, tuple[Secret, ...]]
    metrics: Metrics
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    wake: Callable[[], None]
    readiness: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    tokens: Mapping[str, Tokens] = field(default_factory=dict)
    home: str = ""

    def credentials(self, dialect: str) -> Credentials:
        """What proves a sender of that dialect."""
        tokens = self.tokens.get(dialect, _NoTokens())
        return Credentials(self.secrets.get(dialect, ()), tokens, self.home)


class _NoTokens:
    """Trusts no issuer."""

    def claims(self, token: str) -> None:
        """None, whatever the token."""


def create_app(parts: Parts, blueprints: Iterable[Blueprint] = ()) -> Flask:
    """The WSGI application: webhooks, health, readiness, metrics, and further pages."""
    app = Flask("github_app", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    # Cleaning up an address by redirection would repeat the secret in it.
    app.url_map.merge_slashes = False
    app.register_blueprint(_webhooks(parts))
    app.register_blueprint(_state(parts))
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _unexpected(parts.new_id))
    return app


def _webhooks(parts: Parts) -> Blueprint:
    blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")

    @blueprint.post("/<name>")
    @blueprint.post("/<name>/<path:token>")
    def receive(name: str, token: str = "") -> Response:
        dialect = DIALECTS.get(name)
        if dialect is None:
            # What was taken for a name may be a secret: it is not repeated.
            known = ", ".join(DIALECTS)
            return _error(404, f"nobody here speaks that: after /webhooks/ comes one of {known}")
        answer, response = _received(parts, name, dialect, token)
        parts.metrics.delivery(name, answer)
        if answer in _REFUSED:
            _log_refusal(name, response, parts.credentials(name) if answer == "forged" else None)
        return response

    return blueprint


def _log_refusal(name: str, response: Response, lacking: Credentials | None) -> None:
    """What the sender was told, and to the App's owner alone what would let such senders in."""
    missing = unset(name, lacking.secrets) if lacking else ""
    text = response.get_json()["error"] + (f"; {missing}" if missing else "")
    _LOG.info("%s refused %s: %s", name, response.status_code, text)


def _state(parts: Parts) -> Blueprint:
    blueprint = Blueprint("state", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    def readyz() -> Response:
        found = {name: ready() for name, ready in parts.readiness.items()}
        return _json(200 if all(found.values()) else 503, ready=all(found.values()), **found)

    @blueprint.get("/metrics")
    def metrics() -> Response:
        body, content_type = parts.metrics.exposition()
        return Response(body, content_type=content_type)

    return blueprint


def _received(parts: Parts, name: str, dialect: Dialect, token: str) -> tuple[str, Response]:
    """The answer's name in the metrics, and the answer. No byte is parsed before it is proven."""
    request.max_content_length = dialect.max_body
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return "too large", _error(413, f"a delivery may have {dialect.max_body} bytes: send less")
    headers = {key.lower(): value for key, value in request.headers.items()}
    delivered = Delivered(headers, body, token)
    try:
        sender = dialect.proven(delivered, parts.credentials(name))
    except Temporary as busy:
        return "unproven", _later(503, str(busy), busy.after)
    if sender is None:
        return "forged", _error(401, demand(name))
    return _read(parts, name, delivered, sender)


def _read(parts: Parts, name: str, delivered: Delivered, sender: Sender) -> tuple[str, Response]:
    dialect = DIALECTS[name]
    if not _is_json(request.mimetype) and request.mimetype not in dialect.content_types:
        return "malformed", _error(415, "set the webhook's content type to application/json")
    try:
        placed = replace(delivered, registry=registry_in(request.args.items(multi=True)))
        message = timely(dialect.read(placed, parts.identity, sender), parts.clock())
    except Refusal as refusal:
        return "malformed", _error(400, str(refusal))
    with logs.about(delivery=message.guid):
        return _answered(parts, name, message)


def _is_json(mimetype: str) -> bool:
    return mimetype == "application/json" or mimetype.endswith("+json")


def _answered(parts: Parts, name: str, message: Message) -> tuple[str, Response]:
    match message.reading:
        case Understood(events):
            return _kept(parts, name, message, events)
        case Ignored(reason):
            _LOG.debug("%s %s ignored: %s", name, message.kind, reason)
            return "ignored", Response(status=204)
        case Answered(answer):
            return "answered", _json(200, **answer)
        case Unknown(kind):
            return "unknown", _error(400, f"nobody here knows deliveries of the kind '{kind}'")
        case _:
            assert_never(message.reading)


def _kept(
    parts: Parts, name: str, message: Message, events: tuple[Event, ...]
) -> tuple[str, Response]:
    delivery = Delivery(name, message.guid, message.kind, parts.clock(), events)
    match parts.inbox.accept(delivery):
        case Accepted():
            _LOG.info("%s %s accepted: %s", name, message.kind, told(events))
            parts.wake()
            return "accepted", _json(202, answer="accepted", delivery=message.guid)
        case Duplicate():
            return "duplicate", _json(200, answer="duplicate", delivery=message.guid)
        case Crowded(reason):
            return "crowded", _later(429, f"{reason}: send it again", _RETRY)
        case StoreFull(reason):
            _LOG.error("%s %s cannot be kept: %s", name, message.kind, reason)
            return "full", _later(503, "the delivery cannot be kept now: send it again", _RETRY)


def _json(status: int, **fields: object) -> Response:
    response = jsonify(fields)
    response.status_code = status
    return response


def _error(status: int, text: str) -> Response:
    return _json(status, error=text)


def _later(status: int, text: str, after: timedelta) -> Response:
    response = _error(status, text)
    response.headers["Retry-After"] = str(max(1, math.ceil(after.total_seconds())))
    return response


def _refused(error: HTTPException) -> Response:
    """Flask's own refusals (no such page, too large, ...) as JSON, with their headers."""
    response = error.get_response()
    text = _PAGES if error.description == NotFound.description else error.description
    answer = _error(response.status_code, text or error.name)
    for header in ("Allow", "Location", "Retry-After"):
        if header in response.headers:
            answer.headers[header] = response.headers[header]
    return answer


def _unexpected(new_id: Callable[[], str]) -> Callable[[Exception], Response]:
    def answer(error: Exception) -> Response:
        """Say nothing but an id under which the log has the rest."""
        name = new_id()
        _LOG.error("unexpected error %s", name, exc_info=error)
        return _json(500, error="an unexpected error; the log has it under this id", id=name)

    return answer
