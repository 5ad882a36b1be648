"""Pins by marker comment: `tag: 1.0  # towline: web:tag` names a subscription and a field."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from plugin.artifact import is_digest
from plugin.pins.declared import Holds, declared
from plugin.pins.nodes import Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.pins.pin import Named, Pin

_WORD = "towline:"
_NAME = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_COMMENT = re.compile(r"(?<![^\s])#[ \t]*towline:(?P<said>[^\r\n]*)")
_NAMED = re.compile(rf"#[ \t]*towline:\s*(?P<name>{_NAME}(?:/{_NAME})?)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SAID = re.compile(rf"\s*(?P<name>{_NAME}(?:/{_NAME})?):(?P<field>[a-z]+)(?:\s.*)?")
# What may stand between a value and the comment behind it: the ends of flow collections, and
# another comment.
_BETWEEN = re.compile(r"[ \t,\]}]*(?:[ \t]#[^\r\n]*)?")
_FIELDS = ", ".join(one.value for one in Holds)


@dataclass(frozen=True, slots=True)
class _Place:
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
    places = [one for document in tree.documents for one in _places(document, None)]
    starts = [one.scalar.start for one in places]
    marked = {_behind(tree, places, starts, one.start()) for one in comments}
    digests = {one.scalar.event for one in marked if isinstance(one, _Place)}
    for comment in comments:
        place = _behind(tree, places, starts, comment.start())
        if place is not None:
            yield _marked(file, tree, comment, place, digests)


def _places(node: Node, within: Mapping | None) -> Iterator[_Place]:
    """Every scalar below `node` in the order of the text."""
    if isinstance(node, Scalar):
        yield _Place(node, within, is_value=True)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _places(item, None)
    elif isinstance(node, Mapping):
        for key, value in node.pairs:
            if isinstance(key, Scalar):
                yield _Place(key, None, is_value=False)
            else:
                yield from _places(key, None)
            yield from _places(value, node)


def _behind(tree: Tree, places: list[_Place], starts: list[int], hash_: int) -> _Place | str | None:
    """What the comment at `hash_` stands behind, why that cannot be, or None: it is no comment."""
    number = bisect_right(starts, hash_) - 1
    if number < 0:
        return _ALONE
    place, scalar = places[number], places[number].scalar
    if scalar.style in ("|", ">"):
        return _around_block(tree, place, hash_)
    if hash_ < scalar.end:
        return None
    behind = tree.text[scalar.end : hash_]
    if "\n" in behind or "\r" in behind:
        return _ALONE
    return place if place.is_value and _BETWEEN.fullmatch(behind) else _NO_VALUE


def _around_block(tree: Tree, place: _Place, hash_: int) -> _Place | str:
    """A block scalar's comment stands in its first line; what follows is text."""
    scalar = place.scalar
    if hash_ >= scalar.end:
        return _ALONE
    behind = tree.text[scalar.start : hash_]
    return _IN_TEXT if "\n" in behind or "\r" in behind else place


_ALONE = "stands on a line of its own; write it behind a value, on the value's line"
_NO_VALUE = "does not stand behind a value of one word or text; write it behind one"
_IN_TEXT = "stands inside a text and is no comment; give the value a key of its own"


def _marked(
    file: str, tree: Tree, comment: re.Match[str], place: _Place | str, marked: set[int]
) -> Pin | Refused:
    said = _SAID.fullmatch(comment["said"])
    text = comment.group().strip()
    if isinstance(place, str):
        line, column = place_in(tree.text, comment.start())
        return Refused(file, line, column, f"'{text[:120]}' {place}", text)
    scalar = place.scalar
    problem = _malformed(said) or _lonely(place, said, marked)
    if said is None or problem is not None:
        reason = f"'{text[:120]}' {problem}"
        return Refused(file, scalar.line, scalar.column, reason, f"{scalar.value}/{text}")
    answer = declared(file, tree, scalar, Named(said["name"]), Holds(said["field"]))
    if isinstance(answer, Pin):
        return answer
    reason = f"'{text[:120]}': {answer.reason}"
    return Refused(file, answer.line, answer.column, reason, f"{scalar.value}/{text}")


def place_in(text: str, offset: int) -> tuple[int, int]:
    """The line and the column of a character, from 1."""
    ends = list(_LINE_END.finditer(text, 0, offset))
    return len(ends) + 1, offset - (ends[-1].end() if ends else 0) + 1


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


def _lonely(place: _Place, said: re.Match[str] | None, marked: set[int]) -> str | None:
    """A tag that moves away from the digest beside it would leave the old image running."""
    if said is None or said["field"] != Holds.TAG.value or place.within is None:
        return None
    for key, value in place.within.named():
        if isinstance(value, Scalar) and is_digest(value.value) and value.event not in marked:
            name = said["name"]
            return (
                f"leaves the digest behind '{key.value}' as it is, which would keep running the "
                f"old image; mark that, too: # towline: {name}:digest"
            )
    return None
