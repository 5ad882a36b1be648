"""Text and versions to text: only the bytes of the pins change, and that is proven each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from plugin.artifact import ChartName, Subject, Wanted
from plugin.artifact.machine import step_problem
from plugin.pins.find import concerns, found_in, mentions
from plugin.pins.naming import NOBODY, Names, resolved, subject_of
from plugin.pins.nodes import Refused, Tree
from plugin.pins.pin import Bumped, Change, Found, Kind, Part, Pin, Present, UpToDate
from plugin.pins.reading import literal
from plugin.pins.splice import Splice, spliced
from plugin.pins.tree import BOM, read
from plugin.pins.writing import splices_of, text_of, unfit


def bump(
    file: str, text: str, wanted: Sequence[Wanted], names: Names = NOBODY
) -> Bumped | UpToDate | Refused:
    """`text` with every pin of the wanted versions' subjects at these versions.

    Everything else stays as it is to the byte. Nothing is changed when a place that may be a pin
    of one of them cannot be bumped safely. `names` says what marker comments name. Pins of disks
    stay: they move with their disk (`plugin.disks`).
    """
    if not mentions(text, [one.subject for one in wanted]):
        return UpToDate()
    tree = read(file, text)
    if isinstance(tree, Refused):
        return tree if any(concerns(tree, text, one.subject) for one in wanted) else UpToDate()
    found = resolved(found_in(file, tree), names)
    refused = next(refusals(tree, found, wanted, names), None)
    if refused is not None:
        return refused
    changes = tuple(changes_in(tree, found, wanted, names))
    return edited(file, text, tree, changes) if changes else UpToDate()


def chosen(pin: Pin, wanted: Iterable[Wanted], names: Names) -> Wanted | None:
    """The wanted version that `pin` is a place for, if there is one."""
    subject = subject_of(pin, names)
    return next((one for one in wanted if subject and _same(one.subject, subject)), None)


def _same(wanted: Subject, found: Subject) -> bool:
    if isinstance(wanted, ChartName) and isinstance(found, ChartName):
        return wanted.includes(found)
    return wanted == found


def refusals(tree: Tree, found: Found, wanted: Sequence[Wanted], names: Names) -> Iterator[Refused]:
    """What stands in the way of a bump: look-alikes of the wanted, and pins they do not fit."""
    # A file may hold ten thousand that say the same, and to judge one may take a search in it.
    judged: dict[tuple[str, Subject | None], bool] = {}
    for refused in found.refused:
        said = (refused.text, refused.subject)
        if said not in judged:
            judged[said] = any(concerns(refused, tree.text, one.subject) for one in wanted)
        if judged[said]:
            yield refused
    for pin in found.pins:
        one = chosen(pin, wanted, names)
        reason = unfit(pin.parts, one) or _step(pin, one) if one else None
        if reason is not None:
            yield Refused(pin.file, pin.line, pin.column, reason, pin.value)


def _step(pin: Pin, wanted: Wanted) -> str | None:
    if pin.kind is not Kind.MACHINE_VERSION or pin.tag is None:
        return None
    return step_problem(pin.tag, wanted.tag)


def changes_in(
    tree: Tree, found: Found, wanted: Sequence[Wanted], names: Names
) -> Iterator[Change]:
    """The bumps of pins that do not say what is wanted of them yet."""
    for pin in found.pins:
        one = chosen(pin, wanted, names)
        if one is not None and any(not _says(part, one) for part in pin.parts):
            yield Change(pin, one)


def _says(part: Part, wanted: Wanted) -> bool:
    said = text_of(part.field, wanted)
    value = f"{part.before}{said}{part.after}" if said else ""
    return part.slot.scalar.value == value if isinstance(part.slot, Present) else not value


def edited(
    file: str, text: str, tree: Tree, changes: tuple[Change, ...], more: Sequence[Splice] = ()
) -> Bumped | Refused:
    """The text with `changes` and the splices `more` made, or why that is not safe."""
    parts = [(part, one) for one in changes for part in one.pin.parts]
    if all(_literal(tree, part) for part, _ in parts):
        splices = [
            splice
            for part, change in parts
            if not _says(part, change.artifact)
            for splice in splices_of(tree, part, change.artifact)
        ]
        new = spliced(tree, [*splices, *more])
        if new is not None:
            return Bumped((BOM if text.startswith(BOM) else "") + new, changes)
    line, column, said = _first(changes)
    reason = "cannot be bumped without changing more than the version; write the entry plainly"
    return Refused(file, line, column, reason, said)


def _first(changes: Sequence[Change]) -> tuple[int, int, str]:
    pin = changes[0].pin if changes else None
    return (pin.line, pin.column, pin.value) if pin else (1, 1, "")


def _literal(tree: Tree, part: Part) -> bool:
    """Whether the slice about to be replaced is exactly the scalar it is taken for."""
    return not isinstance(part.slot, Present) or literal(tree, part.slot.scalar)
