"""The values of moving disks: one Move is one disk over all its places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from plugin.artifact import Wanted
from plugin.disks.policy import Loss, Restart
from plugin.pins.nodes import Refused
from plugin.pins.pin import Change
from plugin.pins.splice import Splice


@dataclass(frozen=True, slots=True)
class Replaced:
    """One disk that something takes from now on, for the sentences of a pull request.

    `vm` is empty for a DataSource, whose name is `disk`; else `disk` is the volume's name. `old`
    and `new` are names of DataVolumes. `loss` says what becomes of what was written to the old one,
    and `objection` why somebody must consent to that first, or ''; `imported` is False when the
    pointer goes back to a disk that is still there; `kept` says that the old disk stays in Git.
    `notes` are what else a person should know; `pool` says that `vm` is a pool of machines.
    """

    vm: str
    namespace: str
    disk: str
    old: str
    new: str
    artifact: Wanted
    restart: Restart
    loss: Loss
    imported: bool
    kept: bool
    notes: tuple[str, ...] = ()
    objection: str = ""
    pool: bool = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else a person should know, each once."""
        gone = f"{self.old} does not stay in Git: the way back imports it anew"
        return (gone, *self.notes) if self.imported and not self.kept else self.notes

    def __str__(self) -> str:
        where = f" in namespace {self.namespace}" if self.namespace else ""
        what = f"vm {self.vm}{where}: disk" if self.vm else f"DataSource{where}:"
        how = "imported" if self.imported else "still there"
        if self.loss is not Loss.NOTHING:
            how += f"; what was written to the old one is {self.loss.value}"
        return f"{what} {self.disk} goes from {self.old} to {self.new} ({how})"


@dataclass(frozen=True, slots=True)
class Move:
    """One disk: the splices by file, the bumps they make, and what takes the disk."""

    splices: Mapping[str, tuple[Splice, ...]]
    changes: tuple[Change, ...]
    replaced: tuple[Replaced, ...]


@dataclass(frozen=True, slots=True)
class Moves:
    """The disks that move, each as a whole or not at all, and why others do not."""

    each: tuple[Move, ...] = ()
    refused: tuple[Refused, ...] = ()

    @property
    def splices(self) -> Mapping[str, tuple[Splice, ...]]:
        """The splices of all disks by file."""
        found: dict[str, list[Splice]] = {}
        for one in self.each:
            for file, splices in one.splices.items():
                found.setdefault(file, []).extend(splices)
        return {file: tuple(splices) for file, splices in found.items()}

    @property
    def changes(self) -> tuple[Change, ...]:
        """The bumps of all disks."""
        return tuple(change for one in self.each for change in one.changes)

    @property
    def replaced(self) -> tuple[Replaced, ...]:
        """What takes another disk from now on."""
        return tuple(taken for one in self.each for taken in one.replaced)

    def without(self, files: Iterable[str]) -> Moves:
        """The disks that touch none of `files`: the others would be left half done."""
        stuck = frozenset(files)
        return replace(self, each=tuple(one for one in self.each if not stuck & set(one.splices)))
