"""Where paths below a root lead, link by link, with every step on the way remembered."""

# A thousand paths are looked at, and pathlib takes as long as the system.
# ruff: noqa: PTH115, PTH208
from __future__ import annotations

import enum
import errno
import os
import posixpath
import stat
from pathlib import Path
from typing import NamedTuple

from plugin.errors import Refusal
from plugin.inputs.answers import ENTRY, FILE, NAMES

_MOST_LINKS = 40
_NOWHERE = frozenset({errno.ENOENT, errno.ENOTDIR})


class Kind(enum.Enum):
    """What is at the end of a path."""

    FILE = "file"
    DIRECTORY = "directory"
    NOTHING = "nothing"


class Place(NamedTuple):
    """Where a path below the root leads, without links; '' is the root."""

    path: str
    kind: Kind


class Places:
    """A tree that is looked at, and the questions (`plugin.inputs.answers`) it was asked."""

    def __init__(self, root: Path) -> None:
        self.questions: set[bytes] = set()
        self._root = os.path.realpath(root)
        self._modes = {"": stat.S_IFDIR}

    def at(self, path: str) -> Place:
        """Where `path` leads; raises Refusal when that is out of the repository.

        Raises OSError for what the file system does not let us see.
        """
        place, waiting, links = Place("", Kind.DIRECTORY), _parts(path), 0
        while waiting:
            step = self._step(path, place.path, waiting.pop())
            mode = self._mode(step)
            if stat.S_ISLNK(mode):
                links += 1
                place, more = self._followed(path, place, step)
                waiting += more
            else:
                place = Place(step, _kind(mode))
            if links > _MOST_LINKS or (waiting and place.kind is not Kind.DIRECTORY):
                return Place(step, Kind.NOTHING)
        return place

    def names(self, directory: str) -> list[str]:
        """The names in a directory that `at` gave."""
        self.questions.add(NAMES + os.fsencode(directory))
        return sorted(os.listdir(f"{self._root}/{directory}"))

    def links(self, directory: str) -> list[str]:
        """The links below a directory that `at` gave, not looking through them."""
        found, waiting = [], [directory]
        while waiting:
            current = waiting.pop()
            with os.scandir(f"{self._root}/{current}") as entries:
                for one in entries:
                    path = f"{current}/{one.name}" if current else one.name
                    if one.is_symlink():
                        found.append(path)
                    elif one.is_dir(follow_symlinks=False):
                        waiting.append(path)
        return found

    def _step(self, path: str, directory: str, name: str) -> str:
        if name != "..":
            return f"{directory}/{name}" if directory else name
        return posixpath.dirname(directory) if directory else _outside(path)

    def _followed(self, path: str, place: Place, link: str) -> tuple[Place, list[str]]:
        """Where the way goes on at a link in `place`, and the names from there, last one first."""
        target = os.readlink(f"{self._root}/{link}")
        if not target.startswith("/"):
            return place, _parts(target)
        if not f"{target}/".startswith(f"{self._root}/"):
            _outside(path)
        return Place("", Kind.DIRECTORY), _parts(target[len(self._root) :])

    def _mode(self, path: str) -> int:
        if path not in self._modes:
            self._modes[path] = self._seen(path)
        return self._modes[path]

    def _seen(self, path: str) -> int:
        try:
            encoded = os.fsencode(path)
            mode = os.lstat(f"{self._root}/{path}").st_mode
        except ValueError:
            return 0
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return 0
            if error.errno not in _NOWHERE:
                raise
            mode = 0
        likely = ENTRY if stat.S_ISDIR(mode) or stat.S_ISLNK(mode) else FILE
        self.questions.add(likely + encoded)
        return mode


def _kind(mode: int) -> Kind:
    if stat.S_ISDIR(mode):
        return Kind.DIRECTORY
    return Kind.FILE if stat.S_ISREG(mode) else Kind.NOTHING


def _parts(path: str) -> list[str]:
    """The names of a path, last one first, without those that lead nowhere else."""
    return [part for part in reversed(path.split("/")) if part not in {"", "."}]


def _outside(path: str) -> str:
    raise Refusal(f"{path}: leads out of the repository; copy what it points to into it")
