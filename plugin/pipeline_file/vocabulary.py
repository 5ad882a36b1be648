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
    "warehouse": (
        "matrix",
        "freight",
        "match",
        "criteria",
        "settle",
        "minAge",
        "subscriptions",
    ),
    "image": (
        *("image", "name", "select", "constraint", "strict", "allow", "ignore", "platform"),
        *("limit", "minAge"),
    ),
    "disk": (
        *("disk", "name", "publisher", "index", "constraint", "allow", "ignore", "limit"),
        "minAge",
    ),
    "chart": ("chart", "repository", "name", "constraint", "limit", "minAge"),
    "git": (
        *("git", "name", "select", "branch", "constraint", "strict", "allow", "ignore"),
        *("include", "exclude", "ignoreAuthors", "ignoreSubjects", "limit", "minAge"),
    ),
    "path": ("path", "name"),
    "custom": ("custom", "name", "from", "minAge"),
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
    "stage": "a stage",
    "image": "an image subscription",
    "disk": "a disk subscription",
    "chart": "a chart subscription",
    "git": "a git subscription",
    "path": "a path subscription",
    "custom": "a custom subscription",
    "upstream": "an entry of 'after'",
    "line": "an entry of 'warehouses'",
    "verification": "'verify'",
    "pullRequest": "'pullRequest'",
    "disks": "'disks'",
}
# What a subscription can watch, by the key that says so.
KINDS = ("image", "disk", "chart", "git", "path", "custom")


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
    """For keys that `of` does not have: what to do with them."""
    elsewhere = {
        key: f"'{key}' belongs to {called}; move it there"
        for other, called in reversed(_CALLED.items())
        for key in keys(other) - keys(of) - {"name"}
    }
    if of in KINDS:
        # What one kind says, another cannot: there is nowhere to move it to.
        elsewhere |= {
            key: f"'{key}' is for {_CALLED[other]}; remove it here"
            for other in reversed(KINDS)
            for key in keys(other) - keys(of) - set(KINDS)
        }
    return elsewhere
