"""How much room files take, while others write and remove them."""

from __future__ import annotations

import os
from pathlib import Path


def bytes_below(directory: Path) -> int:
    """The bytes of all files below a directory, 0 where there is none."""
    size, waiting = 0, [os.fspath(directory)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            # It went away between being seen and being looked at.
            continue
    return size
