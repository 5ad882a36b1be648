"""What was freight and is not offered any more: nothing older takes its place by itself. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from github_app.ports import Known
from github_app.warehouse.candidate import Candidate
from github_app.warehouse.charts import newest_first
from github_app.warehouse.compatible import plain_tag
from github_app.warehouse.disk_index.choosing import Offered, rules_of, taken
from github_app.warehouse.selection import by_name, by_version, candidates, passing
from plugin.artifact import Artifact, Watched
from plugin.freight import Freight
from plugin.pipeline import Creation, Warehouse
from plugin.subscriptions import (
    ChartSubscription,
    DiskSubscription,
    GitSelection,
    GitSubscription,
    ImageSubscription,
    Selection,
    Subscription,
    watched_by,
)


def gone(known: Known, listed: Mapping[Subscription, Collection[str]]) -> tuple[Artifact, ...]:
    """What freight of the ledger had and is not listed any more, where versions are listed."""
    there: Mapping[Watched, frozenset[str]] = {
        subject: frozenset(tags)
        for subscription, tags in listed.items()
        for subject in watched_by(subscription)
    }
    had = {artifact for one in known.seen for artifact in one.freight.artifacts}
    return tuple(
        sorted(
            (one for one in had if one.subject in there and not _is_listed(one, there)),
            key=str,
        )
    )


def _is_listed(artifact: Artifact, there: Mapping[Watched, frozenset[str]]) -> bool:
    tags = there[artifact.subject]
    return artifact.tag in tags or artifact.tag.replace("+", "_") in tags


def displaced(
    warehouse: Warehouse,
    known: Known,
    chosen: Mapping[str, Candidate],
    missing: Collection[Artifact],
) -> Artifact | None:
    """What of the newest freight an older version would take the place of, though no rule asks.

    A tag is deleted, a list is cut short, a tag moves and is too young again: that is no word of a
    person's to take stages back. Whoever wants that keeps the version out by a rule.
    """
    last = known.last
    if last is None or warehouse.creation is Creation.MANUAL:
        return None
    if not _goes_together(warehouse, last, missing):
        return None
    for subscription in warehouse.subscriptions:
        now = chosen.get(subscription.name)
        was = last.artifact(now.artifact.subject) if now else None
        if now and was and _is_older(subscription, now.artifact, was, known):
            return was
    return None


def _goes_together(warehouse: Warehouse, last: Freight, missing: Collection[Artifact]) -> bool:
    """Whether the newest freight would still go together, as far as that can be told."""
    if warehouse.criteria:
        # Somebody may have changed them; what is gone is gone whatever they are.
        return any(one in missing for one in last.artifacts)
    matched = [
        artifact
        for one in warehouse.subscriptions
        if isinstance(one, ImageSubscription | ChartSubscription)
        for artifact in map(last.artifact, watched_by(one))
        if artifact is not None
    ]
    return not warehouse.match_tags or len(set(map(plain_tag, matched))) <= 1


def _is_older(subscription: Subscription, now: Artifact, was: Artifact, known: Known) -> bool:
    if now.tag == was.tag:
        return False
    match subscription:
        case ImageSubscription(select=Selection.DIGEST):
            return False
        case ImageSubscription(select=Selection.NEWEST_BUILD):
            # When it was built can only be asked of what is there.
            return known.has_taken(now) and bool(passing(subscription, (was.tag,)))
        case DiskSubscription():
            both = (Offered(one.tag, "", None, None) for one in (was, now))
            return [one.version for one in taken(rules_of(subscription), both)][:1] == [was.tag]
        case ImageSubscription() | ChartSubscription() | GitSubscription():
            return list(_best(subscription, (was.tag, now.tag)))[:1] == [was.tag]
        case _:
            return False


def _best(
    subscription: ImageSubscription | ChartSubscription | GitSubscription, tags: Iterable[str]
) -> Sequence[str]:
    """Those that the rules take, best first; none where they do not go by names."""
    match subscription:
        case ImageSubscription():
            return candidates(subscription, tags)
        case ChartSubscription(constraint=constraint):
            return newest_first(tags, constraint)
        case GitSubscription(select=GitSelection.SEMVER, constraint=constraint, strict=strict):
            return by_version(passing(subscription, tags), constraint, strict=strict)
        case GitSubscription(select=GitSelection.LEXICAL):
            return by_name(passing(subscription, tags))
        case _:
            return ()
