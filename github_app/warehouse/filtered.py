"""Why a subscription does not take a tag, in the words of its own rules; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from semver import Version

from github_app.warehouse.patterns import Patterns
from github_app.warehouse.versions import Constraint, version_of
from plugin.subscriptions import (
    ChartSubscription,
    GitSelection,
    GitSubscription,
    ImageSubscription,
    Selection,
)

NOT_THERE = "listed, but not there"
"""The rule against a tag that was deleted meanwhile, or that a registry only claims to have."""


@dataclass(frozen=True, slots=True)
class Filtered:
    """A tag that is not taken, and the rule that keeps it out."""

    tag: str
    rule: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked of a tag before anything is known of it but its name.

    `only` is the one tag that is followed. `read` makes a version of a tag where versions are
    asked for, `kind` says what a tag must be then.
    """

    patterns: Patterns
    limit: int
    only: str | None = None
    read: Callable[[str], Version | None] | None = None
    kind: str = "a version"
    constraint: Constraint | None = None

    def objection(self, tag: str) -> str | None:
        """The rule that keeps the tag out, None if only better ones do."""
        if self.only is not None:
            return None if tag == self.only else f"only '{self.only}' is followed"
        return self.patterns.objection(tag) or self._no_version(tag)

    def _no_version(self, tag: str) -> str | None:
        if self.read is None:
            return None
        version = self.read(tag)
        if version is None:
            return f"not {self.kind}"
        constraint = self.constraint
        if constraint is None or constraint.admits(version):
            return None
        if version.prerelease and not constraint.names_prerelease:
            return f"a pre-release, and {constraint.text} names none"
        return f"outside {constraint.text}"


def filtered(rules: Rules, tags: Iterable[str], taken: Iterable[str]) -> Iterator[Filtered]:
    """The tags that are not taken with the rule that keeps each out, in the order of the list."""
    without = frozenset(taken)
    for tag in tags:
        if tag not in without:
            yield Filtered(tag, rules.objection(tag) or f"beyond the limit of {rules.limit}")


def rules_of(subscription: ImageSubscription | GitSubscription | ChartSubscription) -> Rules:
    """The rules of a subscription over tags; raises Refusal."""
    match subscription:
        case ChartSubscription(constraint=text, limit=limit):
            return _by_version(Patterns.of((), ()), limit, text, strict=False)
        case ImageSubscription(select=Selection.DIGEST, constraint=tag, limit=limit):
            return Rules(Patterns.of((), ()), limit, only=tag)
        case (
            ImageSubscription(select=Selection.SEMVER) | GitSubscription(select=GitSelection.SEMVER)
        ):
            patterns = Patterns.of(subscription.allow, subscription.ignore)
            text, strict = subscription.constraint, subscription.strict
            return _by_version(patterns, subscription.limit, text, strict=strict)
        case _:
            patterns = Patterns.of(subscription.allow, subscription.ignore)
            return Rules(patterns, subscription.limit)


def _by_version(patterns: Patterns, limit: int, text: str | None, *, strict: bool) -> Rules:
    return Rules(
        patterns,
        limit,
        read=lambda tag: version_of(tag, strict=strict),
        kind="a strict version (major.minor.patch)" if strict else "a version",
        constraint=None if text is None else Constraint.parse(text),
    )
