"""Promotion windows: whether a stage's are open at a moment, and when that changes. Pure.

Kargo's rules: what is denied wins, and if anything is allowed at all, one of those times must be
now. They hold for every way freight can come, rollbacks too; a person with a reason may override.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from plugin.stage_policy import Window, WindowKind

_UNTIL = re.compile(r"(?:^|;)UNTIL=(\d{8})(?:T(\d{6})(Z?))?")
_PERIODS = {"HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}
# The calendar repeats itself after so many years, weekdays included.
_CYCLE = 400
# dateutil looks for a rule that never comes true until the year 9999: start in this one at most.
_LAST_START = 9950
# How many times are tried for one that no other window shuts, or opens again at once.
_MOST_STEPS = 50
# How many windows of one rule may be on together before the rest of them is not looked at.
_MOST_TOGETHER = 500
# By how much a clock on the wall may be changed at once.
_CHANGE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Opened:
    """Promotion is allowed, until then or for good."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shut:
    """Promotion is not allowed; `until` is None where no opening was found."""

    window: Window
    until: datetime | None = None

    def __str__(self) -> str:
        if self.until is None:
            return f"closed by {self.window.kind.value} {self.window.rule}; it opens no more"
        local = self.until.astimezone(ZoneInfo(self.window.zone))
        return (
            f"closed until {local:%a %Y-%m-%d %H:%M} {self.window.zone} "
            f"by {self.window.kind.value} {self.window.rule}"
        )


def state_of(windows: Sequence[Window], now: datetime) -> Opened | Shut:
    """Whether the windows let promotions through at `now`, and until when."""
    shut = _shutting(windows, now)
    if shut is None:
        return Opened(_closes(windows, now))
    window, until = shut
    for _ in range(_MOST_STEPS):
        again = None if until is None else _shutting(windows, until)
        if again is None:
            return Shut(window, until)
        until = again[1]
    return Shut(window)


def _shutting(windows: Sequence[Window], at: datetime) -> tuple[Window, datetime | None] | None:
    """The window that shuts at a moment, and when it might let go."""
    for window in windows:
        if window.kind is WindowKind.DENY and (end := _ends(window, at)):
            return window, end
    allowed = [one for one in windows if one.kind is WindowKind.ALLOW]
    if not allowed or any(_ends(one, at) for one in allowed):
        return None
    starts = [(start, one) for one in allowed if (start := _starts(one, at))]
    if not starts:
        return allowed[0], None
    start, window = min(starts, key=lambda one: one[0])
    return window, start


def _closes(windows: Sequence[Window], now: datetime) -> datetime | None:
    """When the windows, open now, shut; None if they don't, or nobody knows."""
    at = now
    for _ in range(_MOST_STEPS):
        denied = [_starts(one, at) for one in windows if one.kind is WindowKind.DENY]
        allowed = [_ends(one, at) for one in windows if one.kind is WindowKind.ALLOW]
        ends = [one for one in allowed if one is not None]
        changes = [one for one in (*denied, max(ends, default=None)) if one is not None]
        if not changes:
            return None
        at = min(changes)
        if _shutting(windows, at) is not None:
            return at
    return None


def _ends(window: Window, at: datetime) -> datetime | None:
    """When the window that is on at a moment ends, overlapping ones with it; None if it is off."""
    begun = takewhile(lambda one: one[0] <= at, _times(window, at - window.length))
    ends = [end for _, end in islice(begun, _MOST_TOGETHER) if end > at]
    return max(ends, default=None)


def _starts(window: Window, at: datetime) -> datetime | None:
    """When the window begins next after a moment."""
    return next((start for start, _ in _times(window, at) if start > at), None)


def _times(window: Window, after: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Beginnings and ends of the window, from shortly before a moment on.

    Both are read off a clock on the wall, so a night of eight hours ends at the same hour when the
    clock is changed in it. A local time that does not exist is that much later, one that comes
    twice is the first (https://www.rfc-editor.org/rfc/rfc5545#section-3.3.5).
    """
    zone = ZoneInfo(window.zone)
    earliest = after.astimezone(zone).replace(tzinfo=None) - _CHANGE
    for local in _local_starts(window, earliest):
        start = _moment(local, zone)
        end = _moment(local + window.length, zone)
        yield start, (end if end > start else start + window.length)


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _local_starts(window: Window, earliest: datetime) -> Iterator[datetime]:
    """The local times at which the window begins, none before `earliest`."""
    rule, last = _without_end(window)
    start = _anchor(window, rule, earliest)
    shift = max(0, (_LAST_START - max(start.year, earliest.year)) // _CYCLE * _CYCLE)
    try:
        found = rrulestr(rule, dtstart=_shifted(start, shift))
    except ValueError:
        # The reader knows the rule is sound: hours in steps that never meet those of BYHOUR.
        return
    for one in found.xafter(_shifted(earliest, shift), inc=True):
        local = _shifted(one, -shift)
        if last is not None and local > last:
            return
        yield local


def _shifted(moment: datetime, years: int) -> datetime:
    return moment.replace(year=moment.year + years)


def _without_end(window: Window) -> tuple[str, datetime | None]:
    """The rule without UNTIL, and that as local time; a date includes the whole day."""
    found = _UNTIL.search(window.rule)
    if found is None:
        return window.rule, None
    date, time, utc = found[1], found[2] or "235959", found[3]
    last = datetime.strptime(f"{date}T{time}", "%Y%m%dT%H%M%S")  # noqa: DTZ007 made local below
    if utc:
        last = last.replace(tzinfo=UTC).astimezone(ZoneInfo(window.zone)).replace(tzinfo=None)
    return window.rule.replace(found[0], "", 1).lstrip(";"), last


def _anchor(window: Window, rule: str, earliest: datetime) -> datetime:
    """A moment to count from: where counting is the same, one that is not long past.

    Without `from` the rule names its days itself, and every day counts from midnight.
    """
    parts = dict(part.split("=") for part in rule.split(";"))
    period = _PERIODS.get(parts["FREQ"])
    if window.start is None:
        midnight = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight if period else midnight.replace(month=1, day=1)
    if period is None or "COUNT" in parts or window.start >= earliest:
        return window.start
    period *= int(parts.get("INTERVAL", "1"))
    return window.start + (earliest - window.start) // period * period
