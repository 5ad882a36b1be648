"""What stages are built with outside of their directories, in the same commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from github_app.blob_text import blob_text
from github_app.ports import Objects
from github_app.remembering import Remembered
from plugin.bases import bases_of
from plugin.errors import Refusal
from plugin.pins.kustomization import NAMES

_MOST = 32 << 20
_PATH = 150


class Place(Protocol):
    """A stage's directory: equal ones have equal files."""

    @property
    def path(self) -> str:
        """From the repository's root."""

    def __hash__(self) -> int: ...


P = TypeVar("P", bound=Place)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was found for a directory, and every path that was asked for, with its blob if any."""

    asked: Mapping[str, str | None]
    texts: Mapping[str, str]

    @property
    def weight(self) -> int:
        """Roughly the bytes it takes."""
        paths = sum(_PATH + len(one) for one in self.asked)
        return paths + sum(len(one) for one in self.texts.values())


class ElsewhereReader(Generic[P]):
    """Follows kustomizations through the commit's tree.

    A commit that touches nothing of what was asked for costs one question for all directories.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._known: Remembered[P, _Known] = Remembered(most)

    def read(
        self, objects: Objects, root: str, stages: Mapping[P, Mapping[str, str]]
    ) -> Iterator[tuple[P, Mapping[str, str] | Refusal]]:
        """The texts beside the given ones that each directory is built with, below tree `root`.

        Or why there are too many of them.
        """
        files = _Files(objects, root)
        before = {one: self._known[one] for one in stages if one in self._known}
        files.ask(path for one in before.values() for path in one.asked)
        for place, texts in stages.items():
            known = before.get(place)
            if known is None or any(files.at(path) != oid for path, oid in known.asked.items()):
                look = _Look(files)
                try:
                    found = bases_of(place.path, texts, look.text_at)
                except Refusal as refusal:
                    yield place, refusal
                    continue
                known = _Known(look.asked, found)
                self._known.keep(place, known, known.weight)
            yield place, known.texts


@dataclass(slots=True)
class _Files:
    """The files of one tree, each asked for at most once."""

    objects: Objects
    root: str
    _at: dict[str, str | None] = field(default_factory=dict)
    _texts: dict[str, str | None] = field(default_factory=dict)

    def ask(self, paths: Iterable[str]) -> None:
        """Find out what stands at these paths; a link is another file's name and no file."""
        new = [one for one in dict.fromkeys(paths) if one not in self._at]
        self._at.update(dict.fromkeys(new))
        for part in self.objects.find({self.root: new}) if new else ():
            self._at.update({one.path: one.oid for one in part[self.root] if one.plain})

    def at(self, path: str) -> str | None:
        """The blob at a path, None without a file."""
        if path not in self._at:
            # What is no file may be the directory of a kustomization, which is asked for next.
            self.ask((path, *(f"{path}/{name}" for name in NAMES)))
        return self._at[path]

    def text(self, oid: str) -> str | None:
        """A blob as text, None where it cannot be read as one."""
        if oid not in self._texts:
            self._texts[oid] = blob_text(self.objects.blobs([oid]).get(oid))
        return self._texts[oid]


@dataclass(slots=True)
class _Look:
    """One directory's look, which notes what was asked for."""

    files: _Files
    asked: dict[str, str | None] = field(default_factory=dict)

    def text_at(self, path: str) -> str | None:
        """The text of the file at a path."""
        oid = self.asked[path] = self.files.at(path)
        return None if oid is None else self.files.text(oid)
