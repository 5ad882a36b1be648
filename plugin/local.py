"""Files of a repository: where a path leads, and what is said when that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from plugin.errors import Refusal

if TYPE_CHECKING:
    from plugin.pins.nodes import Tree


def inside(root: Path, path: str) -> Path:
    """`root / path` with symlinks followed; raises Refusal when it leaves `root`."""
    real = Path(os.path.realpath(root / path.replace("\0", "?")))
    if not real.is_relative_to(os.path.realpath(root)):
        raise Refusal(f"{path}: leads out of the repository; copy what it points to into it")
    return real


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
    from plugin.pins.nodes import Refused  # loads YAML
    from plugin.pins.tree import MAX_BYTES, decode, read, too_large

    file = inside(root, path)
    if file.stat().st_size > MAX_BYTES:
        raise Refusal(str(too_large(path)))
    text = decode(path, file.read_bytes())
    tree = text if isinstance(text, Refused) else read(path, text)
    if isinstance(tree, Refused):
        raise Refusal(str(tree))
    return tree
