"""The `warehouses` section: names, and what each warehouse watches and packs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from plugin.pipeline import Creation, Warehouse
from plugin.pipeline_file.assembly import refuse_idle, settle
from plugin.pipeline_file.criteria import criteria
from plugin.pipeline_file.durations import duration
from plugin.pipeline_file.fields import mapping
from plugin.pipeline_file.kinds.shared import Setting
from plugin.pipeline_file.matrix import Expansion
from plugin.pipeline_file.mistakes import Mistakes, Position, similar
from plugin.pipeline_file.nodes import Entry, Mapping, Node
from plugin.pipeline_file.ordering import order, refuse_order
from plugin.pipeline_file.scalars import choice, name, word
from plugin.pipeline_file.subscriptions import EXAMPLE, read_subscriptions
from plugin.pipeline_file.subscriptions import Declared as Subscribed
from plugin.pipeline_file.vocabulary import KINDS, keys, opened
from plugin.subscriptions import NO_AGE

_EXAMPLE = "web: [{image: ghcr.io/acme/web, constraint: ^1.0}]"


@dataclass(frozen=True, slots=True)
class Declared:
    """The warehouses of a file: every name with its place, and the values that are sound.

    `complete` says that no name is missing, so that an unknown one is a mistake. `places` has the
    place of each sound subscription by the names of warehouse and subscription.
    """

    named: dict[str, Position]
    sound: tuple[Warehouse, ...]
    complete: bool
    places: dict[tuple[str, str], Position]


NONE = Declared({}, (), complete=False, places={})


def read_warehouses(home: Setting, node: Node, mistakes: Mistakes) -> Declared | None:
    """Every warehouse of the section; `home` is the file's folder and project."""
    whole = mapping(node, mistakes, "a map of warehouses", _EXAMPLE)
    if whole is None:
        return None
    declared = Declared({}, (), complete=False, places={})
    sound: list[Warehouse] = []

    def read(entry: Entry, apart: Mistakes) -> bool:
        called = name("a warehouse")(entry.key, apart)
        _keep_name(called, entry, declared.named, apart)
        found = _warehouse(called or "?", home, entry.value, apart)
        if called is not None and found is not None:
            warehouse, subscribed = found
            sound.append(warehouse)
            places = {(called, one.subscription.name): one.at for one in subscribed}
            declared.places.update(places)
        return called is not None

    complete = Expansion("warehouse", mistakes).read(whole, read)
    return Declared(declared.named, tuple(sound), complete, declared.places)


def _keep_name(
    called: str | None, entry: Entry, named: dict[str, Position], mistakes: Mistakes
) -> None:
    if called in named:
        mistakes.add(
            entry.key.at,
            f"the warehouse '{called}' stands twice, first in line {named[called].line}",
            "keep one of them",
        )
    elif called is not None:
        named[called] = entry.key.at


def _warehouse(
    called: str, home: Setting, node: Node, mistakes: Mistakes
) -> tuple[Warehouse, Sequence[Subscribed]] | None:
    if isinstance(node, Mapping) and _is_whole(node):
        return _whole(called, home, node, mistakes)
    subscribed = read_subscriptions(home, node, mistakes)
    if subscribed is None:
        return None
    return Warehouse(called, tuple(one.subscription for one in subscribed)), subscribed


def _is_whole(node: Mapping) -> bool:
    """Whether this map is a warehouse, and not a subscription that lacks its dash."""
    words = [one.key.text for one in node.entries]
    if "subscriptions" in words or node.partial:
        return True
    known = keys("warehouse")
    return not any(one in KINDS for one in words) and any(similar(one, known) for one in words)


def _whole(
    called: str, home: Setting, node: Mapping, mistakes: Mistakes
) -> tuple[Warehouse, Sequence[Subscribed]] | None:
    fields = opened("warehouse", node, mistakes)
    ordered = fields.read("order", order) or ()
    creation = fields.read_or("freight", choice(Creation), Creation.AUTO)
    match_tags = fields.read("match", word("tag")) is not None
    expression = fields.read("criteria", criteria)
    settled = fields.read_or("settle", settle, NO_AGE)
    setting = replace(home, min_age=fields.read_or("minAge", duration, NO_AGE))
    read = partial(read_subscriptions, setting)
    subscribed = fields.required("subscriptions", read, f"subscriptions: and {EXAMPLE} below it")
    if subscribed is None:
        return None
    refuse_idle(fields, creation, expression, subscribed)
    if ordered:
        refuse_order(fields, ordered, subscribed)
    subscriptions = tuple(one.subscription for one in subscribed)
    packed = Warehouse(called, subscriptions, creation, match_tags, expression, settled, ordered)
    return packed, subscribed
