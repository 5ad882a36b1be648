"""Marker comments that name nobody's subscription: promotions pass them over without a word."""

from __future__ import annotations

from collections.abc import Container, Iterator

from plugin.pins.find import MARKER
from plugin.pins.markers import named_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Named
from plugin.pins.sources import Sources


def unknown_markers(sources: Sources, names: Container[str]) -> Iterator[Refused]:
    """The markers of a stage that name none of `names`, subscriptions as markers write them."""
    for file in sources.mentioning(()):
        found = sources.found(file)
        for pin in found.pins:
            if isinstance(pin.subject, Named) and pin.subject.subscription not in names:
                reason = (
                    f"the marker names '{pin.subject}', which nobody has; its value never moves"
                )
                yield Refused(file, pin.line, pin.column, reason, pin.value)
        for one in found.refused:
            if MARKER in one.text and named_in(one.text) not in names:
                yield one
