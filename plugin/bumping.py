"""Many files and the versions wanted in them to new texts: the one way everything is bumped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from plugin.artifact import Wanted
from plugin.disks.move import Moves, Replaced
from plugin.disks.moves import moves
from plugin.disks.policy import USUAL, Terms
from plugin.pins.chart_lock import locks_after
from plugin.pins.edit import changes_in, edited, refusals
from plugin.pins.find import concerns
from plugin.pins.machine_steps import halved, together
from plugin.pins.naming import NOBODY, Names, resolved
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, Change, Pin
from plugin.pins.sources import Sources
from plugin.pins.splice import Splice


@dataclass(frozen=True, slots=True)
class Bumps:
    """New texts of the files that change, the bumps in them, and what was refused and why.

    A file with a refusal is not changed; the others are. `disks` are those that machines and
    DataSources take from now on.
    """

    files: Mapping[str, str]
    changes: tuple[Change, ...]
    refused: tuple[Refused, ...]
    disks: tuple[Replaced, ...] = ()


def every_pin(pin: Pin) -> bool:
    """Whether a pin is bumped when nobody chooses: it is."""
    return bool(pin)


def bumps(
    sources: Sources,
    wanted: Sequence[Wanted],
    names: Names = NOBODY,
    counts: Callable[[Pin], bool] = every_pin,
    terms: Terms = USUAL,
) -> Bumps:
    """Every pin that counts of the wanted versions' subjects in `sources`, at these versions.

    Disks move as `terms` allow, each in all of its files or in none; so do machines.
    """
    wanted, stopped = together(sources, wanted, names)
    done, stuck = _file_by_file(sources, wanted, names, counts, moves(sources, wanted, terms))
    halves = halved(sources, stuck, wanted, names)
    if halves:
        rest = [one for one in wanted if one not in halves]
        done = bumps(sources, rest, names, counts, terms)
    else:
        done = _with_locks(sources, done)
    refused = dict.fromkeys((*stopped, *halves.values(), *done.refused))
    return replace(done, refused=tuple(refused))


def _file_by_file(
    sources: Sources,
    wanted: Sequence[Wanted],
    names: Names,
    counts: Callable[[Pin], bool],
    moved: Moves,
) -> tuple[Bumps, frozenset[str]]:
    """What becomes of every file, and those that stay as they are for a refusal.

    A disk of which one file stays moves in none, so the others are looked at once more.
    """
    mentioning = set(sources.mentioning(one.subject for one in wanted))
    refused, stuck = list(moved.refused), {one.file for one in moved.refused}
    known: dict[str, tuple[Sequence[Splice], Sequence[Bumped | Refused]]] = {}
    while True:
        moved = moved.without(stuck)
        splices = moved.splices
        bumped: dict[str, Bumped] = {}
        for file in sorted(mentioning | set(splices)):
            mine = splices.get(file, ())
            if file not in known or known[file][0] != mine:
                known[file] = (mine, _file(sources, file, wanted, names, counts, mine))
            for answer in known[file][1]:
                if isinstance(answer, Refused):
                    refused.append(answer)
                    stuck.add(file)
                elif file not in stuck:
                    bumped[file] = answer
        if not stuck & set(splices):
            break
    texts = {file: one.text for file, one in bumped.items()}
    changes = [change for one in bumped.values() for change in one.changes]
    done = Bumps(texts, (*changes, *moved.changes), tuple(refused), moved.replaced)
    return done, frozenset(stuck)


def _with_locks(sources: Sources, done: Bumps) -> Bumps:
    """`done` with the locks of its charts; a chart whose lock cannot follow stays as it was."""
    files, refused = dict(done.files), list(done.refused)
    for chart, lock, answer in locks_after(sources.texts, done.files):
        if isinstance(answer, Refused):
            del files[chart]
            refused.append(answer)
        else:
            files[lock] = answer
    stayed = done.files.keys() - files.keys()
    changes = tuple(one for one in done.changes if one.pin.file not in stayed)
    return replace(done, files=files, changes=changes, refused=tuple(refused))


def _file(
    sources: Sources,
    file: str,
    wanted: Sequence[Wanted],
    names: Names,
    counts: Callable[[Pin], bool],
    moved: Sequence[Splice],
) -> Sequence[Bumped | Refused]:
    text, tree = sources.texts[file], sources.tree(file)
    if isinstance(tree, Refused):
        concerned = any(concerns(tree, text, one.subject) for one in wanted)
        return (tree,) if concerned else ()
    found = resolved(sources.found(file), names)
    refused = tuple(refusals(tree, found, wanted, names))
    if refused:
        return refused
    changes = tuple(one for one in changes_in(tree, found, wanted, names) if counts(one.pin))
    return (edited(file, text, tree, changes, moved),) if changes or moved else ()
