"""What strangers wrote does nothing to a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.terminal import escaped, lines_escaped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.2.3 → brave-otter é …", "1.2.3 → brave-otter é …"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31mred", "\\x9b31mred"),
        ("1.0\u202e0.2", "1.0\\u202e0.2"),
        ("1.0\u200b", "1.0\\u200b"),
        ("a\nb\r\n\tc\x7f", "a\\nb\\r\\n\\tc\\x7f"),
        ("\u2028\u2029\x85", "\\u2028\\u2029\\x85"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_written(text: str, shown: str) -> None:
    assert escaped(text) == shown
    assert escaped(shown) == shown


@given(st.text(st.characters()))
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    kinds = {unicodedata.category(one) for one in escaped(text)}
    assert kinds.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def test_our_own_lines_stay_lines() -> None:
    assert lines_escaped("one\x1b[2J\ntwo\x9b") == "one\\x1b[2J\ntwo\\x9b"
