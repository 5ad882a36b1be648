"""Many files and the versions wanted in them to new texts: the one way everything is bumped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plugin.artifact import Wanted
from plugin.pins import Bumped, Change, Pin
from plugin.pins.edit import changes_in, edited, refusals
from plugin.pins.find import concerns
from plugin.pins.naming import NOBODY, Names, resolved
from plugin.pins.nodes import Refused
from plugin.pins.sources import Sources


@dataclass(frozen=True, slots=True)
class Bumps:
    """New texts of the files that change, the bumps in them, and what was refused and why.

    A file with a refusal is not changed; the others are.
    """

    files: Mapping[str, str]
    changes: tuple[Change, ...]
    refused: tuple[Refused, ...]


def every_pin(pin: Pin) -> bool:
    """Whether a pin is bumped when nobody chooses: it is."""
    return bool(pin)


def bumps(
    sources: Sources,
    wanted: Sequence[Wanted],
    names: Names = NOBODY,
    counts: Callable[[Pin], bool] = every_pin,
) -> Bumps:
    """Every pin that counts of the wanted versions' subjects in `sources`, at these versions."""
    files: dict[str, str] = {}
    changes: list[Change] = []
    refused: list[Refused] = []
    for file in sources.mentioning(one.subject for one in wanted):
        for answer in _file(sources, file, wanted, names, counts):
            if isinstance(answer, Bumped):
                files[file] = answer.text
                changes += answer.changes
            else:
                refused.append(answer)
    return Bumps(files, tuple(changes), tuple(dict.fromkeys(refused)))


def _file(
    sources: Sources,
    file: str,
    wanted: Sequence[Wanted],
    names: Names,
    counts: Callable[[Pin], bool],
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
    return (edited(file, text, tree, changes),) if changes else ()
