"""What every way of moving a disk shares: the checks, the pointers, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plugin.artifact import DiskImage, Tagged, Untied, Wanted
from plugin.disks.consent import judged
from plugin.disks.documents import Documents
from plugin.disks.edits import Edits, Stuck
from plugin.disks.hearing import Hearing
from plugin.disks.hidden import hidden
from plugin.disks.lying import lie_of
from plugin.disks.model import By, Disk, Name, Pointer
from plugin.disks.move import Replaced
from plugin.disks.names import disk_name, suffix_of
from plugin.disks.new_names import NewNames
from plugin.disks.overruled import copied_over, patched
from plugin.disks.owners import writes
from plugin.disks.policy import Terms
from plugin.disks.pools import pool_note
from plugin.disks.users import Users
from plugin.disks.versions import base
from plugin.errors import Refusal
from plugin.pins.nodes import Refused
from plugin.pins.pin import Change, Field, Missing
from plugin.pins.sources import Sources

_UNSAID = (
    "disk '{0}' has this source already, and a name that does not say so: nobody can tell whether "
    "the cluster imported it, or an older source under this name; write a new disk '{1}' and point "
    "to it, or wait for the next version"
)
_LEFT = (
    "what {0} wrote to {1} stays on {1} and is not on {2}, which is as it was left, or as it was "
    "imported where it never ran"
)
_CHECKED = "its checksum is new here; CDI checks it since v1.65"
_UNCHECKED = (
    "nothing checks what is downloaded: a machine's template has no place for a checksum; a "
    "DataVolume of its own does"
)


@dataclass(frozen=True, slots=True)
class Planner:
    """The stage around one disk, the version wanted of it, and the terms."""

    sources: Sources
    users: Users
    hearing: Hearing
    names: NewNames
    documents: Documents
    wanted: Wanted
    terms: Terms

    @property
    def digest(self) -> str:
        """The content wanted; raises Refusal where only a tag is known."""
        if isinstance(self.wanted, Tagged | Untied) or not self.wanted.digest:
            raise Refusal(
                f"a disk is named by what is on it; give the digest of {self.wanted.tag}, too"
            )
        return self.wanted.digest

    def holds(self, disk: Disk) -> bool:
        """Whether the disk is at the wanted version already; raises Stuck where its name lies."""
        lie = lie_of(disk)
        if lie is not None:
            raise self.stuck(disk, lie)
        digest = disk.origin.digest
        if digest is None and isinstance(self.wanted, DiskImage):
            name = disk_name(base(disk), self.digest)
            return (disk.id.name, disk.origin.url.value) == (name, self.wanted.address)
        if digest == self.digest and suffix_of(disk.id.name) is None:
            raise self.stuck(disk, _UNSAID.format(disk.id.name, disk_name(base(disk), digest)))
        return digest == self.digest

    def new_name(self, disk: Disk) -> str:
        """The name of the disk at the wanted version; raises Stuck where something has it."""
        name = disk_name(base(disk), self.digest)
        if disk.name is None:
            raise self.stuck(disk, "has no name that is written in place")
        other = self.names.give(name, disk.file, disk.id.namespace)
        if other is not None:
            raise self.stuck(disk, f"its name would be '{name}', which a disk in {other} has")
        return name

    def stuck(self, disk: Disk, reason: str) -> Stuck:
        """Why the disk cannot move, at its source."""
        url = disk.origin.url
        return Stuck(Refused(disk.file, url.line, url.column, reason, url.value))

    def check(self, disk: Disk, name: str | None = None) -> None:
        """Raises Stuck where something names or changes the disk and will not the one `name`d."""
        self.users.check(disk)
        place = hidden(self.sources, self.hearing.built, self.users.stage, disk)
        if place is not None:
            raise self.stuck(disk, f"disk '{disk.id.name}' is named {place}; name it in a manifest")
        problem = patched(self.hearing, disk, name or disk.id.name)
        if problem is not None:
            raise self.stuck(disk, problem)

    def point(self, edits: Edits, disk: Disk, name: str, *, fresh: bool) -> tuple[Replaced, ...]:
        """Every pointer of `disk` to `name`; raises Stuck where a machine does not allow it."""
        return tuple(
            self._point(edits, disk, pointer, name, fresh=fresh)
            for pointer in self.users.of_disk(disk)
        )

    def _point(
        self, edits: Edits, disk: Disk, pointer: Pointer, name: str, *, fresh: bool
    ) -> Replaced:
        if pointer.place is None:
            raise self.stuck(disk, f"{pointer.file}:{pointer.line} does not name it in place")
        self._check_managed(disk, pointer)
        place = copied_over(self.hearing, pointer)
        if place is not None:
            reason = (
                f"volume {pointer.holder} of {pointer.machine} is set by {place}, whose source "
            )
            raise self.stuck(disk, f"{reason}nobody moves; name the disk in the machine alone")
        try:
            judgement = judged(pointer, self.wanted, self.terms, self.hearing, fresh=fresh)
        except Refusal as refusal:
            raise Stuck(
                Refused(pointer.file, pointer.line, 1, str(refusal), disk.origin.url.value)
            ) from None
        edits.write(pointer.place, name)
        machine = pointer.machine
        return Replaced(
            machine.id.name if machine else "",
            pointer.target.namespace,
            pointer.holder,
            disk.id.name,
            name,
            self.wanted,
            judgement.policy.restart,
            judgement.loss,
            fresh,
            kept=disk.machine is None,
            notes=tuple(self._notes(pointer, disk, name, fresh=fresh)),
            objection=judgement.objection,
            pool=machine is not None and machine.pool is not None,
        )

    def _check_managed(self, disk: Disk, pointer: Pointer) -> None:
        if pointer.by is By.DATA_SOURCE:
            source = Name(pointer.holder, pointer.target.namespace)
            for one in self.users.stage.managed:
                if one.id.meets(source):
                    reason = (
                        f"DataSource '{source.name}' is set by DataImportCron '{one.cron}', which "
                        "would undo the change; remove the DataImportCron or its managedDataSource"
                    )
                    raise self.stuck(disk, reason)

    def _notes(self, pointer: Pointer, disk: Disk, name: str, *, fresh: bool) -> Iterator[str]:
        if not fresh and pointer.machine is not None and writes(pointer):
            yield _LEFT.format(pointer.machine, disk.id.name, name)
        checksums = [one for one in disk.origin.parts if one.field is Field.CHECKSUM]
        if fresh and disk.machine is not None and checksums:
            yield _UNCHECKED
        elif fresh and any(isinstance(one.slot, Missing) for one in checksums):
            yield _CHECKED
        if pointer.machine is not None and pointer.machine.pool is not None:
            yield pool_note(pointer.machine.pool)
        if pointer.by is By.DATA_SOURCE:
            source = Name(pointer.holder, pointer.target.namespace)
            for machine in self.users.stage.machines:
                if any(one.meets(source) for one in machine.sources):
                    yield f"{machine} keeps the disk it has: DataSources are for new disks"

    def change(self, disk: Disk, pointers: Iterable[Pointer]) -> tuple[Change, ...]:
        """The bumps of the disk's pin and of the DataSources that name it."""
        at = {(disk.file, disk.origin.url.line, disk.origin.url.column)} | {
            (one.file, one.place.scalar.line, one.place.scalar.column)
            for one in pointers
            if one.place is not None
        }
        return tuple(
            Change(pin, self.wanted)
            for file in sorted({file for file, _, _ in at})
            for pin in self.sources.found(file).pins
            if (file, pin.line, pin.column) in at
        )

    def readable(self, files: Iterable[str]) -> None:
        """Raises Stuck where a whole file may not be edited, such as an encrypted one."""
        for file in files:
            for refused in self.sources.found(file).refused:
                if not refused.text:
                    raise Stuck(refused)
