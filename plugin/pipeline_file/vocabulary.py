"""Which keys the grammar has, and to what each belongs."""

from __future__ import annotations

from functools import cache

from plugin.pipeline_file import not_yet
from plugin.pipeline_file.fields import Fields
from plugin.pipeline_file.mistakes import Mistakes
from plugin.pipeline_file.nodes import Mapping

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
        "pins",
        "disks",
        "write",
        "overrides",
        "matrix",
    ),
    "upstream": ("soak",),
    "line": ("after", "direct", "soak", "availability"),
    "verification": ("check", "status", "workflow", "deployment", "argocd"),
    "pullRequest": ("title", "labels", "draft"),
    "disks": ("keep", "allow"),
}
_CALLED = {
    "project file": "a project file",
    "warehouse": "a warehouse",
    "image": "an image subscription",
    "stage": "a stage",
    "upstream": "an entry of 'after'",
    "line": "an entry of 'warehouses'",
    "verification": "'verify'",
    "pullRequest": "'pullRequest'",
    "disks": "'disks'",
}


def opened(of: str, node: Mapping, mistakes: Mistakes) -> Fields:
    """The fields of `of`; its unknown keys and those not carried out yet are refused."""
    fields = Fields(node, _CALLED[of], mistakes, keys(of))
    fields.refuse_unknown(_CARRIED_OUT[of], _belongs(of))
    not_yet.refuse(of, fields)
    return fields


@cache
def keys(of: str) -> frozenset[str]:
    """Every key that `of` may have, carried out or not yet."""
    return frozenset((*_CARRIED_OUT[of], *not_yet.keys(of)))


@cache
def _belongs(of: str) -> dict[str, str]:
    """For keys that `of` does not have: what they belong to."""
    return {
        key: called
        for other, called in reversed(_CALLED.items())
        for key in keys(other) - keys(of) - {"name"}
    }
