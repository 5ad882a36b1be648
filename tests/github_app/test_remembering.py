"""What is remembered is bounded, and what was used last stays."""

from __future__ import annotations

from github_app.remembering import Remembered


def test_the_longest_unused_goes_first() -> None:
    remembered: Remembered[str, int | None] = Remembered(3)
    for number, key in enumerate("abc"):
        assert remembered.keep(key, number) == number
    assert remembered["a"] == 0
    remembered.keep("d", None)
    assert [key for key in "abcd" if key in remembered] == ["a", "c", "d"]
    assert remembered["d"] is None


def test_weights_count_and_are_given_back() -> None:
    remembered: Remembered[str, str] = Remembered(10)
    remembered.keep("a", "old", 6)
    remembered.keep("a", "new", 4)
    remembered.keep("b", "b", 6)
    assert (remembered["a"], remembered["b"]) == ("new", "b")
    remembered.keep("c", "c", 5)
    assert [key for key in "abc" if key in remembered] == ["c"]


def test_what_alone_is_too_heavy_drives_nothing_out() -> None:
    remembered: Remembered[str, str] = Remembered(10)
    remembered.keep("a", "a", 10)
    assert remembered.keep("b", "b", 11) == "b"
    assert "a" in remembered
    assert "b" not in remembered
