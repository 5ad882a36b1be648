"""The merge queue: groups built in order on each other, checked, merged when green.

https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from github_app.sandbox.demands import Demands, demands_of
from github_app.sandbox.git_store import RefMove
from github_app.sandbox.mergeability import mergeability
from github_app.sandbox.merging import Wish, delete_head, merged_commit
from github_app.sandbox.protection import Gate, required_gate
from github_app.sandbox.queue_entry import Group, QueueEntry
from github_app.sandbox.queue_groups import destroy_group, new_group, queue_bot, request_checks
from github_app.sandbox.refs import HEADS, after_moves, finish_merge, tell
from github_app.sandbox.refused import Refused
from github_app.sandbox.rules import QueueRule
from github_app.sandbox.state import CheckRun, PullRequest, Repository, Status
from github_app.sandbox.world import Actor, Happening, World


def queue_rule(repository: Repository, branch: str) -> QueueRule | None:
    """How a branch's queue works, None for one without."""
    return (demands_of(repository, branch) or Demands()).queue


def entries(world: World, repository: Repository, branch: str) -> list[QueueEntry]:
    """What waits for a branch, in order."""
    return [one for one in world.of(repository).queue if one.branch == branch]


def entry_of(world: World, repository: Repository, number: int) -> QueueEntry | None:
    """A pull request's place, None if it is not queued."""
    found = (one for one in world.of(repository).queue if one.number == number)
    return next(found, None)


def enqueue(
    world: World,
    repository: Repository,
    pull: PullRequest,
    actor: Actor,
    *,
    jump: bool = False,
    head: str | None = None,
) -> QueueEntry:
    """The pull request's place in the queue, at the end or, to jump, before all others.

    Raises Refused (422): no queue, queued already, another head, something required is missing.
    https://docs.github.com/graphql/reference/mutations#enqueuepullrequest
    """
    _demand_ready(world, repository, pull, head)
    now = world.now()
    number = world.new_id("queue entry")
    made = QueueEntry(number, pull.number, pull.base_ref, actor.login, now, pull.head_sha, jump)
    queue = world.of(repository).queue
    queue.insert(0 if jump else len(queue), made)
    world.note(pull, "added_to_merge_queue", actor.login)
    tell(world, repository, world.keep_pull(replace(pull, auto_merge=None)), "enqueued", actor)
    _build(world, repository, pull.base_ref)
    _settle(world, repository, pull.base_ref)
    return entry_of(world, repository, pull.number) or made


def _demand_ready(
    world: World, repository: Repository, pull: PullRequest, head: str | None
) -> None:
    if queue_rule(repository, pull.base_ref) is None:
        raise Refused(422, "The merge queue is not enabled for this branch.")
    if head is not None and head != pull.head_sha:
        raise Refused(422, "Head branch was modified. Review and try the merge again.")
    if entry_of(world, repository, pull.number) is not None:
        raise Refused(422, "Pull request is already queued to merge.")
    answer = mergeability(world, repository, pull)
    if answer.state not in ("clean", "unstable"):
        why = " ".join(answer.reasons) or "Pull request is closed."
        raise Refused(422, f"Pull request cannot be added to the merge queue. {why}")


def dequeue(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, reason: str = "MANUAL"
) -> QueueEntry:
    """The place that the pull request has lost; those behind it are built anew.

    https://docs.github.com/graphql/reference/mutations#dequeuepullrequest
    """
    entry = entry_of(world, repository, pull.number)
    if entry is None:
        raise Refused(422, "Pull request is not queued to merge.")
    _remove(world, repository, entry, actor, reason)
    _build(world, repository, entry.branch)
    _settle(world, repository, entry.branch)
    return entry


def _remove(
    world: World, repository: Repository, entry: QueueEntry, actor: Actor, reason: str
) -> None:
    world.of(repository).queue.remove(entry)
    pull = world.keep_pull(world.pull(repository, entry.number))
    world.note(pull, "removed_from_merge_queue", actor.login, reason)
    tell(world, repository, pull, "dequeued", actor, {"reason": reason})
    destroy_group(world, repository, entry, "merged" if reason == "MERGE" else "dequeued")


# groups


def _build(world: World, repository: Repository, branch: str) -> None:
    """A group for each of the first places, each on top of the one before."""
    rule, base = queue_rule(repository, branch), world.git(repository).branch(branch)
    if rule is None or base is None:
        return
    for place, entry in enumerate(entries(world, repository, branch)):
        if place >= rule.most_to_build:
            return
        group = entry.group
        if group is None or group.base != base:
            group = _grouped(world, repository, entry, rule, base)
        base = group.sha if group else base


