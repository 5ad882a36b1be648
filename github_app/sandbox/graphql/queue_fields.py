"""Merge queues: their places, and the mutations that put a pull request there and away.

https://docs.github.com/graphql/reference/objects#mergequeue
"""

from __future__ import annotations

from github_app.sandbox import merge_queue
from github_app.sandbox.graphql import nodes
from github_app.sandbox.graphql.scope import (
    Arguments,
    Resolver,
    Scope,
    Table,
    Thing,
    account,
    commit,
    connection,
    thing_id,
)
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.queue_entry import QueueEntry
from github_app.sandbox.rest.shapes import stamp

Payload = dict[str, object]


def _queue_of(scope: Scope, thing: Thing, branch: str) -> Thing | None:
    rule = merge_queue.queue_rule(scope.fresh(thing.home), branch)
    return Thing("MergeQueue", branch, thing.home) if rule else None


def _queue(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    return _queue_of(scope, thing, arguments.get("branch") or thing.home.default_branch)


def _entries(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    found = merge_queue.entries(scope.world, thing.home, thing.value)
    return connection(
        "entries", found, arguments, lambda e: Thing("MergeQueueEntry", e, thing.home)
    )


def _configuration(scope: Scope, thing: Thing, arguments: Arguments) -> Payload | None:
    rule = merge_queue.queue_rule(scope.fresh(thing.home), thing.value)
    if rule is None:
        return None
    return {
        "checkResponseTimeout": rule.timeout,
        "maximumEntriesToBuild": rule.most_to_build,
        "maximumEntriesToMerge": rule.most_to_merge,
        "mergeMethod": rule.method.upper(),
        "mergingStrategy": "ALLGREEN",
        "minimumEntriesToMerge": 1,
        "minimumEntriesToMergeWaitTime": 0,
    }


def _entry_of(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    found = merge_queue.entry_of(scope.world, thing.home, thing.value.number)
    return Thing("MergeQueueEntry", found, thing.home) if found else None


def _position(scope: Scope, thing: Thing, arguments: Arguments) -> int:
    """Counted from 1; 0 for one that has left."""
    queue = merge_queue.entries(scope.world, thing.home, thing.value.branch)
    return next((at for at, one in enumerate(queue, 1) if one.id == thing.value.id), 0)


def _state(scope: Scope, thing: Thing, arguments: Arguments) -> str:
    if thing.value.group is None:
        return "QUEUED"
    state = merge_queue.gate_of(scope.world, scope.fresh(thing.home), thing.value)
    words = {"success": "MERGEABLE", "failure": "UNMERGEABLE"}
    return words.get(state, "AWAITING_CHECKS")


def _sha(which: str) -> Resolver:
    def resolve(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
        entry: QueueEntry = thing.value
        return commit(scope, thing.home, getattr(entry.group, which)) if entry.group else None

    return resolve


def _page(thing: Thing) -> str:
    return f"/{thing.home.full_name}/queue/{thing.value}"


def enqueue(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `enqueuepullrequest`.

    https://docs.github.com/graphql/reference/mutations#enqueuepullrequest
    """
    repo, pull = nodes.pull(scope, wish["pullRequestId"])
    scope.demand_write(repo, "contents")
    jump, head = bool(wish.get("jump")), wish.get("expectedHeadOid")
    made = merge_queue.enqueue(scope.world, repo, pull, scope.actor, jump=jump, head=head)
    return {"mergeQueueEntry": Thing("MergeQueueEntry", made, repo)}


def dequeue(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `dequeuepullrequest`.

    https://docs.github.com/graphql/reference/mutations#dequeuepullrequest
    """
    repo, pull = nodes.pull(scope, wish["id"])
    scope.demand_write(repo, "contents")
    gone = merge_queue.dequeue(scope.world, repo, pull, scope.actor)
    return {"mergeQueueEntry": Thing("MergeQueueEntry", gone, repo)}


_EVENT: dict[str, Resolver] = {
    "id": lambda s, t, a: node_id("Event", t.home.id, t.value[0].id),
    "actor": lambda s, t, a: account(s, t.value[0].actor),
    "createdAt": lambda s, t, a: stamp(t.value[0].at),
}

TABLE: Table = {
    "Repository": {"mergeQueue": _queue},
    "PullRequest": {
        "isInMergeQueue": lambda s, t, a: _entry_of(s, t, a) is not None,
        "isMergeQueueEnabled": lambda s, t, a: _queue_of(s, t, t.value.base_ref) is not None,
        "mergeQueue": lambda s, t, a: _queue_of(s, t, t.value.base_ref),
        "mergeQueueEntry": _entry_of,
    },
    "MergeQueue": {
        "id": lambda s, t, a: thing_id(t, t.value),
        "configuration": _configuration,
        "entries": _entries,
        "nextEntryEstimatedTimeToMerge": lambda s, t, a: None,
        "repository": lambda s, t, a: Thing("Repository", s.fresh(t.home), t.home),
        "resourcePath": lambda s, t, a: _page(t),
        "url": lambda s, t, a: s.urls.root + _page(t),
    },
    "MergeQueueEntry": {
        "id": lambda s, t, a: thing_id(t, t.value.id),
        "baseCommit": _sha("base"),
        "headCommit": _sha("sha"),
        "enqueuedAt": lambda s, t, a: stamp(t.value.at),
        "enqueuer": lambda s, t, a: account(s, t.value.by),
        "jump": lambda s, t, a: t.value.jump,
        "mergeQueue": lambda s, t, a: Thing("MergeQueue", t.value.branch, t.home),
        "position": _position,
        "pullRequest": lambda s, t, a: Thing(
            "PullRequest", s.world.pull(t.home, t.value.number), t.home
        ),
        "solo": lambda s, t, a: False,
        "state": _state,
    },
    "AddedToMergeQueueEvent": dict(_EVENT),
    "RemovedFromMergeQueueEvent": {**_EVENT, "reason": lambda s, t, a: t.value[0].detail},
}
