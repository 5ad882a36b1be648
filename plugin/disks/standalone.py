"""Disks that are documents of their own: a new one beside the old, and the pointers to it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from plugin.disks.documents import Document, copied, removed
from plugin.disks.edits import Edits, unaliased
from plugin.disks.exported import exported
from plugin.disks.model import Disk, Place
from plugin.disks.move import Move, Replaced
from plugin.disks.owners import clash
from plugin.disks.planner import Planner
from plugin.disks.sizes import shrinks
from plugin.disks.templates import write
from plugin.pins.pin import Present

_GONE = (
    "{disk} leaves Git and the cluster; a machine that was not restarted since it was replaced "
    "still runs on it"
)


def standalone(planner: Planner, disks: Sequence[Disk]) -> Move | None:
    """The move of one disk, of which `disks` are all versions in Git; None when there is nothing.

    A version that is still there is pointed to again and nothing is imported. Disks that nothing
    names any more go, but for as many previous ones as are kept. Raises Stuck.
    """
    at_wanted = [one for one in disks if planner.holds(one)]
    used = [one for one in disks if planner.users.of_disk(one)]
    leaving = [one for one in used if one not in at_wanted]
    if not used and not at_wanted:
        planner.check(disks[0])
        raise planner.stuck(disks[0], _unused(planner, disks[0]))
    if not leaving:
        return None
    shared = clash(planner.users, used)
    if shared is not None:
        raise planner.stuck(leaving[0], shared)
    edits = Edits()
    target = next((one for one in (*used, *at_wanted) if one in at_wanted), None)
    name = target.id.name if target else _fresh(planner, edits, leaving[0])
    replaced: list[Replaced] = []
    for disk in leaving:
        planner.check(disk, name)
        _check_size(planner, disk, target or disk)
        replaced += planner.point(edits, disk, name, fresh=target is None)
    idle = [one for one in disks if one not in (*used, target)]
    gone = _drop(planner, edits, idle[max(0, planner.terms.keep - len(leaving)) :])
    splices = edits.done()
    planner.readable(splices)
    changes = [
        change for one in leaving for change in planner.change(one, planner.users.of_disk(one))
    ]
    return Move(
        splices, tuple(changes), tuple(replace(one, notes=(*one.notes, *gone)) for one in replaced)
    )


def _check_size(planner: Planner, disk: Disk, target: Disk) -> None:
    smaller = shrinks(disk.size, target.size)
    if smaller is not False:
        sizes = (
            f"asks for {target.size or 'no size'}, disk '{disk.id.name}' for {disk.size or 'none'}"
        )
        what = "a disk never shrinks" if smaller else "nobody can tell which is larger"
        raise planner.stuck(
            target, f"disk '{target.id.name}' {sizes}: {what}; ask for as much at least"
        )


def _unused(planner: Planner, disk: Disk) -> str:
    copies = planner.users.clones_of(disk)
    if copies:
        return (
            f"'{copies[0].holder}' copied disk '{disk.id.name}' once and never will again; let a "
            "DataSource name it, or name the image in the copy itself"
        )
    return (
        f"nothing in this stage uses disk '{disk.id.name}'; name it in a machine's volumes or in "
        "a DataSource, or remove it"
    )


def _fresh(planner: Planner, edits: Edits, disk: Disk) -> str:
    """The name of the disk at the wanted version, which is written there or beside it."""
    if not planner.terms.in_place or disk.name is None:
        return _copy(planner, edits, disk)
    name = planner.new_name(disk)
    edits.write(disk.name, name)
    write(planner, edits, disk)
    return name


def _copy(planner: Planner, edits: Edits, disk: Disk) -> str:
    """A copy of the disk at the wanted version, before it; the name of the copy."""
    name, document = planner.new_name(disk), _document(planner, disk)
    problem = _no_copy(disk, document)
    if document is None or problem is not None:
        raise planner.stuck(disk, f"disk '{disk.id.name}' {problem}")
    changed = Edits()
    if disk.name is not None:
        changed.write(disk.name, name)
    write(planner, changed, disk)
    unaliased(_places(disk))
    splices = changed.done().get(disk.file, ())
    edits.add(disk.file, copied(disk.tree, document, splices))
    return name


def _no_copy(disk: Disk, document: Document | None) -> str | None:
    """Why a copy would not be a disk that people could have written, or None."""
    if document is None and disk.document is not None and not disk.file.endswith(".json"):
        return "stands in a file with '...' or '%' lines; separate its documents by '---' alone"
    if document is None or disk.document is None or disk.file.endswith(".json"):
        return "is no YAML document of its own; write it as one"
    found = exported(disk.tree.documents[disk.document])
    if found:
        return (
            f"is an exported object, and the API refuses a new one with what it adds; remove "
            f"{', '.join(found)}"
        )
    return None


def _places(disk: Disk) -> Iterator[Place]:
    for place in (disk.name, disk.version):
        if place is not None:
            yield place
    for part in disk.origin.parts:
        if isinstance(part.slot, Present):
            yield Place(disk.file, part.slot.scalar, disk.tree)


def _document(planner: Planner, disk: Disk) -> Document | None:
    documents = planner.documents.of(disk.file, disk.tree)
    return documents[disk.document] if documents and disk.document is not None else None


def _drop(planner: Planner, edits: Edits, disks: Sequence[Disk]) -> tuple[str, ...]:
    """Old versions go, unless anything else names them or their file would be left empty.

    What a person should know of each that goes.
    """
    gone: list[str] = []
    going = Counter(one.file for one in disks)
    for disk in disks:
        document = _document(planner, disk)
        rest = len(planner.documents.of(disk.file, disk.tree) or ()) - going[disk.file]
        if document is not None and rest > 0 and not _mentioned(planner, disk, document):
            edits.add(disk.file, removed(disk.tree, document))
            gone.append(_GONE.format(disk=disk.id.name))
    return tuple(gone)


def _mentioned(planner: Planner, disk: Disk, document: Document) -> bool:
    name = re.compile(rf"(?<![\w.-]){re.escape(disk.id.name)}(?![\w.-])")
    own = disk.tree.text
    rest: Iterator[str] = (
        text for file, text in planner.sources.texts.items() if file != disk.file
    )
    around = (own[: document.start], own[document.end :])
    return any(name.search(text) for text in (*around, *rest))
