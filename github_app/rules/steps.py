"""The steps in which freight goes into a stage, where its warehouse has an order. Pure.

A step is what the stage holds, with the new versions of one more subscription that differs. It is
freight of its own that leads `towards` the whole, so nothing takes it for freight of the warehouse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plugin import holding as holdings
from plugin.artifact import Artifact, Watched
from plugin.freight import Freight
from plugin.held import agrees, held_of
from plugin.holding import Holding, complete
from plugin.pipeline import Warehouse
from plugin.subscriptions import watched_by

Start = Mapping[Watched, Artifact | None]
"""What a stage holds of each subject; None: a version that nobody can write down as a whole."""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the way: what the stage holds after it, and the subscriptions that change."""

    freight: Freight
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """Where the way to `whole` goes on: `ahead` are the steps that are left, at least one.

    `number` is the next one's among all `count` of them.
    """

    whole: Freight
    ahead: tuple[Step, ...]
    number: int
    count: int

    @property
    def next(self) -> Freight:
        """What the stage shall hold next."""
        return self.ahead[0].freight

    @property
    def following(self) -> tuple[str, ...]:
        """What the steps after the next one change."""
        return tuple(" and ".join(one.names) for one in self.ahead[1:])

    @property
    def words(self) -> str:
        """`step 1 of 3: stock`; nothing where freight goes as a whole."""
        if self.count == 1:
            return ""
        return f"step {self.number} of {self.count}: {', '.join(self.ahead[0].names)}"


def at_once(whole: Freight) -> Course:
    """The way of freight that goes as a whole."""
    return Course(whole, (Step(whole, ()),), 1, 1)


def course(
    held: Start, whole: Freight, warehouse: Warehouse, *, done: int = 0, back: bool = False
) -> Course:
    """The way to `whole` from what is `held`, after so many steps that are `done`.

    `back`: what comes last in the order goes back first.
    """
    ahead = steps(held, whole, warehouse, back=back)
    return Course(whole, ahead, done + 1, done + len(ahead))


def steps(
    held: Start, whole: Freight, warehouse: Warehouse, *, back: bool = False
) -> tuple[Step, ...]:
    """The steps from what is `held` to `whole`, which the last one is.

    What nothing says a version of goes at once, what `order` does not name with the last step.
    """
    changing = list(_changing(held, whole, warehouse, back=back))
    found = []
    for number in range(1, len(changing)):
        new = {subject for _, subjects in changing[:number] for subject in subjects}
        artifacts = (_kept(one, held, new) for one in whole.artifacts)
        some = tuple(one for one in artifacts if one is not None)
        found.append(Step(Freight(whole.warehouse, some, whole.id), changing[number - 1][:1]))
    named = {name for name, _ in changing[:-1]}
    last = tuple(name for name in _differing(held, whole, warehouse) if name not in named)
    return (*found, Step(whole, last or ("the rest",)))


def turn(held: Start, whole: Freight, warehouse: Warehouse, *, back: bool = False) -> int:
    """The place in the order of what changes first on the way to `whole`."""
    changing = next(_changing(held, whole, warehouse, back=back), None)
    ordered = warehouse.order[::-1] if back else warehouse.order
    return ordered.index(changing[0]) if changing else len(ordered)


def start_of(holding: Holding, whole: Freight) -> Start:
    """What a stage holds of the subjects of `whole`, by its record or else by its pins.

    A record says all that was promoted; what it does not name has its turn like everything else.
    """
    match holding:
        case holdings.Managed(record):
            return held_in(record.freight, whole)
        case holdings.Adopted(found) | holdings.Unmanaged(found=found):
            known = {one.subject: one for one in complete(found)}
            start: dict[Watched, Artifact | None] = {}
            for one in found:
                mine = whole.artifact(one.subject)
                says = mine is not None and agrees(one, held_of(mine))
                start[one.subject] = mine if says else known.get(one.subject)
            said = Counter(one.subject for one in found)
            return start | {subject: None for subject, count in said.items() if count > 1}
        case _:
            return {}


def held_in(freight: Freight, whole: Freight) -> Start:
    """What a stage that holds `freight` holds of the subjects of `whole`."""
    return {one.subject: freight.artifact(one.subject) for one in whole.artifacts}


def _changing(
    held: Start, whole: Freight, warehouse: Warehouse, *, back: bool
) -> Iterator[tuple[str, frozenset[Watched]]]:
    """The subscriptions in the order that change, each with what changes of it."""
    for name in warehouse.order[::-1] if back else warehouse.order:
        subjects = _differing(held, whole, warehouse).get(name)
        if subjects:
            yield name, subjects


def _differing(
    held: Start, whole: Freight, warehouse: Warehouse
) -> Mapping[str, frozenset[Watched]]:
    """By subscription what `whole` has another version of than is held."""
    different = {
        one.subject for one in whole.artifacts if one.subject in held and held[one.subject] != one
    }
    by_name = {one.name: different.intersection(watched_by(one)) for one in warehouse.subscriptions}
    return {name: frozenset(subjects) for name, subjects in by_name.items() if subjects}


def _kept(new: Artifact, held: Start, changing: set[Watched]) -> Artifact | None:
    """The artifact that a step has of a subject; None where its pin is left alone."""
    return new if new.subject in changing else held.get(new.subject, new)
