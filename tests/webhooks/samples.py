"""Deliveries as their senders shape them, kept in tests/deliveries, and ways to spoil them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from github_app.identity import Identity
from github_app.signatures import Secret, signature_of
from github_app.webhooks import DIALECTS
from github_app.webhooks.message import SECRET_HOLDER, Delivered, Message

DELIVERIES = Path(__file__).parent.parent / "deliveries"
IDENTITY = Identity(424242, "towline")
SECRET = Secret("the webhook's secret")
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
JUNK: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, "", "x" * 10_000, "\0", "\ud800", "é\r\n\x1b[31m"),
    *([], [[]], [None], {}, {"id": {}}, "../../etc/passwd", "a//b", "..", "refs/heads/"),
)


def names(dialect: str) -> list[str]:
    """The names of a dialect's samples."""
    return sorted(path.stem for path in (DELIVERIES / dialect).glob("*.json"))


def sample(dialect: str, name: str) -> Any:
    """A sample's body, read: an object, or the list of them that some send."""
    return json.loads((DELIVERIES / dialect / f"{name}.json").read_text("utf-8"))


def changed(payload: Any, values: Mapping[str, object]) -> Any:
    """The payload with other values at dotted places."""
    found = copy.deepcopy(payload)
    for place, value in values.items():
        *way, last = place.split(".")
        at: Any = found
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]
        at[int(last) if isinstance(at, list) else last] = value
    return found


def read(dialect: str, headers: Mapping[str, str], body: bytes) -> Message:
    """What the dialect makes of a delivery whose sender holds the secret; raises Refusal."""
    return DIALECTS[dialect].read(Delivered(headers, body), IDENTITY, SECRET_HOLDER)


def headers(name: str) -> dict[str, str]:
    """GitHub's headers for the sample `<event>.<action>`, unsigned."""
    return {"x-github-event": name.partition(".")[0], "x-github-delivery": GUID}


def posted(name: str, body: bytes) -> dict[str, str]:
    """The headers GitHub would send with this body."""
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": name.partition(".")[0],
        "X-GitHub-Delivery": GUID,
        "X-Hub-Signature-256": signature_of(SECRET, body),
    }


def bodies(payload: object) -> bytes:
    """The payload as a body; half surrogates stay escaped, as a hostile sender would send them."""
    return json.dumps(payload).encode("ascii")


def spoiled(payload: Any) -> Iterator[Any]:
    """The payload with each of its fields missing, and with each kind of junk in it."""
    for way in ways(payload):
        yield with_(payload, way, ())
        for junk in JUNK:
            yield with_(payload, way, (junk,))


def ways(value: object, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """How to get to each field and entry of a value, however deep."""
    for step, inner in _steps(value):
        yield (*way, step)
        yield from ways(inner, (*way, step))


def _steps(value: object) -> list[tuple[Any, object]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def with_(payload: Any, way: tuple[str | int, ...], junk: tuple[object, ...]) -> Any:
    """The payload with something else at one place, or nothing."""
    found: Any = copy.deepcopy(payload)
    at = found
    for step in way[:-1]:
        at = at[step]
    if junk:
        at[way[-1]] = junk[0]
    else:
        del at[way[-1]]
    return found
