"""Which tags a subscription may take, best first; pure (after Kargo's selection strategies)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from github_app.warehouse.patterns import Patterned, Patterns
from github_app.warehouse.versions import Constraint, precedence, version_of
from plugin.errors import Refusal
from plugin.subscriptions import ImageSubscription, Selection

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
            return (_named_tag(subscription),)
        case Selection.NEWEST_BUILD:
            return tuple(passing(subscription, tags))
        case Selection.LEXICAL:
            ordered = by_name(passing(subscription, tags))
        case Selection.SEMVER:
            passed = passing(subscription, tags)
            ordered = by_version(passed, subscription.constraint, strict=subscription.strict)
    return tuple(ordered[: subscription.limit])


def _named_tag(subscription: ImageSubscription) -> str:
    """The tag a `digest` subscription follows; raises Refusal if it names none."""
    if not subscription.constraint:
        raise Refusal(
            f"subscription '{subscription.name}' selects by digest: "
            "name the tag to follow, for example 'constraint: latest'"
        )
    return subscription.constraint


def passing(subscription: Patterned, tags: Iterable[str]) -> list[str]:
    """The tags that no `ignore` pattern matches, and an `allow` pattern if there is one."""
    patterns = Patterns.of(subscription.allow, subscription.ignore)
    return [tag for tag in tags if patterns.passes(tag)]


def by_name(tags: Iterable[str]) -> list[str]:
    """The tags in descending order of their code points, which is that of their bytes."""
    return sorted(tags, reverse=True)


def by_version(tags: Iterable[str], constraint: str | None, *, strict: bool) -> list[str]:
    """Tags that are versions the constraint admits, best first; raises Refusal.

    Equal versions stand by name, descending. Without a constraint even pre-releases may win.
    """
    wanted = None if constraint is None else Constraint.parse(constraint)
    found = []
    for tag in tags:
        version = version_of(tag, strict=strict)
        if version is not None and (wanted is None or wanted.admits(version)):
            found.append((precedence(version), tag))
    return [tag for _, tag in sorted(found, reverse=True)]


def newest_built(built: Mapping[str, datetime | None], limit: int) -> tuple[str, ...]:
    """The tags by build time, newest first, equal times by name; unknown times come last."""
    ordered = sorted(built, key=lambda tag: (built[tag] or _NEVER, tag), reverse=True)
    return tuple(ordered[:limit])
