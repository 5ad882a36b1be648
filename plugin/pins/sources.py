"""The files of a stage or a checkout, each of them parsed at most once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from plugin.artifact import Subject
from plugin.pins.copied_disks import CopiedDisk, copied_disks
from plugin.pins.explicit import absent, explicit_pins
from plugin.pins.find import found_in, mentions
from plugin.pins.naming import Names, resolved
from plugin.pins.nodes import Refused, Tree
from plugin.pins.pin import Found, Named, Pin
from plugin.pins.replacement_sources import Copied, replacement_pins
from plugin.pins.tree import read
from plugin.pipeline import ExplicitPin


@dataclass(frozen=True, slots=True)
class Sources:
    """Texts by path, what marker comments in them name, and what was read of them so far."""

    texts: Mapping[str, str]
    names: Names = field(default_factory=dict)
    explicit: tuple[ExplicitPin, ...] = ()
    _trees: dict[str, Tree | Refused] = field(default_factory=dict)
    _found: dict[str, Found] = field(default_factory=dict)
    _copied: list[Copied] = field(default_factory=list)
    _disks: list[CopiedDisk] = field(default_factory=list)

    def tree(self, file: str) -> Tree | Refused:
        """The file's tree, or why it cannot be read."""
        if file not in self._trees:
            self._trees[file] = read(file, self.texts[file])
        return self._trees[file]

    def found(self, file: str) -> Found:
        """The file's pins and look-alikes."""
        if file not in self._found:
            tree = self.tree(file)
            if isinstance(tree, Refused):
                self._found[file] = Found(refused=(tree,))
            else:
                self._found[file] = self._read(file, tree)
        return self._found[file]

    def _read(self, file: str, tree: Tree) -> Found:
        own = [one for one in self._asked if one.file == file]
        taken, refused = explicit_pins(file, tree, own, self.names)
        copied = self._copies.pins.get(file, ())
        taken = (*taken, *(one for one in copied if isinstance(one, Pin)))
        refused = (*refused, *(one for one in copied if isinstance(one, Refused)))
        found = resolved(found_in(file, tree, taken), self.names)
        # What is copied over decides nothing.
        targets = self.overwritten(file)
        pins = (one for one in found.pins if (one.line, one.column) not in targets)
        return Found(tuple(pins), (*found.refused, *refused))

    @property
    def _copies(self) -> Copied:
        self._read_copies()
        return self._copied[0]

    def copied_disks(self) -> tuple[CopiedDisk, ...]:
        """The disks whose name and source kustomize copies from a field elsewhere."""
        self._read_copies()
        return tuple(self._disks)

    def _read_copies(self) -> None:
        if self._copied:
            return
        copied = replacement_pins(self.texts, self.tree)
        self._copied.append(copied)
        for one in copied_disks(self.texts, self.tree):
            found = one.pin if isinstance(one, CopiedDisk) else one
            copied.pins.setdefault(one.file, []).append(found)
            if isinstance(one, CopiedDisk):
                self._disks.append(one)
                for file, line, column in one.overwritten:
                    copied.targets.setdefault(file, set()).add((line, column))

    def overwritten(self, file: str) -> set[tuple[int, int]]:
        """The places, line and column, that kustomize copies something else over."""
        return self._copies.targets.get(file, set())

    @property
    def _asked(self) -> tuple[ExplicitPin, ...]:
        """The explicit pins of subscriptions that are known here."""
        return tuple(one for one in self.explicit if one.subscription in self.names)

    def declares(self, file: str) -> bool:
        """Whether an explicit pin is said to stand in `file`, so that it must be readable."""
        return any(one.file == file for one in self._asked)

    def absent(self) -> Iterator[Refused]:
        """The explicit pins whose file is not there."""
        return (absent(one) for one in self._asked if one.file not in self.texts)

    def mentioning(self, subjects: Iterable[Subject | Named]) -> Iterator[str]:
        """The files that can hold a pin of one of `subjects`, by path."""
        subjects = tuple(subjects)
        return (
            one
            for one in sorted(self.texts)
            if mentions(self.texts[one], subjects) or self.declares(one) or one in self._copies.pins
        )
