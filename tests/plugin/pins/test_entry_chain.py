"""Entries that meet, found without comparing every two of them, against doing just that."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.pins.entry_chain import Chain, Meeting
from plugin.pins.nodes import Mapping, Tree
from plugin.pins.reading import mapping, sequence, word
from plugin.pins.tree import read

NAMES = st.text("ab.*", min_size=1, max_size=4)


def other(entries: list[tuple[str, str]], name: str, result: str) -> Meeting | None:
    """The rule itself: the first entry whose name matches and whose result differs."""
    for number, (theirs, to) in enumerate(entries):
        meets = "*" in theirs or any(re.fullmatch(theirs, one) for one in (name, result))
        if meets and (to or theirs) != result:
            return Meeting(number, theirs, to or theirs)
    return None


def items(entries: list[tuple[str, str]]) -> tuple[Mapping, ...]:
    lines = "".join(f"- {{name: '{name}', newName: '{to}'}}\n" for name, to in entries)
    tree = read("a.yaml", f"images:\n{lines}" if lines else "images: []\n")
    assert isinstance(tree, Tree)
    images = sequence(mapping(tree.documents[0]).get("images"))
    return tuple(mapping(one) for one in images.items)


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, st.one_of(st.just(""), NAMES)), max_size=8))
def test_it_is_the_first_that_matches(entries: list[tuple[str, str]]) -> None:
    found = items(entries)
    chain = Chain(found)
    for one in found:
        name = word(one.get("name"))
        result = word(one.get("newName")) or name
        assert chain.other(name, result) == other(entries, name, result)


def test_names_made_of_dots_are_not_tried_out_for_ever() -> None:
    shapes = ["".join("a."[number >> bit & 1] for bit in range(8)) for number in range(200)]
    chain = Chain(items([(name, f"to-{name.replace('.', 'x')}") for name in shapes]))
    assert chain.other("bbbbbbbb", "bbbbbbbb") is not None
