"""Everything a branch demands, of protection and rulesets together: the strictest of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from github_app.sandbox.access import at_least, role
from github_app.sandbox.rules import (
    ALL_METHODS,
    Bypass,
    MergeMethod,
    Protection,
    QueueRule,
    RequiredCheck,
    Ruleset,
)
from github_app.sandbox.state import Repository
from github_app.sandbox.world import Actor

_ROLES = {2: "maintain", 4: "write", 5: "admin"}


@dataclass(frozen=True, slots=True)
class Demands:
    """The sum; `by_pull` says that changes must come by pull request."""

    required_checks: tuple[RequiredCheck, ...] = ()
    strict: bool = False
    by_pull: bool = False
    reviews: int = 0
    code_owners: bool = False
    dismiss_stale: bool = False
    last_push: bool = False
    methods: tuple[MergeMethod, ...] = ALL_METHODS
    queue: QueueRule | None = None
    no_deletion: bool = False
    no_force: bool = False

    def __or__(self, other: Demands) -> Demands:
        """What both demand."""
        checks = dict.fromkeys((*self.required_checks, *other.required_checks))
        return Demands(
            tuple(checks),
            self.strict or other.strict,
            self.by_pull or other.by_pull,
            max(self.reviews, other.reviews),
            self.code_owners or other.code_owners,
            self.dismiss_stale or other.dismiss_stale,
            self.last_push or other.last_push,
            tuple(method for method in self.methods if method in other.methods),
            self.queue or other.queue,
            self.no_deletion or other.no_deletion,
            self.no_force or other.no_force,
        )


def demands_of(
    repository: Repository, branch: str, actor: Actor | None = None, *, merging: bool = False
) -> Demands | None:
    """What a branch demands, None for one without rules.

    With an actor only what that one cannot pass by; `merging` tells a pull request from a push.
    """
    found = list(_parts(repository, branch, actor, merging))
    return reduce(Demands.__or__, found) if found else None


def _parts(
    repository: Repository, branch: str, actor: Actor | None, merging: bool
) -> Iterator[Demands]:
    classic = repository.protections.get(branch)
    if classic is not None and not (actor and _above(classic, repository, actor)):
        yield _of_protection(classic)
    for ruleset in rulesets_of(repository, branch):
        if not (actor and _passes(ruleset, repository, actor, merging)):
            yield _of_ruleset(ruleset)


def rulesets_of(repository: Repository, branch: str) -> list[Ruleset]:
    """The rulesets that are active for a branch, oldest first."""
    return [
        ruleset
        for ruleset in repository.rulesets.values()
        if ruleset.enforcement == "active" and ruleset.covers(branch, repository.default_branch)
    ]


def _above(protection: Protection, repository: Repository, actor: Actor) -> bool:
    admin = actor.installation is None and role(repository, actor.login) == "admin"
    return admin and not protection.enforce_admins


def _passes(ruleset: Ruleset, repository: Repository, actor: Actor, merging: bool) -> bool:
    return any(
        _is(bypass, repository, actor)
        for bypass in ruleset.bypass
        if merging or bypass.mode == "always"
    )


def _is(bypass: Bypass, repository: Repository, actor: Actor) -> bool:
    match bypass.kind:
        case "Integration":
            return actor.app is not None and actor.app.id == bypass.id
        case "User":
            return actor.account.id == bypass.id
        case _:
            own = "none" if actor.app else role(repository, actor.login)
            return at_least(own, _ROLES[bypass.id])


def _of_protection(rule: Protection) -> Demands:
    return Demands(
        rule.required_checks,
        rule.strict,
        rule.required_reviews > 0 or rule.code_owners or rule.last_push,
        rule.required_reviews,
        rule.code_owners,
        rule.dismiss_stale,
        rule.last_push,
        queue=rule.queue,
        no_deletion=True,
        no_force=not rule.allow_force,
    )


def _of_ruleset(rules: Ruleset) -> Demands:
    wanted = rules.reviews
    by_pull = (
        Demands(
            by_pull=True,
            reviews=wanted.count,
            code_owners=wanted.code_owners,
            dismiss_stale=wanted.dismiss_stale,
            last_push=wanted.last_push,
            methods=wanted.methods,
        )
        if wanted
        else Demands()
    )
    return by_pull | Demands(
        rules.required_checks,
        rules.strict,
        queue=rules.queue,
        no_deletion=rules.deletion,
        no_force=rules.non_fast_forward,
    )
