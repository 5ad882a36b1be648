"""Disks whose name and source kustomize copies out of one small file of a stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from plugin.pins.disk_origin import Fixed, Origin, http_origin, registry_origin
from plugin.pins.kubevirt_objects import DATA_VOLUME, POOL, VIRTUAL_MACHINE, annotated, below
from plugin.pins.kustomization import NAMES
from plugin.pins.nodes import Mapping as MappingNode
from plugin.pins.nodes import Refused, Scalar, Tree
from plugin.pins.pin import Kind, Pin, Present, Slot
from plugin.pins.reading import mapping, raw, refused, word
from plugin.pins.replacement_sources import WORD, Kustomized, Standing, nodes_at
from plugin.pins.replacements import Replacement, Target

Reader = Callable[[str], Tree | Refused]
Path = tuple[str, ...]

_KINDS = frozenset({DATA_VOLUME, VIRTUAL_MACHINE, POOL})
_URLS: dict[Path, str] = {
    ("source", "registry", "url"): "registry",
    ("source", "http", "url"): "http",
}
_CHECKSUM = ("source", "http", "checksum")
_POINTERS = {("dataVolume", "name"), ("persistentVolumeClaim", "claimName")}
_SILENT = (
    "is copied into the source of disk {disk}, but nothing is copied into that disk's name and "
    "into a volume's dataVolume.name: the cluster would go on with the old disk; copy one more "
    "field to both"
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A volume of a machine, or a DataSource, that the name is copied into."""

    kind: str
    name: str
    volume: str


@dataclass(frozen=True, slots=True)
class CopiedDisk:
    """A disk as a source file says it; `overwritten` are the places that decide nothing.

    `annotations` are those of the object that holds the fields: the machine itself may stand in
    a base that the stage does not hold.
    """

    file: str
    tree: Tree
    origin: Origin
    name: Scalar
    template: bool
    holders: tuple[Holder, ...]
    annotations: Mapping[str, str]
    overwritten: tuple[tuple[str, int, int], ...]

    @property
    def pin(self) -> Pin:
        """The place of the version, without parts: it moves with the disk."""
        origin, url = self.origin, self.origin.url
        kind = Kind.DATA_VOLUME_TEMPLATE if self.template else Kind.DATA_VOLUME
        subject, tag, digest = origin.subject, origin.version, origin.digest
        return Pin(self.file, url.line, url.column, kind, subject, tag, digest, raw(self.tree, url))


def copied_disks(texts: Mapping[str, str], tree_of: Reader) -> Iterator[CopiedDisk | Refused]:
    """The disks of every kustomization among `texts`, and those that would be moved in vain."""
    for file in sorted(texts):
        if file.rpartition("/")[2] in NAMES and WORD in texts[file]:
            stage = Kustomized(file, texts, tree_of)
            fields = [one for entry in stage.replacements() for one in _fields(stage, entry)]
            for one in fields:
                if one.target.kind in _KINDS and one.path[-3:] in _URLS:
                    yield _disk(stage, one, fields)


@dataclass(frozen=True, slots=True)
class _Copied:
    """One target field, and the scalar that is copied there."""

    at: Standing
    scalar: Scalar
    target: Target
    path: Path


def _fields(stage: Kustomized, entry: Replacement) -> Iterator[_Copied]:
    if entry.source is None or entry.source.cut is not None:
        return
    sources = list(stage.sources(entry.source))
    if len(sources) == 1:
        for target in entry.targets:
            for path in target.field_paths:
                yield _Copied(*sources[0], target, path)


def _disk(stage: Kustomized, url: _Copied, fields: list[_Copied]) -> CopiedDisk | Refused:
    spec = url.path[:-3]
    name = _into(fields, url.target, (*spec[:-1], "metadata", "name"))
    holders = tuple(_holders(fields, name)) if name else ()
    if name is None or not holders:
        reason = _SILENT.format(disk=f"'{url.target.name}'")
        return refused(url.at.file, url.scalar, reason)
    checksum = _into(fields, url.target, (*spec, *_CHECKSUM))
    origin = _origin(stage, url, checksum)
    apart = {one.at.file for one in (url, name, checksum) if one} != {url.at.file}
    if isinstance(origin, Fixed) or apart or _cut(fields, url):
        reason = origin.reason if isinstance(origin, Fixed) else "is not copied whole and together"
        return refused(url.at.file, url.scalar, f"disk '{url.target.name}' {reason}")
    return CopiedDisk(
        url.at.file,
        url.at.tree,
        origin,
        name.scalar,
        url.target.kind != DATA_VOLUME,
        holders,
        _annotations(url.at.root),
        tuple(_overwritten(stage, url)),
    )


def _annotations(root: object) -> dict[str, str]:
    metadata = below(root if isinstance(root, MappingNode) else None, "metadata")
    return {name: one.value for name, one in annotated(metadata).items()}


def _into(fields: list[_Copied], target: Target, path: Path) -> _Copied | None:
    """What is copied into `path` of the same object."""
    same = (target.kind, target.name)
    for one in fields:
        if one.path == path and (one.target.kind, one.target.name) == same:
            return one
    return None


def _holders(fields: list[_Copied], name: _Copied) -> Iterator[Holder]:
    """The pointers that the same scalar is copied into."""
    for one in fields:
        if (one.at.file, one.scalar) == (name.at.file, name.scalar):
            if one.path[-2:] in _POINTERS:
                step = next(step for step in reversed(one.path[:-2]) if step != "ephemeral")
                yield Holder(one.target.kind, one.target.name, step[1:-1].partition("=")[2])
            elif one.path[-3:] == ("source", "pvc", "name") and one.target.kind == "DataSource":
                yield Holder(one.target.kind, one.target.name, one.target.name)


def _origin(stage: Kustomized, url: _Copied, checksum: _Copied | None) -> Origin | Fixed:
    if _URLS[url.path[-3:]] == "http":
        slot: Slot | None = Present(checksum.scalar) if checksum else None
        return http_origin(url.at.tree, url.scalar, slot)
    by_node = any(
        word(mapping(node).get("pullMethod")) == "node"
        for one in stage.objects(url.target.kind, url.target.name)
        for node in nodes_at(one, url.path[:-1])
    )
    return registry_origin(url.at.tree, url.scalar, by_node=by_node)


def _cut(fields: list[_Copied], url: _Copied) -> bool:
    same = [one for one in fields if one.target.name == url.target.name]
    return any(one.target.cut is not None for one in same)


def _overwritten(stage: Kustomized, url: _Copied) -> Iterator[tuple[str, int, int]]:
    for one in stage.objects(url.target.kind, url.target.name):
        for node in nodes_at(one, url.path):
            yield one.file, node.line, node.column
