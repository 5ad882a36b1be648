"""Text to pins, and text and artifacts to text with every byte outside the pins kept."""

from __future__ import annotations

from plugin.pins.edit import bump
from plugin.pins.find import mentions, pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, Change, Found, Kind, Pin, UpToDate
from plugin.pins.tree import decode

__all__ = [
    "Bumped",
    "Change",
    "Found",
    "Kind",
    "Pin",
    "Refused",
    "UpToDate",
    "bump",
    "decode",
    "mentions",
    "pins_in",
]
