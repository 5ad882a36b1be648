"""Patterns match anywhere, `ignore` wins, and none of them takes forever."""

from __future__ import annotations

import pytest

from github_app.warehouse.patterns import Patterns
from plugin.errors import Refusal


def test_the_pattern_that_keeps_a_tag_out_is_named() -> None:
    patterns = Patterns.of((r"^\d",), ("rc", "dev"))
    assert patterns.objection("1.0-dev") == "ignore 'dev'"
    assert patterns.objection("latest") == "no allow pattern matches"
    assert patterns.objection("1.0") is None


def test_without_patterns_everything_passes() -> None:
    assert Patterns.of((), ()).passes("")


@pytest.mark.parametrize("text", ["(", "a(?=b)", "[", "*", r"\1"])
def test_a_pattern_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refusal, match="is not a pattern"):
        Patterns.of((), (text,))


@pytest.mark.timeout(60)
def test_a_pattern_made_to_take_forever_does_not() -> None:
    patterns = Patterns.of(("(a+)+$",), ())
    assert not any(patterns.passes("a" * 127 + "b") for _ in range(1000))
