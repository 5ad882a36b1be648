"""Files below the root of a tree; what was looked at is remembered."""

from __future__ import annotations

import stat
from pathlib import Path

from plugin.local import inside, unreadable

# The pipeline file may be as large, a record never is.
_MOST_BYTES = (1 << 20) + 1


class FileTree:
    """A tree on disk, at `root`.

    `looked_at` are the paths asked for, also those that are not there: together they decide which
    stage is meant.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.looked_at: dict[str, None] = {}

    def read(self, path: str) -> bytes | None:
        """The file at `path`, at most a little over 1 MiB of it; None where there is none.

        Raises Refusal for a link out of the tree and for what we may not read.
        """
        self.looked_at[path] = None
        file = inside(self.root, path)
        try:
            if not stat.S_ISREG(file.stat().st_mode):
                return None
            with file.open("rb") as stream:
                return stream.read(_MOST_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise unreadable(self.root, path, error) from error

    def names(self, directory: str) -> tuple[str, ...]:
        """What lies in `directory`, sorted; nothing where there is none."""
        self.looked_at[directory] = None
        place = inside(self.root, directory)
        try:
            return tuple(sorted(one.name for one in place.iterdir()))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise unreadable(self.root, directory, error) from error
