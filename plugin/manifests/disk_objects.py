"""The disks that printed manifests make, and the machines and DataSources that name disks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from plugin.disks.model import By, Name
from plugin.disks.volumes import pointers_of, read_only_volumes, target_of
from plugin.manifests.documents import Document
from plugin.pins.disk_origin import Origin, origin_of
from plugin.pins.kubevirt_objects import (
    BLUEPRINT,
    DATA_SOURCE,
    DATA_VOLUME,
    INSTANCE,
    POOL,
    VIRTUAL_MACHINE,
    Object,
    below,
    instance_way,
    objects,
    resolved,
)
from plugin.pins.nodes import Mapping, Node, Refused, Tree
from plugin.pins.reading import is_placeholder, mapping, sequence, word
from plugin.pins.tree import read

_CLAIM = "PersistentVolumeClaim"
# No other document of KubeVirt or CDI makes a disk or names one.
_WORDS = ("dataVolume", "DataVolume", "persistentVolumeClaim", "DataSource")
# A definition of the kinds mentions the group, too, and is a hundred times as long as an object.
_OBJECT = re.compile(r"apiVersion[\"']?\s*:\s*[^\n]*?kubevirt\.io/")
_LONGEST_COUNT = 9


@dataclass(frozen=True, slots=True)
class Owner:
    """An object by kind and name; `copies` is how many machines a pool or a replica set makes."""

    kind: str
    id: Name
    copies: int = 1

    def __str__(self) -> str:
        return f"{self.kind} '{self.id}'"

    @property
    def machine(self) -> tuple[str, Name]:
        """What tells machines apart: a VirtualMachine's instance has its name."""
        return VIRTUAL_MACHINE if self.kind == INSTANCE else self.kind, self.id


@dataclass(frozen=True, slots=True)
class Made:
    """A disk that a DataVolume makes, or the template of one in a machine.

    `origin` is None where no version is named, as by a blank disk or a copy.
    """

    owner: Owner
    id: Name
    origin: Origin | None = None

    def __str__(self) -> str:
        own = self.owner.kind in {DATA_VOLUME, _CLAIM}
        return str(self.owner) if own else f"template '{self.id.name}' of {self.owner}"

    @property
    def alone(self) -> bool:
        """Whether it is an object of its own."""
        return self.owner.kind == DATA_VOLUME


