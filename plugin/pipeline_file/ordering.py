"""`order` of a warehouse: which of its subscriptions go into a stage before which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plugin.pipeline_file.fields import Fields, distinct, listed, names
from plugin.pipeline_file.mistakes import Mistakes, similar
from plugin.pipeline_file.nodes import Sequence as List
from plugin.pipeline_file.scalars import name
from plugin.pipeline_file.stages import Declared as DeclaredStage
from plugin.pipeline_file.subscriptions import Declared

_FEWEST = 2

order = distinct(listed("names of subscriptions", "[stock, pay]", name("a subscription")))


def refuse_order(fields: Fields, ordered: Sequence[str], subscribed: Iterable[Declared]) -> None:
    """Adds a mistake for each name that is no subscription, and for an order of one alone."""
    known = [one.subscription.name for one in subscribed]
    if len(known) < _FEWEST:
        what = "'order' needs at least two subscriptions: one alone has nothing to wait for"
        fields.mistakes.add(fields.at("order"), what, "remove it, or add a subscription")
        return
    entry = fields.node.get("order")
    items = entry.value.items if entry and isinstance(entry.value, List) else ()
    for item, one in zip(items, ordered, strict=False):
        if one not in known:
            meant = similar(one, known)
            instead = f"did you mean '{meant}'?" if meant else f"use some of {names(known)}"
            fields.mistakes.add(item.at, f"'{one}' is no subscription of this warehouse", instead)


def refuse_grouped(stage: DeclaredStage, warehouse: str, mistakes: Mistakes) -> None:
    """One pull request for all lines, and one for each step of a line, cannot both be had."""
    mistakes.add(
        stage.positions["group"],
        f"'group: true' puts everything into one pull request, and 'order' of '{warehouse}' asks "
        "for one after the other",
        "remove one of them, or take that warehouse in a stage of its own",
    )
