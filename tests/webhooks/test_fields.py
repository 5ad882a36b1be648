"""JSON bodies that are meant to do harm."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.webhooks.fields import parsed
from plugin.errors import Refusal


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        ('{"a": 1}'.encode("utf-16-le"), "not JSON"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"a": 1, "a": 2}', "given twice"),
        (b'{"a": {"b": 1, "\\u0062": 2}}', "given twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too deeply"),
        (b'{"a": ' * 100_000 + b"1" + b"}" * 100_000, "too deeply"),
        (b"\x1f\x8b\x08\x00", "not UTF-8"),
    ],
)
def test_hostile_bodies_are_refused(body: bytes, text: str) -> None:
    with pytest.raises(Refusal, match=text):
        parsed(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_refused(body: bytes) -> None:
    with contextlib.suppress(Refusal):
        assert isinstance(parsed(body), dict)
