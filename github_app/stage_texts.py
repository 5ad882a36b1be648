"""What stages' directories say of freight: Git is asked what mentions it, and only that is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from github_app.elsewhere import ElsewhereReader
from github_app.ports import Objects, TreeEntry
from github_app.remembering import Remembered
from plugin import holding as holdings
from plugin.artifact import Watched
from plugin.brought_list import list_path
from plugin.disks.read import WORDS as DISK_WORDS
from plugin.errors import Refusal
from plugin.holding import Holding
from plugin.pins.find import needles
from plugin.pins.kustomization import NAMES
from plugin.pins.replacement_sources import WORD as COPYING
from plugin.pipeline import ExplicitPin, Project, Warehouse
from plugin.record import read_record, record_path
from plugin.stage_files import decides_all, is_candidate
from plugin.stage_policy import Write

# What decides over machines' disks, and what kustomize copies, may stand in any object and
# kustomization, whatever it mentions.
MACHINES = "kubevirt.io"
EVERYTHING = ("kind", "resources", "components", "bases")
_DECIDING = tuple(sorted(NAMES))
# Bytes of text that are remembered, and what a stage and a line take beside their texts.
_MOST = 32 << 20
_STAGE = 1500
_LINE = 1000


@dataclass(frozen=True, slots=True)
class Directory:
    """A stage's directory: its path, its tree's id, the warehouses of its records, its pins.

    `write` is what the stage's promotions change; `brings` says that they bring files from
    elsewhere, which are listed in it. What is `unpinned` needs no pin in it.
    """

    path: str
    tree: str
    warehouses: tuple[str, ...]
    pins: tuple[ExplicitPin, ...] = ()
    write: Write = Write.PINS
    brings: bool = False
    unpinned: frozenset[Watched] = frozenset()

    def always(self) -> tuple[str, ...]:
        """What is read whatever it mentions, relative to the directory."""
        records = (record_path("", one) for one in self.warehouses)
        listed = (list_path(""),) if self.brings else ()
        return (*_DECIDING, *records, *listed, *(one.file for one in self.pins))

    def full(self, path: str) -> str:
        """The path from the repository's root."""
        return f"{self.path}/{path}" if self.path else path


@dataclass(frozen=True, slots=True)
class StageTexts:
    """The files of one directory that may bear on its lines, and what each line holds by them."""

    texts: Mapping[str, str]
    holdings: Mapping[str, holdings.Holding]

    def recorded(self, directory: str, warehouse: str) -> Holding:
        """What is rendered need not say versions where anybody looks for them: its record does."""
        path = record_path(directory, warehouse)
        if path not in self.texts:
            return holdings.Empty()
        try:
            return holdings.Managed(read_record(path, self.texts[path]))
        except Refusal as refusal:
            return holdings.Unreadable((str(refusal),))

    @property
    def weight(self) -> int:
        """Roughly the bytes it takes."""
        texts = sum(len(one) for one in self.texts.values())
        return _STAGE + _LINE * len(self.holdings) + texts


def words_of(warehouses: Iterable[Warehouse]) -> tuple[str, ...]:
    """The words of which every file that matters to one of the warehouses has at least one."""
    subjects = (one for warehouse in warehouses for one in warehouse.carries)
    return (*needles(subjects), *DISK_WORDS, MACHINES, COPYING)


class TextReader:
    """Reads directories, and remembers them by what never changes: their trees."""

    def __init__(self, most: int = _MOST) -> None:
        self._known: Remembered[tuple[Directory, str], StageTexts] = Remembered(most)
        self._elsewhere: ElsewhereReader[Directory] = ElsewhereReader(most)

    def read(
        self,
        project: Project,
        objects: Objects,
        directories: Iterable[Directory],
        root: str | None = None,
    ) -> Mapping[Directory, StageTexts]:
        """What each of the directories says; those that were read before cost nothing.

        Below `root`, the tree they are in, is what they are built with besides: a record is applied
        to all that is rendered, wherever it stands.
        """
        wanted = tuple(dict.fromkeys(directories))
        # Warehouses that watch the same, whoever read them from whichever file, are equal texts.
        asked = repr([(one.name, one.carries, one.subjects) for one in project.warehouses])
        found = {one: self._known[one, asked] for one in wanted if (one, asked) in self._known}
        new = [one for one in wanted if one not in found]
        for directory, said in _Looking(project, objects).read(new):
            found[directory] = self._known.keep((directory, asked), said, said.weight)
        return found if root is None else {**found, **dict(self._joined(objects, root, found))}

    def _joined(
        self, objects: Objects, root: str, found: Mapping[Directory, StageTexts]
    ) -> Iterator[tuple[Directory, StageTexts]]:
        """Those whose record is applied, with the files elsewhere."""
        applied = {
            one: said.texts for one, said in found.items() if one.write is Write.RECORD and one.path
        }
        for directory, more in self._elsewhere.read(objects, root, applied):
            said = found[directory]
            if isinstance(more, Refusal):
                unreadable = holdings.Unreadable((str(more),))
                yield directory, StageTexts(said.texts, dict.fromkeys(said.holdings, unreadable))
            elif more:
                yield directory, replace(said, texts={**said.texts, **more})


