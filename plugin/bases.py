"""The files that a stage's kustomizations load from outside of its directory."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from plugin.errors import Refusal
from plugin.pins.kustomization import NAMES
from plugin.pins.kustomize_references import references
from plugin.pins.nodes import Tree
from plugin.pins.tree import read

# The text of the file at a path from the repository's root, None where there is no file to read.
Reader: TypeAlias = Callable[[str], str | None]
_MAX_FILES = 5000


def bases_of(directory: str, texts: Mapping[str, str], text_at: Reader) -> dict[str, str]:
    """The texts of bases, components and files elsewhere, by path, that `texts` are built with.

    `texts` are those of the stage in `directory`. Remote bases, and what leads out of the
    repository or nowhere, are passed over: rendering refuses them. Raises Refusal for more than
    5,000 files.
    """
    found: dict[str, str] = {}
    waiting = [file for file in sorted(texts) if _is_kustomization(file)]
    looked: set[str] = set()
    while waiting:
        file = waiting.pop()
        for path in _paths(file, texts.get(file, found.get(file, ""))):
            if path in looked or path in texts:
                continue
            looked.add(path)
            for one, text in _at(path, texts, text_at):
                found[one] = text
                waiting += [one] if _is_kustomization(one) else []
            if len(found) > _MAX_FILES:
                raise Refusal(f"{directory}: is built of more than {_MAX_FILES} files elsewhere")
    return found


def _is_kustomization(file: str) -> bool:
    return file.rpartition("/")[2] in NAMES


def _paths(file: str, text: str) -> Iterator[str]:
    """What a kustomization refers to, from the repository's root."""
    tree = read(file, text)
    for scalar in references(tree) if isinstance(tree, Tree) else ():
        said = scalar.value
        # Remote, absolute, or YAML written in place.
        if "://" not in said and not said.startswith(("/", "{")) and "\n" not in said:
            path = posixpath.normpath(posixpath.join(file.rpartition("/")[0], said))
            if not path.startswith("../") and path != "..":
                yield "" if path == "." else path


def _at(path: str, texts: Mapping[str, str], text_at: Reader) -> Iterator[tuple[str, str]]:
    """The file at `path`, or else the kustomization of the directory there."""
    for one in (path, *(posixpath.join(path, name) for name in NAMES)):
        text = text_at(one) if one and one not in texts else None
        if text is not None:
            yield one, text
            return
