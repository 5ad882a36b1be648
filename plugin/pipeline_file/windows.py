"""A stage's `windows`: recurring times in which promotion is allowed or denied."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from functools import cache

from plugin.pipeline_file.durations import duration
from plugin.pipeline_file.fields import Fields, Reader, listed, mapping
from plugin.pipeline_file.mistakes import Mistakes, shown, similar
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.recurrence import problem_of
from plugin.pipeline_file.scalars import matching, text
from plugin.pipeline_file.vocabulary import opened
from plugin.stage_policy import Window, WindowKind

_EXAMPLE = "{allow: FREQ=DAILY;BYHOUR=9, for: 8h, zone: Europe/Berlin}"
_rule = text("a recurrence rule of RFC 5545", "FREQ=DAILY;BYHOUR=9")
_zone_text = matching(
    r"UTC|[A-Z][A-Za-z_]+(?:/[A-Za-z0-9_+-]+){1,2}", "a time zone", "Europe/Berlin"
)
_moment_text = matching(
    r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?", "a date or time", "2026-01-31T09:00"
)


def windows(node: Node, mistakes: Mistakes) -> tuple[Window, ...] | None:
    """Every window of the list."""
    read: Reader[tuple[Window, ...]] = listed("windows", f"[{_EXAMPLE}]", _window)
    return read(node, mistakes)


def _window(node: Node, mistakes: Mistakes) -> Window | None:
    whole = mapping(node, mistakes, "a window", _EXAMPLE)
    if whole is None:
        return None
    before = len(mistakes)
    fields = opened("window", whole, mistakes)
    length = fields.required("for", _length, _EXAMPLE)
    zone = fields.required("zone", _zone, _EXAMPLE)
    start = fields.read("from", _moment)
    kind, rule = _kind(fields, anchored=fields.has("from"))
    if length is None or zone is None or rule is None or len(mistakes) > before:
        return None
    return Window(kind, rule, length, zone, start)


def _kind(fields: Fields, *, anchored: bool) -> tuple[WindowKind, str | None]:
    if fields.lacks("allow", "deny") or (fields.has("allow") and fields.has("deny")):
        instead = "write one of allow: FREQ=... and deny: FREQ=..."
        fields.mistakes.add(fields.node.at, "a window either allows or denies", instead)
        return WindowKind.DENY, None
    kind = WindowKind.ALLOW if fields.has("allow") else WindowKind.DENY
    return kind, fields.read(kind.value, _recurrence(anchored=anchored))


def _recurrence(*, anchored: bool) -> Reader[str]:
    def read(node: Node, mistakes: Mistakes) -> str | None:
        rule = _rule(node, mistakes)
        problem = None if rule is None else problem_of(rule, anchored=anchored)
        if rule is None or problem is None:
            return rule
        mistakes.add(
            node.at,
            f"{shown(rule)} is not a recurrence rule of RFC 5545: {problem}",
            "write FREQ=DAILY;BYHOUR=9 or FREQ=WEEKLY;BYDAY=SA",
        )
        return None

    return read


def _length(node: Node, mistakes: Mistakes) -> timedelta | None:
    length = duration(node, mistakes)
    if length is not None and not length:
        mistakes.add(node.at, "this window ends when it begins", "write a time such as 8h")
        return None
    return length


def _moment(node: Node, mistakes: Mistakes) -> datetime | None:
    value = _moment_text(node, mistakes)
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        instead = "write a date such as 2026-01-31, or 2026-01-31T09:00"
        mistakes.add(node.at, f"{shown(value)} is no moment of the calendar", instead)
        return None


def _zone(node: Node, mistakes: Mistakes) -> str | None:
    value = _zone_text(node, mistakes)
    known = _zones()
    # Without a database of zones, as in a small image, their syntax must be enough.
    if value is None or not known or value in known:
        return value
    meant = similar(value, [one for one in known if one[0] == value[0]])
    instead = f"did you mean '{meant}'?" if meant else "write one such as Europe/Berlin"
    mistakes.add(node.at, f"{shown(value)} is no time zone of the IANA database", instead)
    return None


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