def _grouped(
    world: World, repository: Repository, entry: QueueEntry, rule: QueueRule, base: str
) -> Group | None:
    """The new group of a place, None for one that was removed because it conflicts."""
    destroy_group(world, repository, entry, "invalidated")
    pull, actor = world.pull(repository, entry.number), Actor(world.account(entry.by))
    try:
        sha = merged_commit(world, pull, actor, Wish(rule.method), base)
    except Refused:
        bare = _replaced(world, repository, entry, None)
        _remove(world, repository, bare, queue_bot(world), "MERGE_CONFLICT")
        return None
    group = new_group(world, entry, sha, base)
    request_checks(world, repository, _replaced(world, repository, entry, group), group)
    return group


def _replaced(
    world: World, repository: Repository, entry: QueueEntry, group: Group | None
) -> QueueEntry:
    queue, changed = world.of(repository).queue, replace(entry, group=group)
    queue[queue.index(entry)] = changed
    return changed


# what checks say


def gate_of(world: World, repository: Repository, entry: QueueEntry) -> Gate:
    """How the required checks of a place's group stand; success if there are none."""
    group, demands = entry.group, demands_of(repository, entry.branch) or Demands()
    if group is None:
        return "expected"
    states = [required_gate(world, repository, group.sha, c) for c in demands.required_checks]
    order: tuple[Gate, ...] = ("success", "pending", "expected", "failure")
    return max(states, key=order.index, default="success")


def _late(world: World, repository: Repository, entry: QueueEntry) -> bool:
    rule, group = queue_rule(repository, entry.branch), entry.group
    if rule is None or group is None:
        return False
    return group.at + timedelta(minutes=rule.timeout) <= world.now()


def _settle(world: World, repository: Repository, branch: str) -> None:
    """Remove what failed, merge what is green and first, until nothing changes."""
    while _settled_one(world, repository, branch):
        _build(world, repository, branch)


def _settled_one(world: World, repository: Repository, branch: str) -> bool:
    for place, entry in enumerate(entries(world, repository, branch)):
        state = gate_of(world, repository, entry)
        if state == "failure":
            _remove(world, repository, entry, queue_bot(world), "CI_FAILURE")
            return True
        if state != "success" and _late(world, repository, entry):
            _remove(world, repository, entry, queue_bot(world), "CI_TIMEOUT")
            return True
        if state == "success" and place == 0 and entry.group is not None:
            _merge(world, repository, entry, entry.group)
            return True
    return False


def _merge(world: World, repository: Repository, entry: QueueEntry, group: Group) -> None:
    """The branch moves to the group's commit itself."""
    bot, pull = queue_bot(world), world.pull(repository, entry.number)
    world.of(repository).queue.remove(entry)
    move = RefMove(HEADS + entry.branch, group.base, group.sha)
    world.git(repository).move([move])
    done = finish_merge(world, repository, replace(pull, base_sha=group.base), bot, group.sha)
    world.note(done, "removed_from_merge_queue", bot.login, "MERGE")
    tell(world, repository, done, "dequeued", bot, {"reason": "MERGE"})
    after_moves(world, repository, [move], bot)
    destroy_group(world, repository, entry, "merged")
    delete_head(world, repository, pull, bot)


def run_queues(world: World, happening: Happening) -> None:
    """Let the queues follow what happened: checks, moved heads and bases, closed pull requests."""
    repository = world.repositories.get(happening.repository)
    if repository is None or not world.of(repository).queue:
        return
    match happening.subject:
        case CheckRun(sha=sha) | Status(sha=sha):
            for entry in [e for e in world.of(repository).queue if e.group and e.group.sha == sha]:
                _settle(world, repository, entry.branch)
        case PullRequest() as pull:
            _after_pull(world, repository, pull, Actor(happening.actor))
        case RefMove(ref=ref) if happening.event == "push":
            branch = ref.removeprefix(HEADS)
            _build(world, repository, branch)
            _settle(world, repository, branch)


def _after_pull(world: World, repository: Repository, told: PullRequest, actor: Actor) -> None:
    pull, entry = world.pull(repository, told.number), entry_of(world, repository, told.number)
    if entry is None:
        return
    if pull.open and pull.head_sha == entry.head and pull.base_ref == entry.branch:
        return
    dequeue(world, repository, pull, actor, "UNKNOWN_REMOVAL_REASON" if pull.open else "MANUAL")


def expire(world: World) -> None:
    """Remove the places whose checks did not report in time."""
    for repository in list(world.repositories.values()):
        for branch in dict.fromkeys(entry.branch for entry in world.of(repository).queue):
            _settle(world, repository, branch)
