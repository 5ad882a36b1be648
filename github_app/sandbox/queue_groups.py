"""Groups of a merge queue: their branches, and what webhooks tell of them.

https://docs.github.com/webhooks/webhook-events-and-payloads#merge_group
"""

from __future__ import annotations

from github_app.sandbox.git_store import RefMove
from github_app.sandbox.queue_entry import Group, QueueEntry
from github_app.sandbox.refs import HEADS, moved
from github_app.sandbox.rest import git_shapes
from github_app.sandbox.state import Account, Repository
from github_app.sandbox.world import Actor, Happening, World

BOT = "github-merge-queue[bot]"


def new_group(world: World, entry: QueueEntry, sha: str, base: str) -> Group:
    """The group of a commit, with the name of its branch."""
    name = f"gh-readonly-queue/{entry.branch}/pr-{entry.number}-{base}"
    return Group(sha, base, name, world.now())


def request_checks(world: World, repository: Repository, entry: QueueEntry, group: Group) -> None:
    """Make the branch of a group and ask for its checks."""
    moved(world, repository, [RefMove(HEADS + group.branch, None, group.sha)], queue_bot(world))
    _tell(world, repository, entry, group, "checks_requested", {})


def destroy_group(world: World, repository: Repository, entry: QueueEntry, reason: str) -> None:
    """Delete the branch of a place's group, if it has one, and tell why."""
    group = entry.group
    if group is None:
        return
    bot = queue_bot(world)
    _tell(world, repository, entry, group, "destroyed", {"reason": reason})
    moved(world, repository, [RefMove(HEADS + group.branch, group.sha, None)], bot)


def _tell(
    world: World,
    repository: Repository,
    entry: QueueEntry,
    group: Group,
    action: str,
    more: dict[str, object],
) -> None:
    commit = world.git(repository).known_commit(group.sha)
    shape = {
        "head_sha": group.sha,
        "head_ref": HEADS + group.branch,
        "base_sha": group.base,
        "base_ref": HEADS + entry.branch,
        "head_commit": git_shapes.simple_commit(commit),
    }
    detail = {"merge_group": shape, **more}
    who = queue_bot(world).account
    world.emit(Happening("merge_group", action, repository.id, who, None, detail))


def queue_bot(world: World) -> Actor:
    """GitHub's own App that does the queue's work; it comes with the first queue."""
    if BOT not in world.accounts:
        world.accounts[BOT] = Account(world.new_id("account"), BOT, "Bot", world.now())
    return Actor(world.accounts[BOT])
