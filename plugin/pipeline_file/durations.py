"""Durations as people write them: `30m`, `1h30m`, `2d`."""

from __future__ import annotations

import re
from datetime import timedelta

from plugin.pipeline_file.mistakes import Mistakes, shown
from plugin.pipeline_file.nodes import Node, Text

_DURATION = re.compile(
    r"(?:(?P<weeks>\d{1,6})w)?(?:(?P<days>\d{1,6})d)?(?:(?P<hours>\d{1,6})h)?"
    r"(?:(?P<minutes>\d{1,6})m)?(?:(?P<seconds>\d{1,6})s)?"
)
_LONGEST = timedelta(days=3650)


def duration(node: Node, mistakes: Mistakes) -> timedelta | None:
    """The length of time `node` names: weeks, days, hours, minutes, seconds, largest first."""
    text = node.text if isinstance(node, Text) else ""
    match = _DURATION.fullmatch(text)
    if not text or not match:
        mistakes.add(node.at, f"expected a duration, found {_found(node)}", _instead(text))
        return None
    parts = {unit: int(amount) for unit, amount in match.groupdict(default="0").items()}
    length = timedelta(**parts)
    if length > _LONGEST:
        mistakes.add(node.at, f"{shown(text)} is longer than ten years", "write a shorter time")
        return None
    return length


def _found(node: Node) -> str:
    if isinstance(node, Text):
        return "nothing" if node.is_nothing else f"text {shown(node.text)}"
    return "a list or a map"


def _instead(text: str) -> str:
    if re.fullmatch(r"\d{1,6}", text):
        return f"say of what: {text}s, {text}m, {text}h or {text}d"
    if text.startswith("-"):
        return "write a time that is not negative, such as 30m"
    if "." in text or "," in text:
        return "write whole numbers, such as 1h30m"
    return "write 30m, 1h30m or 2d"
