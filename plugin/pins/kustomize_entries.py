"""An entry that a kustomization's `images` do not have yet, in the file's own style."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.artifact import DOCKER_HUB, Repository
from plugin.pins.kustomize_images import end_of_line
from plugin.pins.nodes import Event, Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.pins.pin import Field, Fixed, Kind, Missing, Part, Pin
from plugin.pins.reading import BLOCK, mapping, repository_of
from plugin.pins.scalar import reads_as_text

_STARTS = ("MappingStartEvent", "SequenceStartEvent")
_ENDS = ("MappingEndEvent", "SequenceEndEvent")
# What a new item of a list that stands there line by line begins with.
BLOCK_ENTRY: Event = ("MappingStartEvent", None, None, "", False)
_MAPPING_END: Event = ("MappingEndEvent", None, None, "", None)
_SEQUENCE_END: Event = ("SequenceEndEvent", None, None, "", None)


@dataclass(frozen=True, slots=True)
class _Gap:
    """Where the entry goes: a place in the text, the event before it, and what surrounds it.

    `pairs` stands between two pairs of the entry, `close` behind it.
    """

    at: int
    after: int
    open: str
    pairs: str
    close: str = ""
    before: tuple[Event, ...] = ()
    behind: tuple[Event, ...] = ()
    flow: bool = False


def familiar(repository: Repository) -> str:
    """The repository as image fields usually write it: `nginx`, `acme/web`, `ghcr.io/acme/web`."""
    if repository.host != DOCKER_HUB:
        return str(repository)
    return repository.path.removeprefix("library/")


def new_entry(file: str, tree: Tree, name: str, repository: Repository) -> Pin | Refused:
    """A pin that is an entry for images called `name`, written with its first version."""
    root = tree.documents[0] if tree.documents else None
    gap = _gap(tree, root) if isinstance(root, Mapping) and not root.flow else None
    if gap is None:
        reason = f"has no 'images' list that an entry can be added to; write '- name: {name}' there"
        return Refused(file, 1, 1, reason, name, repository)
    pairs = {"name": name}
    if repository_of(name) != repository.plain:
        pairs["newName"] = str(repository)
    line = len(re.findall(r"\r\n|\r|\n", tree.text[: gap.at])) + 1
    return Pin(
        file, line, 1, Kind.KUSTOMIZE_IMAGE, repository, None, None, "", _parts(gap, pairs),
        spelling=name,
    )  # fmt: skip


def _parts(gap: _Gap, pairs: dict[str, str]) -> tuple[Part, ...]:
    styles = {one: "" if reads_as_text(one) else '"' for one in pairs.values()}
    text = gap.pairs.join(f"{key}: {styles[one]}{one}{styles[one]}" for key, one in pairs.items())
    start: Event = ("MappingStartEvent", None, None, "", gap.flow)
    said = [
        _scalar(*one) for key, value in pairs.items() for one in ((key, ""), (value, styles[value]))
    ]
    tag = Missing(gap.at, gap.after, gap.pairs, "newTag", "", quotes=False)
    digest = Missing(gap.at, gap.after, gap.pairs, "digest", "", quotes=False)
    opened = Fixed(gap.at, gap.after, gap.open + text, (*gap.before, start, *said))
    closed = Fixed(gap.at, gap.after, gap.close, (_MAPPING_END, *gap.behind))
    return (
        Part(opened, Field.TAG),
        Part(tag, Field.TAG),
        Part(digest, Field.DIGEST),
        Part(closed, Field.TAG),
    )


def _scalar(value: str, style: str) -> Event:
    return "ScalarEvent", None, None, value, style or None


def _gap(tree: Tree, root: Mapping) -> _Gap | None:
    images = root.get("images")
    if images is None:
        return _behind_the_last_pair(tree, root)
    if not isinstance(images, Sequence):
        return None
    key = next(key for key, value in root.named() if value is images)
    if tree.text.startswith("[", images.start):
        return _between_brackets(tree, images, key)
    return _behind_the_last_item(tree, images, key)


def _behind_the_last_item(tree: Tree, images: Sequence, key: Scalar) -> _Gap | None:
    item = mapping(images.items[-1])
    last = _last_scalar(item)
    if last is None:
        return None
    at, line_end = end_of_line(tree.text, item.end if item.flow else last.end)
    after = _end_event(tree, key.event + 1) - 1
    dash = line_end + " " * (images.column - 1) + "-"
    gap = " " * max(item.column - images.column - 1, 1)
    if item.flow:
        return _Gap(at, after, f"{dash}{gap}{{", ", ", "}", flow=True)
    return _Gap(at, after, dash + gap, line_end + " " * (images.column + len(gap)))


def _between_brackets(tree: Tree, images: Sequence, key: Scalar) -> _Gap | None:
    after = _end_event(tree, key.event + 1) - 1
    if not images.items:
        return _Gap(images.start + 1, after, "{", ", ", "}", flow=True)
    item = images.items[-1]
    at = item.end if isinstance(item, Mapping) else 0
    return _Gap(at, after, ", {", ", ", "}", flow=True) if at else None


def _behind_the_last_pair(tree: Tree, root: Mapping) -> _Gap | None:
    """Behind a value that ends with a line: not in a text, whose end is a matter of opinion."""
    for key, value in reversed(list(root.named())):
        empty = isinstance(value, Sequence | Mapping) and value.line == key.line
        last = _last_scalar(value) or (key if empty else None)
        if last is not None and last.style not in BLOCK:
            end = value.end if isinstance(value, Mapping) and value.flow else last.end
            at, line_end = end_of_line(tree.text, end)
            indent = " " * (key.column - 1 + _indent(root))
            start: Event = ("SequenceStartEvent", None, None, "", False)
            return _Gap(
                at,
                _end_event(tree, key.event + 1),
                f"{line_end}{' ' * (key.column - 1)}images:{line_end}{indent}- ",
                f"{line_end}{indent}  ",
                before=(_scalar("images", ""), start),
                behind=(_SEQUENCE_END,),
            )
    return None


def _indent(root: Mapping) -> int:
    """How far the file's other lists stand behind their keys."""
    lists = ((key, value) for key, value in root.named() if isinstance(value, Sequence))
    return next((one.column - key.column for key, one in lists if one.line > key.line), 0)


def _last_scalar(node: Node) -> Scalar | None:
    match node:
        case Scalar():
            return node
        case Sequence() if node.items:
            return _last_scalar(node.items[-1])
        case Mapping() if node.pairs:
            return _last_scalar(node.pairs[-1][1])
        case _:
            return None


def _end_event(tree: Tree, first: int) -> int:
    """The number of the last event of the value that begins with the event `first`."""
    depth = 0
    for number in range(first, len(tree.events)):
        name = tree.events[number][0]
        depth += (name in _STARTS) - (name in _ENDS)
        if depth == 0:
            return number
    return len(tree.events) - 1
