"""`disk`: the versions of a disk image, by the metadata of who publishes it."""

from __future__ import annotations

import re
from functools import partial

from plugin.artifact.disk import DiskFamily, Publisher, publisher_of
from plugin.artifact.image import Reference
from plugin.errors import Refusal
from plugin.pipeline_file.addresses import web_address
from plugin.pipeline_file.fields import Fields
from plugin.pipeline_file.kinds.shared import Setting, called
from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import choice, text
from plugin.pipeline_file.tag_rules import limit, patterns, version_constraint
from plugin.subscriptions import LIMIT, DiskSubscription

_EXAMPLE = "the https address of one version, as a DataVolume has it"
_IN_A_REGISTRY = ("docker://", "oci://")
_ENDINGS = re.compile(r"\.(?:qcow2|img|raw|iso|vmdk|vhdx?|tar|xz|gz|zst|bz2)$", re.IGNORECASE)
_text = text("the address of a disk image", _EXAMPLE)


def read(fields: Fields, setting: Setting) -> DiskSubscription | None:
    """The subscription of `fields`; None with a mistake."""
    before = len(fields.mistakes)
    family = fields.read("disk", _family)
    publisher = _publisher(fields, family)
    read = partial(
        DiskSubscription,
        called(fields, _product(family) if family else None),
        index=fields.read("index", web_address("an address", "https://mirror.example.com/images")),
        constraint=fields.read("constraint", version_constraint),
        allow=fields.read("allow", patterns) or (),
        ignore=fields.read("ignore", patterns) or (),
        limit=fields.read_or("limit", limit, LIMIT),
        min_age=setting.age(fields),
    )
    if family is None or publisher is None or len(fields.mistakes) > before:
        return None
    return read(family=family, publisher=publisher)


def _publisher(fields: Fields, family: DiskFamily | None) -> Publisher | None:
    said = fields.read("publisher", choice(Publisher))
    known = publisher_of(family.pattern) if family else None
    if family is None or fields.has("publisher"):
        if said and known and said is not known:
            fields.mistakes.add(
                fields.at("publisher"),
                f"this is an address of {known.value}, and not of {said.value}",
                f"remove 'publisher', or write publisher: {known.value}",
            )
        return said
    if known is None:
        fields.mistakes.add(
            fields.at("disk"),
            "whose disk image this is cannot be told from its address, and so not where its "
            "versions are listed",
            f"write publisher: and one of {', '.join(one.value for one in Publisher)}",
        )
    return known


def _family(node: Node, mistakes: Mistakes) -> DiskFamily | None:
    value = _text(node, mistakes)
    if value is None:
        return None
    try:
        family = DiskFamily.parse(value)
    except Refusal as refusal:
        mistakes.add(node.at, *(_of_a_registry(value) or (str(refusal), f"write {_EXAMPLE}")))
        return None
    if "*" not in family.pattern:
        mistakes.add(
            node.at,
            f"{shown(value)} names no version, so no other version of it can be told",
            f"write {_EXAMPLE}, or a * where the version stands",
        )
        return None
    return family


def _of_a_registry(value: str) -> tuple[str, str] | None:
    """What is wrong with an image's name, which is a disk for KubeVirt too."""
    scheme = next((one for one in _IN_A_REGISTRY if value.startswith(one)), "")
    if not scheme and ("://" in value or _ENDINGS.search(value)):
        return None
    try:
        repository = Reference.parse(value.removeprefix(scheme)).repository
    except Refusal:
        return None
    what = f"{shown(value)} is a disk in a registry, whose versions are an image's tags"
    return what, f"write image: {repository}"


def _product(family: DiskFamily) -> str:
    """The name of the file, without version and endings."""
    name = family.pattern.rpartition("/")[2]
    while (short := _ENDINGS.sub("", name)) != name:
        name = short
    return name.replace("*", "")
