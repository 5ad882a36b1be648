"""The `warehouses` section: names, subscriptions, and what each image subscription may say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plugin.artifact import Reference
from plugin.errors import Refusal
from plugin.pipeline import Warehouse
from plugin.pipeline_file import not_yet
from plugin.pipeline_file.fields import Fields, distinct, found, listed, mapping, names
from plugin.pipeline_file.matrix import Expansion
from plugin.pipeline_file.mistakes import Mistakes, Position, shown
from plugin.pipeline_file.nodes import Entry, Mapping, Node, Sequence, Text
from plugin.pipeline_file.scalars import boolean, choice, name, text, whole_number
from plugin.pipeline_file.tag_rules import exact_tag, tag_pattern, version_constraint
from plugin.pipeline_file.vocabulary import opened
from plugin.subscriptions import ImageSubscription, Selection

_EXAMPLE = "web: [{image: ghcr.io/acme/web, constraint: ^1.0}]"
_LIST_EXAMPLE = "- image: ghcr.io/acme/web"
_patterns = distinct(listed("regular expressions", "['^v2']", tag_pattern))
_LIMIT = 20
_image_text = text("an image", "ghcr.io/acme/web")
# What a selection never looks at: silently ignored, it would promote what nobody asked for.
_WITHOUT_EFFECT = {
    Selection.SEMVER: (),
    Selection.LEXICAL: ("constraint", "strict"),
    Selection.NEWEST_BUILD: ("constraint", "strict"),
    Selection.DIGEST: ("strict", "allow", "ignore", "limit"),
}


@dataclass(frozen=True, slots=True)
class Declared:
    """The warehouses of a file: every name with its place, and the values that are sound.

    `complete` says that no name is missing, so that an unknown one is a mistake.
    """

    named: dict[str, Position]
    sound: tuple[Warehouse, ...]
    complete: bool


NONE = Declared({}, (), complete=False)


def read_warehouses(node: Node, mistakes: Mistakes) -> Declared | None:
    """Every warehouse of the section."""
    whole = mapping(node, mistakes, "a map of warehouses", _EXAMPLE)
    if whole is None:
        return None
    named: dict[str, Position] = {}
    sound: list[Warehouse] = []

    def read(entry: Entry, apart: Mistakes) -> bool:
        called = name("a warehouse")(entry.key, apart)
        warehouse = _warehouse(called, entry, named, apart)
        sound.extend([warehouse] if warehouse else [])
        return called is not None

    complete = Expansion("warehouse", mistakes).read(whole, read)
    return Declared(named, tuple(sound), complete)


def _warehouse(
    called: str | None, entry: Entry, named: dict[str, Position], mistakes: Mistakes
) -> Warehouse | None:
    key = entry.key
    if called in named:
        mistakes.add(
            key.at,
            f"the warehouse '{called}' stands twice, first in line {named[called].line}",
            "keep one of them",
        )
    elif called is not None:
        named[called] = key.at
    subscriptions = _subscriptions(entry.value, mistakes)
    if called is None or subscriptions is None:
        return None
    return Warehouse(called, subscriptions)


def _subscriptions(node: Node, mistakes: Mistakes) -> tuple[ImageSubscription, ...] | None:
    if isinstance(node, Mapping) and node.get("subscriptions"):
        fields = opened("warehouse", node, mistakes)
        return fields.read("subscriptions", _subscriptions)
    if not isinstance(node, Sequence) or not node.items:
        what = "an empty list" if isinstance(node, Sequence) else found(node)
        mistakes.add(
            node.at, f"expected a list of subscriptions, found {what}", f"write {_LIST_EXAMPLE}"
        )
        return None
    read = [_subscription(item, mistakes) for item in node.items]
    sound = [one for one in read if one is not None]
    _refuse_repeated(zip(node.items, read, strict=True), mistakes)
    return tuple(sound) if len(sound) == len(read) else None


def _refuse_repeated(
    read: Iterable[tuple[Node, ImageSubscription | None]], mistakes: Mistakes
) -> None:
    names_seen: dict[str, int] = {}
    images_seen: dict[str, int] = {}
    for node, one in read:
        if one is None:
            continue
        if line := images_seen.get(str(one.repository)):
            mistakes.add(
                node.at,
                f"'{one.repository}' is subscribed to twice, first in line {line}",
                "keep one, or put the other into a warehouse of its own",
            )
        elif line := names_seen.get(one.name):
            mistakes.add(
                node.at,
                f"two subscriptions are called '{one.name}', the first in line {line}",
                "give this one a name of its own: name: other",
            )
        images_seen.setdefault(str(one.repository), node.at.line)
        names_seen.setdefault(one.name, node.at.line)


def _subscription(node: Node, mistakes: Mistakes) -> ImageSubscription | None:
    image = node.text if isinstance(node, Text) and not node.is_nothing else "ghcr.io/acme/web"
    whole = mapping(node, mistakes, "a subscription", f"image: {shown(image)[1:-1]}")
    if whole is None:
        return None
    kinds = [one for one in ("image", *not_yet.KINDS) if whole.get(one)]
    if kinds == ["image"]:
        return _image(opened("image", whole, mistakes))
    if len(kinds) == 1:
        not_yet.refuse_kind(kinds[0], whole, mistakes)
        return None
    every = ", ".join(("image", *not_yet.KINDS))
    if kinds:
        what = f"{names(kinds)} stand in one subscription"
        mistakes.add(node.at, what, "write a list item for each")
    else:
        mistakes.add(node.at, "this subscription names nothing to watch", f"write one of {every}")
    return None


def _image(fields: Fields) -> ImageSubscription | None:
    before = len(fields.mistakes)
    reference = fields.read("image", _reference)
    select = fields.read_or("select", choice(Selection), Selection.SEMVER)
    constraint = fields.read(
        "constraint", exact_tag if select is Selection.DIGEST else version_constraint
    )
    _refuse_without_effect(fields, select)
    called = fields.read("name", name("a subscription"))
    allow = fields.read("allow", _patterns) or ()
    ignore = fields.read("ignore", _patterns) or ()
    strict = fields.read_or("strict", boolean, True)
    limit = fields.read_or("limit", whole_number(1, 100, _LIMIT), _LIMIT)
    if reference is None or len(fields.mistakes) > before:
        return None
    repository = reference.repository
    called = called or repository.path.rpartition("/")[2]
    return ImageSubscription(called, repository, select, constraint, strict, allow, ignore, limit)


def _refuse_without_effect(fields: Fields, select: Selection) -> None:
    for key in _WITHOUT_EFFECT[select]:
        if fields.has(key):
            fields.mistakes.add(
                fields.at(key),
                f"'{key}' has no effect with select: {select.value}",
                "remove it" if key != "constraint" else "remove it, or narrow the tags by 'allow'",
            )
    if select is Selection.DIGEST and not fields.has("constraint"):
        fields.mistakes.add(
            fields.at("select"),
            "select: digest follows one tag and does not say which",
            "write constraint: latest",
        )


def _spelled(value: str) -> str:
    try:
        return str(Reference.parse(value.lower()).repository)
    except Refusal:
        return "host/owner/name, such as ghcr.io/acme/web"


def _reference(node: Node, mistakes: Mistakes) -> Reference | None:
    value = _image_text(node, mistakes)
    if value is None:
        return None
    if "://" in value:
        mistakes.add(
            node.at,
            f"{shown(value)} is an address, not an image",
            f"write {shown(value.partition('://')[2])}",
        )
        return None
    try:
        reference = Reference.parse(value)
    except Refusal as refusal:
        mistakes.add(node.at, str(refusal), f"write {_spelled(value)}")
        return None
    if reference.tag or reference.digest:
        mistakes.add(
            node.at,
            f"{shown(value)} names one version, and a subscription watches them all",
            f"write {reference.repository} and say which versions in 'constraint'",
        )
        return None
    return reference
