"""What every kind of subscription says: its name, its age, and nothing that has no effect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from plugin.pipeline_file.durations import duration
from plugin.pipeline_file.fields import Fields
from plugin.pipeline_file.scalars import name
from plugin.subscriptions import NO_AGE

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Setting:
    """What the rest of the file means for a subscription: its folder and project, the usual age."""

    directory: str = ""
    min_age: timedelta = NO_AGE
    project: str = ""

    def age(self, fields: Fields) -> timedelta:
        """How old a version must be; `0s` takes back what the warehouse says."""
        return fields.read_or("minAge", duration, self.min_age)


def called(fields: Fields, usual: str | None) -> str:
    """The subscription's name, made of `usual` where none is written; '' with a mistake.

    `usual` is None where a mistake hides what is watched.
    """
    if usual is None or fields.has("name"):
        return fields.read_or("name", name("a subscription"), "")
    made = re.sub(r"[^a-z0-9]+", "-", usual.lower()).strip("-")
    if _NAME.fullmatch(made):
        return made
    fields.mistakes.add(
        fields.node.at,
        f"{fields.kind} needs a 'name' here: none can be made of what it watches",
        "write name: other",
    )
    return ""


def refuse_without_effect(fields: Fields, select: str, instead: Mapping[str, str]) -> None:
    """Adds a mistake for each key that this selection never looks at.

    Silently ignored, it would promote what nobody asked for. `instead` says what to do.
    """
    for key, advice in instead.items():
        if fields.has(key):
            what = f"'{key}' has no effect with select: {select}"
            fields.mistakes.add(fields.at(key), what, advice)
