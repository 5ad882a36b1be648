"""Faults of the disks in printed manifests, which show what the cluster would really be told.

A DataVolume never changes after it was made, and goes with its data when it is taken out
(https://github.com/kubevirt/containerized-data-importer/blob/main/doc/datavolumes.md).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from plugin.artifact import DiskImage, Image
from plugin.disks.model import By
from plugin.disks.names import SUFFIX, base_of, fitting, suffix_of
from plugin.manifests.disk_objects import Made, Unread, Use, claims_in, concerned, items_of
from plugin.manifests.shared_disks import shared
from plugin.manifests.woven import Woven
from plugin.pins.disk_origin import REGISTRY, Origin
from plugin.pins.kubevirt_objects import POOL
from plugin.record import Record, record_path
from plugin.stage_policy import Guard

# A volume of a machine as kustomize prints it.
_NAMED = re.compile(r"\bclaimName: (.*)|\bdataVolume:\n(?: +(?! |name:).*\n){0,3} +name: (.*)")
_REPLICAS = "\n  replicas:"
# A document that cannot be judged may break any of them.
_EVERY = frozenset(Guard)

Fault: TypeAlias = tuple[frozenset[Guard], str]


def faults_in(manifests: bytes, records: tuple[Record, ...], directory: str) -> tuple[Fault, ...]:
    """Every fault, each with the guards that find it, which a stage leaves out to have it.

    A disk is managed where a record has the image that it is filled from; records lie in
    `directory`.
    """
    woven = Woven.of(manifests)
    texts = concerned(woven.texts)
    if not woven.by_hand and not _may_fail(texts, records):
        return ()
    items = tuple(items_of(texts))
    made = tuple(one for one in items if isinstance(one, Made))
    uses = tuple(one for one in items if isinstance(one, Use))
    disks = _Disks(made, uses, _managed(made, records), records)
    found = [
        *((_EVERY, str(one)) for one in items if isinstance(one, Unread)),
        *((frozenset({Guard.MISMATCHED}), text) for text in disks.mismatched()),
        *((frozenset({Guard.SHARED}), text) for text in shared(made, uses)),
        *((frozenset({Guard.MISSING}), text) for text in disks.missing(woven.texts)),
        *((frozenset({Guard.PRUNED}), text) for text in disks.pruned(directory)),
    ]
    return tuple(dict.fromkeys(found))


_Managed: TypeAlias = tuple[Made, Origin]


def _may_fail(texts: Sequence[str], records: tuple[Record, ...]) -> bool:
    """Whether printed documents can have a fault at all, told without reading them.

    They can where one mentions a record's disk, or where a disk may have two users.
    """
    images = [one for record in records for one in _images(record)]
    sources = [_source(one) for one in images]
    digits = {_digits(one.digest) for one in images if one.digest}
    users: Counter[str] = Counter()
    for text in texts:
        if _REPLICAS in text or any(one in text for one in digits):
            return True
        if any(scheme in text and name in text for scheme, name in sources):
            return True
        users.update({"".join(one) for one in _NAMED.findall(text)})
    return any(count > 1 for count in users.values())


def _images(record: Record) -> Iterator[Image | DiskImage]:
    """What the record has that disks are filled from."""
    for one in (*record.freight.artifacts, *record.previous_disks):
        if isinstance(one, Image | DiskImage):
            yield one


def _source(image: Image | DiskImage) -> tuple[str, str]:
    """Two texts that stand in every disk that is filled from some version of it."""
    if isinstance(image, Image):
        return REGISTRY, image.repository.path.rpartition("/")[2]
    scheme, _, rest = image.address.partition("://")
    return f"{scheme}://", rest.partition("/")[0]


def _managed(made: tuple[Made, ...], records: tuple[Record, ...]) -> tuple[_Managed, ...]:
    subjects = {one.subject.plain for record in records for one in _images(record)}
    filled = ((one, one.origin) for one in made if one.origin is not None)
    return tuple((one, origin) for one, origin in filled if origin.subject in subjects)


@dataclass(frozen=True, slots=True)
class _Disks:
    """The disks in the manifests, what names disks, and the disks that the records manage."""

    made: tuple[Made, ...]
    uses: tuple[Use, ...]
    managed: tuple[_Managed, ...]
    records: tuple[Record, ...]

    def mismatched(self) -> Iterator[str]:
        """A source that was changed under a name that says the old one."""
        for disk, origin in self.managed:
            said = suffix_of(disk.id.name)
            # Twelve decimal digits are rather somebody's date.
            if not origin.digest or said is None or said.isdecimal():
                continue
            digits = _digits(origin.digest)
            if said != digits:
                yield (
                    f"{disk} would be filled from {origin.digest[:19]}..., which its name does not "
                    "say: under a name that is there already nothing is imported, and machines "
                    f"keep the old disk; call it '{fitting(base_of(disk.id.name))}-{digits}', and "
                    "in what points to it"
                )

    def missing(self, texts: Sequence[str]) -> Iterator[str]:
        """A disk that was taken out while something still names it."""
        there: dict[str, list[Made]] = defaultdict(list)
        for one in self.made:
            there[one.id.name].append(one)
        bases: dict[str, list[Made]] = defaultdict(list)
        for one, _ in self.managed:
            if one.owner.kind != POOL:
                bases[base_of(one.id.name)].append(one)
        lost = [use for use in self._judged(bases) if not _known(use, there)]
        names = frozenset(use.target.name for use in lost)
        for claim in claims_in(texts, names) if names else ():
            there[claim.id.name].append(claim)
        for use in lost:
            if not _known(use, there):
                yield _lost(use, there, bases)

    def _judged(self, bases: Mapping[str, list[Made]]) -> Iterator[Use]:
        """The uses of managed disks: a disk that another Application makes is nobody's matter."""
        images = (one for record in self.records for one in _images(record))
        digits = {_digits(one.digest) for one in images if one.digest}
        for use in self.uses:
            said = suffix_of(use.target.name)
            if said in digits or (_may_move(use, said) and _has_sister(use, bases)):
                yield use

    def pruned(self, directory: str) -> Iterator[str]:
        """A previous disk that nobody could go back to any more."""
        alone = [(one, origin) for one, origin in self.managed if one.alone]
        for record in self.records:
            for version in record.previous_disks:
                mine = [pair for pair in alone if pair[1].subject == version.subject.plain]
                kept = {origin.digest or origin.version for _, origin in mine}
                if mine and not kept & {version.digest, version.tag}:
                    now = ", ".join(str(one) for one, _ in mine)
                    yield (
                        f"no DataVolume of {version.subject}:{version.tag} is rendered beside "
                        f"{now}, though {record_path(directory, record.freight.warehouse)} keeps "
                        "that disk: it would be deleted under a machine that was not restarted "
                        "since, and going back would import it anew; add it again"
                    )


