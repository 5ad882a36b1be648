"""Which disk a volume means, and which documents are one machine, without a search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from plugin.disks.fault_values import Golden, Imported, View, Vm, Volume
from plugin.disks.model import Name
from plugin.disks.names import base_of
from plugin.disks.shelf import Shelf

User: TypeAlias = tuple[Vm, Volume]
_ANYWHERE = ""


@dataclass(frozen=True, slots=True)
class Index:
    """A view by its names; the work of a question does not grow with the view."""

    view: View
    _machines: Shelf[Vm] = field(default_factory=Shelf)
    _templates: Shelf[Imported] = field(default_factory=Shelf)
    _disks: Shelf[Imported] = field(default_factory=Shelf)
    _made: Shelf[Imported] = field(default_factory=Shelf)
    _sisters: dict[tuple[str, str], dict[str, Imported]] = field(default_factory=dict)
    _users: dict[int, list[User]] = field(default_factory=dict)
    _golden: dict[int, list[Golden]] = field(default_factory=dict)
    _still: Shelf[Golden] = field(default_factory=Shelf)

    @classmethod
    def of(cls, view: View) -> Index:
        """The index of everything in `view`."""
        index = cls(view)
        for disk in view.volumes:
            index._add_disk(disk)
        for vm in view.vms:
            index._add_machine(vm)
        for vm in view.vms:
            for volume in vm.volumes:
                for meant in index.meant(vm, volume):
                    index._users.setdefault(id(meant), []).append((vm, volume))
        for one in view.golden:
            index._still.put(one.id, one.target.name, one)
            for meant in index.found(one.file, one.target):
                index._golden.setdefault(id(meant), []).append(one)
        return index

    def _add_disk(self, disk: Imported) -> None:
        if not disk.filled:
            return
        for place in (disk.file, _directory(disk.file), _ANYWHERE):
            self._disks.put(disk.id, place, disk)
        for realm in self.view.spaces.realms(disk.file):
            self._made.put(disk.id, realm, disk)
            sisters = self._sisters.setdefault((base_of(disk.id.name), realm), {})
            # One that is called otherwise is all that anybody asks for.
            if len(sisters) <= 1 and disk.id.name:
                sisters.setdefault(disk.id.name, disk)

    def _add_machine(self, vm: Vm) -> None:
        for realm in self.view.spaces.realms(vm.file):
            self._machines.put(vm.id, realm, vm)
            for one in vm.templates:
                self._templates.put(one.id, f"{realm}\n{vm.id.name}", one)

    def machine(self, vm: Vm) -> tuple[Vm, ...]:
        """The documents of one machine, of another tree's as well; those in its own file last.

        The same name elsewhere is another application's, unless one kustomization builds both.
        """
        found = {
            id(one): one
            for realm in self.view.spaces.realms(vm.file)
            for one in self._machines.meeting(vm.id, realm)
        }
        by_place = sorted(found.values(), key=lambda one: (one.file, one.line))
        return tuple(sorted(by_place, key=lambda one: one.file == vm.file))

    def meant(self, vm: Vm, volume: Volume) -> tuple[Imported, ...]:
        """The disks that a volume of `vm` means: its machine's templates, else the nearest.

        None where nobody can say.
        """
        own = {
            id(one): one
            for realm in self.view.spaces.realms(vm.file)
            for one in self._templates.meeting(volume.target, f"{realm}\n{vm.id.name}")
        }
        return tuple(own.values()) or self.found(volume.file, volume.target)

    def found(self, file: str, target: Name) -> tuple[Imported, ...]:
        """The DataVolumes that `target` means when it is said in `file`."""
        for place in (file, _directory(file)):
            near = tuple(self._disks.meeting(target, place))
            if near:
                return near
        # Several of one name elsewhere are those of several applications.
        elsewhere = self._disks.only(target, _ANYWHERE)
        return (elsewhere,) if elsewhere is not None else ()

    def has(self, target: Name) -> bool:
        """Whether there is a DataVolume that `target` may mean."""
        return any(True for _ in self._disks.meeting(target, _ANYWHERE))

    def makes(self, disk: Imported) -> bool:
        """Whether a DataVolume like `disk`, of any tree, is one of the same application's."""
        realms = self.view.spaces.realms(disk.file)
        return any(True for one in realms for _ in self._made.meeting(disk.id, one))

    def sister(self, volume: Volume) -> Imported | None:
        """A disk of the same application that differs in the digits of its content only."""
        base = base_of(volume.target.name)
        for realm in sorted(self.view.spaces.realms(volume.file)):
            for name, disk in self._sisters.get((base, realm), {}).items():
                if name != volume.target.name:
                    return disk
        return None

    def users(self, disk: Imported) -> list[User]:
        """The volumes that mean `disk`."""
        return self._users.get(id(disk), [])

    def golden(self, disk: Imported) -> list[Golden]:
        """The DataSources that mean `disk`."""
        return self._golden.get(id(disk), [])

    def still(self, golden: Golden) -> bool:
        """Whether a DataSource of this name, of any tree, copies what it copies."""
        found = self._still.meeting(golden.id, golden.target.name)
        return any(one.target.meets(golden.target) for one in found)


def _directory(file: str) -> str:
    return f"{file.rpartition('/')[0]}/"
