"""What a pipeline file may say and Towline does not carry out yet: read, checked, then refused.

A gate that is ignored in silence is worse than none, so each of these is a mistake until it works.
Who makes one work deletes its line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from plugin.pipeline_file import ahead
from plugin.pipeline_file.fields import Fields, Reader
from plugin.pipeline_file.mistakes import Mistakes, Position
from plugin.pipeline_file.scalars import boolean, word

_GATE = "silently ignoring a gate would promote too early"
_FILES = "silently ignoring it would write other files than you ask for"
_PEOPLE = "silently ignoring it would leave people out"
_SHOWN = "silently ignoring it would hide what you want to show"
_RIGHTS = "silently ignoring it would let other people decide than you ask for"
_DATA = "silently ignoring it could lose data"
_ORDER = "silently ignoring it would open other pull requests than you ask for"


@dataclass(frozen=True, slots=True)
class NotYet:
    """A key of `of` whose value `syntax` checks, and why it may not be ignored."""

    of: str
    key: str
    syntax: Reader[object]
    why: str


# fmt: off
TABLE = (
    NotYet("project file", "may", ahead.may, _RIGHTS),
    NotYet("project file", "notify", ahead.notify, _PEOPLE),
    NotYet("project file", "links", ahead.links, _SHOWN),
    NotYet("warehouse", "order", ahead.order, _ORDER),
    NotYet("stage", "windows", ahead.windows, _GATE),
    NotYet("stage", "reviews", ahead.reviews, _GATE),
    NotYet("stage", "render", boolean, _FILES),
    NotYet("stage", "at", word("freight", "tip"), _FILES),
    NotYet("stage", "copy", ahead.copy, _FILES),
    NotYet("stage", "group", boolean, _ORDER),
    NotYet("stage", "rollout", ahead.rollout, _ORDER),
    NotYet("stage", "repo", ahead.repository, _FILES),
    NotYet("stage", "links", ahead.links, _SHOWN),
    NotYet("stage", "may", ahead.may, _RIGHTS),
    NotYet("stage", "notify", ahead.notify, _PEOPLE),
    NotYet("disks", "snapshotFirst", boolean, _DATA),
    NotYet("pullRequest", "reviewers", ahead.logins, _PEOPLE),
    NotYet("pullRequest", "assignees", ahead.logins, _PEOPLE),
)
# Not a key, but what two keys or a key and its value mean.
MEANINGS = {
    "promote: manual": _GATE,
    "branch together with path": _FILES,
    "draft: waiting": _SHOWN,
}
# fmt: on


@cache
def keys(of: str) -> frozenset[str]:
    """The keys of `of` that are understood but not carried out."""
    return frozenset(one.key for one in TABLE if one.of == of)


def refuse(of: str, fields: Fields) -> None:
    """Checks the syntax of each such key in `fields` and refuses those that are sound."""
    if keys(of).isdisjoint(fields.written):
        return
    for one in TABLE:
        if one.of == of and fields.has(one.key):
            before = len(fields.mistakes)
            fields.read(one.key, one.syntax)
            if len(fields.mistakes) == before:
                _add(fields.at(one.key), one.key, one.why, fields.mistakes)


def refuse_meaning(meaning: str, at: Position, mistakes: Mistakes) -> None:
    """Refuses `meaning` as long as it stands in `MEANINGS`."""
    if meaning in MEANINGS:
        _add(at, meaning, MEANINGS[meaning], mistakes)


def _add(at: Position, what: str, why: str, mistakes: Mistakes) -> None:
    mistakes.add(at, f"'{what}' is understood but not carried out yet", f"remove it: {why}")
