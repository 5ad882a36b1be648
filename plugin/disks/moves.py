"""The disks of wanted versions to the edits that make machines take them, or to reasons."""

from __future__ import annotations

from collections.abc import Sequence

from plugin.artifact import DiskFamily, Repository, Subject, Wanted
from plugin.disks.copied import copied
from plugin.disks.documents import Documents
from plugin.disks.edits import Stuck
from plugin.disks.hearing import Hearing
from plugin.disks.model import Disk
from plugin.disks.move import Move, Moves
from plugin.disks.new_names import NewNames
from plugin.disks.planner import Planner
from plugin.disks.policy import USUAL, Terms
from plugin.disks.read import stage_of
from plugin.disks.standalone import standalone
from plugin.disks.templates import template
from plugin.disks.users import Users
from plugin.disks.versions import versions_of
from plugin.errors import Refusal
from plugin.pins.copied_disks import CopiedDisk
from plugin.pins.nodes import Refused
from plugin.pins.sources import Sources

_WORD = "ataVolume"


def moves(sources: Sources, wanted: Sequence[Wanted], terms: Terms = USUAL) -> Moves:
    """Every disk imported from a wanted version's subject, at this version.

    A DataVolume never changes, so a disk moves to a new one: a document of its own is copied
    under a new name with the new source, the pointers to it change, the previous one stays; a
    machine's template changes name, source and pointer together, and so do the fields that
    kustomize copies there. All of a disk's places, in whatever files, or none of them.
    """
    asked: dict[Subject, Wanted] = {
        one.subject: one for one in wanted if isinstance(one.subject, Repository | DiskFamily)
    }
    copies = [one for one in sources.copied_disks() if one.origin.subject in asked]
    if not copies and not any(_WORD in sources.texts[one] for one in sources.mentioning(asked)):
        return Moves()
    stage = stage_of(sources)
    users, hearing = Users.of(stage), Hearing.of(sources, stage)
    names, documents = NewNames.of(stage, hearing.built), Documents()
    disks = versions_of(one for one in stage.disks if one.origin.subject in asked)
    answers: list[Move | Refused | None] = []
    every: list[CopiedDisk | list[Disk]] = [*copies, *disks]
    for one in every:
        first = one if isinstance(one, CopiedDisk) else one[0]
        version = asked[first.origin.subject]
        planner = Planner(sources, users, hearing, names, documents, version, terms)
        answers.append(_moved(planner, one, first))
    return Moves(
        tuple(one for one in answers if isinstance(one, Move)),
        tuple(dict.fromkeys(one for one in answers if isinstance(one, Refused))),
    )


def _moved(
    planner: Planner, disk: CopiedDisk | list[Disk], first: CopiedDisk | Disk
) -> Move | Refused | None:
    try:
        if isinstance(disk, CopiedDisk):
            return copied(planner, disk)
        return template(planner, disk[0]) if disk[0].machine else standalone(planner, disk)
    except Stuck as stuck:
        return stuck.refused
    except Refusal as refusal:
        url = first.origin.url
        return Refused(first.file, url.line, url.column, str(refusal), url.value)
