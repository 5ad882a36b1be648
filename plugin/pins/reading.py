"""Small questions about nodes and references that every finder asks."""

from __future__ import annotations

import re
from functools import lru_cache

from plugin.artifact import Reference, Repository
from plugin.errors import Refusal
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Sequence, Tree

_PLACEHOLDER = re.compile(r"\{\{|\$\{|\$\(|<[A-Za-z]|^\+|^%")
BLOCK = ("|", ">")
_NOTHING = Mapping(0, 0, 0, 0, False, ())
_EMPTY = Sequence(0, 0, 0, ())


def mapping(node: Node | None) -> Mapping:
    """`node` if it is a mapping, else an empty one."""
    return node if isinstance(node, Mapping) else _NOTHING


def sequence(node: Node | None) -> Sequence:
    """`node` if it is a sequence, else an empty one."""
    return node if isinstance(node, Sequence) else _EMPTY


def word(node: Node | None) -> str:
    """The text of a scalar; '' for anything else."""
    return node.value if isinstance(node, Scalar) else ""


def text_of(node: Node | None) -> str:
    """What stands here, directly or through an alias; '' for null and what is no scalar."""
    scalar = scalar_of(node)
    return "" if scalar is None or is_null(scalar) else scalar.value


def scalar_of(node: Node | None) -> Scalar | None:
    """The scalar that stands here, or that an alias stands for."""
    target = node.target if isinstance(node, Alias) else node
    return target if isinstance(target, Scalar) else None


def is_null(scalar: Scalar) -> bool:
    """Whether a plain scalar says nothing at all."""
    return not scalar.style and scalar.value in ("", "~", "null", "Null", "NULL")


def is_placeholder(text: str) -> bool:
    """Whether a template or substitution writes this value, not a person."""
    return _PLACEHOLDER.search(text) is not None


def raw(tree: Tree, scalar: Scalar) -> str:
    """The scalar as the file writes it, without anchor and tag."""
    return tree.text[scalar.start : scalar.end]


def literal(tree: Tree, scalar: Scalar) -> bool:
    """Whether the slice is the value itself, on one line and without escapes."""
    if scalar.style in BLOCK:
        return block_line(tree, scalar) is not None
    value = scalar.value
    forms = {"": value, "'": "'" + value.replace("'", "''") + "'", '"': f'"{value}"'}
    return forms.get(scalar.style) == raw(tree, scalar)


def block_line(tree: Tree, scalar: Scalar) -> tuple[int, int] | None:
    """The slice of the only line of text in a `>-` or `|-` scalar, which is its whole value."""
    first, *lines = raw(tree, scalar).splitlines(keepends=True) or [""]
    texts = [line for line in lines if line.strip()]
    if len(texts) != 1 or texts[0].strip(" \r\n") != scalar.value:
        return None
    before = len(first) + sum(len(line) for line in lines[: lines.index(texts[0])])
    start = scalar.start + before + texts[0].index(scalar.value)
    return start, start + len(scalar.value)


def refused(file: str, scalar: Scalar, reason: str) -> Refused:
    """A look-alike at `scalar`, with what stands there."""
    return Refused(file, scalar.line, scalar.column, reason, scalar.value or "?")


def unwritable(tree: Tree, scalar: Scalar) -> str | None:
    """Why the scalar cannot be replaced by another one, or None."""
    if is_placeholder(scalar.value):
        return f"'{scalar.value[:120]}' is filled in by a template; bump the template's source"
    if not literal(tree, scalar):
        return "is written over several lines or with escapes; write it on one line"
    return None


# The same few images stand in most files of a repository. Longer texts are no images that anybody
# wrote, and would be kept in memory.
_LONGEST_KEPT = 300
_KEPT = 4096


def repository_of(text: str) -> Repository | None:
    """The repository `text` names, or None where it names none."""
    return _kept_repository(text) if len(text) <= _LONGEST_KEPT else _repository(text)


def _repository(text: str) -> Repository | None:
    try:
        return Repository.parse(text)
    except Refusal:
        return None


def reference_of(text: str) -> Reference | None:
    """The image reference `text` is, or None."""
    return _kept_reference(text) if len(text) <= _LONGEST_KEPT else _reference(text)


def _reference(text: str) -> Reference | None:
    try:
        return Reference.parse(text)
    except Refusal:
        return None


_kept_repository = lru_cache(_KEPT)(_repository)
_kept_reference = lru_cache(_KEPT)(_reference)
