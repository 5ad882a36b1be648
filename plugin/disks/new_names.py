"""Names for new disks that nothing in the stage has, nor another disk of the same run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plugin.disks.built import Built
from plugin.disks.model import Disk, Name, Named, Stage


@dataclass(frozen=True, slots=True)
class NewNames:
    """The names of DataVolumes and templates, those there and those given away."""

    built: Built
    _known: Mapping[str, list[Disk | Named]]
    _given: dict[str, list[tuple[str, Name]]] = field(default_factory=dict)

    @classmethod
    def of(cls, stage: Stage, built: Built) -> NewNames:
        """Before any is given away."""
        known: dict[str, list[Disk | Named]] = {}
        every: list[Disk | Named] = [*stage.disks, *stage.volumes]
        for one in every:
            known.setdefault(one.id.name, []).append(one)
        return cls(built, known)

    def give(self, name: str, file: str, namespace: str) -> str | None:
        """Gives `name` to a disk in `file`, or tells which file's disk has it, or will have it.

        The same name in another directory is another application's, in a namespace of its own,
        unless both say the same one or one kustomization builds both.
        """
        id_ = Name(name, namespace)
        known = [(one.file, one.id) for one in self._known.get(name, ())]
        given = self._given.setdefault(name, [])
        for where, other in (*known, *given):
            said = other.namespace != "" and other.namespace == namespace
            if other.meets(id_) and (said or self.built.together(where, file)):
                return where
        given.append((file, id_))
        return None
