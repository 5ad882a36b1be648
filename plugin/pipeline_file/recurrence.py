"""A recurrence rule of RFC 5545, checked part by part; who carries it out may rely on it.

https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = f"(?:{'|'.join(DAYS)})"
_FREQUENCIES = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_MOST = 10_000
_WEEKS = 53
_LONGEST = 200
# The last day each month can have.
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

Check = Callable[[str], str | None]


def _number(low: int, high: int, *, signed: bool = False) -> Check:
    """Numbers from `low` to `high`, with commas between them; `signed` ones count from the end."""
    range_ = f"{low} to {high}" + (f" or -{high} to -{low}" if signed else "")

    def check(value: str) -> str | None:
        for one in value.split(","):
            digits = re.fullmatch(r"([+-]?)(\d{1,5})", one, re.ASCII)
            sound = digits and (signed or not digits[1]) and low <= int(digits[2]) <= high
            if not sound:
                return f"needs {range_}, not '{one}'"
        return None

    return check


def _single(check: Check) -> Check:
    return lambda value: "takes one number" if "," in value else check(value)


def _weekdays(value: str) -> str | None:
    for one in value.split(","):
        found = re.fullmatch(rf"(?:[+-]?(\d{{1,2}}))?{_DAY}", one, re.ASCII)
        if not found or (found[1] and not 1 <= int(found[1]) <= _WEEKS):
            return f"needs days such as MO,TU or -1FR, not '{one}'"
    return None


def _day(value: str) -> str | None:
    return None if re.fullmatch(_DAY, value) else "needs a day such as MO"


def _frequency(value: str) -> str | None:
    return None if value in _FREQUENCIES else f"is one of {', '.join(_FREQUENCIES)}"


def _until(value: str) -> str | None:
    if not re.fullmatch(r"\d{8}(?:T\d{6}Z?)?", value, re.ASCII):
        return "needs a date such as 20261231 or 20261231T180000"
    try:
        datetime.strptime(value[:15], "%Y%m%dT%H%M%S" if "T" in value else "%Y%m%d")  # noqa: DTZ007 local time, the window says of which zone
    except ValueError:
        return f"names no day of the calendar: {value}"
    return None


_PARTS: dict[str, Check] = {
    "FREQ": _frequency,
    "UNTIL": _until,
    "COUNT": _single(_number(1, _MOST)),
    "INTERVAL": _single(_number(1, _MOST)),
    "BYSECOND": _number(0, 59),
    "BYMINUTE": _number(0, 59),
    "BYHOUR": _number(0, 23),
    "BYDAY": _weekdays,
    "BYMONTHDAY": _number(1, 31, signed=True),
    "BYYEARDAY": _number(1, 366, signed=True),
    "BYWEEKNO": _number(1, _WEEKS, signed=True),
    "BYMONTH": _number(1, 12),
    "BYSETPOS": _number(1, 366, signed=True),
    "WKST": _day,
}
# What RFC 5545 does not combine: a part, and the frequencies it is for.
_ONLY_WITH = {
    "BYWEEKNO": ("YEARLY",),
    "BYYEARDAY": ("YEARLY", "HOURLY"),
    "BYMONTHDAY": ("YEARLY", "MONTHLY", "DAILY", "HOURLY"),
}
# Without a first day nothing else says which one is meant.
_DAYS_OF = {
    "WEEKLY": ("BYDAY",),
    "MONTHLY": ("BYDAY", "BYMONTHDAY"),
    "YEARLY": ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"),
}


def problem_of(rule: str, *, anchored: bool) -> str | None:
    """Why `rule` is no usable recurrence, None if it is one.

    `anchored` says that the first moment is known; else the rule itself must name days.
    """
    if len(rule) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    parts: dict[str, str] = {}
    for written in rule.split(";"):
        name, equals, value = written.partition("=")
        if not equals or name not in _PARTS:
            return f"'{written}' is none of its parts"
        if name in parts:
            return f"{name} stands twice"
        if problem := _PARTS[name](value):
            return f"{name} {problem}"
        parts[name] = value
    if "FREQ" not in parts:
        return "it needs FREQ, such as FREQ=WEEKLY"
    return next(_contradictions(parts), None) or (None if anchored else _without_start(parts))


def _contradictions(parts: dict[str, str]) -> Iterator[str]:
    frequency = parts["FREQ"]
    for name, frequencies in _ONLY_WITH.items():
        if name in parts and frequency not in frequencies:
            yield f"{name} does not go with FREQ={frequency}"
    if re.search(r"\d", parts.get("BYDAY", "")) and frequency not in ("MONTHLY", "YEARLY"):
        yield f"a numbered day in BYDAY does not go with FREQ={frequency}"
    if "COUNT" in parts and "UNTIL" in parts:
        yield "COUNT and UNTIL exclude each other"
    if "BYSETPOS" in parts and not any(one[:2] == "BY" for one in parts.keys() - {"BYSETPOS"}):
        yield "BYSETPOS chooses among what another BY part gives, and there is none"
    if _never(parts):
        yield "no month of BYMONTH has a day of BYMONTHDAY"


def _never(parts: dict[str, str]) -> bool:
    if "BYMONTH" not in parts or "BYMONTHDAY" not in parts:
        return False
    longest = max(_DAYS[int(one) - 1] for one in parts["BYMONTH"].split(","))
    return all(abs(int(one)) > longest for one in parts["BYMONTHDAY"].split(","))


def _without_start(parts: dict[str, str]) -> str | None:
    for name in ("INTERVAL", "COUNT"):
        if parts.get(name, "1") != "1" or (name == "COUNT" and name in parts):
            return f"{name} counts from a first moment, which 'from' says"
    frequency = parts["FREQ"]
    if frequency in _DAYS_OF and not any(one in parts for one in _DAYS_OF[frequency]):
        return f"it does not say on which day: add {_DAYS_OF[frequency][0]}, or 'from'"
    return None
