"""Faults of disks that one tree shows: what moves by itself, is shared, ignored or lost.

What does nothing, is refused by the cluster or destroys data is an error; what only makes a disk
differ when it is made anew is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin.artifact import is_checksum, is_digest
from plugin.disks.fault_index import Index, User
from plugin.disks.fault_values import Fault, Imported, View, Vm, Volume
from plugin.disks.fault_view import view_of
from plugin.disks.names import base_of, disk_name, suffix_of
from plugin.disks.policy import policy_of
from plugin.errors import Refusal
from plugin.pins.kubevirt_objects import POOL, annotated, below, resolved
from plugin.pins.nodes import Scalar
from plugin.pins.reading import is_placeholder, reference_of, word
from plugin.pins.sources import Sources

ERROR, WARNING = "error", "warning"
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
# Where publishers put the newest image: Flatcar, Ubuntu's daily builds; Debian; CentOS, AlmaLinux
# (`-latest.`) and Rocky (`.latest.`); Ubuntu's newest serial of a release is in `release/`, and
# each one in `release-20260705/` (https://cloud-images.ubuntu.com/releases/noble/).
_MOVING = re.compile(r"/(?:current|latest)/|[-_.]latest[-_.]|/release/ubuntu-")
_ARCHIVE = "oci-archive:"
_DOCKER = "docker://"


def faults(sources: Sources) -> tuple[Fault, ...]:
    """Everything wrong with the disks in `sources`, in the order of files and lines."""
    view = view_of(sources)
    index = Index.of(view)
    found = [
        *(fault for one in view.every_disk() for fault in _disk(one)),
        *(fault for one in view.vms for fault in _vm(index, one)),
        *_shared(index),
        *_crons(view),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.file, one.line, one.text)))


def _disk(disk: Imported) -> Iterator[Fault]:
    yield from _options(disk.file, str(disk), annotated(disk.metadata))
    url = resolved(below(disk.source, "registry").get("url"))
    if url is not None and not is_placeholder(url.value):
        yield from _registry(disk, url)
    url = resolved(below(disk.source, "http").get("url"))
    if url is not None and not is_placeholder(url.value):
        yield from _http(disk, url)


def _registry(disk: Imported, url: Scalar) -> Iterator[Fault]:
    said, where = f"'{url.value[:160]}'", (disk.file, url.line)
    if not url.value.startswith(_DOCKER):
        if not url.value.startswith(_ARCHIVE):
            text = f"{said} has no scheme, which CDI refuses; write docker:// before it"
            yield Fault(ERROR, *where, text)
        return
    reference = reference_of(url.value.removeprefix(_DOCKER))
    if reference is None:
        yield Fault(ERROR, *where, f"{said} is not an image reference")
    elif reference.digest is None:
        text = (
            f"{said} is a moving tag: a disk made anew may be another one; "
            "name the digest instead (docker://repository@sha256:...)"
        )
        yield Fault(WARNING, *where, text)
    else:
        # https://github.com/kubevirt/containerized-data-importer/issues/2689 is of the same parser
        by_node = word(below(disk.source, "registry").get("pullMethod")) == "node"
        if reference.tag and not by_node:
            text = (
                f"{said} names tag and digest, which CDI's importer cannot read; "
                "leave the tag out, or write pullMethod: node"
            )
            yield Fault(ERROR, *where, text)
        yield from _misnamed(disk, reference.digest)


def _http(disk: Imported, url: Scalar) -> Iterator[Fault]:
    said, where = f"'{url.value[:160]}'", (disk.file, url.line)
    checksum = word(resolved(below(disk.source, "http").get("checksum")))
    if not url.value.startswith(("http://", "https://")):
        text = f"{said} has no scheme, which CDI refuses; write https:// before it"
        yield Fault(ERROR, *where, text)
    elif _MOVING.search(url.value):
        text = (
            f"{said} moves by itself: a disk made anew may be another one; "
            "name one version's address, and its checksum"
        )
        yield Fault(WARNING, *where, text)
    elif not checksum:
        text = (
            f"{said} has no checksum, so whatever is there then becomes the disk; {_checked(disk)}"
        )
        yield Fault(WARNING, *where, text)
    if is_checksum(checksum):
        yield from _misnamed(disk, checksum)


def _checked(disk: Imported) -> str:
    """KubeVirt's own definition of a DataVolume is older than CDI's and has no checksum."""
    if disk.machine:
        return "make it a DataVolume of its own, since a machine's template has no place for one"
    return "write checksum: sha256:... beside it (CDI 1.65 or newer)"


def _misnamed(disk: Imported, digest: str) -> Iterator[Fault]:
    """A name with the digits of something else: the source was changed, and nothing followed."""
    said = suffix_of(disk.id.name)
    # Twelve decimal digits are rather somebody's date.
    if said is None or said.isdecimal() or not (is_digest(digest) or is_checksum(digest)):
        return
    name = disk_name(base_of(disk.id.name), digest)
    if not name.endswith(said):
        text = (
            f"{disk} comes from {digest[:19]}..., which its name does not say: under a name that "
            f"is taken nothing is imported; call it {name}, and in what points to it"
        )
        yield Fault(ERROR, disk.file, disk.line, text)


def _options(file: str, what: str, annotations: dict[str, Scalar]) -> Iterator[Fault]:
    said = annotations.get(SYNC_OPTIONS)
    options = {one.strip() for one in said.value.split(",")} if said else set()
    if said and "Force=true" in options:
        text = f"{what} is synced with Force=true, which deletes it with its data; remove that"
        yield Fault(ERROR, file, said.line, text)
    elif said and "Replace=true" in options:
        text = (
            f"{what} is synced with Replace=true, which is one Force=true away from deleting it "
            "with its data; remove that"
        )
        yield Fault(WARNING, file, said.line, text)


def _vm(index: Index, vm: Vm) -> Iterator[Fault]:
    yield from _options(vm.file, str(vm), vm.annotations)
    for image in vm.images:
        yield from _image(vm, image)
    if vm.strategy is not None and vm.strategy.value == "Migration":
        text = (
            f"{vm} says updateVolumesStrategy: Migration, which copies the old disk "
            "over every new one; remove it when the migration is done"
        )
        yield Fault(WARNING, vm.file, vm.strategy.line, text)
    try:
        policy_of({name: one.value for name, one in vm.annotations.items()})
    except Refusal as refusal:
        yield Fault(ERROR, vm.file, _annotated_line(vm), f"{vm}: {refusal}")
    yield from _unused_templates(index, vm)
    for volume in vm.volumes:
        if not volume.claimed:
            yield from _missing(index, vm, volume)


def _annotated_line(vm: Vm) -> int:
    lines = [one.line for name, one in vm.annotations.items() if name.startswith("towline.dev/")]
    return min(lines, default=vm.line)


def _image(vm: Vm, image: Scalar) -> Iterator[Fault]:
    reference = reference_of(image.value)
    if reference is not None and reference.digest is None:
        tag = reference.tag or "latest"
        text = (
            f"'{image.value[:160]}' is a moving tag: {vm} may find another disk at any "
            f"start; name its digest too (:{tag}@sha256:...)"
        )
        yield Fault(WARNING, vm.file, image.line, text)


def _unused_templates(index: Index, vm: Vm) -> Iterator[Fault]:
    """KubeVirt's admission asks for a volume that names each template."""
    if not vm.templates:
        return
    named = {volume.target.name for one in index.machine(vm) for volume in one.volumes}
    for template in vm.templates if named else ():
        name = template.id.name
        if name and name not in named and not is_placeholder(name):
            text = f"{template} is named by no volume, which KubeVirt refuses; name it in one"
            yield Fault(ERROR, vm.file, template.line, text)


