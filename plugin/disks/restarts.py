"""The machines that boot from an image which a promotion changes, and so need a restart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plugin.artifact import Wanted
from plugin.disks.policy import RESTART, Restart
from plugin.pins.container_disks import images_of
from plugin.pins.kubevirt_objects import (
    POOL,
    VIRTUAL_MACHINE,
    Object,
    annotated,
    objects,
    resolved,
)
from plugin.pins.kustomize_spaces import Spaces, spaces_of
from plugin.pins.nodes import Tree
from plugin.pins.pin import Change
from plugin.pins.reading import word
from plugin.pins.sources import Sources


@dataclass(frozen=True, slots=True)
class Restarting:
    """A machine, or a pool of them, that finds another container disk at its next start.

    `namespace` is '' where nothing in the stage says it.
    """

    vm: str
    namespace: str
    restart: Restart
    artifact: Wanted
    pool: bool = False


def restarting(sources: Sources, changes: Iterable[Change]) -> tuple[Restarting, ...]:
    """The machines whose container disks or kernels `changes` write, each once for an artifact.

    Only what stands in a machine's own image field is known to be one's: what kustomize copies
    there from elsewhere is not.
    https://kubevirt.io/user-guide/storage/disks_and_volumes/#containerdisk
    """
    places: dict[str, dict[tuple[int, int], Wanted]] = {}
    for one in changes:
        written = places.setdefault(one.pin.file, {})
        written[one.pin.line, one.pin.column] = one.artifact
    found = [
        (file, machine, artifact)
        for file, written in places.items()
        for machine in _machines(sources, file)
        for artifact in _taken(machine, written)
    ]
    # Every kustomization is read for that.
    spaces = spaces_of(sources) if found else Spaces({}, {})
    return tuple(dict.fromkeys(_restarting(spaces, *one) for one in found))


def _machines(sources: Sources, file: str) -> Iterator[Object]:
    tree = sources.tree(file)
    for one in objects(tree) if isinstance(tree, Tree) else ():
        known = one.of_kubevirt and one.kind in (VIRTUAL_MACHINE, POOL)
        if known and word(one.metadata.get("name")):
            yield one


def _taken(machine: Object, written: dict[tuple[int, int], Wanted]) -> Iterator[Wanted]:
    for image in map(resolved, images_of(machine.instance)):
        if image is not None and (image.line, image.column) in written:
            yield written[image.line, image.column]


def _restarting(spaces: Spaces, file: str, machine: Object, artifact: Wanted) -> Restarting:
    said = annotated(machine.metadata).get(RESTART)
    words = {one.value: one for one in Restart}
    restart = words.get(said.value, Restart.MANUAL) if said else Restart.MANUAL
    name = word(machine.metadata.get("name"))
    namespace = spaces.namespace(file, word(machine.metadata.get("namespace")))
    return Restarting(name, namespace, restart, artifact, machine.kind == POOL)
