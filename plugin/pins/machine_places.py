"""Where machines' versions stand: in which kinds and files, and what names a machine by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Table
from typing import NamedTuple

from plugin.artifact import Machine
from plugin.pins.nodes import Alias, Mapping, Node, Scalar, Sequence, Tree
from plugin.pins.reading import mapping, sequence, word

TALOS, KUBERNETES = Machine("talos"), Machine("kubernetes")
K3S, RKE2 = Machine("k3s"), Machine("rke2")

_VARIABLE = re.compile(r"(talos|kubernetes|k8s|k3s|rke2)_?version", re.IGNORECASE)
_VARIABLES = {"talos": TALOS, "kubernetes": KUBERNETES, "k8s": KUBERNETES, "k3s": K3S, "rke2": RKE2}

# Where a kind keeps a version: API group ('' for none) and kind to paths.
_CAPI = "cluster.x-k8s.io"
_SITES: Table[tuple[str, str], tuple[tuple[str, Machine], ...]] = {
    ("tuppr.home-operations.com", "TalosUpgrade"): (("spec.talos.version", TALOS),),
    ("tuppr.home-operations.com", "KubernetesUpgrade"): (("spec.kubernetes.version", KUBERNETES),),
    # A cluster template of Omni (https://omni.siderolabs.com/reference/cluster-templates).
    ("", "Cluster"): (("talos.version", TALOS), ("kubernetes.version", KUBERNETES)),
    (f"controlplane.{_CAPI}", "TalosControlPlane"): (
        ("spec.version", KUBERNETES),
        ("spec.controlPlaneConfig.controlplane.talosVersion", TALOS),
    ),
    (f"controlplane.{_CAPI}", "KubeadmControlPlane"): (("spec.version", KUBERNETES),),
    (f"bootstrap.{_CAPI}", "TalosConfigTemplate"): (("spec.template.spec.talosVersion", TALOS),),
    (_CAPI, "MachineDeployment"): (("spec.template.spec.version", KUBERNETES),),
}
# Where people keep variables by name: Flux's substitutions, and what Flux reads more from.
_TABLES: Table[tuple[str, str], str] = {
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): "spec.postBuild.substitute",
    ("", "ConfigMap"): "data",
}
_PLAN = ("upgrade.cattle.io", "Plan")
_UNATTENDED = ("", "UnattendedInstallConfig")
# All kinds that hold versions; documents of no kind may, too.
_KNOWN = frozenset((*_SITES, *_TABLES, _PLAN, _UNATTENDED))
# Without this a text names no installer and no image of the factory.
_ADDRESSED = re.compile(
    r"installer(?:-secureboot)?/[0-9a-f]{64}|siderolabs/installer:|/(?:image|pxe)/[0-9a-f]{64}/"
)
# Words are found ten times faster than a pattern.
_ADDRESSES = ("installer", "/image/", "/pxe/")
_PLAIN = re.compile(r"(?P<before>)(?P<version>[^\s/:@]+)(?P<after>)")
_IMAGE = re.compile(r"(?P<before>.+:)(?P<version>[^\s/:@]+)(?P<after>)")
# What names Talos by itself (https://factory.talos.dev): schematic, platform and architecture
# are what the machine is, so the version alone may move.
_INSTALLER = re.compile(
    r"(?P<before>(?:--image=)?[^\s:@]+(?::[0-9]+/[^\s:@]+)?"
    r"(?:/(?:[a-z0-9-]+-)?installer(?:-secureboot)?/[0-9a-f]{64}|\bsiderolabs/installer):)"
    r"(?P<version>[^\s/:@]+)(?P<after>)"
)
_FACTORY = re.compile(
    r"(?P<before>https://[^\s/]+/(?:image|pxe)/[0-9a-f]{64}/)(?P<version>[^\s/]+)(?P<after>/\S+)"
)
_KUBELET = re.compile(
    r"(?P<before>\S*\b(?:siderolabs/kubelet|kube-[a-z-]+):)(?P<version>[^\s/:@]+)(?P<after>)"
)
_COMPONENTS = ("apiServer", "controllerManager", "scheduler", "proxy")
_PROGRAM = re.compile(r"(?:.*/)?(k3s-upgrade|rke2-upgrade|talosctl)(?:[:@].*)?")


class Place(NamedTuple):
    """A node that says a version of `machine`, in the form of `pattern`, behind `key`."""

    key: str
    node: Node
    machine: Machine
    pattern: re.Pattern[str]


def is_addressed(tree: Tree) -> bool:
    """Whether the text names an installer or an image of the factory somewhere."""
    rare = any(one in tree.text for one in _ADDRESSES)
    return rare and _ADDRESSED.search(tree.text) is not None


def places(document: Node, *, addressed: bool) -> Iterator[Place]:
    """The places of one document, some of them twice; `addressed` as the text `is_addressed`."""
    root = mapping(document)
    identity = _identity(root)
    if not identity[1] or identity in _KNOWN:
        yield from _sites(root, identity)
        yield from _variables(root, identity)
        yield from _talos_config(root, identity)
    if addressed and not identity[0].endswith("kubevirt.io"):
        yield from _everywhere(document)


def _identity(root: Mapping) -> tuple[str, str]:
    group, slash, _ = word(root.get("apiVersion")).rpartition("/")
    return group if slash else "", word(root.get("kind"))


def at(root: Mapping, path: str) -> Node | None:
    """What stands behind the keys of `path`, one below the other."""
    *above, key = path.split(".")
    for one in above:
        root = mapping(root.get(one))
    return root.get(key)


def _sites(root: Mapping, identity: tuple[str, str]) -> Iterator[Place]:
    for path, machine in _SITES.get(identity, ()):
        node = at(root, path)
        if node is not None:
            yield Place(path.rpartition(".")[2], node, machine, _PLAIN)
    plan = plan_of(root) if identity == _PLAN else None
    node = at(root, "spec.version") if plan else None
    if plan is not None and node is not None:
        yield Place("version", node, plan, _PLAIN)


def plan_of(root: Mapping) -> Machine | None:
    """What a plan of system-upgrade-controller upgrades, if that is plain to see.

    https://github.com/rancher/system-upgrade-controller
    """
    if _identity(root) != _PLAN:
        return None
    upgrade = mapping(at(root, "spec.upgrade"))
    program = _PROGRAM.fullmatch(word(_merged(upgrade, "image")))
    match program and program[1]:
        case "k3s-upgrade":
            return K3S
        case "rke2-upgrade":
            return RKE2
        case "talosctl":
            said = {word(one) for one in sequence(_merged(upgrade, "args")).items}
            return KUBERNETES if "upgrade-k8s" in said else TALOS if "upgrade" in said else None
        case _:
            return None


def _merged(node: Mapping, key: str) -> Node | None:
    """The value of `key`, its own or one merged in by `<<: *anchor`."""
    own, merge = node.get(key), node.get("<<")
    if own is not None or not isinstance(merge, Alias):
        return own
    return mapping(merge.target).get(key)


def _variables(root: Mapping, identity: tuple[str, str]) -> Iterator[Place]:
    """Variables named for a machine: of Flux, of talhelper, topf and plain files of variables."""
    path = _TABLES.get(identity)
    table = mapping(at(root, path)) if path else mapping(None) if identity[1] else root
    for key, node in table.named():
        named = _VARIABLE.fullmatch(key.value)
        if named is not None:
            yield Place(key.value, node, _VARIABLES[named[1].lower()], _PLAIN)


def _talos_config(root: Mapping, identity: tuple[str, str]) -> Iterator[Place]:
    """The images of a machine configuration (https://www.talos.dev/latest/reference/)."""
    if identity == _UNATTENDED:
        yield from _image(at(root, "installer.image"), TALOS, _IMAGE)
    elif not identity[1]:
        yield from _image(at(root, "machine.install.image"), TALOS, _IMAGE)
        yield from _image(at(root, "machine.kubelet.image"), KUBERNETES, _KUBELET)
        for one in _COMPONENTS:
            yield from _image(at(root, f"cluster.{one}.image"), KUBERNETES, _KUBELET)


def _image(node: Node | None, machine: Machine, pattern: re.Pattern[str]) -> Iterator[Place]:
    """A place, if the image there names anything behind its repository."""
    if isinstance(node, Scalar) and ":" not in node.value.rpartition("/")[2]:
        return
    if node is not None:
        yield Place("image", node, machine, pattern)


def _everywhere(document: Node) -> Iterator[Place]:
    """Installers and images of the factory, whatever they are the value of.

    What a checksum or a disk's name belongs to moves with them, by the rules of disks.
    """
    for key, scalar in _scalars(document):
        for pattern in (_INSTALLER, _FACTORY):
            if pattern.fullmatch(scalar.value):
                yield Place(key, scalar, TALOS, pattern)


def _scalars(document: Node) -> Iterator[tuple[str, Scalar]]:
    """The scalars in the order of the text, with the key each is a value or an item of."""
    waiting: list[tuple[str, Node]] = [("", document)]
    while waiting:
        key, node = waiting.pop()
        if isinstance(node, Scalar):
            yield key, node
        elif isinstance(node, Sequence):
            waiting += [(key, item) for item in reversed(node.items)]
        elif isinstance(node, Mapping) and node.get("checksum") is None:
            waiting += [
                (name.value, value)
                for name, value in reversed(node.named())
                if name.value != "dataVolumeTemplates"
            ]
