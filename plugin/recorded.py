"""What a record says of a stage's disks, whatever stands in the stage's files instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from plugin.artifact import Artifact, Wanted
from plugin.disks.move import Moves, Replaced
from plugin.disks.moves import moves
from plugin.disks.policy import Terms, Unconsented
from plugin.disks.restarts import Restarting, restarting
from plugin.freight import Freight
from plugin.pins.edit import changes_in, edited
from plugin.pins.nodes import Tree
from plugin.pins.pin import Bumped, Change
from plugin.pins.sources import Sources
from plugin.record import Record
from plugin.stage_policy import Write


def as_recorded(sources: Sources, record: Record) -> Sources:
    """The files with the disks of `record`, the previous ones beside them, oldest first.

    The sidecar gives a cluster these disks; in the files may stand any version, which nothing was
    ever imported from. What cannot be moved stays as it is.
    """
    for artifact in record.freight.artifacts:
        before = [one for one in record.previous_disks if one.subject == artifact.subject]
        for number, version in enumerate((*reversed(before), artifact)):
            terms = Terms(max(1, len(before)), frozenset(), Unconsented.PROPOSED, number == 0)
            sources = _moved(sources, moves(sources, (version,), terms))
    return sources


def _moved(sources: Sources, moved: Moves) -> Sources:
    """The files after these moves; the same where nothing moves."""
    texts: dict[str, str] = {}
    for file, splices in moved.splices.items():
        tree = sources.tree(file)
        if isinstance(tree, Tree):
            match edited(file, sources.texts[file], tree, (), splices):
                case Bumped(text):
                    texts[file] = text
                case _:
                    return sources
    if not texts:
        return sources
    return Sources({**sources.texts, **texts}, sources.names, sources.explicit)


def restarts_of(sources: Sources, held: Freight | None, freight: Freight) -> tuple[Restarting, ...]:
    """The machines whose own image is another one from `held` to `freight`, by the files."""
    wanted: list[Wanted] = [
        one for one in freight.artifacts if held is None or held.artifact(one.subject) != one
    ]
    return restarting(sources, _changes(sources, wanted))


def _changes(sources: Sources, wanted: Sequence[Wanted]) -> Iterable[Change]:
    for file in sources.mentioning(one.subject for one in wanted):
        tree = sources.tree(file)
        if isinstance(tree, Tree):
            yield from changes_in(tree, sources.found(file), wanted, sources.names)


def with_previous_disks(
    record: Record,
    before: Record | None,
    held: Iterable[Artifact],
    disks: Iterable[Replaced],
    keep: int,
    *,
    anew: bool = False,
) -> Record:
    """`record` with the versions whose disks stay in the manifests, newest first.

    Of each image at most `keep`: what `held` said of those that `disks` replace and that stay,
    then what the record `before` named. The record's own version is never among them. Of a record
    that is applied, and where files are made `anew` of records, an image with previous disks has
    one of the old version, seen or not: a disk that is not named is deleted, and machines may run
    on it.
    """
    left = {one.artifact.subject for one in disks if one.kept}
    if before is not None and (anew or record.write is Write.RECORD):
        left |= {one.subject for one in before.previous_disks}
    found = [one for one in held if one.subject in left]
    kept: dict[tuple[object, str | None], Artifact] = {}
    for one in (*found, *(before.previous_disks if before else ())):
        current = record.freight.artifact(one.subject)
        count = sum(subject == one.subject for subject, _ in kept)
        if current is not None and current.digest != one.digest and count < keep:
            kept.setdefault((one.subject, one.digest), one)
    return replace(record, previous_disks=tuple(kept.values()))
