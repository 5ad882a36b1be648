"""Reads the index of a Helm chart repository, however large, for a few charts of it; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, TypeAlias

import yaml

from github_app.warehouse.said_time import said_time
from plugin.errors import Refusal

MAX_VERSIONS = 20_000
"""Versions of one chart that are read; Helm writes the newest first."""
_LONGEST = 500
_SOURCES = 5

# PyYAML's events as its C parser makes them; it has no types of its own for them.
_Events: TypeAlias = Iterator[Any]
_Fields: TypeAlias = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A version of a chart, as the index describes it; '' is what it does not say."""

    version: str
    created: datetime | None = None
    digest: str = ""
    app_version: str = ""
    deprecated: bool = False
    sources: tuple[str, ...] = ()


def listed(index: bytes, charts: Collection[str]) -> Mapping[str, tuple[Listed, ...]]:
    """The versions of those of the charts that are there, in the index's order; raises Refusal.

    The format is that of https://helm.sh/docs/topics/chart_repository/#the-index-file, as YAML or
    JSON. Events are read, not values: `1.10` stays what it is, what nobody asked for is never
    built, and 20 MB take about a second.
    """
    found: dict[str, tuple[Listed, ...]] = {}
    try:
        for name, events in _mapping(_document(index)):
            if name == "entries":
                _read_entries(events, charts, found)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refusal(f"it is no YAML: {' '.join(str(error).split())[:_LONGEST]}") from error
    return found


def _document(index: bytes) -> _Events:
    """The events of the first document's content."""
    events: _Events = yaml.parse(index, Loader=yaml.CLoader)
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            return events
    raise Refusal("it is empty")


def _mapping(events: _Events) -> Iterator[tuple[str, _Events]]:
    """Each key of the mapping that comes, with the events of its value.

    A value that nobody reads is passed over. What is no mapping has no keys.
    """
    first = next(events)
    if not isinstance(first, yaml.MappingStartEvent):
        _skip(first, events)
        return
    for key in events:
        if isinstance(key, yaml.MappingEndEvent):
            return
        name = key.value if isinstance(key, yaml.ScalarEvent) else ""
        _skip(key, events)
        value = _one_node(events)
        yield name, value
        for _ in value:
            pass


def _sequence(events: _Events) -> Iterator[_Events]:
    """The events of each item of the sequence that comes; what is no sequence has no items."""
    first = next(events)
    if not isinstance(first, yaml.SequenceStartEvent):
        _skip(first, events)
        return
    while True:
        item = _one_node(events)
        start = next(item)
        if isinstance(start, yaml.SequenceEndEvent):
            return
        yield chain((start,), item)
        for _ in item:
            pass


def _one_node(events: _Events) -> _Events:
    """The next event, and those that belong to it if something starts there."""
    depth = 0
    for event in events:
        yield event
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth <= 0:
            return


def _skip(first: object, events: _Events) -> None:
    """Nothing of what `first` starts is left among the events."""
    for _ in _one_node(chain((first,), events)):
        pass


def _read_entries(
    events: _Events, charts: Collection[str], found: dict[str, tuple[Listed, ...]]
) -> None:
    for name, value in _mapping(events):
        if name in charts:
            found[name] = tuple(_versions(value))


def _versions(events: _Events) -> Iterator[Listed]:
    for count, item in enumerate(_sequence(events)):
        if count < MAX_VERSIONS:
            yield _listed({name: _texts(value) for name, value in _mapping(item)})


def _texts(events: _Events) -> tuple[str, ...]:
    """The scalar that comes, or the scalars of a sequence, each as it is written."""
    found: list[str] = []
    for depth, event in enumerate(events):
        if isinstance(event, yaml.ScalarEvent) and len(found) < _SOURCES:
            found.append(" ".join(event.value.split())[:_LONGEST])
        elif isinstance(event, yaml.MappingStartEvent) or (depth and _starts(event)):
            return ()
    return tuple(found)


def _starts(event: object) -> bool:
    return isinstance(event, yaml.CollectionStartEvent)


def _listed(fields: _Fields) -> Listed:
    def text(name: str) -> str:
        return next(iter(fields.get(name, ())), "")

    return Listed(
        version=text("version"),
        created=said_time(text("created")),
        digest=text("digest"),
        app_version=text("appVersion"),
        deprecated=text("deprecated") == "true",
        sources=fields.get("sources", ()),
    )
