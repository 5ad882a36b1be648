"""Pull requests, their commits, files and timeline."""

from __future__ import annotations

from github_app.sandbox.access import association
from github_app.sandbox.approval import decisive_reviews, unmet_reviews
from github_app.sandbox.demands import Demands, demands_of
from github_app.sandbox.graphql.gate_fields import COMMIT
from github_app.sandbox.graphql.git_fields import pull_state
from github_app.sandbox.graphql.scope import (
    Arguments,
    Resolver,
    Scope,
    Table,
    Thing,
    account,
    commit,
    connection,
    ref,
    thing_id,
)
from github_app.sandbox.mergeability import Mergeability, first_look
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.refs import HEADS
from github_app.sandbox.rest import pull_shapes
from github_app.sandbox.rest.shapes import stamp
from github_app.sandbox.state import Event, PullRequest

_EVENTS = {
    "closed": ("CLOSED_EVENT", "ClosedEvent"),
    "reopened": ("REOPENED_EVENT", "ReopenedEvent"),
    "merged": ("MERGED_EVENT", "MergedEvent"),
    "labeled": ("LABELED_EVENT", "LabeledEvent"),
    "unlabeled": ("UNLABELED_EVENT", "UnlabeledEvent"),
    "auto_merge_enabled": ("AUTO_MERGE_ENABLED_EVENT", "AutoMergeEnabledEvent"),
    "auto_merge_disabled": ("AUTO_MERGE_DISABLED_EVENT", "AutoMergeDisabledEvent"),
    "head_force_pushed": ("HEAD_REF_FORCE_PUSHED_EVENT", "HeadRefForcePushedEvent"),
    "ready_for_review": ("READY_FOR_REVIEW_EVENT", "ReadyForReviewEvent"),
    "converted_to_draft": ("CONVERT_TO_DRAFT_EVENT", "ConvertToDraftEvent"),
    "commented": ("ISSUE_COMMENT", "IssueComment"),
    "reviewed": ("PULL_REQUEST_REVIEW", "PullRequestReview"),
    "review_dismissed": ("REVIEW_DISMISSED_EVENT", "ReviewDismissedEvent"),
    "review_requested": ("REVIEW_REQUESTED_EVENT", "ReviewRequestedEvent"),
    "added_to_merge_queue": ("ADDED_TO_MERGE_QUEUE_EVENT", "AddedToMergeQueueEvent"),
    "removed_from_merge_queue": (
        "REMOVED_FROM_MERGE_QUEUE_EVENT",
        "RemovedFromMergeQueueEvent",
    ),
    "assigned": ("ASSIGNED_EVENT", "AssignedEvent"),
}
_CHANGE_TYPES = {"removed": "DELETED"}


def _answer(scope: Scope, thing: Thing) -> Mergeability:
    return first_look(scope.world, scope.fresh(thing.home), thing.value)


def _mergeable(scope: Scope, thing: Thing, arguments: Arguments) -> str:
    answer = _answer(scope, thing).mergeable
    if answer is None:
        return "UNKNOWN"
    return "MERGEABLE" if answer else "CONFLICTING"


def _merge_state(scope: Scope, thing: Thing, arguments: Arguments) -> str:
    return _answer(scope, thing).state.upper()


