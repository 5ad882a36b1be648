"""Which keys the grammar has, and to what each belongs."""

from __future__ import annotations

from functools import cache

from plugin.pipeline_file import not_yet
from plugin.pipeline_file.fields import Fields
from plugin.pipeline_file.mistakes import Mistakes
from plugin.pipeline_file.nodes import Mapping
from plugin.pipeline_file.recurrence import DAYS

# Those of `not_yet` among them.
_KEYS: dict[str, tuple[str, ...]] = {
    "project file": (
        *("format", "project", "mode", "warehouses", "stages", "may", "links", "notify"),
    ),
    "warehouse": (
        "matrix",
        "freight",
        "match",
        "criteria",
        "settle",
        "minAge",
        "order",
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
    "other stage": ("stage", "warehouse", "name"),
    "custom": ("custom", "name", "from", "minAge"),
    "stage": (
        *("after", "warehouses", "soak", "availability", "select", "path", "branch", "repo"),
        *("render", "at", "copy", "merge", "promote", "protection", "mode", "verify", "rollback"),
        *("supersede", "windows", "reviews", "may", "pullRequest", "group", "links", "notify"),
        *("pins", "disks", "write", "overrides", "matrix", "rollout"),
    ),
    "upstream": ("soak",),
    "line": ("after", "direct", "soak", "availability", "select"),
    "verification": ("check", "status", "workflow", "deployment", "argocd", "timeout"),
    "pullRequest": ("title", "labels", "draft", "reviewers", "assignees"),
    "disks": ("keep", "allow", "snapshotFirst"),
    "reviews": ("count", "teams", "codeowners"),
    "rollout": ("pullRequests", "parallel", "onFailure"),
    "window": ("allow", "deny", "from", "for", "zone"),
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
    "other stage": "a stage subscription",
    "custom": "a custom subscription",
    "upstream": "an entry of 'after'",
    "line": "an entry of 'warehouses'",
    "verification": "'verify'",
    "pullRequest": "'pullRequest'",
    "disks": "'disks'",
    "reviews": "'reviews'",
    "rollout": "'rollout'",
    "window": "a window",
}
# What a subscription can watch, by the key that says so.
KINDS = ("image", "disk", "chart", "git", "path", "stage", "custom")


def of_kind(kind: str) -> str:
    """What the keys of a kind of subscription are kept under: a stage is something else, too."""
    return "other stage" if kind == "stage" else kind


def opened(of: str, node: Mapping, mistakes: Mistakes) -> Fields:
    """The fields of `of`; its unknown keys and those not carried out yet are refused."""
    fields = Fields(node, _CALLED[of], mistakes, keys(of), not_yet.withheld(of))
    fields.refuse_unknown(_KEYS[of], _belongs(of))
    return fields


@cache
def keys(of: str) -> frozenset[str]:
    """Every key that `of` may have, carried out or not yet."""
    return frozenset(_KEYS[of])


@cache
def _belongs(of: str) -> dict[str, str]:
    """For keys that `of` does not have: what to do with them."""
    elsewhere = {
        key: f"'{key}' belongs to {called}; move it there"
        for other, called in reversed(_CALLED.items())
        for key in keys(other) - keys(of) - {"name", "stage", "warehouse"}
    }
    if of == "window":
        quotes = "put the rule in quotes: between braces a comma ends it"
        elsewhere |= dict.fromkeys((*DAYS, *map(str, range(60))), quotes)
    if of in map(of_kind, KINDS):
        # What one kind says, another cannot: there is nowhere to move it to.
        elsewhere |= {
            key: f"'{key}' is for {_CALLED[other]}; remove it here"
            for other in map(of_kind, reversed(KINDS))
            for key in keys(other) - keys(of) - set(KINDS)
        }
    return elsewhere
