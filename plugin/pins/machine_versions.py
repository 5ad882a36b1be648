"""Pins of what machines run: versions of Talos, Kubernetes, k3s and RKE2, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table

from plugin.artifact import Machine, Subject
from plugin.artifact.machine import is_minor, is_version
from plugin.pins.machine_places import (
    K3S,
    KUBERNETES,
    RKE2,
    TALOS,
    Place,
    at,
    is_addressed,
    places,
    plan_of,
)
from plugin.pins.nodes import Alias, Mapping, Refused, Scalar, Tree
from plugin.pins.pin import Field, Kind, Named, Part, Pin, Present
from plugin.pins.reading import is_null, is_placeholder, literal, mapping, raw

# A text without these words has no pin of the machine. Variables are often all capitals.
_WORDS: Table[Machine, tuple[str, ...]] = {
    TALOS: ("alos", "TALOS", "install"),
    KUBERNETES: ("ubernetes", "UBERNETES", "8s", "8S", "kube", "ControlPlane", "MachineDep"),
    K3S: ("3s", "3S"),
    RKE2: ("ke2", "KE2"),
}


def words(machine: Machine) -> tuple[str, ...]:
    """The words of which a text has at least one if it can hold a pin of `machine`."""
    return _WORDS.get(machine, (machine.name,))


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """Every version of a machine's system, and those that cannot be moved."""
    addressed, planned = is_addressed(tree), "upgrade.cattle.io" in tree.text
    for document in tree.documents:
        if planned:
            yield from _channel(file, mapping(document))
        found = list(places(document, addressed=addressed))
        own: set[int] = set()
        for place in found:
            if isinstance(place.node, Scalar) and place.node.event not in own:
                own.add(place.node.event)
                yield from _place(file, tree, place, place.node)
        # An anchor stands before its aliases, so what they follow is known by now.
        for place in found:
            if isinstance(place.node, Alias):
                yield from _alias(file, place, place.node, own)


def disagreements(pins: Iterable[Pin]) -> Iterator[tuple[Pin, Pin]]:
    """Each pin of a machine that says another version than the machine's first, with that one."""
    firsts: dict[Subject | Named, Pin] = {}
    for pin in pins:
        if pin.kind is Kind.MACHINE_VERSION:
            first = firsts.setdefault(pin.subject, pin)
            if not _agree(pin.tag or "", first.tag or ""):
                yield pin, first


def _agree(one: str, other: str) -> bool:
    parts = [text.removeprefix("v").split(".") for text in (one, other)]
    short = 2 if is_minor(one) or is_minor(other) else None
    return parts[0][:short] == parts[1][:short]


def _channel(file: str, root: Mapping) -> Iterator[Refused]:
    plan, node = plan_of(root), at(root, "spec.channel")
    if plan and isinstance(node, Scalar) and at(root, "spec.version") is None:
        reason = f"follows a channel of {plan}; write spec.version instead of spec.channel"
        yield Refused(file, node.line, node.column, reason, node.value, plan)


def _alias(file: str, place: Place, alias: Alias, own: set[int]) -> Iterator[Refused]:
    target = alias.target
    if isinstance(target, Scalar) and target.event not in own:
        reason = f"'*{alias.name}' is an alias of something else; write the version here"
        yield Refused(file, alias.line, alias.column, reason, target.value, place.machine)


def _place(file: str, tree: Tree, place: Place, scalar: Scalar) -> Iterator[Pin | Refused]:
    if is_null(scalar) or not scalar.value:
        return
    found = place.pattern.fullmatch(scalar.value)
    version = found["version"] if found else scalar.value
    if is_placeholder(version):
        # Whoever fills it in holds the version, so nothing has to wait for this place.
        reason = f"'{scalar.value[:120]}' is filled in by a template; bump the template's source"
        yield Refused(file, scalar.line, scalar.column, reason, scalar.value)
        return
    problem = _unfit(tree, place, scalar, version)
    if found is None or problem:
        reason = problem or f"'{scalar.value[:120]}' names no version"
        yield Refused(file, scalar.line, scalar.column, reason, scalar.value, place.machine)
        return
    part = Part(Present(scalar), _field(version), found["before"], found["after"])
    where = (file, scalar.line, scalar.column)
    text = raw(tree, scalar)
    yield Pin(*where, Kind.MACHINE_VERSION, place.machine, version, None, text, (part,))


def _field(version: str) -> Field:
    if is_minor(version):
        return Field.MINOR
    return Field.TAG if version.startswith("v") else Field.NUMBER


def _unfit(tree: Tree, place: Place, scalar: Scalar, version: str) -> str | None:
    """Why the version at a place cannot be moved, or None."""
    said = f"'{scalar.value[:120]}'"
    if tree.aliases.get(scalar.anchor or "", frozenset()) - {place.key}:
        return f"is used elsewhere through '*{scalar.anchor}'; write the other places out"
    if "@" in scalar.value:
        return f"{said} is tied to a digest, which would keep the old version; write the tag alone"
    if is_placeholder(scalar.value):
        return f"{said} is partly filled in by a template; write it out"
    if not literal(tree, scalar):
        return "is written over several lines or with escapes; write it on one line"
    if not is_version(version) and not is_minor(version):
        return f"'{version[:120]}' is not a version of {place.machine}; write one such as v1.2.3"
    return None
