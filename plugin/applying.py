"""Records applied to printed manifests: the documents concerned bumped as files would be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from plugin.artifact import Image
from plugin.bumping import bumps
from plugin.disks.policy import Terms, Unconsented
from plugin.disks.read import WORDS
from plugin.errors import Refusal
from plugin.image_places import places_in
from plugin.pins.edit import edited
from plugin.pins.nodes import Mapping, Refused, Tree
from plugin.pins.objects import objects
from plugin.pins.pin import Bumped, Change, Pin
from plugin.pins.reading import mapping, word
from plugin.pins.sources import Sources
from plugin.record import Record, record_path
from plugin.recorded import as_recorded
from plugin.woven import Woven

_FILE = "manifests.yaml"
_REST = "others.txt"
_DISK = "ataVolume"


def applied_to(manifests: bytes, records: Sequence[Record], directory: str) -> bytes:
    """`manifests` with all artifacts of `records`, as `plugin.applied` says."""
    _check_agreement(records, directory)
    woven = Woven.of(manifests)
    chosen = _concerned(woven.texts, records)
    text = woven.text(chosen)
    rest = "\n".join(one for at, one in enumerate(woven.texts) if at not in chosen)
    new = text
    for record in records:
        new = _applied(new, rest, record, directory)
    return woven.with_text(text, new) if new != text else manifests


def _check_agreement(records: Iterable[Record], directory: str) -> None:
    """Raises Refusal where two records want one repository at two versions."""
    every = [(one, record) for record in records for one in record.freight.artifacts]
    for (one, mine), (other, theirs) in combinations(every, 2):
        if one.repository == other.repository and one != other:
            first, second = (
                record_path(directory, record.freight.warehouse) for record in (mine, theirs)
            )
            raise Refusal(
                f"{first}: {one.repository}: is {one.tag}@{one.digest} here and "
                f"{other.tag}@{other.digest} in {second}, and both records are to be applied; "
                "take the image out of one of the two warehouses"
            )


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


def _applied(text: str, rest: str, record: Record, directory: str) -> str:
    """The documents of `text` with the artifacts of one record; `rest` are all others."""
    sources = as_recorded(Sources({_FILE: text, _REST: rest}), record)
    named: dict[object, None] = {}
    for artifact in record.freight.artifacts:
        sources, places = _placed(sources, artifact, directory)
        named |= dict.fromkeys(one.subject for one in places)
    terms = Terms(max(1, len(record.previous_disks)), frozenset(), Unconsented.PROPOSED)
    done = bumps(sources, record.freight.artifacts, terms=terms)
    if done.refused:
        raise _refusal(sources, done.refused, directory)
    named |= dict.fromkeys(one.subject for one in sources.found(_FILE).pins)
    path = record_path(directory, record.freight.warehouse)
    missing = [
        f"{path}: {one.repository}: nothing that this stage renders names it; name the image in a "
        "manifest, or take it out of the warehouse"
        for one in record.freight.artifacts
        if one.repository not in named
    ]
    if missing:
        raise Refusal("\n".join(missing))
    return {**sources.texts, **done.files}[_FILE]


def _placed(sources: Sources, version: Image, directory: str) -> tuple[Sources, tuple[Pin, ...]]:
    """The files with this version in the fields that no finder of pins knows, and these fields."""
    tree = sources.tree(_FILE)
    if isinstance(tree, Refused):
        return sources, ()
    found = tuple(places_in(_FILE, tree, sources.found(_FILE), version.repository))
    refused = tuple(one for one in found if isinstance(one, Refused))
    if refused:
        raise _refusal(sources, refused, directory)
    places = tuple(one for one in found if isinstance(one, Pin))
    if not places:
        return sources, ()
    changes = tuple(Change(one, version) for one in places)
    match edited(_FILE, sources.texts[_FILE], tree, changes):
        case Bumped(text):
            return Sources({**sources.texts, _FILE: text}), places
        case Refused() as one:
            raise _refusal(sources, (one,), directory)


def _refusal(sources: Sources, refused: Iterable[Refused], directory: str) -> Refusal:
    """What stands in the way, at the objects that it is about: its lines are in no file."""
    tree = sources.tree(_FILE)
    texts = (
        f"{directory or '.'}: {_object_at(tree, one.line) or 'the rendered manifests'}: "
        f"{one.reason}"
        for one in refused
    )
    return Refusal("\n".join(dict.fromkeys(texts)))


def _object_at(tree: Tree | Refused, line: int) -> str:
    """The kind, namespace and name of the object around a line, '' where there is none."""
    if isinstance(tree, Refused):
        return ""
    before = [one for one in objects(tree) if one.line <= line]
    return _called(max(before, key=lambda one: one.line)) if before else ""


def _called(one: Mapping) -> str:
    metadata = mapping(one.get("metadata"))
    parts = (word(metadata.get("namespace")), word(metadata.get("name")))
    return f"{word(one.get('kind'))} '{'/'.join(part for part in parts if part)}'"
