"""Records applied to printed manifests: the documents concerned bumped as files would be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from plugin.artifact import Image, Reference
from plugin.bumping import bumps
from plugin.disks.policy import Terms, Unconsented
from plugin.disks.read import WORDS
from plugin.errors import Refusal
from plugin.manifests import Document
from plugin.pins.edit import edited
from plugin.pins.nodes import Mapping, Node, Refused, Scalar, Tree
from plugin.pins.nodes import Sequence as Items
from plugin.pins.pin import Bumped, Change, Field, Kind, Part, Pin, Present
from plugin.pins.reading import mapping, raw, reference_of
from plugin.pins.sources import Sources
from plugin.record import Record
from plugin.recorded import as_recorded
from plugin.woven import Woven

_FILE = "manifests.yaml"
_REST = "others.txt"
_DISK = "ataVolume"
# What kustomize's own `images` reach wherever it stands; other fields need a version to be seen.
_CONTAINERS = frozenset({"containers", "initContainers", "ephemeralContainers"})


def applied_to(manifests: bytes, records: Sequence[Record]) -> bytes:
    """`manifests` with all artifacts of `records`, as `plugin.applied` says."""
    woven = Woven.of(manifests)
    chosen = _concerned(woven.texts, records)
    text = woven.text(chosen)
    rest = "\n".join(one for at, one in enumerate(woven.texts) if at not in chosen)
    new = text
    for record in records:
        new = _applied(new, rest, record)
    return woven.with_text(text, new) if new != text else manifests


def _concerned(texts: Sequence[str], records: Iterable[Record]) -> frozenset[int]:
    """The documents that may carry an artifact; where disks do, all that has to do with disks."""
    names = {
        one.repository.path.rpartition("/")[2]
        for record in records
        for one in record.freight.artifacts
    }
    chosen = {at for at, text in enumerate(texts) if any(one in text for one in names)}
    if any(_DISK in texts[at] for at in chosen):
        chosen |= {at for at, text in enumerate(texts) if any(one in text for one in WORDS)}
    return frozenset(chosen)


def _applied(text: str, rest: str, record: Record) -> str:
    """The documents of `text` with the artifacts of one record; `rest` are all others."""
    sources = as_recorded(Sources({_FILE: text, _REST: rest}), record)
    for artifact in record.freight.artifacts:
        sources = _versioned(sources, artifact)
    terms = Terms(max(1, len(record.previous_disks)), frozenset(), Unconsented.PROPOSED)
    done = bumps(sources, record.freight.artifacts, terms=terms)
    if done.refused:
        reasons = dict.fromkeys(_reason(sources.texts[_FILE], one) for one in done.refused)
        raise Refusal("\n".join(reasons))
    carried = {one.subject for one in sources.found(_FILE).pins}
    for artifact in record.freight.artifacts:
        if artifact.repository not in carried:
            raise Refusal(
                f"{artifact.repository} is in the record of {record.freight.warehouse}, and "
                "nothing that this stage renders names it: name the image in a manifest, or take "
                "it out of the warehouse"
            )
    return {**sources.texts, **done.files}[_FILE]


def _reason(text: str, refused: Refused) -> str:
    """What stands in the way, at the object that it is about: its lines are in no file."""
    lines = text.split("\n")[: refused.line]
    number = max((at for at, one in enumerate(lines) if one.startswith("---")), default=-1)
    rest = "\n".join(text.split("\n")[number + 1 :]).encode()
    one = Document(rest, 0, len(rest))
    return f"{one}: {refused.reason}" if one.kind else f"the rendered manifests: {refused.reason}"


def _versioned(sources: Sources, version: Image) -> Sources:
    """The files with this version in containers that say none, where people leave it to us."""
    name = version.repository.path.rpartition("/")[2]
    tree = sources.tree(_FILE)
    if isinstance(tree, Refused) or not re.search(
        rf"{re.escape(name)}[\"']?\s*$", tree.text, re.MULTILINE
    ):
        return sources
    changes = tuple(
        Change(_pin(tree, image, version), version)
        for document in tree.documents
        for image in _images(document)
        if reference_of(image.value) == Reference(version.repository) and not image.anchor
    )
    done = edited(_FILE, sources.texts[_FILE], tree, changes) if changes else None
    return Sources({**sources.texts, _FILE: done.text}) if isinstance(done, Bumped) else sources


def _images(node: Node) -> Iterator[Scalar]:
    """What stands behind `image` in each container below `node`."""
    if isinstance(node, Items):
        for item in node.items:
            yield from _images(item)
    elif isinstance(node, Mapping):
        for key, value in node.named():
            if key.value in _CONTAINERS and isinstance(value, Items):
                found = (mapping(one).get("image") for one in value.items)
                yield from (one for one in found if isinstance(one, Scalar))
            else:
                yield from _images(value)


def _pin(tree: Tree, image: Scalar, version: Image) -> Pin:
    part = Part(Present(image), Field.SUFFIX, before=image.value)
    said = raw(tree, image)
    return Pin(
        _FILE, image.line, image.column, Kind.IMAGE, version.repository, None, None, said, (part,)
    )
