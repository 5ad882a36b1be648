"""How a stage says where its freight comes from: `after`, `warehouses`, `soak`, `availability`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from plugin.pipeline import Availability
from plugin.pipeline_file.durations import duration
from plugin.pipeline_file.fields import Fields, distinct, found, listed, mapping, wrong
from plugin.pipeline_file.mistakes import Mistakes, Position, shown
from plugin.pipeline_file.nodes import Entry, Mapping, Node, Sequence, Text
from plugin.pipeline_file.scalars import choice, matching, name, only_true
from plugin.pipeline_file.vocabulary import opened
from plugin.stage_policy import Select

_PATTERN = re.compile(r"[a-z0-9*?](?:[a-z0-9*?-]{0,61}[a-z0-9*?])?")


@dataclass(frozen=True, slots=True)
class Follows:
    """One entry of `after`: a stage's name or a pattern; soak only where it is written here."""

    at: Position
    name: str
    soak: timedelta | None = None

    @property
    def is_pattern(self) -> bool:
        """Whether it may mean several stages."""
        return "*" in self.name or "?" in self.name


@dataclass(frozen=True, slots=True)
class Feed:
    """What is said of a stage's sources, or of one line's; None where nothing is said."""

    after: tuple[Follows, ...] | None = None
    soak: timedelta | None = None
    availability: Availability | None = None
    direct: bool = False
    select: Select | None = None

    def over(self, default: Feed) -> Feed:
        """This, with what it leaves out taken from `default`."""
        return Feed(
            default.after if self.after is None else self.after,
            default.soak if self.soak is None else self.soak,
            default.availability if self.availability is None else self.availability,
            self.direct,
            default.select if self.select is None else self.select,
        )


@dataclass(frozen=True, slots=True)
class Takes:
    """One entry of `warehouses`."""

    at: Position
    warehouse: str
    feed: Feed = Feed()


def read_feed(fields: Fields) -> Feed:
    """The sources that a stage or a line says."""
    return Feed(
        fields.read("after", followed),
        fields.read("soak", duration),
        fields.read("availability", choice(Availability)),
        select=fields.read("select", choice(Select)),
    )


def followed(node: Node, mistakes: Mistakes) -> tuple[Follows, ...] | None:
    """The entries of `after`, a list of stages or a map with a soak for each."""
    if isinstance(node, Mapping) and node.entries:
        read = [_follows(entry, mistakes) for entry in node.entries]
        sound = tuple(one for one in read if one is not None)
        return sound if len(sound) == len(read) else None
    stages = distinct(listed("stage names", "[dev]", _stage_or_pattern))(node, mistakes)
    if stages is None or not isinstance(node, Sequence):
        return None
    return tuple(Follows(item.at, one) for item, one in zip(node.items, stages, strict=True))


def _follows(entry: Entry, mistakes: Mistakes) -> Follows | None:
    before = len(mistakes)
    stage = _stage_or_pattern(entry.key, mistakes)
    soak = None
    if not _is_empty(entry.value):
        whole = mapping(entry.value, mistakes, "what is asked of this stage", "{soak: 30m}")
        if whole is not None:
            soak = opened("upstream", whole, mistakes).read("soak", duration)
    if stage is None or len(mistakes) > before:
        return None
    return Follows(entry.key.at, stage, soak)


def _stage_or_pattern(node: Node, mistakes: Mistakes) -> str | None:
    if isinstance(node, Text) and ("*" in node.text or "?" in node.text):
        return matching(_PATTERN.pattern, "a pattern of stage names", '"prod-*"')(node, mistakes)
    if isinstance(node, Mapping):
        wrong(node, mistakes, "the name of a stage", "write one map: after: {dev: {soak: 30m}}")
        return None
    return name("a stage")(node, mistakes)


def taken(node: Node, mistakes: Mistakes) -> tuple[Takes, ...] | None:
    """The entries of `warehouses`, a list of names or a map with the sources of each."""
    if isinstance(node, Mapping) and node.entries:
        read = [_takes(entry, mistakes) for entry in node.entries]
        sound = tuple(one for one in read if one is not None)
        return sound if len(sound) == len(read) else None
    warehouses = distinct(listed("warehouses", "[web]", name("a warehouse")))(node, mistakes)
    if warehouses is None or not isinstance(node, Sequence):
        return None
    return tuple(Takes(item.at, one) for item, one in zip(node.items, warehouses, strict=True))


def _takes(entry: Entry, mistakes: Mistakes) -> Takes | None:
    before = len(mistakes)
    warehouse = name("a warehouse")(entry.key, mistakes)
    feed = Feed() if _is_empty(entry.value) else _line_feed(entry.value, mistakes)
    if warehouse is None or feed is None or len(mistakes) > before:
        return None
    return Takes(entry.key.at, warehouse, feed)


def _line_feed(node: Node, mistakes: Mistakes) -> Feed | None:
    if not isinstance(node, Mapping):
        wrong(node, mistakes, "the sources of this warehouse", _sources_instead(node))
        return None
    fields = opened("line", node, mistakes)
    feed = read_feed(fields)
    if not fields.read("direct", only_true):
        return feed
    for key in ("after", "soak", "availability", "select"):
        if fields.has(key):
            mistakes.add(
                fields.at(key),
                f"'{key}' and 'direct' contradict each other: straight from the warehouse "
                "there is nothing to wait for",
                "keep one of them",
            )
    return Feed(direct=True)


def _sources_instead(node: Node) -> str:
    if isinstance(node, Sequence):
        stages = ", ".join(found(one)[6:-1] for one in node.items[:3] if isinstance(one, Text))
        return f"write {{after: [{stages or 'dev'}]}}"
    if isinstance(node, Text) and node.text not in ("direct", "true"):
        return f"write {{after: [{shown(node.text)[1:-1]}]}} or {{direct: true}}"
    return "write {direct: true} or {after: [dev]}"


def _is_empty(node: Node) -> bool:
    match node:
        case Text(is_nothing=True):
            return True
        case Mapping(entries=()):
            return True
        case _:
            return False
