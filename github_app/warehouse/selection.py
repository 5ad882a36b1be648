"""Which tags a subscription may take, best first; pure (after Kargo's selection strategies)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Protocol

import re2
from semver import Version

from github_app.warehouse.versions import Constraint, Release, release, version_of
from plugin.errors import Refusal
from plugin.subscriptions import ImageSubscription, Selection


class Pattern(Protocol):
    """A compiled pattern."""

    def search(self, text: str) -> object | None:
        """Something if it matches anywhere in `text`."""


_NEVER = datetime.min.replace(tzinfo=UTC)


def candidates(subscription: ImageSubscription, tags: Iterable[str]) -> tuple[str, ...]:
    """The tags the subscription may take, best first, at most its limit; raises Refusal.

    Rules of https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses: `semver` by
    precedence, equal versions by name; `lexical` by name, descending, the constraint unread.
    `newest-build` cannot be ordered by names: every tag its patterns let pass comes back.
    `digest` asks for the one tag its constraint names, whatever the patterns say.
    """
    match subscription.select:
        case Selection.DIGEST:
            return (named_tag(subscription),)
        case Selection.NEWEST_BUILD:
            return tuple(passing(subscription, tags))
        case Selection.LEXICAL:
            ordered = sorted(passing(subscription, tags), reverse=True)
        case Selection.SEMVER:
            ordered = _by_version(subscription, passing(subscription, tags))
    return tuple(ordered[: subscription.limit])


def named_tag(subscription: ImageSubscription) -> str:
    """The tag a `digest` subscription follows; raises Refusal if it names none."""
    if not subscription.constraint:
        raise Refusal(
            f"subscription '{subscription.name}' selects by digest: "
            "name the tag to follow, for example 'constraint: latest'"
        )
    return subscription.constraint


def passing(subscription: ImageSubscription, tags: Iterable[str]) -> list[str]:
    r"""The tags that no `ignore` pattern matches, and an `allow` pattern if there is one.

    Patterns are RE2 and match anywhere in the tag: `1\.` matches `11.0`.
    """
    ignore = [_pattern(one) for one in subscription.ignore]
    allow = [_pattern(one) for one in subscription.allow]
    return [
        tag
        for tag in tags
        if not any(one.search(tag) for one in ignore)
        and (not allow or any(one.search(tag) for one in allow))
    ]


def newest_built(built: Mapping[str, datetime | None], limit: int) -> tuple[str, ...]:
    """The tags by build time, newest first, equal times by name; unknown times come last."""
    ordered = sorted(built, key=lambda tag: (built[tag] or _NEVER, tag), reverse=True)
    return tuple(ordered[:limit])


def _by_version(subscription: ImageSubscription, tags: Iterable[str]) -> list[str]:
    """Tags that are versions the constraint admits; without one even pre-releases may win."""
    text = subscription.constraint
    constraint = None if text is None else Constraint.parse(text)
    found: list[tuple[Release, Version, str]] = []
    for tag in tags:
        version = version_of(tag, strict=subscription.strict)
        if version is not None and (constraint is None or constraint.admits(version)):
            # Numbers first: comparing whole versions costs ten times as much, and rarely decides.
            found.append((release(version), version, tag))
    return [tag for _, _, tag in sorted(found, reverse=True)]


def _pattern(text: str) -> Pattern:
    options = re2.Options()
    options.log_errors = False
    try:
        pattern: Pattern = re2.compile(text, options)
    except re2.error as error:
        raise Refusal(f"'{text}' is not a pattern: {_words(error)}") from error
    return pattern


def _words(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
