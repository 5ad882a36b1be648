"""Manifests as one file for each resource, under names that say what is in them. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from plugin.divided import is_by_hand, printed_texts, texts_by_hand
from plugin.errors import Refusal
from plugin.pins.nodes import Node, Tree
from plugin.pins.reading import mapping, text_of
from plugin.pins.tree import read

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")
_LONGEST = 180
_KEPT = 120
_DIGITS = 16


def resource_files(manifests: bytes) -> Mapping[str, str]:
    """The documents of `manifests` by file name, in their order.

    What kustomize printed is the files' texts with `---` lines between them. Names are `kind.group`
    in lower case, namespace and name with `_` between them; whatever else may stand there is
    written as `=` and its bytes in hexadecimal, so that no two resources meet and nothing leaves
    the directory. Raises Refusal for what is no text.
    """
    try:
        text = manifests.decode()
    except UnicodeDecodeError:
        raise Refusal("the rendered manifests are not UTF-8; remove what is binary") from None
    files: dict[str, str] = {}
    for document in _documents(manifests, text):
        found = read("manifests", document)
        root = next(iter(found.documents), None) if isinstance(found, Tree) else None
        if isinstance(found, Tree) and not mapping(root).pairs:
            continue  # comments between files by hand
        files[_free(_name(root), files)] = document
    return files


def _documents(manifests: bytes, text: str) -> Iterator[str]:
    yield from texts_by_hand(text) if is_by_hand(manifests) else printed_texts(manifests)


def _free(stem: str, files: Mapping[str, str]) -> str:
    """The first name of this stem that no document before has: only other versions share one."""
    number = 1
    while (name := f"{stem}.yaml" if number == 1 else f"{stem}~{number}.yaml") in files:
        number += 1
    return name


def _name(root: Node | None) -> str:
    said = mapping(root)
    metadata = mapping(said.get("metadata"))
    group, slash, _ = text_of(said.get("apiVersion")).rpartition("/")
    kind = text_of(said.get("kind")).lower() or "object"
    name = text_of(metadata.get("name")) or text_of(metadata.get("generateName")) or "unnamed"
    namespace = text_of(metadata.get("namespace"))
    parts = (f"{kind}.{group}" if slash else kind, *([namespace] if namespace else ()), name)
    stem = "_".join(map(_escaped, parts))
    if len(stem) <= _LONGEST:
        return stem
    digits = hashlib.sha256(stem.encode()).hexdigest()[:_DIGITS]
    return f"{stem[:_KEPT]}~{digits}"


def _escaped(text: str) -> str:
    safe = "".join(one if one in _LETTERS else _hexadecimal(one) for one in text)
    return f"=2e{safe[1:]}" if safe.startswith(".") else safe


def _hexadecimal(char: str) -> str:
    return "".join(f"={byte:02x}" for byte in char.encode())