def _commits(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    pull: PullRequest = thing.value
    base = pull_shapes.base_of(scope.world, thing.home, pull)
    found = scope.git(thing.home).between(base, pull.head_sha)
    return connection(
        "commits", found, arguments, lambda sha: Thing("PullRequestCommit", (pull, sha), thing.home)
    )


def _files(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    found = pull_shapes.changed_files(scope.world, thing.home, thing.value)
    return connection(
        "files", found, arguments, lambda c: Thing("PullRequestChangedFile", c, thing.home)
    )


def _lines(thing: Thing, scope: Scope) -> tuple[int, int, int]:
    found = pull_shapes.changed_files(scope.world, thing.home, thing.value)
    plus, minus = sum(c.additions for c in found), sum(c.deletions for c in found)
    return plus, minus, len(found)


def labels(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    """The labels of a pull request or of a repository."""
    repo = scope.fresh(thing.home)
    names = thing.value.labels if thing.type == "PullRequest" else tuple(repo.labels)
    found = [repo.labels[name.lower()] for name in names]
    return connection("labels", found, arguments, lambda label: Thing("Label", label, repo))


def _decision(scope: Scope, thing: Thing, arguments: Arguments) -> str | None:
    repo = scope.fresh(thing.home)
    pull: PullRequest = thing.value
    demands = demands_of(repo, pull.base_ref) or Demands()
    states = [r.state for r in decisive_reviews(scope.world, repo, pull)]
    if "CHANGES_REQUESTED" in states:
        return "CHANGES_REQUESTED"
    if not (demands.reviews or demands.code_owners or demands.last_push):
        return None
    missing = unmet_reviews(scope.world, repo, pull, demands)
    return "REVIEW_REQUIRED" if missing else "APPROVED"


def _timeline(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    wanted = arguments.get("itemTypes")
    events = scope.world.of(thing.home).timelines.get(thing.value.number, [])
    found = [
        event
        for event in events
        if event.kind in _EVENTS and (wanted is None or _EVENTS[event.kind][0] in wanted)
    ]
    page = connection("timelineItems", found, arguments, lambda e: _item(scope, thing, e))
    shown = page["nodes"]
    count = len(shown) if isinstance(shown, list) else 0
    updated = stamp(thing.value.updated_at)
    return {**page, "filteredCount": len(found), "pageCount": count, "updatedAt": updated}


def _item(scope: Scope, thing: Thing, event: Event) -> Thing | None:
    annals = scope.world.of(thing.home)
    kind = _EVENTS[event.kind][1]
    if kind == "IssueComment":
        comment = annals.comments.get(int(event.detail))
        return Thing(kind, comment, thing.home) if comment else None
    if kind == "PullRequestReview":
        return Thing(kind, annals.reviews[int(event.detail)], thing.home)
    return Thing(kind, (event, thing.value), thing.home)


def _auto_merge(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    return Thing("AutoMergeRequest", thing.value, thing.home) if thing.value.auto_merge else None


def _head_commit(thing: Thing, scope: Scope) -> Thing:
    value = scope.git(thing.home).known_commit(thing.value.head_sha)
    return Thing("Commit", value, thing.home)


def _page(scope: Scope, thing: Thing) -> str:
    return scope.urls.page(thing.home, f"/pull/{thing.value.number}")


def _commit_page(thing: Thing) -> str:
    pull, sha = thing.value
    return f"/{thing.home.full_name}/pull/{pull.number}/commits/{sha}"


def _labelled(scope: Scope, thing: Thing, arguments: Arguments) -> Thing:
    name = thing.value[0].detail.lower()
    return Thing("Label", scope.fresh(thing.home).labels[name], thing.home)


_EVENT: dict[str, Resolver] = {
    "id": lambda s, t, a: node_id("Event", t.home.id, t.value[0].id),
    "actor": lambda s, t, a: account(s, t.value[0].actor),
    "createdAt": lambda s, t, a: stamp(t.value[0].at),
}
_EVENT_URL: dict[str, Resolver] = {
    "url": lambda s, t, a: s.urls.page(t.home, f"/pull/{t.value[1].number}#event-{t.value[0].id}")
}

TABLE: Table = {
    "PullRequest": {
        "id": lambda s, t, a: thing_id(t, t.value.number),
        "databaseId": lambda s, t, a: t.value.id,
        "number": lambda s, t, a: t.value.number,
        "state": lambda s, t, a: pull_state(t.value.merged, t.value.state),
        "closed": lambda s, t, a: not t.value.open,
        "merged": lambda s, t, a: t.value.merged,
        "title": lambda s, t, a: t.value.title,
        "body": lambda s, t, a: t.value.body or "",
        "isDraft": lambda s, t, a: t.value.draft,
        "isCrossRepository": lambda s, t, a: False,
        "maintainerCanModify": lambda s, t, a: False,
        "locked": lambda s, t, a: False,
        "headRefName": lambda s, t, a: t.value.head_ref,
        "headRefOid": lambda s, t, a: t.value.head_sha,
        "headRef": lambda s, t, a: ref(s, t.home, HEADS + t.value.head_ref),
        "headRepository": lambda s, t, a: Thing("Repository", s.fresh(t.home), t.home),
        "baseRefName": lambda s, t, a: t.value.base_ref,
        "baseRefOid": lambda s, t, a: t.value.base_sha,
        "baseRef": lambda s, t, a: ref(s, t.home, HEADS + t.value.base_ref),
        "repository": lambda s, t, a: Thing("Repository", s.fresh(t.home), t.home),
        "createdAt": lambda s, t, a: stamp(t.value.created_at),
        "publishedAt": lambda s, t, a: stamp(t.value.created_at),
        "updatedAt": lambda s, t, a: stamp(t.value.updated_at),
        "closedAt": lambda s, t, a: stamp(t.value.closed_at),
        "mergedAt": lambda s, t, a: stamp(t.value.merged_at),
        "author": lambda s, t, a: account(s, t.value.author),
        "authorAssociation": lambda s, t, a: association(t.home, t.value.author),
        "mergedBy": lambda s, t, a: account(s, t.value.merged_by),
        "mergeCommit": lambda s, t, a: commit(s, t.home, t.value.merge_sha),
        "mergeable": _mergeable,
        "mergeStateStatus": _merge_state,
        "autoMergeRequest": _auto_merge,
        "reviewDecision": _decision,
        "additions": lambda s, t, a: _lines(t, s)[0],
        "deletions": lambda s, t, a: _lines(t, s)[1],
        "changedFiles": lambda s, t, a: _lines(t, s)[2],
        "commits": _commits,
        "files": _files,
        "labels": labels,
        "timelineItems": _timeline,
        "statusCheckRollup": lambda s, t, a: COMMIT["Commit"]["statusCheckRollup"](
            s, _head_commit(t, s), a
        ),
        "url": lambda s, t, a: _page(s, t),
        "permalink": lambda s, t, a: _page(s, t),
        "resourcePath": lambda s, t, a: f"/{t.home.full_name}/pull/{t.value.number}",
    },
    "AutoMergeRequest": {
        "enabledAt": lambda s, t, a: stamp(t.value.auto_merge.at),
        "enabledBy": lambda s, t, a: account(s, t.value.auto_merge.by),
        "mergeMethod": lambda s, t, a: t.value.auto_merge.method.upper(),
        "commitHeadline": lambda s, t, a: t.value.auto_merge.title,
        "commitBody": lambda s, t, a: t.value.auto_merge.message,
        "pullRequest": lambda s, t, a: Thing("PullRequest", t.value, t.home),
    },
    "PullRequestCommit": {
        "id": lambda s, t, a: node_id(
            "PullRequestCommit", t.home.id, t.value[0].number, t.value[1]
        ),
        "commit": lambda s, t, a: commit(s, t.home, t.value[1]),
        "pullRequest": lambda s, t, a: Thing("PullRequest", t.value[0], t.home),
        "resourcePath": lambda s, t, a: _commit_page(t),
        "url": lambda s, t, a: s.urls.root + _commit_page(t),
    },
    "PullRequestChangedFile": {
        "path": lambda s, t, a: t.value.path,
        "additions": lambda s, t, a: t.value.additions,
        "deletions": lambda s, t, a: t.value.deletions,
        "changeType": lambda s, t, a: _CHANGE_TYPES.get(t.value.status, t.value.status.upper()),
    },
    "ClosedEvent": {**_EVENT, **_EVENT_URL},
    "ReopenedEvent": dict(_EVENT),
    "MergedEvent": {
        **_EVENT,
        **_EVENT_URL,
        "commit": lambda s, t, a: commit(s, t.home, t.value[0].detail),
        "mergeRefName": lambda s, t, a: t.value[1].base_ref,
    },
    "LabeledEvent": {**_EVENT, "label": _labelled},
    "UnlabeledEvent": {**_EVENT, "label": _labelled},
    "AutoMergeEnabledEvent": dict(_EVENT),
    "AutoMergeDisabledEvent": {**_EVENT, "reason": lambda s, t, a: t.value[0].detail or None},
    "HeadRefForcePushedEvent": {
        **_EVENT,
        "afterCommit": lambda s, t, a: commit(s, t.home, t.value[0].detail),
    },
    "ReadyForReviewEvent": dict(_EVENT),
    "ConvertToDraftEvent": dict(_EVENT),
}
