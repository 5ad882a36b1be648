"""Pins in the `images` entries of a kustomization."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin.artifact import Repository, is_digest, is_tag
from plugin.pins.entry_chain import Chain
from plugin.pins.kustomization import GROUP, NAMES
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.pins.pin import Field, Kind, Missing, Part, Pin, Present, Slot
from plugin.pins.reading import is_null, mapping, raw, repository_of, unwritable, word

_FIELDS = ("name", "newName", "newTag", "digest", "tagSuffix")
_COMMA = re.compile(r"\s*,\s*")


def is_kustomization(file: str, root: Mapping) -> bool:
    """Whether kustomize reads this document as its own (a Kustomization or a Component)."""
    return file.rpartition("/")[2] in NAMES or word(root.get("apiVersion")).startswith(GROUP)


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """The entries of `images` by what they stand for: `newName`, or else `name`.

    kustomize reads the first document only and applies entries in order
    (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/).
    """
    root = mapping(tree.documents[0]) if tree.documents else mapping(None)
    images = root.get("images")
    if is_kustomization(file, root):
        yield from entries(file, tree, images)


def entries(file: str, tree: Tree, images: Node | None) -> Iterator[Pin | Refused]:
    """The entries of a list of images, wherever kustomize is given one."""
    if isinstance(images, Sequence):
        chain = Chain(images.items if len(images.items) > 1 else ())
        for item in images.items:
            yield _entry(file, tree, item, chain)
    elif images is not None and not (isinstance(images, Scalar) and is_null(images)):
        reason = "'images' is not a list of entries; write it as one"
        yield Refused(file, images.line, images.column, reason)


def _entry(file: str, tree: Tree, item: Node, chain: Chain) -> Pin | Refused:
    if not isinstance(item, Mapping):
        reason = "is not an entry with 'name', 'newTag' and 'digest'; write it in place"
        return Refused(file, item.line, item.column, reason, _text_of(item))
    stands_for = word(item.get("newName")) or word(item.get("name"))
    problem, repository = _problem(tree, item), repository_of(stands_for)
    if repository is not None:
        problem = problem or _overruled(item, chain)
    if problem is None and repository is not None:
        return _pin(file, tree, item, repository)
    reason = problem or f"'{stands_for[:120]}' is not an image repository"
    return Refused(file, item.line, item.column, f"images entry: {reason}", stands_for or "?")


def _text_of(item: Node) -> str:
    target = item.target if isinstance(item, Alias) else item
    entry = mapping(target)
    return word(entry.get("newName")) or word(entry.get("name")) or "?"


def _problem(tree: Tree, entry: Mapping) -> str | None:
    """Why the entry cannot be bumped, looking at nothing but itself."""
    if any(not isinstance(key, Scalar) or key.value not in _FIELDS for key, _ in entry.pairs):
        return "holds keys kustomize does not know, or a merge key; write plain fields"
    for key, value in entry.named():
        problem = _field_problem(tree, key.value, value)
        if problem is not None:
            return f"'{key.value}' {problem}"
    if entry.get("newTag") is None and entry.get("tagSuffix") is not None:
        return "'tagSuffix' would be ignored beside a tag; write 'newTag' instead"
    return None


def _field_problem(tree: Tree, key: str, value: Node) -> str | None:
    if not isinstance(value, Scalar):
        return "is an alias or not a single value; write it in place"
    if value.anchor in tree.aliases:
        return f"is used elsewhere through '*{value.anchor}'; write it in place"
    if is_null(value):
        return None
    wrong = key == "newTag" and not _is_version(value.value)
    wrong = wrong or (key == "digest" and value.value != "" and not is_digest(value.value))
    return unwritable(tree, value) or ("is not a version" if wrong else None)


def _is_version(text: str) -> bool:
    tag, _, digest = text.partition("@")
    return text == "" or (is_tag(tag) and (not digest or is_digest(digest)))


def _overruled(entry: Mapping, chain: Chain) -> str | None:
    """Entries chain and the last one wins: two that meet and stand for different places."""
    name = word(entry.get("name"))
    mine = word(entry.get("newName")) or name
    other = chain.other(name, mine)
    if other is None:
        return None
    results = f"'{mine[:120]}' and '{other.result[:120]}'"
    return f"two entries meet '{other.name[:120]}', with {results}; keep one of them"


def _pin(file: str, tree: Tree, entry: Mapping, repository: Repository) -> Pin:
    tag, digest = _slot(tree, entry, "newTag"), _slot(tree, entry, "digest")
    written = next((one for one in map(_said, (tag, digest)) if one is not None), None)
    tag_text, _, glued = word(entry.get("newTag")).partition("@")
    return Pin(
        file,
        written.line if written else entry.line,
        written.column if written else entry.column,
        Kind.KUSTOMIZE_IMAGE,
        repository,
        tag_text if _said(tag) else None,
        word(entry.get("digest")) if _said(digest) else glued or None,
        raw(tree, written) if written else "",
        (Part(tag, Field.TAG), Part(digest, Field.DIGEST)),
        spelling=word(entry.get("name")),
    )


def _said(slot: Slot) -> Scalar | None:
    """The scalar of a field that has a value."""
    if not isinstance(slot, Present) or is_null(slot.scalar) or slot.scalar.value == "":
        return None
    return slot.scalar


def _slot(tree: Tree, entry: Mapping, key: str) -> Slot:
    value = entry.get(key)
    if isinstance(value, Scalar):
        return Present(value)
    return _in_flow(tree, entry, key) if entry.flow else _in_block(tree, entry, key)


def _in_block(tree: Tree, entry: Mapping, key: str) -> Missing:
    """A line of its own behind the entry's last version field, indented as the first key."""
    first, (_, last) = _first_key(entry), _neighbour(entry)
    at, line_end = end_of_line(tree.text, last.end)
    before = line_end + " " * (first.column - 1)
    return Missing(at, last.event, before, key, "", quotes=False)


def _in_flow(tree: Tree, entry: Mapping, key: str) -> Missing:
    """Behind the neighbour's value, separated as the entry separates its other pairs."""
    neighbour, last = _neighbour(entry)
    before = tree.text[_end_of_previous(entry, neighbour) : neighbour.start]
    separator = before if _COMMA.fullmatch(before) else ", "
    return Missing(last.end, last.event, separator, key, neighbour.style, quotes=True)


def _first_key(entry: Mapping) -> Scalar:
    return next(key for key, _ in entry.named())


def _neighbour(entry: Mapping) -> tuple[Scalar, Scalar]:
    """The pair a new field follows; `_problem` has made sure that all are scalars."""
    pairs = [(key, value) for key, value in entry.named() if isinstance(value, Scalar)]
    by_name = {key.value: (key, value) for key, value in pairs}
    order = ("newTag", "digest", "newName", "name")
    return next(by_name[name] for name in order if name in by_name)


def _end_of_previous(entry: Mapping, key: Scalar) -> int:
    ends = [value.end for _, value in entry.named() if isinstance(value, Scalar)]
    return max((end for end in ends if end <= key.start), default=key.start)


def end_of_line(text: str, position: int) -> tuple[int, str]:
    """Where the line of `position` ends, and the line end to write: its own or the file's."""
    found = re.compile(r"\r\n|\r|\n").search(text, position)
    if found is not None:
        return found.start(), found.group()
    any_end = re.search(r"\r\n|\r|\n", text)
    return len(text), any_end.group() if any_end else "\n"