def _missing(index: Index, vm: Vm, volume: Volume) -> Iterator[Fault]:
    """A disk that is not there may be made by something else, unless its sister is here."""
    if not index.view.volumes or index.meant(vm, volume) or index.has(volume.target):
        return
    sister = index.sister(volume)
    text = f"volume '{volume.name}' of {vm} names DataVolume '{volume.target.name}', "
    if sister:
        text += f"which no file has, but there is '{sister.id.name}'; name that one"
    else:
        text += "which no file of the stage has; add it, or mend the name"
    yield Fault(ERROR if sister else WARNING, volume.file, volume.line, text)


def _shared(index: Index) -> Iterator[Fault]:
    """Every user of a disk after the first, unless it is the same machine."""
    first: dict[tuple[object, ...], User] = {}
    for vm in index.view.vms:
        for volume in vm.volumes if vm.kind != POOL and vm.id.name else ():
            if not volume.alone or is_placeholder(vm.id.name):
                continue
            users = {id(one): one for one in _firsts(index, vm, volume, first)}
            for before in users.values():
                if before[0].id.name != vm.id.name:
                    yield _both(before, (vm, volume))


def _firsts(
    index: Index, vm: Vm, volume: Volume, first: dict[tuple[object, ...], User]
) -> Iterator[User]:
    """The first users of what `volume` means: a disk known here, or else a name."""
    meant = index.meant(vm, volume)
    for disk in meant:
        yield first.setdefault((id(disk),), (vm, volume))
    if not meant:
        for realm in index.view.spaces.realms(volume.file):
            yield first.setdefault((volume.target, realm), (vm, volume))


def _both(first: User, second: User) -> Fault:
    (vm, one), (other, volume) = first, second
    text = (
        f"'{volume.target.name}' is a disk of {other} and of {vm} ({one.file}:{one.line}): two "
        "machines that write to one disk destroy it; give each its own"
    )
    return Fault(ERROR, volume.file, volume.line, text)


def _crons(view: View) -> Iterator[Fault]:
    """https://github.com/kubevirt/containerized-data-importer/issues/2689."""
    for file, url in view.crons:
        if "@" in url.value:
            text = (
                f"'{url.value[:160]}' names a digest, which a DataImportCron cannot poll; "
                "write a tag, or pin a DataVolume instead"
            )
            yield Fault(ERROR, file, url.line, text)
