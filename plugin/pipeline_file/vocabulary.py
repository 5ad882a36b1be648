"""Which keys the grammar has, and to what each belongs."""

from __future__ import annotations

from plugin.pipeline_file import not_yet

# Keys that are carried out; those of `not_yet` are added when somebody asks.
_CARRIED_OUT: dict[str, tuple[str, ...]] = {
    "project file": ("format", "project", "mode", "warehouses", "stages"),
    "warehouse": ("matrix", "subscriptions"),
    "image": ("image", "name", "select", "constraint", "strict", "allow", "ignore", "limit"),
    "stage": (
        "after",
        "warehouses",
        "soak",
        "availability",
        "path",
        "branch",
        "merge",
        "promote",
        "mode",
        "verify",
        "supersede",
        "pullRequest",
        "matrix",
    ),
    "upstream": ("soak",),
    "line": ("after", "direct", "soak", "availability"),
    "verification": ("check", "status", "workflow", "deployment"),
    "pullRequest": ("title", "labels", "draft"),
}
_CALLED = {
    "project file": "the top of the file",
    "warehouse": "a warehouse",
    "image": "an image subscription",
    "stage": "a stage",
    "pullRequest": "'pullRequest'",
    "verification": "the list in 'verify'",
}


def keys(of: str) -> frozenset[str]:
    """Every key that `of` may have, carried out or not yet."""
    return frozenset((*_CARRIED_OUT.get(of, ()), *not_yet.keys(of)))


def belongs(of: str) -> dict[str, str]:
    """For keys that `of` does not have: what they belong to."""
    return {
        key: called
        for other, called in _CALLED.items()
        if other != of
        for key in keys(other)
        if key not in keys(of)
    }
