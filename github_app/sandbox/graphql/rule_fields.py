"""What holds for a branch: rules of rulesets in `rules`, classic protection in `refUpdateRule`.

https://docs.github.com/graphql/reference/objects#repositoryrule
"""

from __future__ import annotations

from collections.abc import Iterator

from github_app.sandbox.demands import rulesets_of
from github_app.sandbox.graphql.scope import Arguments, Scope, Table, Thing, connection, thing_id
from github_app.sandbox.protection import takes_pushes
from github_app.sandbox.refs import HEADS
from github_app.sandbox.reviewing import may_dismiss
from github_app.sandbox.rules import QueueRule, ReviewRule, Ruleset

Parameters = dict[str, object]


class _Typed(Parameters):
    """Parameters under the name of their GraphQL type, which tells the union's members apart."""

    def __init__(self, type_: str, fields: Parameters) -> None:
        super().__init__(fields)
        self.type = type_


def _rule(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    branch = str(thing.value).removeprefix(HEADS)
    protection = scope.fresh(thing.home).protections.get(branch)
    return Thing("RefUpdateRule", (branch, protection), thing.home) if protection else None


def _rules(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    branch = str(thing.value).removeprefix(HEADS)
    found = [
        (ruleset, kind, parameters)
        for ruleset in rulesets_of(scope.fresh(thing.home), branch)
        for kind, parameters in _of(ruleset)
    ]
    return connection("rules", found, arguments, lambda r: Thing("RepositoryRule", r, thing.home))


def _of(ruleset: Ruleset) -> Iterator[tuple[str, _Typed | None]]:
    if ruleset.deletion:
        yield "DELETION", None
    if ruleset.non_fast_forward:
        yield "NON_FAST_FORWARD", None
    if ruleset.required_checks:
        yield "REQUIRED_STATUS_CHECKS", _checks(ruleset)
    if ruleset.reviews:
        yield "PULL_REQUEST", _reviews(ruleset.reviews)
    if ruleset.queue:
        yield "MERGE_QUEUE", _queue(ruleset.queue)


def _checks(ruleset: Ruleset) -> _Typed:
    checks = [{"context": c.context, "integrationId": c.app_id} for c in ruleset.required_checks]
    fields: Parameters = {
        "doNotEnforceOnCreate": True,
        "requiredStatusChecks": checks,
        "strictRequiredStatusChecksPolicy": ruleset.strict,
    }
    return _Typed("RequiredStatusChecksParameters", fields)


def _reviews(rule: ReviewRule) -> _Typed:
    fields: Parameters = {
        "allowedMergeMethods": [method.upper() for method in rule.methods],
        "dismissStaleReviewsOnPush": rule.dismiss_stale,
        "requireCodeOwnerReview": rule.code_owners,
        "requireLastPushApproval": rule.last_push,
        "requiredApprovingReviewCount": rule.count,
        "requiredReviewThreadResolution": False,
    }
    return _Typed("PullRequestParameters", fields)


def _queue(rule: QueueRule) -> _Typed:
    fields: Parameters = {
        "checkResponseTimeoutMinutes": rule.timeout,
        "groupingStrategy": "ALLGREEN",
        "maxEntriesToBuild": rule.most_to_build,
        "maxEntriesToMerge": rule.most_to_merge,
        "mergeMethod": rule.method.upper(),
        "minEntriesToMerge": 1,
        "minEntriesToMergeWaitMinutes": 0,
    }
    return _Typed("MergeQueueParameters", fields)


def _no_rule(scope: Scope, thing: Thing, arguments: Arguments) -> bool:
    return False


def _may_dismiss(scope: Scope, thing: Thing, arguments: Arguments) -> bool:
    return may_dismiss(scope.fresh(thing.home), thing.value[0], scope.actor)


def _may_push(scope: Scope, thing: Thing, arguments: Arguments) -> bool:
    return takes_pushes(scope.fresh(thing.home), thing.value[0], scope.actor)


TABLE: Table = {
    "Ref": {"rules": _rules, "refUpdateRule": _rule},
    "RefUpdateRule": {
        "pattern": lambda s, t, a: t.value[0],
        "allowsDeletions": _no_rule,
        "allowsForcePushes": lambda s, t, a: t.value[1].allow_force,
        "blocksCreations": _no_rule,
        "requiredApprovingReviewCount": lambda s, t, a: t.value[1].required_reviews or None,
        "requiredStatusCheckContexts": lambda s, t, a: [
            c.context for c in t.value[1].required_checks
        ],
        "requiresCodeOwnerReviews": lambda s, t, a: t.value[1].code_owners,
        "requiresConversationResolution": _no_rule,
        "requiresLinearHistory": _no_rule,
        "requiresSignatures": _no_rule,
        "viewerAllowedToDismissReviews": _may_dismiss,
        "viewerCanPush": _may_push,
    },
    "RepositoryRule": {
        "id": lambda s, t, a: thing_id(Thing("Rule", None, t.repo), t.value[0].id, t.value[1]),
        "type": lambda s, t, a: t.value[1],
        "parameters": lambda s, t, a: t.value[2],
        "repositoryRuleset": lambda s, t, a: Thing("RepositoryRuleset", t.value[0], t.repo),
    },
    "RepositoryRuleset": {
        "id": lambda s, t, a: thing_id(Thing("Ruleset", None, t.repo), t.value.id),
        "databaseId": lambda s, t, a: t.value.id,
        "name": lambda s, t, a: t.value.name,
        "enforcement": lambda s, t, a: t.value.enforcement.upper(),
        "target": lambda s, t, a: "BRANCH",
    },
}
