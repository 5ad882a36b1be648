"""The events of a YAML text, as its parser says them, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeAlias

import yaml

from plugin.pins.nodes import Event

Batch: TypeAlias = tuple[Any, ...]

SCALAR: Any = yaml.ScalarEvent
STARTS = frozenset({yaml.MappingStartEvent, yaml.SequenceStartEvent})
ENDS = frozenset({yaml.MappingEndEvent, yaml.SequenceEndEvent})
_BATCH = 256
# libyaml agrees with the Go parser of kustomize and Argo CD on what is YAML; PyYAML's own parser
# serves where the C extension was not built.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def events_of(text: str) -> tuple[Event, ...] | None:
    """The events of `text` alone, twice as fast as a tree; None when it is not YAML."""
    events: list[Event] = []
    try:
        for batch in batches(text):
            events += signatures(batch)
    except yaml.YAMLError:
        return None
    return tuple(events)


def batches(text: str) -> Iterator[Batch]:
    """The parser's events, some hundreds at a time; raises yaml.YAMLError where it stops."""
    events = iter(_LOADER(text).get_event, None)
    while batch := tuple(islice(events, _BATCH)):
        yield batch


def signatures(batch: Batch) -> list[Event]:
    """What events say, apart from where: two texts with equal signatures are one tree."""
    return [
        ("ScalarEvent", event.anchor, event.tag, event.value, event.style or None)
        if type(event) is SCALAR
        else _BARE.get(type(event)) or _signature(event)
        for event in batch
    ]


def _signature(event: Any) -> Event:
    kind = type(event)
    if kind in STARTS:
        return kind.__name__, event.anchor, event.tag, "", event.flow_style
    return kind.__name__, getattr(event, "anchor", None), None, "", None


# Events that say nothing but what they are.
_BARE: dict[type, Event] = {kind: (kind.__name__, None, None, "", None) for kind in ENDS}
