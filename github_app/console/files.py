"""The files below the paths a person names: each once, and none from outside the repository."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plugin.pins.chart_lock import LOCKS
from plugin.pins.nodes import Refused
from plugin.pins.tree import MAX_BYTES, too_large
from plugin.record_files import DIRECTORY
from plugin.stage_files import is_candidate

# Other people's files, or nobody's: version control, installed packages, caches.
_NEVER = frozenset(
    {".git", ".hg", ".svn", ".jj", ".venv", ".tox", ".tools", ".terraform", "node_modules"}
)
_IS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A file by the name people know it by, and its real path."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Walk:
    """Where the files are, in the order of their names, and what was not gone into and why.

    `asked` are the paths a person named: who names something wants to hear when it fails.
    """

    places: tuple[Place, ...]
    refused: tuple[Refused, ...]
    asked: frozenset[str]


def walk(paths: Sequence[str]) -> Walk:
    """Every file that may hold a pin at or below `paths`, each once, whatever leads to it.

    Links are followed inside the repository only; a file behind one has its own name where the
    walk comes by it, too.
    """
    walking = _Walking()
    for path in paths:
        walking.begin(path)
    walking.follow_links()
    places = sorted(walking.places.values(), key=lambda one: one.name)
    refused = sorted(walking.refused, key=lambda one: one.file)
    return Walk(tuple(places), tuple(refused), frozenset(str(Path(one)) for one in paths))


def content_of(place: Place) -> bytes | Refused:
    """The bytes of the file, or why nobody looks into it: it is no file, too large, forbidden."""
    try:
        # Opening a pipe would wait for its writer.
        number = os.open(place.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as stream:
            found = os.fstat(number)
            if not stat.S_ISREG(found.st_mode):
                return _no_file(place.name, found.st_mode)
            if found.st_size > MAX_BYTES:
                return too_large(place.name)
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return unread(place.name, f"cannot be read: {error.strerror}")
    return content if len(content) <= MAX_BYTES else too_large(place.name)


def unread(name: str, reason: str) -> Refused:
    """A file that nobody looked into."""
    return Refused(name, 1, 1, reason)


def _no_file(name: str, mode: int) -> Refused:
    what = next((word for is_one, word in _IS if is_one(mode)), "something else")
    return unread(name, f"is {what}, not a file")


@dataclass(slots=True)
class _Link:
    name: str
    path: Path
    root: Path


@dataclass(slots=True)
class _Walking:
    """What the walk has seen so far; directories and files by their real paths."""

    places: dict[Path, Place] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)
    links: list[_Link] = field(default_factory=list)

    def begin(self, path: str) -> None:
        """Go to a path that a person named; a file there counts whatever it is called."""
        name, real = str(Path(path)), _real(Path(path))
        if real is None:
            missing = "is a link that leads nowhere" if Path(path).is_symlink() else "is not there"
            self.refused.append(unread(name, f"{missing}; name a file or a directory"))
        elif (left := _left(path)) is not None:
            reason = f"leads out of the repository {left}; call the command where it leads to"
            self.refused.append(unread(name, reason))
        elif real.is_dir():
            self._directory(name, real, _repository(real) or real)
        elif DIRECTORY in real.parts:
            reason = "is a record, which follows the pins; name the stage's files"
            self.refused.append(unread(name, reason))
        else:
            self.places.setdefault(real, Place(name, real))
            self._lock_beside(Path(path))

    def _lock_beside(self, path: Path) -> None:
        """A chart that is named comes with its lock, which would be wrong after a bump."""
        lock = path.with_name(LOCKS.get(path.name, path.name))
        if lock != path and os.path.lexists(lock):
            self.begin(str(lock))

    def _directory(self, name: str, real: Path, root: Path) -> None:
        """Go through a directory, links aside, without recursion: trees may be deep."""
        waiting = [(name, real)]
        while waiting:
            name, real = waiting.pop()
            if real in self.seen:
                continue
            self.seen.add(real)
            for entry in self._entries(name, real):
                inner = str(Path(name) / entry.name)
                if entry.is_symlink():
                    self.links.append(_Link(inner, real / entry.name, root))
                elif entry.is_dir():
                    if entry.name not in _NEVER and entry.name != DIRECTORY:
                        waiting.append((inner, real / entry.name))
                elif _may_hold(entry.name):
                    self.places.setdefault(real / entry.name, Place(inner, real / entry.name))

    def _entries(self, name: str, real: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(real) as entries:
                found = list(entries)
        except OSError as error:
            self.refused.append(unread(name, f"cannot be read: {error.strerror}"))
            return []
        return [] if any(one.name == "pyvenv.cfg" for one in found) else found

    def follow_links(self) -> None:
        """Links come last, so that what has a name of its own keeps it."""
        while self.links:
            link = min(self.links, key=lambda one: one.name)
            self.links.remove(link)
            real = _real(link.path)
            if real is not None and real.is_dir():
                if self._leads_inside(link, real):
                    self._directory(link.name, real, link.root)
            elif _may_hold(link.path.name):
                self._file_behind(link, real)

    def _file_behind(self, link: _Link, real: Path | None) -> None:
        if real is None:
            self.refused.append(unread(link.name, "is a link that leads nowhere; remove it"))
        elif self._leads_inside(link, real):
            self.places.setdefault(real, Place(link.name, real))

    def _leads_inside(self, link: _Link, real: Path) -> bool:
        if not real.is_relative_to(link.root):
            reason = f"is a link that leads out of {link.root}; copy what it shows"
            self.refused.append(unread(link.name, reason))
            return False
        return not {*_NEVER, DIRECTORY} & set(real.relative_to(link.root).parts)


def _may_hold(name: str) -> bool:
    """Whether a file of this name may hold pins, or follows one that does."""
    return is_candidate("", name) or name in LOCKS.values()


def _real(path: Path) -> Path | None:
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError):
        return None


def _repository(real: Path) -> Path | None:
    """The nearest directory at or above `real` that Git knows as a repository."""
    return next((one for one in (real, *real.parents) if _has_git(one)), None)


def _has_git(directory: Path) -> bool:
    try:
        return (directory / ".git").exists()
    except PermissionError:
        return False


def _left(path: str) -> Path | None:
    """The repository that a path leaves by `..` or by a link on its way, or None."""
    at = Path.cwd()
    for part in Path(path).parts:
        step = at / part
        real = step.resolve()
        if part == ".." or step.is_symlink():
            repository = _repository(at)
            if repository is not None and not real.is_relative_to(repository):
                return repository
        at = real
    return None
