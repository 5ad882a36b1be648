"""The disks of wanted versions to the edits that make machines take them, or to reasons."""

from __future__ import annotations

from collections.abc import Sequence

from plugin.artifact import DiskFamily, Repository, Subject, Wanted
from plugin.disks.edits import Stuck
from plugin.disks.move import Move, Moves
from plugin.disks.planner import Planner
from plugin.disks.policy import USUAL, Terms
from plugin.disks.read import stage_of
from plugin.disks.standalone import standalone
from plugin.disks.templates import template
from plugin.disks.users import Users
from plugin.disks.versions import versions_of
from plugin.errors import Refusal
from plugin.pins.nodes import Refused
from plugin.pins.sources import Sources

_WORD = "ataVolume"


def moves(sources: Sources, wanted: Sequence[Wanted], terms: Terms = USUAL) -> Moves:
    """Every disk imported from a wanted version's subject, at this version.

    A DataVolume never changes, so a disk moves to a new one: a document of its own is copied
    under a new name with the new source, the pointers to it change, the previous one stays; a
    machine's template changes name, source and pointer together. All of a disk's places, in
    whatever files, or none of them.
    """
    asked: dict[Subject, Wanted] = {
        one.subject: one for one in wanted if isinstance(one.subject, Repository | DiskFamily)
    }
    if not any(_WORD in sources.texts[file] for file in sources.mentioning(asked)):
        return Moves()
    stage = stage_of(sources)
    users = Users.of(stage)
    each: list[Move] = []
    refused: list[Refused] = []
    for disks in versions_of(one for one in stage.disks if one.origin.subject in asked):
        planner = Planner(sources, users, asked[disks[0].origin.subject], terms)
        try:
            move = template(planner, disks[0]) if disks[0].machine else standalone(planner, disks)
        except Stuck as stuck:
            refused.append(stuck.refused)
        except Refusal as refusal:
            url = disks[0].origin.url
            refused.append(Refused(disks[0].file, url.line, url.column, str(refusal), url.value))
        else:
            each += [move] if move is not None else []
    return Moves(tuple(each), tuple(dict.fromkeys(refused)))
