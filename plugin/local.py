"""Whether a kustomization and all it refers to lie inside the repository."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from pathlib import Path

from plugin.errors import Refusal
from plugin.pins.kustomize_images import NAMES
from plugin.pins.kustomize_references import references
from plugin.pins.nodes import Refused, Scalar, Tree
from plugin.pins.tree import MAX_BYTES, decode, read, too_large

_MAX_FILES = 2000


def inside(root: Path, path: str) -> Path:
    """`root / path` with symlinks followed; raises Refusal when it leaves `root`."""
    real = Path(os.path.realpath(root / path.replace("\0", "?")))
    if not real.is_relative_to(os.path.realpath(root)):
        raise Refusal(f"{path}: leads out of the repository; copy what it points to into it")
    return real


def check_local(root: Path, directory: str) -> None:
    """Raises Refusal when a kustomization reached from `directory` refers to anything outside.

    Remote bases and http resources are never fetched: what a stage renders to is decided by its
    commit alone. Paths and symlinks must stay below `root`. Only the fields of kustomizations are
    looked at; kustomize's own load restrictor guards what its plugins name.
    """
    waiting, seen = [directory], set[str]()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        if len(seen) > _MAX_FILES:
            raise Refusal(f"{directory}: is built of more than {_MAX_FILES} kustomizations")
        waiting += _bases(root, current)


def _bases(root: Path, directory: str) -> Iterator[str]:
    """The directories a kustomization refers to, after a look at every reference in it."""
    for name in NAMES:
        file = posixpath.join(directory, name) if directory else name
        if inside(root, file).is_file():
            for scalar in references(tree_of(root, file)):
                real = _target(root, file, directory, scalar)
                if real is not None and real.is_dir():
                    path = real.relative_to(os.path.realpath(root)).as_posix()
                    yield "" if path == "." else path


def _target(root: Path, file: str, directory: str, scalar: Scalar) -> Path | None:
    """What a reference leads to with symlinks followed; None for YAML written in place."""
    where, said = f"{file}:{scalar.line}", scalar.value
    if "\n" in said or said.startswith("{"):
        return None
    if "://" in said:
        raise Refusal(f"{where}: '{said[:120]}' is remote; copy it into the repository")
    path = posixpath.normpath(posixpath.join(directory, said))
    if said.startswith("/") or path.startswith(".."):
        raise Refusal(f"{where}: '{said[:120]}' lies outside the repository; copy it into it")
    real = inside(root, path)
    if not _exists(real):
        raise Refusal(
            f"{where}: '{said[:120]}' is neither a file nor a directory of this repository; "
            "remote bases are not fetched"
        )
    return real


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def unreadable(root: Path, place: str, error: OSError) -> Refusal:
    """The refusal for what the file system does not let us read, below `root` or else `place`."""
    if error.filename:
        named, base = Path(str(error.filename)), os.path.realpath(root)
        real = Path(os.path.realpath(named.parent), named.name)
        place = str(real.relative_to(base) if real.is_relative_to(base) else named)
    return Refusal(
        f"{place or '.'}: cannot be read: {error.strerror or error}; "
        "give the user that runs this the right to read it"
    )


def tree_of(root: Path, path: str) -> Tree:
    """The file at `path` below `root`, read as YAML; raises Refusal with file and line."""
    file = inside(root, path)
    if file.stat().st_size > MAX_BYTES:
        raise Refusal(str(too_large(path)))
    text = decode(path, file.read_bytes())
    tree = text if isinstance(text, Refused) else read(path, text)
    if isinstance(tree, Refused):
        raise Refusal(str(tree))
    return tree
