"""The images a subscription may take, best first, each asked for only when somebody wants it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from github_app.warehouse.candidate import Candidate
from github_app.warehouse.choices import Choices
from github_app.warehouse.filtered import NOT_THERE, Filtered, filtered, rules_of
from github_app.warehouse.ports import HELM_CHART, Registry, Resolved
from github_app.warehouse.selection import newest_built
from plugin.artifact import Image
from plugin.errors import Refusal
from plugin.subscriptions import ImageSubscription, Selection

_MAX_ASKED = 200


def offered(
    subscription: ImageSubscription, registry: Registry, choices: Choices | None = None
) -> Iterator[Candidate]:
    """At most `limit` images the subscription's rule lets pass; raises Refusal and Temporary.

    Kargo's rule (https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses): tags are
    asked for one by one until there are enough, each when somebody wants it. One that was listed or
    told of but is not there is passed over, and so is one for other platforms or that is no image,
    at most 200 of them together. For the newest build all tags that pass `allow` and `ignore` are
    asked for, so there may not be more than 200. `choices` remember what the rule made of the same
    list before.
    """
    judged = _judged(subscription, registry, choices or Choices())
    return (one for one in judged if isinstance(one, Candidate))


def left_out(subscription: ImageSubscription, registry: Registry) -> tuple[Filtered, ...]:
    """The tags that are not taken, with the rule against each; raises Refusal and Temporary.

    First those whose names would do, which had to be asked for.
    """
    asked = tuple(_judged(subscription, registry, Choices()))
    out = tuple(one for one in asked if isinstance(one, Filtered))
    if subscription.select is Selection.DIGEST:
        return out
    names = (one.tag if isinstance(one, Filtered) else one.artifact.tag for one in asked)
    tags = registry.tags(subscription.repository.plain)
    return (*out, *filtered(rules_of(subscription), tags, names))


def _judged(
    subscription: ImageSubscription, registry: Registry, choices: Choices
) -> Iterator[Candidate | Filtered]:
    """Every image that is asked for, taken or passed over."""
    repository = subscription.repository.plain
    moves = subscription.select is Selection.DIGEST
    tags = () if moves else registry.tags(repository)
    # What is passed over does not count for the limit: it takes nobody's place.
    asked = replace(subscription, limit=subscription.limit + _MAX_ASKED)
    best = choices.of(asked, tags)
    if subscription.select is Selection.NEWEST_BUILD:
        yield from _newest_builds(subscription, registry, best)
        return
    found = passed_over = 0
    for tag in best:
        resolved = registry.resolve(repository, tag, subscription.platform, moves=moves)
        one = _judge(subscription, tag, resolved)
        yield one
        if isinstance(one, Candidate):
            found += 1
        else:
            passed_over += 1
        if found == subscription.limit or passed_over == _MAX_ASKED:
            return


def exact(subscription: ImageSubscription, tag: str, registry: Registry) -> Candidate | None:
    """One tag as it stands there now, whatever the rules say of it; raises Refusal, Temporary."""
    repository = subscription.repository.plain
    resolved = registry.resolve(repository, tag, subscription.platform, moves=True)
    one = _judge(subscription, tag, resolved)
    return one if isinstance(one, Candidate) else None


def _newest_builds(
    subscription: ImageSubscription, registry: Registry, tags: Sequence[str]
) -> Iterator[Candidate | Filtered]:
    """The images built last: only asking for each tag tells."""
    if len(tags) > _MAX_ASKED:
        raise Refusal(
            f"{len(tags)} tags of {subscription.repository} would each have to be asked for to "
            f"find the newest build: let at most {_MAX_ASKED} pass 'allow' and 'ignore'"
        )
    asked = registry.dated(subscription.repository.plain, tags, subscription.platform)
    judged = {tag: _judge(subscription, tag, asked.get(tag)) for tag in tags}
    yield from (one for one in judged.values() if isinstance(one, Filtered))
    there = {tag: one for tag, one in judged.items() if isinstance(one, Candidate)}
    times = {tag: one.created for tag, one in there.items()}
    for tag in newest_built(times, subscription.limit):
        yield there[tag]


def _judge(
    subscription: ImageSubscription, tag: str, resolved: Resolved | None
) -> Candidate | Filtered:
    """The image, if it is one for the platform asked for: a registry keeps charts and more, too."""
    if resolved is None:
        return Filtered(tag, NOT_THERE)
    if resolved.kind:
        what = "a Helm chart" if resolved.kind == HELM_CHART else resolved.kind
        return Filtered(tag, f"no container image but {what}")
    if not resolved.runs_on(subscription.platform):
        return Filtered(tag, f"not for {subscription.platform}")
    image = Image(subscription.repository, tag, resolved.digest)
    return Candidate(image, resolved.created, tuple(resolved.facts.items()))
