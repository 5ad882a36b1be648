"""Annotations in documents as people wrote them: spliced in, and every other byte kept.

A plain directory has no kustomization, and running one over it would drop comments and reorder
keys of documents that nothing concerns. So the few that carry freight are read and spliced.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from plugin.artifact import Image, Repository
from plugin.disks.model import By, Name, Pointer
from plugin.disks.read import WORDS, stage_of
from plugin.divided import texts_by_hand
from plugin.manifests.image_places import pins_of_image
from plugin.manifests.image_words import is_at
from plugin.manifests.loads import Load
from plugin.manifests.spliced_annotations import with_annotations
from plugin.pins.find import found_in
from plugin.pins.kubevirt_objects import DATA_VOLUME, Object, objects
from plugin.pins.nodes import Refused, Tree
from plugin.pins.pin import Found
from plugin.pins.reading import word
from plugin.pins.sources import Sources
from plugin.pins.tree import read

if TYPE_CHECKING:
    from plugin.artifact import DiskFamily, DiskImage
    from plugin.pins.pin import Pin

Said: TypeAlias = Callable[[tuple[Load, ...]], Mapping[str, str]]

_FILE = "manifest.yaml"
_TAKEN = frozenset({By.VOLUME, By.CLAIM, By.EPHEMERAL, By.DATA_SOURCE})


def annotated_by_hand(manifests: bytes, loads: Sequence[Load], said: Said) -> bytes:
    """`manifests` with the annotations that `said` gives for the loads an object carries.

    Where an object's metadata can take them; an alias, for one, stands for others, too.
    """
    chunks = [_Chunk(one) for one in texts_by_hand(manifests.decode())]
    for load in loads:
        disks: list[Name] = []
        for chunk in chunks:
            disks += chunk.carry(load)
        for chunk in chunks if disks else ():
            chunk.point(load, disks)
    return "".join(one.annotated(said) for one in chunks).encode()


@dataclass(slots=True)
class _Chunk:
    """The text of a document, what was read of it, and which of its objects carry what."""

    text: str
    carried: dict[int, dict[Load, None]] = field(default_factory=dict)
    _tree: Tree | Refused | None = None
    _known: Found | None = None
    _pins: dict[Repository | DiskFamily, tuple[Pin, ...]] = field(default_factory=dict)
    _lines: list[int] = field(default_factory=list)
    _objects: list[Object] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)

    def carry(self, load: Load) -> list[Name]:
        """Notes the objects that carry an artifact of `load`; the DataVolumes among them."""
        disks: list[Name] = []
        for artifact in load.artifacts:
            if not _mentions(self.text, artifact):
                continue
            for pin in self._found(artifact.subject):
                one = self._object(pin.line, pin.column) if is_at(pin, artifact) else None
                if one is not None:
                    self._note(one, load)
                    if one.kind == DATA_VOLUME:
                        disks.append(_name(one))
        return disks

    def point(self, load: Load, disks: Sequence[Name]) -> None:
        """Notes the machines and DataSources that name one of `disks`."""
        if not any(one in self.text for one in WORDS):
            return
        for one in stage_of(Sources({_FILE: self.text})).pointers:
            if one.by in _TAKEN and any(one.target.meets(disk) for disk in disks):
                self._note_pointer(one, load)

    def annotated(self, said: Said) -> str:
        """The text with annotations, or as it is where they find no place."""
        tree = self._tree
        if not self.carried or not isinstance(tree, Tree):
            return self.text
        known = {start: said(tuple(mine)) for start, mine in self.carried.items()}
        given = [(one, known[one.root.start]) for one in objects(tree) if one.root.start in known]
        return with_annotations(tree, given) or self.text

    def _read(self) -> Tree | Refused:
        if self._tree is None:
            self._tree = read(_FILE, self.text)
        return self._tree

    def _found(self, subject: Repository | DiskFamily) -> tuple[Pin, ...]:
        tree = self._read()
        if not isinstance(tree, Tree):
            return ()
        if self._known is None:
            self._known = found_in(_FILE, tree)
        if subject not in self._pins:
            self._pins[subject] = (
                pins_of_image(_FILE, tree, self._known, subject)
                if isinstance(subject, Repository)
                else tuple(one for one in self._known.pins if one.subject == subject)
            )
        return self._pins[subject]

    def _object(self, line: int, column: int) -> Object | None:
        tree = self._read()
        if not isinstance(tree, Tree):
            return None
        if not self._lines:
            ends = (found.end() for found in re.finditer(r"\r\n|\n|\r", tree.text))
            self._lines += [0, *ends]
            self._objects += sorted(objects(tree), key=lambda one: one.root.start)
            self._starts += [one.root.start for one in self._objects]
        number = bisect_right(self._starts, self._lines[line - 1] + column - 1) - 1
        return self._objects[number] if number >= 0 else None

    def _note(self, one: Object, load: Load) -> None:
        self.carried.setdefault(one.root.start, {})[load] = None

    def _note_pointer(self, pointer: Pointer, load: Load) -> None:
        one = self._object(pointer.line, pointer.place.scalar.column if pointer.place else 1)
        if one is not None:
            self._note(one, load)


def _mentions(text: str, artifact: Image | DiskImage) -> bool:
    if not isinstance(artifact, Image):
        return artifact.address in text
    said = (artifact.tag, artifact.digest.partition(":")[2])
    return artifact.repository.path.rpartition("/")[2] in text and any(one in text for one in said)


def _name(one: Object) -> Name:
    return Name(word(one.metadata.get("name")), word(one.metadata.get("namespace")))
