"""Images inside texts of YAML files: patches, ConfigMaps, scripts; seen, refused, never edited."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plugin.artifact import Reference
from plugin.pins.kustomize_images import is_kustomization
from plugin.pins.manifest_images import FIELD, NOT_RUN
from plugin.pins.nodes import Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.pins.reading import BLOCK, is_placeholder, mapping, reference_of, sequence, word
from plugin.pins.tree import MAX_TEXTS, read, too_many

_REASON = "is written inside a text, where nothing is bumped; "
_PATCH = f"{_REASON}move the patch to a file of its own"
_TEXT = f"{_REASON}move the text to a file of its own, or the image to a field"
_PATCHES = ("patches", "patchesJson6902", "patchesStrategicMerge", "transformers", "generators")
# Their texts are files of somebody's, templates among them; other texts may say anything.
_DATA = ("ConfigMap", "Secret", "List")
_LINE = re.compile(r"""["']?\bimage["']?[ \t]*:[ \t]*["']?(?P<said>[^\s"',}\]]+)""")
_POINTER = "/" + FIELD
# Texts about images are many; those with a key or a JSON pointer to one are few.
_NAMED = re.compile(r"""image["']?\s*:|\?\s*["']?image|/image(?!\w)""")


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a file and what to say of an image in it; only some are read if no YAML."""

    scalar: Scalar
    reason: str
    always: bool = True


@dataclass(frozen=True, slots=True)
class _Hit:
    """An image and its place in the text; line 0 where only the text itself has one."""

    line: int
    column: int
    reference: Reference


def find(file: str, tree: Tree) -> Iterator[Refused]:
    """A refusal for each image with a tag or digest in a text, so that no bump passes it over.

    Annotations are written by tools (`last-applied-configuration`), definitions describe schemas:
    both are passed over in silence.
    """
    texts = [
        text
        for number in _with_texts(tree)
        for text in _texts(file, mapping(tree.documents[number]))
        if _NAMED.search(text.scalar.value)
    ]
    if len(texts) > MAX_TEXTS:
        yield too_many(file)
        return
    for text in texts:
        yield from _refused(file, tree, text)


def _with_texts(tree: Tree) -> list[int]:
    """The documents with a scalar that holds YAML and an image: few have one, so few are walked."""
    texts = [
        at
        for at, event in enumerate(tree.events)
        if FIELD in event[3] and _names_image(event[3], event[4])
    ]
    if not texts or len(tree.documents) == 1:
        return [0] if texts else []
    starts = [at for at, event in enumerate(tree.events) if event[0] == "DocumentStartEvent"]
    return sorted({bisect_right(starts, at) - 1 for at in texts})


def _names_image(text: str, style: str | None) -> bool:
    is_yaml = style in BLOCK or _looks_like_yaml(text)
    return is_yaml and _NAMED.search(text) is not None


def _texts(file: str, root: Mapping) -> Iterator[_Text]:
    if is_kustomization(file, root):
        for key in _PATCHES:
            for item in sequence(root.get(key)).items:
                inline = mapping(item).get("patch") or item
                if isinstance(inline, Scalar) and _holds_yaml(inline):
                    yield _Text(inline, _PATCH)
    elif word(root.get("kind")) not in (*NOT_RUN, "") and word(root.get("apiVersion")):
        yield from _below(root, always=word(root.get("kind")) in _DATA)


def _below(root: Mapping, *, always: bool) -> Iterator[_Text]:
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, patch = waiting.pop()
        if isinstance(node, Scalar):
            if _holds_yaml(node):
                yield _Text(node, _PATCH if patch else _TEXT, always or patch)
        elif isinstance(node, Sequence):
            waiting += [(item, patch) for item in node.items if _may_hold(item)]
        elif isinstance(node, Mapping) and word(node.get("kind")) not in NOT_RUN:
            waiting += [
                (value, patch or key.value == "patch")
                for key, value in node.named()
                if _may_hold(value) and key.value != "annotations"
            ]


def _may_hold(node: Node) -> bool:
    """Whether `node` is more than one of the many scalars without an image."""
    return type(node) is not Scalar or FIELD in node.value


def _holds_yaml(scalar: Scalar) -> bool:
    return scalar.style in BLOCK or _looks_like_yaml(scalar.value)


def _looks_like_yaml(text: str) -> bool:
    said = text.strip()
    return "\n" in said or said.startswith(("{", "["))


def _refused(file: str, tree: Tree, text: _Text) -> Iterator[Refused]:
    hits = list(_hits(file, text))
    if text.scalar.style == "|":
        outer = tree.text[text.scalar.start : text.scalar.end].splitlines()
        inner = text.scalar.value.splitlines()
        for hit in hits:
            line, column = _place(text.scalar, outer, inner, hit)
            named = str(hit.reference.repository)
            reason = f"'{named}' {text.reason}"
            yield Refused(file, line, column, reason, named, hit.reference.repository)
    elif hits:
        # One place can be refused once, so it is refused for all that it names.
        repositories = tuple(dict.fromkeys(one.reference.repository for one in hits))
        named = ":".join(map(str, repositories))
        subject = repositories[0] if len(repositories) == 1 else None
        at = text.scalar
        yield Refused(file, at.line, at.column, f"'{named}' {text.reason}", named, subject)


def _place(text: Scalar, outer: list[str], inner: list[str], hit: _Hit) -> tuple[int, int]:
    """Where something in a literal block stands in the file around it, by the lines of both."""
    said = inner[hit.line - 1]
    around = outer[hit.line] if hit.line < len(outer) else said
    return text.line + hit.line, max(around.find(said), 0) + hit.column


def _hits(file: str, text: _Text) -> Iterator[_Hit]:
    inner = read(file, text.scalar.value)
    if isinstance(inner, Refused):
        yield from _by_line(text.scalar.value) if text.always else ()
        return
    for document in inner.documents:
        for scalar in _images(document):
            yield from _hit(scalar.value, scalar.line, scalar.column)


def _images(node: Node) -> Iterator[Scalar]:
    """Values of `image`, and values that a JSON patch writes to one."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _images(item)
    elif isinstance(node, Mapping):
        patched = word(node.get("path")).endswith(_POINTER)
        for key, value in node.named():
            if isinstance(value, Scalar) and (
                key.value == FIELD or (patched and key.value == "value")
            ):
                yield value
            yield from _images(value)


def _by_line(text: str) -> Iterator[_Hit]:
    """A text that is no YAML, such as a template or a script."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _LINE.finditer(line):
            yield from _hit(found["said"], number, found.start("said") + 1)


def _hit(said: str, line: int, column: int) -> Iterable[_Hit]:
    reference = None if is_placeholder(said) else reference_of(said)
    if reference is None or not (reference.tag or reference.digest):
        return ()
    return (_Hit(line, column, reference),)
