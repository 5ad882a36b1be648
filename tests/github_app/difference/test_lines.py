"""Unified differences, compared with what GNU's own form means."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from github_app.difference.lines import unified

_TEXTS = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30).map("\n".join)


def patched(before: str, difference: str) -> str:
    """`before` with the difference applied, as `patch` would: every line is checked."""
    old, new, at = before.split("\n"), list[str](), 0
    for line in difference.split("\n") if difference else ():
        if line.startswith("@@"):
            start, length = map(int, line.split()[1].removeprefix("-").split(","))
            until = start - 1 if length else start
            new += old[at:until]
            at = until
            continue
        if line[0] in " -":
            assert old[at] == line[1:]
            at += 1
        if line[0] in " +":
            new.append(line[1:])
    return "\n".join([*new, *old[at:]])


@given(_TEXTS, _TEXTS)
def test_applied_it_gives_the_new_text(before: str, after: str) -> None:
    assert patched(before, unified(before, after)) == after


def test_equal_texts_have_none() -> None:
    assert unified("a\nb", "a\nb") == ""


def test_distant_changes_have_hunks_of_their_own() -> None:
    lines = [str(number) for number in range(40)]
    other = [*lines[:5], "x", *lines[6:30], "y", *lines[31:]]
    found = unified("\n".join(lines), "\n".join(other)).split("\n")
    assert [one for one in found if one.startswith("@@")] == [
        "@@ -3,7 +3,7 @@",
        "@@ -28,7 +28,7 @@",
    ]


def test_texts_that_are_hard_to_compare_are_still_told_in_full() -> None:
    before, after = _hard(3, 20_000), _hard(4, 20_000)
    assert patched("\n".join(before), unified("\n".join(before), "\n".join(after))) == "\n".join(
        after
    )


def _hard(step: int, count: int) -> list[str]:
    def lines() -> Iterator[str]:
        for number in range(count):
            yield str(number * step % 7)

    return list(lines())
