"""What stages' directories say of freight: Git is asked what mentions it, and only that is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from github_app.ports import Objects, TreeEntry
from github_app.remembering import Remembered
from plugin import promotion
from plugin.pins.find import needles
from plugin.pins.kustomize_images import NAMES
from plugin.pipeline import Project, Warehouse
from plugin.record import record_path
from plugin.stage_files import decides_all, is_candidate

# A pointer to a disk may stand in a file that does not mention the disk's image.
DISK_WORDS = ("dataVolume", "DataVolume", "DataSource", "kubevirt.io")
_DECIDING = tuple(sorted(NAMES))
# Bytes of text that are remembered, and what a stage and a line take beside their texts.
_MOST = 32 << 20
_STAGE = 1500
_LINE = 1000


@dataclass(frozen=True, slots=True)
class Directory:
    """A stage's directory: its path, its tree's id, and the warehouses whose records count."""

    path: str
    tree: str
    warehouses: tuple[str, ...]

    def always(self) -> tuple[str, ...]:
        """What is read whatever it mentions, relative to the directory."""
        return (*_DECIDING, *(record_path("", one) for one in self.warehouses))

    def full(self, path: str) -> str:
        """The path from the repository's root."""
        return f"{self.path}/{path}" if self.path else path


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that cannot be read, and the words it mentions."""

    path: str
    reason: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class StageTexts:
    """The files of one directory that may bear on its lines, and what lines hold by them."""

    directory: Directory
    texts: Mapping[str, str]
    unread: tuple[Unread, ...]
    _holdings: dict[str, promotion.Holding] = field(default_factory=dict)

    def holding(self, warehouse: Warehouse) -> promotion.Holding:
        """What the line of `warehouse` holds; worked out once.

        Whoever remembers this must ask with the same warehouse for the same name.
        """
        if warehouse.name not in self._holdings:
            self._holdings[warehouse.name] = self._holding(warehouse)
        return self._holdings[warehouse.name]

    def _holding(self, warehouse: Warehouse) -> promotion.Holding:
        reasons = tuple(one.reason for one in self.unread if self._concerns(one, warehouse))
        if reasons:
            return promotion.Unreadable(reasons)
        return promotion.holding(self.directory.path, warehouse, self.texts)

    def _concerns(self, unread: Unread, warehouse: Warehouse) -> bool:
        if decides_all(self.directory.path, unread.path):
            return True
        if unread.path == record_path(self.directory.path, warehouse.name):
            return True
        return not unread.words.isdisjoint(words_of([warehouse]))

    @property
    def weight(self) -> int:
        """Roughly the bytes it takes."""
        lines = len(self.directory.warehouses)
        return _STAGE + _LINE * lines + sum(len(one) for one in self.texts.values())


def words_of(warehouses: Iterable[Warehouse]) -> tuple[str, ...]:
    """The words of which every file that matters to one of the warehouses has at least one."""
    repositories = (one for warehouse in warehouses for one in warehouse.repositories)
    return (*needles(repositories), *DISK_WORDS)


class TextReader:
    """Reads directories, and remembers them by what never changes: their trees."""

    def __init__(self, most: int = _MOST) -> None:
        self._known: Remembered[tuple[Directory, str], StageTexts] = Remembered(most)

    def read(
        self, project: Project, objects: Objects, directories: Iterable[Directory]
    ) -> Mapping[Directory, StageTexts]:
        """What each of the directories says; those that were read before cost nothing."""
        wanted = tuple(dict.fromkeys(directories))
        # Equal warehouses, whoever read them from whichever file, are equal texts.
        asked = repr(project.warehouses)
        found = {one: self._known[one, asked] for one in wanted if (one, asked) in self._known}
        new = [one for one in wanted if one not in found]
        for one in _Looking(words_of(project.warehouses), objects).read(new):
            found[one.directory] = self._known.keep((one.directory, asked), one, one.weight)
        return found


@dataclass(frozen=True, slots=True)
class _Looking:
    """One look at directories that are not known yet."""

    words: tuple[str, ...]
    objects: Objects

    def read(self, directories: Sequence[Directory]) -> Iterator[StageTexts]:
        """What each of them says, in one search and one reading for all."""
        if not directories:
            return
        entries = self._entries(directories)
        blobs = {one.oid for found in entries.values() for one in found}
        contents = self.objects.blobs(blobs)
        for directory in directories:
            yield self._texts(directory, entries[directory.tree], contents)

    def _entries(self, directories: Sequence[Directory]) -> Mapping[str, Sequence[TreeEntry]]:
        """The files that matter, by tree."""
        trees = dict.fromkeys(one.tree for one in directories)
        hits = self.objects.mentioning(trees, self.words)
        wanted = {
            tree: dict.fromkeys(one for one in hits[tree] if is_candidate("", one))
            for tree in trees
        }
        for one in directories:
            wanted[one.tree].update(dict.fromkeys(one.always()))
        found = self.objects.at(wanted)
        return {tree: [one for one in some if one.plain] for tree, some in found.items()}

    def _texts(
        self, directory: Directory, entries: Iterable[TreeEntry], contents: Mapping[str, bytes]
    ) -> StageTexts:
        texts: dict[str, str] = {}
        unread: list[Unread] = []
        for entry in sorted(entries, key=lambda one: one.path):
            path = directory.full(entry.path)
            match self._read(path, contents.get(entry.oid)):
                case Unread() as one:
                    unread.append(one)
                case text:
                    texts[path] = text
        return StageTexts(directory, texts, tuple(unread))

    def _read(self, path: str, content: bytes | None) -> str | Unread:
        if content is None:
            reason = f"{path}: it is too large to be read; make it smaller"
            return Unread(path, reason, frozenset(self.words))
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            said = frozenset(one for one in self.words if one.encode() in content)
            return Unread(path, f"{path}: it is not UTF-8; write it as UTF-8", said)
