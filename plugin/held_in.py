"""What the pins of a directory say, whichever versions they are of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from plugin.artifact import Artifact, DiskFamily, DiskImage, Machine, Watched
from plugin.errors import Refusal
from plugin.freight import alias_of
from plugin.held import Held, held_by, held_of, quarrelling
from plugin.pins.pin import Named, Pin
from plugin.pipeline import Project
from plugin.record import read_record
from plugin.stage_files import is_record, pins_that_count, sources_of
from plugin.stage_policy import Write
from plugin.subscriptions import PathSubscription, StageSubscription, Subscription, TakenWhole


@dataclass(frozen=True, slots=True)
class HeldIn:
    """All that a directory holds; what stands in the way says its place and what to do."""

    holds: tuple[Artifact | Held, ...] = ()
    problems: tuple[str, ...] = ()


def held_in(directory: str, files: Mapping[str, str]) -> HeldIn:
    """What the files of `directory` hold; `files` maps paths to texts.

    Records that are applied say it themselves, whatever stands in the pins. Disk images come whole,
    for nobody can be asked for the address of a version; of all others a source can say what a pin
    leaves out. Machines' versions are not watched.
    """
    try:
        applied = _applied(files)
    except Refusal as refusal:
        return HeldIn(problems=(str(refusal),))
    sources = sources_of(directory, files)
    pins = [pin for file in sorted(sources.texts) for pin in sources.found(file).pins]
    found = {one.subject: None for one in pins if not isinstance(one.subject, Machine | Named)}
    subjects = tuple(one for one in found if one not in applied)
    counting, reasons = pins_that_count(directory, subjects, sources)
    held = held_by(counting)
    quarrels = (
        f"{pin}, but other pins of it differ; make them say the same"
        for pin in quarrelling(held, counting)
    )
    disks = disks_in(counting)
    problems = (*reasons, *quarrels, *_unproven(counting, disks))
    if problems:
        return HeldIn(problems=tuple(dict.fromkeys(problems)))
    return HeldIn((*applied.values(), *(disks.get(one.subject, one) for one in held)))


def _applied(files: Mapping[str, str]) -> Mapping[Watched, Artifact]:
    """The artifacts of the records among the files that the sidecar applies.

    Raises Refusal for a record that cannot be read, for a step on the way to freight, and for two
    that differ: a directory above several stages holds several records.
    """
    found: dict[Watched, Artifact] = {}
    for path, text in sorted(files.items()):
        record = read_record(path, text) if is_record(path) else None
        if record is not None and record.freight.towards is not None:
            aim = alias_of(record.freight.towards)
            raise Refusal(f"{path}: holds a step of {aim}; it is taken once all of it is there")
        if record is None or record.write is not Write.RECORD:
            continue
        for one in record.freight.artifacts:
            first = found.setdefault(one.subject, one)
            if first != one:
                raise Refusal(
                    f"{path}: {one.subject} is {held_of(one).version}, but another record says "
                    f"{held_of(first).version}; watch the directory of one stage"
                )
    return found


def missing(directory: str) -> HeldIn:
    """What a directory holds that is not there."""
    return HeldIn(problems=(f"'{directory}' is not there; create it, or mend 'path'",))


def with_stages(project: Project, look: Callable[[StageSubscription], HeldIn]) -> Project:
    """The project with what the stages of other projects hold that it watches."""

    def seen(one: Subscription) -> Subscription:
        if not isinstance(one, StageSubscription):
            return one
        found = look(one)
        holds = tuple(each for each in found.holds if not isinstance(each, Held))
        return replace(one, holds=holds, problems=found.problems)

    return _with_subscriptions(project, seen)


def with_watched(project: Project, look: Callable[[str], HeldIn]) -> Project:
    """The project with what its watched directories hold; `look` is asked once for each."""
    found: dict[str, HeldIn] = {}

    def seen(one: Subscription) -> Subscription:
        if not isinstance(one, PathSubscription):
            return one
        if one.path not in found:
            found[one.path] = look(one.path)
        return replace(one, holds=found[one.path].holds, problems=found[one.path].problems)

    return _with_subscriptions(project, seen)


def _with_subscriptions(project: Project, seen: Callable[[Subscription], Subscription]) -> Project:
    warehouses = (
        replace(one, subscriptions=tuple(map(seen, one.subscriptions)))
        for one in project.warehouses
    )
    return replace(project, warehouses=tuple(warehouses))


def unfit(project: Project) -> Iterator[tuple[str, str]]:
    """By warehouse: what stands in a watched directory or stage in the way of freight."""
    for warehouse in project.warehouses:
        for one in warehouse.subscriptions:
            if isinstance(one, TakenWhole):
                yield from ((warehouse.name, problem) for problem in one.problems)


def _unproven(pins: Iterable[Pin], disks: Mapping[Watched, DiskImage]) -> Iterator[str]:
    for pin in pins:
        if isinstance(pin.subject, DiskFamily) and pin.subject not in disks:
            yield f"{pin}, but nothing says that disk's checksum; write it beside the url"


def disks_in(pins: Iterable[Pin]) -> Mapping[Watched, DiskImage]:
    """The disk images whose address and checksum a pin has."""
    found: dict[Watched, DiskImage] = {}
    for pin in pins:
        if isinstance(pin.subject, DiskFamily) and pin.digest and pin.tag:
            try:
                disk = DiskImage(pin.subject, pin.tag, pin.value.strip("\"'"), pin.digest)
            except Refusal:
                continue
            found.setdefault(pin.subject, disk)
    return found
