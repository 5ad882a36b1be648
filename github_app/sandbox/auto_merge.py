"""Auto-merge: asked for, taken back, carried out; and what it refuses."""

from __future__ import annotations

from dataclasses import replace

from github_app.sandbox.demands import demands_of
from github_app.sandbox.merge_queue import enqueue, queue_rule
from github_app.sandbox.mergeability import mergeability
from github_app.sandbox.merging import Wish, merge, method_allowed
from github_app.sandbox.refs import tell
from github_app.sandbox.refused import Refused
from github_app.sandbox.state import AutoMerge, PullRequest, Repository
from github_app.sandbox.world import Actor, Happening, World


def enable_auto_merge(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, wish: AutoMerge
) -> PullRequest:
    """The pull request, to be merged when its requirements are met.

    Raises Refused: the setting is off, nothing is required, or nothing is missing any more.
    https://docs.github.com/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/automatically-merging-a-pull-request
    """
    refusal = _auto_merge_refusal(world, repository, pull, wish)
    if refusal:
        raise Refused(422, f"Pull request {refusal}")
    changed = world.keep_pull(replace(pull, auto_merge=wish))
    world.note(changed, "auto_merge_enabled", actor.login)
    tell(world, repository, changed, "auto_merge_enabled", actor)
    if queue_rule(repository, pull.base_ref) is not None:
        _merge_if_ready(world, repository, changed, wish)
    return world.pull(repository, pull.number)


def _auto_merge_refusal(
    world: World, repository: Repository, pull: PullRequest, wish: AutoMerge
) -> str | None:
    demands = demands_of(repository, pull.base_ref)
    if not repository.settings.auto_merge:
        return "Auto merge is not allowed for this repository"
    if not pull.open:
        return "Pull request is closed"
    if pull.draft:
        return "Pull request is in draft status"
    if not method_allowed(repository, wish.method):
        return f"{wish.method.capitalize()} method is not allowed for this repository"
    if demands is None:
        return "Protected branch rules not configured for this branch"
    # With a queue it may be clean: asking then means "into the queue".
    state = "queued" if demands.queue else mergeability(world, repository, pull).state
    return f"Pull request is in {state} status" if state in ("clean", "unstable") else None


def disable_auto_merge(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, reason: str = ""
) -> PullRequest:
    """The pull request, again waiting for someone to merge it."""
    if pull.auto_merge is None:
        raise Refused(422, "Pull request Can't disable auto-merge for this pull request.")
    changed = world.keep_pull(replace(pull, auto_merge=None))
    world.note(changed, "auto_merge_disabled", actor.login, reason)
    tell(world, repository, changed, "auto_merge_disabled", actor, {"reason": reason})
    return changed


def merge_what_waits(world: World, happening: Happening) -> None:
    """Merge, or put into the queue, all whose auto-merge has nothing left to wait for."""
    repository = world.repositories.get(happening.repository)
    if repository is None or happening.event not in ("check_run", "status", "pull_request_review"):
        return
    for pull in reversed(world.pulls(repository)):
        if pull.open and pull.auto_merge is not None:
            _merge_if_ready(world, repository, pull, pull.auto_merge)


def _merge_if_ready(
    world: World, repository: Repository, pull: PullRequest, wish: AutoMerge
) -> None:
    if mergeability(world, repository, pull).state in ("clean", "unstable"):
        actor = Actor(world.account(wish.by))
        if queue_rule(repository, pull.base_ref) is not None:
            enqueue(world, repository, pull, actor)
            return
        how = Wish(wish.method, title=wish.title, message=wish.message)
        merge(world, repository, pull, actor, how)