def _digits(digest: str) -> str:
    return digest.partition(":")[2][:SUFFIX]


def _may_move(use: Use, said: str | None) -> bool:
    """Whether a promotion would change this name: a claim without our digits is somebody's own."""
    return use.by is By.VOLUME if said is None else not said.isdecimal()


def _has_sister(use: Use, bases: Mapping[str, list[Made]]) -> bool:
    """Whether a managed disk is called the same, but for the digits of its content."""
    sisters = bases.get(base_of(use.target.name), ())
    return any(_meets(one, use) or one.id.name == use.target.name for one in sisters)


def _meets(disk: Made, use: Use) -> bool:
    one, other = disk.id.namespace, use.target.namespace
    return one == other or not (one and other)


def _known(use: Use, there: Mapping[str, list[Made]]) -> bool:
    return any(_meets(one, use) for one in there.get(use.target.name, ()))


def _lost(use: Use, there: Mapping[str, list[Made]], bases: Mapping[str, list[Made]]) -> str:
    name, where = use.target.name, use.target.namespace
    for other in there.get(name, ()):
        asks = "the machine is" if use.volume else "it is looked for"
        return (
            f"{use}, which this stage renders in namespace {other.id.namespace}; {asks} in "
            f"{where}: a disk is of use in its own namespace only; render it in {where}"
        )
    sisters = [one for one in bases.get(base_of(name), ()) if _meets(one, use)]
    instead = f"name '{sisters[0].id.name}' there, or " if sisters else ""
    lost = "no machine starts without it" if use.volume else "no disk can be made from it"
    return (
        f"{use}, which this stage does not render: it would be deleted, or never made, and "
        f"{lost}; {instead}add the DataVolume again"
    )