@dataclass(frozen=True, slots=True)
class Use:
    """A disk named by a machine's volume, or by a DataSource.

    `writes` is False for what a machine only reads; `shares` where it is prepared for others that
    write (https://kubevirt.io/user-guide/storage/disks_and_volumes/#disk-sharing).
    """

    by: By
    target: Name
    owner: Owner
    volume: str = ""
    writes: bool = False
    shares: bool = False

    def __str__(self) -> str:
        volume = f"volume '{self.volume}' of " if self.volume else ""
        return f"{volume}{self.owner} names {self.kind} '{self.target.name}'"

    @property
    def kind(self) -> str:
        """What it names."""
        return DATA_VOLUME if self.by is By.VOLUME else _CLAIM


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that nobody can judge, and why."""

    what: str
    reason: str

    def __str__(self) -> str:
        return f"the disks of {self.what} cannot be judged, because it {self.reason}"


Item: TypeAlias = Made | Use | Unread


def concerned(texts: Iterable[str]) -> list[str]:
    """The documents that may make a disk or name one; all others need not be read."""
    return [text for text in texts if any(one in text for one in _WORDS) and _OBJECT.search(text)]


def items_of(texts: Iterable[str]) -> Iterator[Item]:
    """Everything about disks in the documents `texts`, each of which is read alone."""
    for text in texts:
        yield from _items(text)


def claims_in(texts: Iterable[str], names: frozenset[str]) -> Iterator[Made]:
    """The claims of these names that are objects of their own."""
    for text in texts:
        if _CLAIM not in text or not any(name in text for name in names):
            continue
        tree = read("", text)
        for one in () if isinstance(tree, Refused) else objects(tree):
            if one.kind == _CLAIM:
                yield Made(Owner(_CLAIM, _id(one.metadata)), _id(one.metadata))


def _items(text: str) -> Iterator[Item]:
    tree = read("", text)
    if isinstance(tree, Refused):
        yield Unread(_what(text), tree.reason)
        return
    for one in objects(tree):
        if not one.of_kubevirt:
            continue
        owner = Owner(one.kind, _id(one.metadata), _copies(one))
        if one.kind == DATA_VOLUME:
            yield _made(tree, owner, owner.id, one.root)
        elif one.kind == DATA_SOURCE:
            claim = below(one.root, "spec", "source", "pvc")
            yield from _use(By.DATA_SOURCE, claim, "name", Use(By.DATA_SOURCE, owner.id, owner))
        elif instance_way(one.kind) and one.kind != BLUEPRINT:
            yield from _machine(tree, owner, one)


def _what(text: str) -> str:
    encoded = text.encode("utf-8", "replace")
    one = Document(encoded, 0, len(encoded))
    return str(one) if one.kind else "one of the rendered documents"


def _copies(one: Object) -> int:
    """A pool or a replica set that does not say how many makes one."""
    said = word(below(one.root, "spec").get("replicas"))
    counts = one.kind not in {VIRTUAL_MACHINE, INSTANCE} and len(said) <= _LONGEST_COUNT
    return int(said) if counts and said.isascii() and said.isdecimal() else 1


def _made(tree: Tree, owner: Owner, id_: Name, root: Mapping) -> Made:
    origin = origin_of(tree, below(root, "spec"))
    return Made(owner, id_, origin if isinstance(origin, Origin) else None)


def _machine(tree: Tree, owner: Owner, one: Object) -> Iterator[Made | Use]:
    own: set[str] = set()
    for item in sequence(one.machine.get("dataVolumeTemplates")).items:
        name = _word(below(item, "metadata").get("name"))
        own.add(name)
        yield _made(tree, owner, Name(name, owner.id.namespace), mapping(item))
    for use in _uses(owner, one.instance):
        # What a pool makes of its templates has a number behind the name.
        if owner.kind != POOL or use.target.name not in own:
            yield use


def _uses(owner: Owner, instance: Mapping) -> Iterator[Use]:
    reading, sharing = read_only_volumes(instance), _shared(below(instance, "domain", "devices"))
    for item in sequence(instance.get("volumes")).items:
        name = _word(mapping(item).get("name"))
        for by, node, key in pointers_of(mapping(item)):
            writes = by is not By.EPHEMERAL and name not in reading
            yield from _use(by, node, key, Use(by, owner.id, owner, name, writes, name in sharing))


def _use(by: By, node: Mapping, key: str, use: Use) -> Iterator[Use]:
    """`use` of what `key` of `node` names, where it does."""
    name = _word(node.get(key))
    if name and not is_placeholder(name):
        target = target_of(by, node, name, use.owner.id.namespace)
        yield Use(by, target, use.owner, use.volume, use.writes, use.shares)


def _shared(devices: Mapping) -> frozenset[str]:
    """The volumes that the machine shares with others.

    A shared directory and a LUN are made for it; every volume that is not listed is a disk.
    """
    disks = [mapping(one) for one in sequence(devices.get("disks")).items]
    listed = sequence(devices.get("filesystems")).items
    sharing = {_word(one.get("name")) for one in disks if _shares(one)}
    return frozenset(sharing | {_word(mapping(one).get("name")) for one in listed})


def _shares(disk: Mapping) -> bool:
    return disk.get("lun") is not None or word(disk.get("shareable")) == "true"


def _id(metadata: Mapping) -> Name:
    return Name(_word(metadata.get("name")), _word(metadata.get("namespace")))


def _word(node: Node | None) -> str:
    scalar = resolved(node)
    return scalar.value if scalar else ""