@dataclass(frozen=True, slots=True)
class _Looking:
    """One look at directories that are not known yet."""

    project: Project
    objects: Objects

    def read(self, directories: Sequence[Directory]) -> Iterator[tuple[Directory, StageTexts]]:
        """What each of them says: many at a time are searched and read."""
        sharing: dict[str, list[Directory]] = {}
        for one in directories:
            sharing.setdefault(one.tree, []).append(one)
        always = {
            tree: dict.fromkeys(path for one in some for path in one.always())
            for tree, some in sharing.items()
        }
        words = words_of(self.project.warehouses)
        entangled: dict[str, dict[str, None]] = {}
        for tree, found, contents in self._parts(always, words):
            if any(_entangles(one, contents.get(one.oid, b"")) for one in found):
                entangled[tree] = always[tree]
                continue
            for directory in sharing[tree]:
                yield directory, self._said(directory, _read(directory, found, contents))
        for tree, found, contents in self._parts(entangled, (*words, *EVERYTHING)):
            for directory in sharing[tree]:
                yield directory, self._said(directory, _read(directory, found, contents))

    def _parts(
        self, always: Mapping[str, Iterable[str]], words: tuple[str, ...]
    ) -> Iterator[tuple[str, Sequence[TreeEntry], Mapping[str, bytes]]]:
        """Each tree's files that mention one of `words`, and their contents."""
        for part in self.objects.find(always, words):
            entries = {tree: _candidates(found) for tree, found in part.items()}
            contents = self.objects.blobs(one.oid for found in entries.values() for one in found)
            yield from ((tree, found, contents) for tree, found in entries.items())

    def _said(self, directory: Directory, files: Mapping[str, str | _Unread]) -> StageTexts:
        texts = {path: one for path, one in files.items() if isinstance(one, str)}
        unread = [one for one in files.values() if isinstance(one, _Unread)]
        warehouses = [self.project.warehouse(one) for one in directory.warehouses]
        holdings = {one.name: _holding(directory, one, texts, unread) for one in warehouses}
        return StageTexts(texts, holdings)


@dataclass(frozen=True, slots=True)
class _Unread:
    """A file that cannot be read; without its content where it is too large."""

    path: str
    reason: str
    content: bytes | None

    def concerns(self, directory: Directory, warehouse: Warehouse) -> bool:
        """Whether it may say something of the warehouse's freight."""
        if directory.write is Write.RECORD:
            return self.path == directory.full(record_path("", warehouse.name))
        if self.content is None or decides_all(directory.path, self.path):
            return True
        named = (record_path("", warehouse.name), *(one.file for one in directory.pins))
        if self.path in map(directory.full, named):
            return True
        return any(one.encode() in self.content for one in words_of([warehouse]))


def _read(
    directory: Directory, entries: Iterable[TreeEntry], contents: Mapping[str, bytes]
) -> Mapping[str, str | _Unread]:
    blobs = {directory.full(one.path): one.oid for one in entries}
    return {path: _text(path, contents.get(blob)) for path, blob in blobs.items()}


def _text(path: str, content: bytes | None) -> str | _Unread:
    if content is None:
        return _Unread(path, f"{path}: it is too large to be read; make it smaller", None)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _Unread(path, f"{path}: it is not UTF-8; write it as UTF-8", content)


def _holding(
    directory: Directory,
    warehouse: Warehouse,
    texts: Mapping[str, str],
    unread: Iterable[_Unread],
) -> holdings.Holding:
    reasons = tuple(one.reason for one in unread if one.concerns(directory, warehouse))
    if reasons:
        return holdings.Unreadable(reasons)
    return holdings.holding(
        directory.path, warehouse, texts, directory.pins, directory.write, directory.unpinned
    )


def _candidates(entries: Iterable[TreeEntry]) -> Sequence[TreeEntry]:
    return sorted(
        (one for one in entries if one.plain and is_candidate("", one.path)),
        key=lambda one: one.path,
    )


def _entangles(entry: TreeEntry, content: bytes) -> bool:
    """Whether other files, whatever they mention, decide over what this one says."""
    copies = entry.path.rpartition("/")[2] in NAMES and COPYING.encode() in content
    return copies or MACHINES.encode() in content
