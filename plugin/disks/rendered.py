"""Faults of the disks in printed manifests, which show what the cluster would really be told.

A DataVolume never changes after it was made, and goes with its data when it is taken out
(https://github.com/kubevirt/containerized-data-importer/blob/main/doc/datavolumes.md).
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from plugin.disks.fault_index import Index
from plugin.disks.fault_view import view_of
from plugin.disks.model import By, Disk, Name, Pointer, Stage
from plugin.disks.names import base_of, disk_name, suffix_of
from plugin.disks.read import stage_of
from plugin.errors import Refusal
from plugin.pins.kubevirt_objects import GROUP, POOL
from plugin.pins.nodes import Refused
from plugin.pins.sources import Sources
from plugin.record import Record
from plugin.stage_policy import Guard
from plugin.woven import Woven

Fault: TypeAlias = tuple[Guard, str]

_FILE = "manifests.yaml"


def faults_in(manifests: bytes, records: tuple[Record, ...]) -> tuple[Fault, ...]:
    """Every fault, each with the guard that finds it; no document without disks is read.

    Raises Refusal where the documents cannot be judged at all.
    """
    woven = Woven.of(manifests)
    text = woven.text({at for at, one in enumerate(woven.texts) if GROUP in one})
    sources = Sources({_FILE: text})
    tree = sources.tree(_FILE)
    if isinstance(tree, Refused):
        raise Refusal(f"the disks of this stage cannot be judged: what it renders {tree.reason}")
    stage = stage_of(sources)
    subjects = {one.repository for record in records for one in record.freight.artifacts}
    managed = tuple(one for one in stage.disks if one.origin.subject in subjects)
    output = _Output(sources, stage, records, managed)
    found = (*output.mismatched(), *output.shared(), *output.missing(), *output.pruned())
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Output:
    """Everything about disks in the manifests, and the disks that the records manage."""

    sources: Sources
    stage: Stage
    records: tuple[Record, ...]
    managed: tuple[Disk, ...]

    def mismatched(self) -> Iterator[Fault]:
        """A source that was changed under a name that says the old one."""
        for disk in self.managed:
            digest, said = disk.origin.digest, suffix_of(disk.id.name)
            # Twelve decimal digits are rather somebody's date.
            if not digest or said is None or said.isdecimal():
                continue
            name = disk_name(base_of(disk.id.name), digest)
            if not name.endswith(said):
                text = (
                    f"{_what(disk)} would be filled from {digest[:19]}..., which its name does not "
                    "say: under a name that is there already nothing is imported, and machines "
                    f"keep the old disk; call it '{name}', and in what points to it"
                )
                yield Guard.MISMATCHED, text

    def shared(self) -> Iterator[Fault]:
        """Two machines that write to one disk."""
        index = Index.of(view_of(self.sources))
        for disk in index.view.every_disk():
            users = [(vm, one) for vm, one in index.users(disk) if one.alone and vm.kind != POOL]
            machines = list(dict.fromkeys(str(vm) for vm, _ in users if vm.id.name))
            if len(machines) > 1:
                text = (
                    f"{disk} is a disk of {' and of '.join(machines)}: two machines that write to "
                    "one disk destroy it; give each its own"
                )
                yield Guard.SHARED, text

    def missing(self) -> Iterator[Fault]:
        """A disk that was taken out while something still names it."""
        there: dict[str, list[Name]] = {}
        for id_ in (*(one.id for one in self.stage.volumes), *(one.id for one in self.stage.disks)):
            there.setdefault(id_.name, []).append(id_)
        bases = {base_of(one.id.name): one for one in self.managed if one.machine is None}
        for pointer in self.stage.pointers:
            same = there.get(pointer.target.name, ())
            known = any(name.meets(pointer.target) for name in same)
            if known or not _looks_managed(pointer, bases):
                continue
            sister = bases.get(base_of(pointer.target.name))
            instead = f"name '{sister.id.name}' there, or " if sister else ""
            text = (
                f"{_holder(pointer)} names DataVolume '{pointer.target.name}', which this stage "
                "does not render: it would be deleted, or never made, and no machine starts "
                f"without it; {instead}add the DataVolume again"
            )
            yield Guard.MISSING, text

    def pruned(self) -> Iterator[Fault]:
        """A previous disk that nobody could go back to any more."""
        alone = [one for one in self.managed if one.machine is None]
        for record in self.records:
            for version in record.previous_disks:
                mine = [one for one in alone if one.origin.subject == version.repository]
                if not mine or version.digest in {one.origin.digest for one in mine}:
                    continue
                now = ", ".join(f"'{one.id.name}'" for one in mine)
                text = (
                    f"no DataVolume of {version.repository}:{version.tag} is rendered beside "
                    f"{now}, though the record of {record.freight.warehouse} keeps that disk: it "
                    "would be deleted under a machine that was not restarted since, and going back "
                    "would import it anew; add it again"
                )
                yield Guard.PRUNED, text


def _looks_managed(pointer: Pointer, bases: Container[str]) -> bool:
    """Whether a promotion names disks like this one: a claim from elsewhere is nobody's matter."""
    said = suffix_of(pointer.target.name)
    if pointer.by is By.VOLUME and said is not None and not said.isdecimal():
        return True
    return pointer.by is not By.CLONE and base_of(pointer.target.name) in bases


def _what(disk: Disk) -> str:
    return f"template '{disk.id}' of {disk.machine}" if disk.machine else f"DataVolume '{disk.id}'"


def _holder(pointer: Pointer) -> str:
    if pointer.machine is None:
        return f"DataSource '{pointer.holder}'"
    return f"volume '{pointer.holder}' of {pointer.machine}"
