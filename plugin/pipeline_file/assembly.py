"""How a warehouse packs what it finds: `freight`, `match`, `criteria`, `settle`, `minAge`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from plugin.pipeline import Creation
from plugin.pipeline_file.criteria import refuse_strangers
from plugin.pipeline_file.durations import duration
from plugin.pipeline_file.fields import Fields
from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.nodes import Node, Text
from plugin.pipeline_file.subscriptions import Declared
from plugin.subscriptions import (
    ChartSubscription,
    ImageSubscription,
    Selection,
    TakenWhole,
)

_LONGEST_SETTLE = timedelta(hours=1)
_FEWEST_TO_MATCH = 2


def settle(node: Node, mistakes: Mistakes) -> timedelta | None:
    """How long a set must have been the newest, at most an hour."""
    length = duration(node, mistakes)
    if length is None or length <= _LONGEST_SETTLE:
        return length
    written = shown(node.text) if isinstance(node, Text) else "this"
    mistakes.add(
        node.at,
        f"{written} is longer than an hour, and 'settle' only waits for what is pushed together",
        "write settle: 2m; a time for caution is 'minAge', one for tests 'soak'",
    )
    return None


def refuse_idle(
    fields: Fields, creation: Creation, criteria: str | None, declared: Sequence[Declared]
) -> None:
    """Adds a mistake for each key of a warehouse that would do nothing, or nothing good."""
    if creation is Creation.MANUAL:
        for key in ("match", "criteria", "settle"):
            if fields.has(key):
                what = f"'{key}' has no effect with freight: manual: people choose the set"
                fields.mistakes.add(fields.at(key), what, "remove one of them")
    subscriptions = tuple(one.subscription for one in declared)
    if all(isinstance(one, TakenWhole) for one in subscriptions):
        _refuse_without_choice(fields, creation, subscriptions[0].name)
    if fields.has("match"):
        _refuse_match(fields, declared)
    entry = fields.node.get("criteria")
    if entry is not None and criteria is not None:
        refuse_strangers(criteria, entry.value.at, subscriptions, fields.mistakes)


def _refuse_without_choice(fields: Fields, creation: Creation, name: str) -> None:
    """What directories hold has no age, and nobody chooses among it."""
    if fields.has("minAge"):
        what = "'minAge' has no effect on a directory: what it holds is taken as it is"
        fields.mistakes.add(fields.at("minAge"), what, "remove it")
    if creation is Creation.MANUAL:
        what = f"what '{name}' holds is taken as it is; freight: manual has nothing to choose"
        fields.mistakes.add(fields.at("freight"), what, "remove it, or subscribe to an image, too")


def _refuse_match(fields: Fields, declared: Sequence[Declared]) -> None:
    with_versions = [
        one.subscription
        for one in declared
        if isinstance(one.subscription, ImageSubscription | ChartSubscription)
    ]
    if len(with_versions) < _FEWEST_TO_MATCH:
        what = "'match: tag' compares images and charts, and this warehouse has fewer than two"
        fields.mistakes.add(fields.at("match"), what, "remove it, or subscribe to another one")
    for one in with_versions:
        if isinstance(one, ImageSubscription) and one.select is Selection.DIGEST:
            fields.mistakes.add(
                fields.at("match"),
                f"'match: tag' has nothing to choose from in '{one.name}': select: digest follows "
                "one tag",
                "remove it, or select by version there",
            )
