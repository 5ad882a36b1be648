"""Logs as lines of JSON that say what they are about and never hold a secret."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

from github_app.signatures import Secret

_HIDDEN = "[secret]"
_ABOUT = ("delivery", "repository", "project", "stage", "freight")
_subject: ContextVar[dict[str, str]] = ContextVar("towline_log_subject")
_SHAPES = re.compile(
    "|".join(
        (
            # An unfinished key is a key as well: a line may have been cut.
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
            # GitHub's tokens have no fixed length: newer ones carry a whole JWT.
            r"\bgh[oprsu]_[A-Za-z0-9_.-]{16,}",
            r"\bgithub_pat_[A-Za-z0-9_]{16,}",
            r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",
            r"(?i:(?<=bearer )|(?<=basic )|(?<=token ))[A-Za-z0-9._~+/=-]{16,}",
            r"(?<=://)[^/\s@'\"]+(?=@)",
        )
    ),
    re.DOTALL,
)

# Some senders can prove nothing but that they know their address.
_ADDRESS = re.compile(r"(/webhooks/[a-z0-9-]+/)[^\s\"'<>?]+")


class Redaction:
    """Texts with every known secret, and whatever looks like one, taken out."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._known: frozenset[str] = frozenset()
        for secret in secrets:
            self.remember(secret)

    def remember(self, secret: Secret) -> None:
        """Hide this one from now on, as it is and as it looks in Basic authentication."""
        text = secret.reveal()
        spelled = {text, text.strip(), base64.b64encode(text.encode()).decode("ascii")}
        self._known |= {one for one in spelled if len(one) >= 4}

    def applied(self, text: str) -> str:
        """`text` without secrets; the longest go first, for one may hold another."""
        for known in sorted(self._known, key=len, reverse=True):
            text = text.replace(known, _HIDDEN)
        return _ADDRESS.sub(rf"\1{_HIDDEN}", _SHAPES.sub(_HIDDEN, text))


class JsonLines(logging.Formatter):
    """One JSON object per record, in ASCII: nothing in it can break a line or a terminal."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__()
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        """The record with its subject; a record that cannot be formatted is logged as it is."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **_subject.get({}),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        clean = {name: self._redaction.applied(text) for name, text in fields.items()}
        return json.dumps(clean, ensure_ascii=True)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.msg} {record.args!r}"


@contextlib.contextmanager
def about(**subject: str | None) -> Iterator[None]:
    """Lines logged inside say what they are about: delivery, repository, project, stage, freight.

    Subjects nest; None says that a line is not about one any more.
    """
    if unknown := subject.keys() - set(_ABOUT):
        raise TypeError(f"lines are about {', '.join(_ABOUT)}, not {', '.join(sorted(unknown))}")
    merged = {**_subject.get({}), **subject}
    token = _subject.set({name: text for name, text in merged.items() if text is not None})
    try:
        yield
    finally:
        _subject.reset(token)


def configure(level: str, stream: TextIO, redaction: Redaction) -> None:
    """Send every logger's lines to `stream`; `level` is one of logging's names."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(redaction))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Each request that waits for a thread would be a line; the metrics show the same.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # Their debug lines hold whole requests with their headers.
    for name in ("urllib3", "github", "docker"):
        logging.getLogger(name).setLevel(logging.INFO)
