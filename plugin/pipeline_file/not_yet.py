"""What a pipeline file may say and Towline does not carry out yet: read, checked, then refused.

A gate that is ignored in silence is worse than none, so each of these is a mistake until it works.
Who makes one work deletes its line here: the reader gives its value then.
"""

from __future__ import annotations

from functools import cache

from plugin.pipeline_file.mistakes import Mistakes, Position

_FILES = "silently ignoring it would write other files than you ask for"
_PEOPLE = "silently ignoring it would leave people out"
_DATA = "silently ignoring it could lose data"
_ORDER = "silently ignoring it would open other pull requests than you ask for"

# (of what, key) -> why it may not be ignored.
KEYS = {
    ("project file", "notify"): _PEOPLE,
    ("stage", "notify"): _PEOPLE,
    ("disks", "snapshotFirst"): _DATA,
}
# Not a key, but what two keys or a key and its value mean.
MEANINGS = {
    "pullRequests: one": _ORDER,
}


@cache
def withheld(of: str) -> dict[str, str]:
    """The keys of `of` that are understood but not carried out, and why they are no mere wish."""
    return {key: why for (one, key), why in KEYS.items() if one == of}


def refuse_meaning(meaning: str, at: Position, mistakes: Mistakes) -> None:
    """Refuses `meaning` as long as it stands in `MEANINGS`."""
    if meaning in MEANINGS:
        refuse(meaning, at, MEANINGS[meaning], mistakes)


def refuse(what: str, at: Position, why: str, mistakes: Mistakes) -> None:
    """Adds the mistake that `what` is understood and would be ignored."""
    mistakes.add(at, f"'{what}' is understood but not carried out yet", f"remove it: {why}")
