"""Which of the printed objects carry an artifact of a record, by looking for it in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plugin.artifact.image import Image, Reference
from plugin.errors import Refusal
from plugin.manifests.documents import Document, field_of, unquoted, way_to
from plugin.manifests.image_words import (
    is_at,
    is_remark,
    may_name_image,
    only_describes,
    without_transport,
)
from plugin.manifests.loads import Load

if TYPE_CHECKING:
    from plugin.artifact.disk import DiskImage
    from plugin.artifact.image import Repository
    from plugin.pins.nodes import Refused, Tree
    from plugin.pins.pin import Found, Pin

_MANIFEST = "manifest.yaml"
_MACHINES = ("VirtualMachine", "DataSource")
_DATA_VOLUME = "DataVolume"
# Where a machine or a DataSource names a DataVolume, as kustomize sorts the keys.
_POINTER = re.compile(
    rb"\n +(?:- )?(?:dataVolume|(?P<pvc>pvc)):\n(?: +hotpluggable: \w+\n)? +name: (?P<name>.+)"
    rb"(?:\n +namespace: (?P<space>.+))?|\n +(?:- )?claimName: (?P<claim>.+)"
)
# What only the readers of pins understand: groups of repository and tag, and values in objects of
# tools that render by themselves.
_TAG_KEYS, _DIGEST_KEYS = (b"tag: ", b"imageTag: "), (b"digest: ", b"sha: ")
# How many places of a document are looked at in its text, before it is read once and for all.
_TRIES = 100
_RENDERERS = (b"argoproj.io/", b"fluxcd.io/", b"helm.cattle.io/")


def carriers(
    every: Sequence[Document], loads: Iterable[Load]
) -> Iterator[tuple[Document, tuple[Load, ...]]]:
    """The documents that carry something of `loads`, in their order, each with what it carries.

    An artifact is carried where its repository stands with its digest, or with its tag where no
    digest is written, in any field but annotations and labels; and by machines and DataSources
    that name a DataVolume which carries it.
    """
    if not every:
        return
    search = _Search(every)
    for load in loads:
        search.add(load)
    for number in sorted(search.found):
        yield every[number], tuple(search.found[number])


@dataclass(frozen=True, slots=True)
class _Search:
    """The text of all documents, where each begins, and which loads were found in each."""

    every: Sequence[Document]
    found: dict[int, list[Load]] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)
    _trees: dict[int, tuple[Tree | Refused, Found]] = field(default_factory=dict)
    _pins: dict[tuple[int, Repository], tuple[Pin, ...]] = field(default_factory=dict)
    _tries: dict[int, int] = field(default_factory=dict)

    @property
    def text(self) -> bytes:
        return self.every[0].text

    def add(self, load: Load) -> None:
        """Find the documents that carry an artifact of `load`."""
        mine: set[int] = set()
        for artifact in load.artifacts:
            if isinstance(artifact, Image):
                mine |= self._carrying(artifact)
            else:
                mine |= self._importing(artifact)
        mine |= self._pointing(mine)
        for number in mine:
            self.found.setdefault(number, []).append(load)

    def _carrying(self, artifact: Image) -> set[int]:
        mine: set[int] = set()
        name = artifact.repository.path.rpartition("/")[2].encode()
        for needle in (b"@" + artifact.digest.encode(), b"%b:%b" % (name, artifact.tag.encode())):
            for at in _every(self.text, needle):
                number = self._number(at)
                if number not in mine and self._try(number) and self._says(number, at, artifact):
                    mine.add(number)
        unsure = {one for one, tries in self._tries.items() if tries > _TRIES}
        for number in (self._grouped(artifact, name) | unsure) - mine:
            if self._reads(number, artifact):
                mine.add(number)
        return mine

    def _importing(self, disk: DiskImage) -> set[int]:
        """The documents with a disk that is imported from the address."""
        numbers = {self._number(at) for at in _every(self.text, disk.address.encode())}
        return {one for one in numbers if any(is_at(pin, disk) for pin in self._disks(one, disk))}

    def _disks(self, number: int, disk: DiskImage) -> Iterator[Pin]:
        _, found = self._read(number)
        return (one for one in found.pins if one.subject == disk.subject)

    def _try(self, number: int) -> bool:
        """Whether to look at one more place in a document: a text may hold thousands."""
        self._tries[number] = self._tries.get(number, 0) + 1
        return self._tries[number] <= _TRIES

    def _number(self, at: int) -> int:
        if not self._starts:
            self._starts.extend(one.start for one in self.every)
        return bisect_right(self._starts, at) - 1

    def _says(self, number: int, at: int, artifact: Image) -> bool:
        """Whether the line around `at` is a field that names the artifact."""
        document = self.every[number]
        start = max(self.text.rfind(b"\n", document.start, at) + 1, document.start)
        text = self.text[start : self.text.find(b"\n", at)]
        line = field_of(text)
        if only_describes(document.kind, document.api_version):
            return False
        if line is None:
            # An item of a list has no key on its line, and neither has a line of a text.
            item = text.lstrip(b" ")
            listed = item.startswith(b"- ") and _is(unquoted(item.lstrip(b"- ")), artifact)
            return listed and self._reads(number, artifact)
        said = unquoted(line.value)
        if not _is(said, artifact) or not (may_name_image(line.key) or _is_whole(said)):
            return False
        way = way_to(document, start)
        return way is not None and not any(is_remark(key) for key in way[:-1])

    def _grouped(self, artifact: Image, name: bytes) -> set[int]:
        """The documents that may carry the artifact in a way that takes a reader to see."""
        hexadecimal = artifact.digest.partition(":")[2]
        needles = [
            *(key + said for key in _TAG_KEYS for said in _spellings(artifact.tag)),
            *(key + said for key in _DIGEST_KEYS for said in _spellings(hexadecimal)),
            *(key + artifact.digest.encode() for key in _DIGEST_KEYS),
            *(b"apiVersion: " + group for group in _RENDERERS),
        ]
        numbers = {self._number(at) for one in needles for at in _every(self.text, one)}
        return {one for one in numbers if name in self.every[one].body}

    def _reads(self, number: int, artifact: Image) -> bool:
        """Whether a place of the document, as a bump would find it, is at the artifact."""
        key = (number, artifact.repository)
        if key not in self._pins:
            self._pins[key] = self._places(number, artifact.repository)
        return any(is_at(pin, artifact) for pin in self._pins[key])

    def _places(self, number: int, repository: Repository) -> tuple[Pin, ...]:
        from plugin.manifests.image_places import pins_of_image  # loads YAML, and few need it
        from plugin.pins.nodes import Tree

        tree, found = self._read(number)
        if not isinstance(tree, Tree):
            return ()
        return pins_of_image(_MANIFEST, tree, found, repository)

    def _read(self, number: int) -> tuple[Tree | Refused, Found]:
        """The document as a file with pins."""
        from plugin.pins.find import found_in  # loads YAML, and few need it
        from plugin.pins.nodes import Tree
        from plugin.pins.pin import Found
        from plugin.pins.tree import read

        if number not in self._trees:
            tree = read(_MANIFEST, self.every[number].body.decode())
            found = found_in(_MANIFEST, tree) if isinstance(tree, Tree) else Found()
            self._trees[number] = tree, found
        return self._trees[number]

    def _pointing(self, carrying: Iterable[int]) -> set[int]:
        """The machines and DataSources that name one of the DataVolumes among `carrying`."""
        found = [self.every[one] for one in carrying if self.every[one].kind == _DATA_VOLUME]
        spaces: dict[str, set[str]] = {}
        for disk in found:
            spaces.setdefault(disk.name, set()).add(disk.namespace)
        mine: set[int] = set()
        for one in _POINTER.finditer(self.text) if spaces else ():
            number = self._number(one.start() + 1)
            if number not in mine and self._points(number, one, spaces):
                mine.add(number)
        return mine

    def _points(self, number: int, found: re.Match[bytes], spaces: Mapping[str, set[str]]) -> bool:
        group = "name" if found["name"] else "claim"
        document, known = self.every[number], spaces.get(unquoted(found[group]))
        if known is None or not document.kind.startswith(_MACHINES) or not self._try(number):
            return False
        # A volume is always of the machine's own namespace, whatever stands there.
        elsewhere = found["pvc"] and found["space"]
        space = unquoted(elsewhere) if elsewhere else document.namespace
        start = self.text.rfind(b"\n", document.start, found.start(group)) + 1
        meets = not space or not known.isdisjoint({"", space})
        return meets and way_to(document, start) is not None


def _every(text: bytes, needle: bytes) -> Iterator[int]:
    """Where `needle` stands in `text`."""
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + len(needle))


def _spellings(value: str) -> tuple[bytes, bytes]:
    return value.encode(), f'"{value}"'.encode()


def _is_whole(text: str) -> bool:
    """Whether a value behind any key is an image: one without a slash is rather a host's port."""
    return "/" in without_transport(text)


def _is(text: str, artifact: Image) -> bool:
    try:
        said = Reference.parse(without_transport(text))
    except Refusal:
        return False
    return said.repository == artifact.repository and is_at(said, artifact)
