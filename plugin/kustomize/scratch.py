"""Directories that helm and git need while they run, gone afterwards however we end."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

_PREFIX = "towline-render-"
# Between making a directory and locking it nothing takes as long.
_NEWBORN = 60.0


class Scratch:
    """A new directory below `parent`, locked as long as this process lives and uses it.

    Whoever makes one removes those of processes that were killed: theirs are locked by nobody.
    Raises OSError.
    """

    def __init__(self, parent: str) -> None:
        self.path = mkdtemp(prefix=_PREFIX, dir=parent)
        self._lock = _opened(self.path)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        _sweep(Path(parent), os.fstat(self._lock))

    def remove(self) -> None:
        """Leave nothing behind; once is enough, and twice no harm."""
        if self._lock >= 0:
            rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = -1


def _sweep(parent: Path, new: os.stat_result) -> None:
    for place in parent.glob(f"{_PREFIX}*"):
        try:
            found = place.lstat()
            if found.st_uid == new.st_uid and new.st_mtime - found.st_mtime > _NEWBORN:
                _remove_unlocked(str(place))
        except OSError:
            continue


def _remove_unlocked(path: str) -> None:
    lock = _opened(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        rmtree(path, ignore_errors=True)
    finally:
        os.close(lock)


def _opened(path: str) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
