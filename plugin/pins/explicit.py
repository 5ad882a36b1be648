"""Pins that a stage declares: a file, a path in it, and the subscription it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from plugin.artifact import Repository, Subject
from plugin.pins import kustomize_images
from plugin.pins.declared import Holds, declared
from plugin.pins.kustomize_entries import BLOCK_ENTRY, familiar, new_entry
from plugin.pins.naming import Names, resolved
from plugin.pins.nodes import Node, Refused, Scalar, Tree
from plugin.pins.paths import FieldPath, Key, Where
from plugin.pins.pin import Fixed, Found, Kind, Missing, Named, Pin, Present
from plugin.pins.reading import mapping
from plugin.pipeline import ExplicitPin


def explicit_pins(
    file: str, tree: Tree, asked: Iterable[ExplicitPin], names: Names
) -> tuple[tuple[Pin, ...], tuple[Refused, ...]]:
    """The pins that are declared to stand in `file`, and why others of them do not.

    A refusal names the place in the pipeline file where nothing, or not one thing, is found;
    where something unfit is found, its own place. `images` and `images[name=...]` of a
    kustomization are entries, which are created where they do not stand yet.
    """
    pins: list[Pin] = []
    refused: list[Refused] = []
    for pin in asked:
        for answer in _answers(file, tree, pin, names):
            if isinstance(answer, Refused):
                refused.append(replace(answer, subject=names[pin.subscription]))
            elif any(_collide(answer, other) for other in pins):
                reason = "writes into the same place as another pin; write one of them by hand"
                refused.append(_unfound(pin, f"'{pin.path}' {reason}", names[pin.subscription]))
            else:
                pins.append(answer)
    known = resolved(Found(tuple(pins), tuple(refused)), names)
    return known.pins, known.refused


def _collide(one: Pin, other: Pin) -> bool:
    """Whether two pins cannot be written side by side; new items of one list can."""
    slots = one.parts[0].slot, other.parts[0].slot
    match slots:
        case Fixed(), Fixed():
            return slots[0].at == slots[1].at and (
                one.spelling == other.spelling or slots[0].events[0] != BLOCK_ENTRY
            )
        case Missing(), Missing():
            return slots[0].at == slots[1].at
        case Present(), Present():
            return slots[0].scalar.event == slots[1].scalar.event
        case _:
            return False


def absent(pin: ExplicitPin) -> Refused:
    """The refusal of a pin whose file is not there."""
    return _unfound(pin, f"'{pin.file}' of this pin is not there; mend 'file'", None)


def _answers(file: str, tree: Tree, pin: ExplicitPin, names: Names) -> Iterable[Pin | Refused]:
    subject = names[pin.subscription]
    path = FieldPath.parse(pin.path)
    name = _entry_name(path, subject)
    if name is not None and isinstance(subject, Repository) and _is_kustomization(file, tree):
        return _entry(file, tree, pin, name, subject)
    nodes = path.find(tree)
    if len(nodes) == 1:
        return (_at(file, tree, pin, nodes[0]),)
    count = f"{len(nodes)} places" if nodes else "nothing"
    instead = "name the document in front: [kind=Deployment,metadata.name=web]"
    reason = f"'{pin.path}' finds {count} in {file}; {instead if nodes else 'mend the path'}"
    return (_unfound(pin, reason, subject),)


def _at(file: str, tree: Tree, pin: ExplicitPin, node: Node) -> Pin | Refused:
    if not isinstance(node, Scalar):
        reason = f"'{pin.path}' leads to no single value but to a map, a list or an alias"
        return Refused(file, node.line, node.column, reason, pin.path)
    holds = Holds(pin.field) if pin.field else None
    return declared(file, tree, node, Named(pin.subscription), holds)


def _is_kustomization(file: str, tree: Tree) -> bool:
    root = mapping(tree.documents[0]) if tree.documents else mapping(None)
    return kustomize_images.is_kustomization(file, root)


def _entry_name(path: FieldPath, subject: Subject) -> str | None:
    """The name of the entry that a path means, None where it means something else."""
    match path.steps:
        case (Key("images"),) if isinstance(subject, Repository):
            return familiar(subject)
        case (Key("images"), Where(conditions=((("name",), name),))):
            return name
        case _:
            return None


def _entry(
    file: str, tree: Tree, pin: ExplicitPin, name: str, subject: Repository
) -> Iterable[Pin | Refused]:
    """Nothing where the entry stands already, for then it is found as every entry is.

    Not so where several subscriptions watch the repository: then the entry of that name is meant.
    """
    entries = list(kustomize_images.find(file, tree))
    pins = [one for one in entries if isinstance(one, Pin) and one.kind is Kind.KUSTOMIZE_IMAGE]
    own = [one for one in pins if one.subject == subject.plain]
    if subject.subscription:
        own = [replace(one, subject=subject) for one in own if one.spelling == name]
    if own:
        return own if subject.subscription else ()
    other = next((one for one in pins if one.spelling == name), None)
    if other is None:
        return (new_entry(file, tree, name, subject),)
    reason = (
        f"the entry '{name}' in {file} (line {other.line}) stands for {other.subject}, not for "
        f"{subject}; write newName: {subject} there"
    )
    return (_unfound(pin, reason, subject),)


def _unfound(pin: ExplicitPin, reason: str, subject: Subject | None) -> Refused:
    return Refused(pin.declared, pin.line, pin.column, reason, pin.path, subject)
