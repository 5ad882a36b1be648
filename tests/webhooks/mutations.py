"""Bodies spoiled in every way that senders, networks and enemies spoil them.

Each is a text or bytes to be signed anew: what fails at the signature proves nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from random import Random
from typing import Any, TypeAlias

from tests.webhooks.samples import JUNK, bodies, sample, ways, with_
from tests.webhooks.senders import wire

Mutation: TypeAlias = Callable[[], bytes]
Way: TypeAlias = tuple[str | int, ...]
_MARK = "here the raw text goes"
_DEEP = 3000
# What no JSON writer would write, and some readers take.
RAW: tuple[bytes, ...] = (
    *(b"NaN", b"-Infinity", b"1e999", b"-1e999", b"1E-999", b"9" * 5000, b"-0", b"01", b"0x10"),
    *(b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\u0000"', b'"\\u0041', b'"\xff"', b'"\xed\xa0\x80"'),
    *(b"[" * _DEEP + b"]" * _DEEP, b'{"a":' * _DEEP + b"1" + b"}" * _DEEP, b"[" * _DEEP),
    *(b"'x'", b"nul", b"tru", b"[1,]", b'{"a":1,}', b'"\n"', b"/**/1", b"", b"}", b"]", b'"'),
)
_INSERTED: tuple[bytes, ...] = (
    *(
        b"\x00",
        b"\xff",
        b'"',
        b"{",
        b"[",
        b"\\",
        b",",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\\ud800",
    ),
    *(b"\\ud800", b"%00", b"../", b"\r\n", b"\x1b[31m", b"\xe2\x80\xae"),
)


def fieldwise(payload: Any) -> Iterator[Mutation]:
    """With each field missing, null, of another type, raw nonsense, given twice or repeated."""
    for way in ways(payload):
        for junk in ((), *((junk,) for junk in JUNK)):
            yield partial(_spoiled, payload, way, junk)
        value = json.dumps(_at(payload, way)).encode()
        repeated = b"[" + b",".join([value] * 10) + b"]"
        for raw in (*RAW, repeated, b'{"inner":' + value + b"}"):
            yield partial(_raw, payload, way, raw)
        if isinstance(way[-1], str):
            twin = value + b"," + json.dumps(way[-1]).encode() + b":" + value
            yield partial(_raw, payload, way, twin)


def _at(payload: Any, way: Way) -> Any:
    for step in way:
        payload = payload[step]
    return payload


def _spoiled(payload: Any, way: Way, junk: tuple[object, ...]) -> bytes:
    return bodies(with_(payload, way, junk))


def _raw(payload: Any, way: Way, raw: bytes) -> bytes:
    return _spoiled(payload, way, (_MARK,)).replace(json.dumps(_MARK).encode(), raw)


@cache
def every(dialect: str, name: str) -> tuple[Mutation, ...]:
    """Every fieldwise mutation of a sample, each made as its body travels when it is called."""
    payload = sample(dialect, name)
    if dialect != "gar":
        return tuple(fieldwise(payload))
    inner = (partial(_packed, payload, one) for one in fieldwise(payload["message"]["data"]))
    return (*inner, *fieldwise(json.loads(wire(dialect, payload))))


def _packed(payload: Any, inner: Mutation) -> bytes:
    packed = base64.b64encode(inner()).decode()
    return bodies({**payload, "message": {**payload["message"], "data": packed}})


def mangled(random: Random, body: bytes) -> bytes:
    """The body with one to three bytewise mutations."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        body = random.choice(_BYTEWISE)(random, body)
    return body


def _cut(random: Random, body: bytes) -> bytes:
    return body[: random.randint(0, len(body))]


def _flipped(random: Random, body: bytes) -> bytes:
    if not body:
        return b"\x80"
    place = random.randrange(len(body))
    return body[:place] + bytes([body[place] ^ (1 << random.randrange(8))]) + body[place + 1 :]


def _inserted(random: Random, body: bytes) -> bytes:
    place = random.randint(0, len(body))
    return body[:place] + random.choice((*_INSERTED, *RAW)) + body[place:]


def _removed(random: Random, body: bytes) -> bytes:
    start = random.randint(0, len(body))
    return body[:start] + body[start + random.randint(1, 30) :]


def _repeated(random: Random, body: bytes) -> bytes:
    start = random.randint(0, len(body))
    part = body[start : start + random.randint(1, 80)]
    return body[:start] + part * random.randint(2, 5) + body[start + len(part) :]


_BYTEWISE: tuple[Callable[[Random, bytes], bytes], ...] = (
    *(_flipped, _flipped, _flipped, _cut, _inserted, _inserted, _removed, _repeated),
)
