"""Pins by marker comment: `tag: 1.0  # towline: web:tag` names a subscription and a field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from plugin.artifact import is_digest
from plugin.pins.declared import Holds, declared
from plugin.pins.line_ends import Lines
from plugin.pins.nodes import Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.pins.pin import Named, Pin
from plugin.pins.reading import BLOCK

_WORD = "towline:"
_NAME = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_COMMENT = re.compile(r"(?<![^\s])#[ \t]*towline:(?P<said>[^\r\n]*)")
_NAMED = re.compile(rf"#[ \t]*towline:\s*(?P<name>{_NAME}(?:/{_NAME})?)")
_SAID = re.compile(rf"\s*(?P<name>{_NAME}(?:/{_NAME})?):(?P<field>[a-z]+)(?:\s.*)?")
# What may stand between a value and the comment behind it: the ends of flow collections, and
# another comment.
_BETWEEN = re.compile(r"[ \t,\]}]*(?:[ \t]#[^\r\n]*)?")
_FIELDS = ", ".join(one.value for one in Holds)


class _Place(NamedTuple):
    """A scalar with the mapping it is a value of; `is_value` is not true of keys."""

    scalar: Scalar
    within: Mapping | None
    is_value: bool


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """The scalars with a marker behind them, on their line; the last value of a line is meant.

    A marker is taken by its word, in every kind of YAML file. One that cannot be followed is
    refused, for somebody relies on it.
    """
    # To look for a word is forty times cheaper than to look for a comment.
    comments = list(_COMMENT.finditer(tree.text)) if _WORD in tree.text else []
    if not comments:
        return
    lines = Lines(tree.text)
    behind = list(zip(comments, _behind(tree, lines, comments), strict=True))
    lonely = _Lonely({place.scalar.event for _, place in behind if isinstance(place, _Place)})
    for comment, place in behind:
        if isinstance(place, str):
            yield _misplaced(file, lines, comment, place)
        elif place is not None:
            yield _marked(file, tree, comment, place, lonely)


def _places(tree: Tree) -> list[_Place]:
    """Every scalar in the order of the text."""
    places: list[_Place] = []
    waiting = [_Waiting(one, None, is_value=True) for one in reversed(tree.documents)]
    while waiting:
        node, within, is_value = waiting.pop()
        if isinstance(node, Scalar):
            places.append(_Place(node, within, is_value))
        elif isinstance(node, Sequence):
            waiting += [_Waiting(one, None, is_value=True) for one in reversed(node.items)]
        elif isinstance(node, Mapping):
            for key, value in reversed(node.pairs):
                waiting.append(_Waiting(value, node, is_value=True))
                waiting.append(_Waiting(key, None, is_value=False))
    return places


class _Waiting(NamedTuple):
    """As `_Place`, of any node."""

    node: Node
    within: Mapping | None
    is_value: bool


def _behind(
    tree: Tree, lines: Lines, comments: list[re.Match[str]]
) -> Iterator[_Place | str | None]:
    """What each comment stands behind, why that cannot be, or None: it is no comment."""
    places = _places(tree)
    number = 0
    for comment in comments:
        while number < len(places) and places[number].scalar.start <= comment.start():
            number += 1
        place = places[number - 1] if number else None
        yield _judged(tree, lines, place, comment.start()) if place else _ALONE


def _judged(tree: Tree, lines: Lines, place: _Place, hash_: int) -> _Place | str | None:
    scalar = place.scalar
    if scalar.style in BLOCK:
        # A block scalar's comment stands in its first line; what follows is text.
        if hash_ >= scalar.end:
            return _ALONE
        return place if lines.together(scalar.start, hash_) else _IN_TEXT
    if hash_ < scalar.end:
        return None
    if not lines.together(scalar.end, hash_):
        return _ALONE
    between = _BETWEEN.fullmatch(tree.text, scalar.end, hash_)
    return place if place.is_value and between else _NO_VALUE


_ALONE = "stands on a line of its own; write it behind a value, on the value's line"
_NO_VALUE = "does not stand behind a value of one word or text; write it behind one"
_IN_TEXT = "stands inside a text and is no comment; give the value a key of its own"


def _misplaced(file: str, lines: Lines, comment: re.Match[str], reason: str) -> Refused:
    text = comment.group().strip()
    return Refused(file, *lines.place(comment.start()), f"'{text[:120]}' {reason}", text)


def _marked(
    file: str, tree: Tree, comment: re.Match[str], place: _Place, lonely: _Lonely
) -> Pin | Refused:
    said = _SAID.fullmatch(comment["said"])
    text, scalar = comment.group().strip(), place.scalar
    problem = _malformed(said) or lonely.problem(place, said)
    if said is None or problem is not None:
        reason = f"'{text[:120]}' {problem}"
        return Refused(file, scalar.line, scalar.column, reason, f"{scalar.value}/{text}")
    answer = declared(file, tree, scalar, Named(said["name"]), Holds(said["field"]))
    if isinstance(answer, Pin):
        return answer
    reason = f"'{text[:120]}': {answer.reason}"
    return Refused(file, answer.line, answer.column, reason, f"{scalar.value}/{text}")


def named_in(text: str) -> str | None:
    """The subscription that a marker in `text` names, however it is wrong otherwise."""
    found = _NAMED.search(text)
    return found["name"] if found else None


def _malformed(said: re.Match[str] | None) -> str | None:
    if said is None:
        return "is not a marker; write '# towline: SUBSCRIPTION:FIELD', such as web:tag"
    if said["field"] not in {one.value for one in Holds}:
        return f"names no field that there is; write one of {_FIELDS}"
    return None


class _Lonely:
    """A tag that moves away from the digest beside it would leave the old image running."""

    def __init__(self, marked: set[int]) -> None:
        self._marked = marked
        # By where a mapping starts: one may hold ten thousand markers.
        self._digests: dict[int, str | None] = {}

    def problem(self, place: _Place, said: re.Match[str] | None) -> str | None:
        """Why the marked tag cannot move alone, or None."""
        if said is None or said["field"] != Holds.TAG.value or place.within is None:
            return None
        start = place.within.start
        if start not in self._digests:
            self._digests[start] = self._unmarked(place.within)
        if self._digests[start] is None:
            return None
        return (
            f"leaves the digest behind '{self._digests[start]}' as it is, which would keep running "
            f"the old image; mark that, too: # towline: {said['name']}:digest"
        )

    def _unmarked(self, within: Mapping) -> str | None:
        """The key of the first digest without a marker."""
        for key, value in within.named():
            if not isinstance(value, Scalar) or value.event in self._marked:
                continue
            if is_digest(value.value):
                return key.value[:120]
        return None
