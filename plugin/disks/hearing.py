"""What a machine says of its disks in all of its documents and in what kustomize adds to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

from plugin.disks.built import Build, Built
from plugin.disks.model import Machine, Stage
from plugin.disks.patches import Patch, Way, patches_in
from plugin.disks.policy import ALLOW, POLICY, RESTART, DiskPolicy, Policy, Restart, policy_of
from plugin.disks.users import directory
from plugin.errors import Refusal
from plugin.pins.kubevirt_objects import instance_way, machine_way
from plugin.pins.nodes import Alias, Node, Scalar, Sequence, Tree
from plugin.pins.nodes import Mapping as MappingNode
from plugin.pins.reading import mapping, word
from plugin.pins.sources import Sources

_STRATEGY = "updateVolumesStrategy"
_WORDS = ("disk-policy", "allow-replace", _STRATEGY)
_READ = ("patches", "patchesStrategicMerge", "patchesJson6902", "commonAnnotations", "resources")
# The careful words first: of several, the first counts.
_POLICIES = (DiskPolicy.STATEFUL.value, DiskPolicy.REPLACE.value)
_RESTARTS = tuple(
    one.value for one in (Restart.NEVER, Restart.MANUAL, Restart.WINDOW, Restart.AUTO)
)


@dataclass(frozen=True, slots=True)
class Around:
    """What a build adds to every machine in it; `other` is what adds in a way not followed."""

    kustomizations: tuple[str, ...]
    patches: tuple[Patch, ...]
    other: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """The stage that machines are asked about."""

    sources: Sources
    built: Built
    _machines: Mapping[str, list[Machine]]
    _heard: dict[tuple[str, int], Policy] = field(default_factory=dict)
    _builds: dict[str, Around] = field(default_factory=dict)

    @classmethod
    def of(cls, sources: Sources, stage: Stage) -> Hearing:
        """Before anything of it is asked."""
        machines: dict[str, list[Machine]] = {}
        for one in stage.machines:
            machines.setdefault(one.id.name, []).append(one)
        return cls(sources, Built.of(sources), machines)

    def policy(self, machine: Machine) -> Policy:
        """The most careful of what is said in each build; Refusal where it cannot be known.

        A document beside the machine that no build takes in may forbid, never allow.
        """
        at = machine.file, machine.line
        if at not in self._heard:
            self._heard[at] = self._policy(machine)
        return self._heard[at]

    def _policy(self, machine: Machine) -> Policy:
        documents = [one for one in self.documents(machine) if one is not machine]
        for one in (machine, *documents):
            _check(machine, one)
        each = [self._in(build, machine, documents) for build in self.built.builds(machine.file)]
        return reduce(_careful, each)

    def documents(self, machine: Machine) -> Iterator[Machine]:
        """Everything that says a part of the machine: itself, patches, overlays."""
        files = [one.files for one in self.built.builds(machine.file)]
        files.append(self.built.beside(machine.file))
        for one in self._machines.get(machine.id.name, ()):
            same = one.kind == machine.kind and one.id.meets(machine.id)
            if same and any(one.file in each for each in files):
                yield one

    def namespaces(self, machine: Machine) -> frozenset[str]:
        """Every namespace that the machine is said to be in."""
        own = {machine.id.namespace} - {""}
        return self.built.namespaces(machine.file) or frozenset(own)

    def namesake(self, machine: Machine) -> Machine | None:
        """Another machine of the same name, in another namespace or another application."""
        mine = [machine, *self.documents(machine)]
        for one in self._machines.get(machine.id.name, ()):
            if one not in mine:
                return one
        return None

    def _in(self, build: Build, machine: Machine, documents: list[Machine]) -> Policy:
        self._check_patches(build, machine)
        said = [machine.annotations]
        for one in documents:
            if one.file in build.files:
                said.append(one.annotations)
            elif one.annotations.get(POLICY) != DiskPolicy.REPLACE.value:
                said.append({k: v for k, v in one.annotations.items() if k == POLICY})
        said += self._common(build, machine)
        return policy_of(_merged(said))

    def _common(self, build: Build, machine: Machine) -> Iterator[Mapping[str, str]]:
        """What kustomizations annotate everything with."""
        for file in self.around(build, machine.file).kustomizations:
            said = mapping(self.built.kustomizations[file].get("commonAnnotations"))
            common = {key.value: word(value) for key, value in said.named()}
            if self.built.takes_in(file, machine.file):
                yield common
            elif common.get(POLICY, _POLICIES[1]) != _POLICIES[1]:
                yield {POLICY: common[POLICY]}

    def _check_patches(self, build: Build, machine: Machine) -> None:
        ways = tuple(_ways(machine.kind))
        around = self.around(build, machine.file)
        for one in around.patches:
            read = one.kind is None and one.path in build.files
            if not read and one.selects(machine.kind, machine.id.name) and one.touches(ways):
                raise Refusal(
                    f"a patch at {one.file}:{one.line} changes what {machine} says of its disks, "
                    "or may; write that into the machine"
                )
        if around.other:
            raise Refusal(
                f"{around.other} says of machines how their disks are treated, in a way that is "
                f"not followed; write that into {machine}"
            )

    def around(self, build: Build, file: str) -> Around:
        """What `build`, in which `file` is, adds to everything in it."""
        at = build.top or f"{directory(file)}/"
        if at not in self._builds:
            lines = ((file, self._other(file)) for file in sorted(build.files))
            self._builds[at] = Around(
                tuple(sorted(one for one in build.files if one in self.built.kustomizations)),
                tuple(patches_in(self.sources, self.built, build.files)),
                next((f"{file}:{line}" for file, line in lines if line), ""),
            )
        return self._builds[at]

    def _other(self, file: str) -> int:
        """The line of a transformer or replacement that speaks of disks, or 0."""
        text = self.sources.texts[file]
        if not any(one in text for one in _WORDS):
            return 0
        tree = self.sources.tree(file)
        for root in tree.documents if isinstance(tree, Tree) else ():
            for node in _acting(root, file in self.built.kustomizations):
                line = _speaks(node)
                if line:
                    return line
        return 0


def _check(machine: Machine, said: Machine) -> None:
    if said.unclear:
        raise Refusal(
            f"{machine} has an alias or a merge key at {said.file}:{said.unclear}, where it may "
            "say how its disks are treated; write it out"
        )
    if said.migrates:
        raise Refusal(
            f"{machine} has updateVolumesStrategy: Migration, which would copy the old disk over "
            "the new image; remove the field first"
        )


def _ways(kind: str) -> Iterator[Way]:
    """The fields of a machine that decide what becomes of its disks."""
    yield from (("metadata", "annotations", one) for one in (POLICY, ALLOW))
    yield ("metadata", "name")
    machine, instance = machine_way(kind), instance_way(kind)
    if machine is not None:
        yield from ((*machine, one) for one in (_STRATEGY, "dataVolumeTemplates"))
    if instance is not None:
        yield (*instance, "volumes")


def _merged(said: list[Mapping[str, str]]) -> dict[str, str]:
    """One set of annotations: the careful word of several, and every consent."""
    found: dict[str, list[str]] = {}
    for each in said:
        for name in (POLICY, RESTART, ALLOW):
            if name in each:
                found.setdefault(name, []).append(each[name])
    merged = {name: ",".join(each) for name, each in found.items() if name == ALLOW}
    for name, words in ((POLICY, _POLICIES), (RESTART, _RESTARTS)):
        if name in found:
            merged[name] = _first(found[name], words)
    return merged


def _first(said: list[str], words: tuple[str, ...]) -> str:
    """A word that means nothing before the others, so that it is told."""
    ranks = {one: at for at, one in enumerate(words)}
    unknown = [one for one in said if one not in ranks]
    return unknown[0] if unknown else min(said, key=lambda one: ranks[one])


def _careful(one: Policy, other: Policy) -> Policy:
    disk = one.disk if one.disk is DiskPolicy.STATEFUL else other.disk
    return Policy(disk, one.restart, one.allowed & other.allowed)


def _acting(root: Node, kustomization: bool) -> Iterator[Node]:
    """The parts of a document that change other documents and are read nowhere else."""
    if kustomization:
        yield from (value for key, value in mapping(root).named() if key.value not in _READ)
    elif word(mapping(root).get("apiVersion")) == "builtin" or mapping(root).get("targets"):
        yield root
    elif isinstance(root, Sequence):
        yield from (one for one in root.items if mapping(one).get("targets"))


def _speaks(node: Node) -> int:
    match node:
        case Scalar():
            return node.line if any(one in node.value for one in _WORDS) else 0
        case Alias():
            return 0
        case Sequence():
            return next((line for line in map(_speaks, node.items) if line), 0)
        case MappingNode():
            inner = (line for key, value in node.pairs for line in (_speaks(key), _speaks(value)))
            return next((line for line in inner if line), 0)
