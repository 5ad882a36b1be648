"""What is different since the last freight, told commit by commit, is what a comparison tells."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from github_app.github.mirror.steps import Step, Touched
from github_app.warehouse.git_rules import Ignored, since

NOW = datetime(2026, 11, 21, tzinfo=UTC)
Files = dict[str, str]
FILES = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("123"))
LINES = st.lists(st.tuples(FILES, st.booleans()), min_size=1, max_size=6)


def touched(before: Files, after: Files) -> tuple[Touched, ...]:
    paths = sorted({*before, *after})
    sides = (Touched(path, before.get(path, ""), after.get(path, "")) for path in paths)
    return tuple(one for one in sides if one.before != one.after)


def step(number: int, changes: tuple[Touched, ...], *, skipped: bool) -> Step:
    message = "Tidy [skip promotion]" if skipped else "Work"
    return Step(
        f"{number:040x}", None, "Ann <a@b>", "Ann <a@b>", NOW, message, message, (), changes
    )


@given(FILES, FILES, LINES)
def test_commits_qualify_by_what_differs_and_who_changed_it(
    last: Files, first: Files, line: list[tuple[Files, bool]]
) -> None:
    trees = [first, *(files for files, _ in line)]
    steps = [
        step(number, touched(trees[number], trees[number + 1]), skipped=skipped)
        for number, (_, skipped) in enumerate(line)
    ]
    base = touched(last, first)
    found = since(base, steps, Ignored(), lambda path: path != "d")
    assert [one.step for one in found] == steps[::-1]
    for number, judged in enumerate(reversed(found)):
        by_others = {one.path for one in base}
        for one in steps[: number + 1]:
            if "skip" not in one.message:
                by_others |= {path.path for path in one.touched}
        net = {one.path for one in touched(last, trees[number + 1])}
        counts = bool((net & by_others) - {"d"})
        assert (judged.rule == "") == (counts and not line[number][1])
