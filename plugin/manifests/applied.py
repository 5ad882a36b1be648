"""Records applied to printed manifests: the documents concerned bumped as files would be."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from plugin.artifact import Image, Repository, Watched
from plugin.bumping import bumps
from plugin.disks.model import Name
from plugin.disks.policy import Terms, Unconsented
from plugin.disks.read import WORDS
from plugin.errors import Refusal
from plugin.held import held_of
from plugin.manifests.generated import of_generated
from plugin.manifests.image_places import pins_of_image, places_in, remarks_in, without_remarks
from plugin.manifests.woven import Woven
from plugin.pins.edit import changes_in, edited
from plugin.pins.find import mentions
from plugin.pins.naming import NOBODY
from plugin.pins.nodes import Mapping, Refused, Tree
from plugin.pins.objects import objects
from plugin.pins.pin import Bumped, Change, Found, Pin
from plugin.pins.reading import mapping, word
from plugin.pins.sources import Sources
from plugin.pins.tree import MAX_BYTES
from plugin.record import Record, record_path
from plugin.recorded import as_recorded

_FILE = "manifests.yaml"
_REST = "others.yaml"
_DISK = "ataVolume"
# How much is read as one text at most: far below what is read at all.
_BATCH = MAX_BYTES // 4
# What a name may go on with; and what says that a registry stands elsewhere, or an escape.
_BEFORE, _AFTER = r"(?<![\w.-])", r"(?![\w/-])"
_APART = re.compile(r"egistry|hub|global|\\")
_SCHEMA = re.compile(r"^kind: CustomResourceDefinition\s*$", re.MULTILINE)
_WORD = re.compile(r"[\w.-]+")


def applied(manifests: bytes, records: Sequence[Record], directory: str) -> bytes:
    """`manifests` with the artifacts of all `records`.

    In every field that a bump of files changes. Then in every object of any kind, custom resources
    included: behind keys that say image (`image`, `runnerImage`, `imageName`, items of `images`)
    whether a version stands there or not, and behind all other keys where the whole value is the
    repository with a version (`ghcr.io/acme/web:0`); a name without one may mean anything there
    and stays. Objects that only describe images stay, too: definitions, policies, and what watches
    registries. The disks of previous versions stay beside the present ones. What carries none of
    them stays byte for byte and is not read.

    The result is what kustomize would have printed of bumped files, but for two things that its
    output does not show: of an image written by digest alone no tag is added, and documents that
    stand in kustomize's own order are kept in it. Raises Refusal, with the stage's `directory` or
    a record's path, where a place cannot take its version, for an artifact that nothing carries,
    and where two records want a repository at two versions.
    """
    _check_agreement(records, directory)
    woven = Woven.of(manifests)
    named: set[tuple[str, object]] = set()
    for chosen in _batches(woven.texts, _concerned(woven.texts, records)):
        text = new = woven.text(chosen)
        rest = _rest(woven.texts, chosen, text) if _is_of_disks(text) else ""
        for record in records:
            step = _Step(Sources({_FILE: new, _REST: rest}), record, directory)
            new, subjects = step.applied()
            named |= {(record.freight.warehouse, one) for one in subjects}
        if new != text:
            manifests = woven.with_text(text, new)
            woven = Woven.of(manifests)
    _check_named(named, records, directory)
    return manifests


def _rest(texts: Sequence[str], chosen: Container[int], text: str) -> str:
    """The words of all other documents that stand in `text`, too: names of disks among them.

    As a text, because a disk that something names elsewhere stays.
    """
    own = frozenset(_WORD.findall(text))
    others = (one for at, one in enumerate(texts) if at not in chosen)
    common = {word for one in others for word in _WORD.findall(one) if word in own}
    return "words: |\n" + "".join(f"  {one}\n" for one in sorted(common))


def _check_named(
    named: Container[tuple[str, object]], records: Iterable[Record], directory: str
) -> None:
    """Raises Refusal for artifacts that nothing names."""
    missing = [
        f"{record_path(directory, record.freight.warehouse)}: {one.subject}: nothing that this "
        "stage renders names it; name it in a manifest, or take it out of the warehouse"
        for record in records
        for one in record.freight.artifacts
        if (record.freight.warehouse, one.subject) not in named
    ]
    if missing:
        raise Refusal("\n".join(missing))


def _check_agreement(records: Iterable[Record], directory: str) -> None:
    """Raises Refusal where two records want one subject at two versions."""
    every = [(one, record) for record in records for one in record.freight.artifacts]
    for (one, mine), (other, theirs) in combinations(every, 2):
        if one.subject == other.subject and one != other:
            first, second = (
                record_path(directory, record.freight.warehouse) for record in (mine, theirs)
            )
            raise Refusal(
                f"{first}: {one.subject}: is {held_of(one).version} here and "
                f"{held_of(other).version} in {second}, and both records are to be applied; take "
                "it out of one of the two warehouses"
            )


def _concerned(texts: Sequence[str], records: Iterable[Record]) -> frozenset[int]:
    """The documents that may carry an artifact; where disks do, all that has to do with disks."""
    subjects = {one.subject for record in records for one in record.freight.artifacts}
    chosen = {
        at
        for at, text in enumerate(texts)
        if any(_names(text, one) for one in subjects) and not _SCHEMA.search(text)
    }
    if any(_DISK in texts[at] for at in chosen):
        chosen |= {at for at, text in enumerate(texts) if _is_of_disks(text)}
    return frozenset(chosen)


def _names(text: str, subject: Watched) -> bool:
    """Whether a text may name a subject; an image as a whole, or with its registry apart."""
    if not isinstance(subject, Repository):
        return mentions(text, (subject,))
    path = subject.path.removeprefix("library/")
    name = path.rpartition("/")[2]
    if name not in text or not re.search(f"{_BEFORE}{re.escape(name)}{_AFTER}", text):
        return False
    whole = re.search(f"{_BEFORE}{re.escape(path)}{_AFTER}", text)
    return whole is not None or _APART.search(text) is not None


def _is_of_disks(text: str) -> bool:
    return any(one in text for one in WORDS)


def _batches(texts: Sequence[str], chosen: Iterable[int]) -> Iterator[frozenset[int]]:
    """The chosen documents in parts that can be read; last those of disks, which belong together.

    Only they may become more or fewer documents, and so they move no others that are waiting.
    """
    batch: list[int] = []
    size = 0
    for at in sorted(chosen, key=lambda one: (_is_of_disks(texts[one]), one)):
        size += len(texts[at])
        if batch and size > _BATCH and not _is_of_disks(texts[batch[-1]]):
            yield frozenset(batch)
            batch, size = [], len(texts[at])
        batch.append(at)
    if batch:
        yield frozenset(batch)


@dataclass(frozen=True, slots=True)
class _Step:
    """Documents, and the record that is applied to them."""

    sources: Sources
    record: Record
    directory: str

    def applied(self) -> tuple[str, frozenset[object]]:
        """The documents with the record's artifacts, and the subjects that they name."""
        artifacts = self.record.freight.artifacts
        sources = as_recorded(self.sources, self.record)
        for artifact in artifacts:
            if isinstance(artifact, Image):
                sources = self._placed(sources, artifact)
        tree = sources.tree(_FILE)
        remarks = frozenset() if isinstance(tree, Refused) else remarks_in(tree)

        def counts(pin: Pin) -> bool:
            return (pin.line, pin.column) not in remarks

        terms = Terms(max(1, len(self.record.previous_disks)), frozenset(), Unconsented.PROPOSED)
        done = bumps(sources, artifacts, counts=counts, terms=terms)
        if done.refused:
            raise _refusal(sources, done.refused, self.directory)
        named = (one.subject for one in artifacts if _pins(sources, one.subject))
        return {**sources.texts, **done.files}[_FILE], frozenset(named)

    def _placed(self, sources: Sources, version: Image) -> Sources:
        """The documents with this version in fields that no finder of pins knows."""
        tree = sources.tree(_FILE)
        if isinstance(tree, Refused):
            return sources
        known = without_remarks(tree, sources.found(_FILE))
        found = tuple(places_in(_FILE, tree, known, version.repository))
        places = tuple(one for one in found if isinstance(one, Pin))
        moving = changes_in(tree, Found((*places, *known.pins)), (version,), NOBODY)
        refused = [
            *(one for one in found if isinstance(one, Refused)),
            *of_generated(_FILE, tree, (one.pin for one in moving)),
        ]
        if refused:
            raise _refusal(sources, refused, self.directory)
        if not places:
            return sources
        changes = tuple(Change(one, version) for one in places)
        match edited(_FILE, sources.texts[_FILE], tree, changes):
            case Bumped(text):
                return Sources({**sources.texts, _FILE: text})
            case Refused() as one:
                raise _refusal(sources, (one,), self.directory)


def _pins(sources: Sources, subject: Watched) -> tuple[Pin, ...]:
    tree, found = sources.tree(_FILE), sources.found(_FILE)
    if isinstance(tree, Refused):
        return ()
    if isinstance(subject, Repository):
        return pins_of_image(_FILE, tree, found, subject)
    return tuple(one for one in found.pins if one.subject == subject)


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
    return _called(before[-1]) if before else ""


def _called(one: Mapping) -> str:
    metadata = mapping(one.get("metadata"))
    name = Name(word(metadata.get("name")), word(metadata.get("namespace")))
    return f"{word(one.get('kind'))} '{name}'"
