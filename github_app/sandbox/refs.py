"""Refs that move, and what pull requests do then: follow, close, or turn out to be merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from github_app.sandbox.git_store import ZERO, RefMove, Stale
from github_app.sandbox.protection import force_refused, push_refusal
from github_app.sandbox.refused import Refused
from github_app.sandbox.state import PullRequest, Repository
from github_app.sandbox.world import Actor, Happening, World

HEADS = "refs/heads/"


def push(
    world: World,
    repository: Repository,
    moves: Sequence[RefMove],
    actor: Actor,
    *,
    forced: bool = False,
) -> None:
    """Move refs as a person or an App asks for it over an API; all of them or none.

    Raises Refused: a protected branch, a move that is not a fast-forward without `forced`, or a ref
    that is not where it was expected (`STALE_DATA` in GraphQL).
    """
    for move in moves:
        _demand_allowed(world, repository, move, actor, forced)
    moved(world, repository, moves, actor)


def _demand_allowed(
    world: World, repository: Repository, move: RefMove, actor: Actor, forced: bool
) -> None:
    why = push_refusal(world, repository, move, actor)
    if why:
        raise Refused(422, why)
    if move.ref == HEADS + repository.default_branch and move.after is None:
        raise Refused(422, "Cannot delete the default branch")
    if not is_forced(world, repository, move):
        return
    if not forced:
        raise Refused(422, "Update is not a fast forward")
    if force_refused(repository, move.ref.removeprefix(HEADS), actor):
        raise Refused(422, "Cannot force-push to this branch")


def is_forced(world: World, repository: Repository, move: RefMove) -> bool:
    """Whether the move leaves commits behind."""
    if move.before is None or move.after is None:
        return False
    return not world.git(repository).is_ancestor(move.before, move.after)


def moved(world: World, repository: Repository, moves: Sequence[RefMove], actor: Actor) -> None:
    """Move refs without asking, and let everything follow."""
    real = [move for move in moves if move.before != move.after]
    if not real:
        return
    try:
        world.git(repository).move(real)
    except Stale as why:
        raise Refused(
            409, "Reference cannot be updated: it moved meanwhile", kind="STALE_DATA"
        ) from why
    after_moves(world, repository, real, actor)


def after_moves(
    world: World, repository: Repository, moves: Sequence[RefMove], actor: Actor
) -> None:
    """Tell of refs that have moved already (by `git push`), and let pull requests follow."""
    world.keep(replace(world.repositories[repository.id], pushed_at=world.now()))
    pushers = world.of(repository).pushers
    pushers |= {move.ref.removeprefix(HEADS): actor.login for move in moves}
    for move in moves:
        _announce(world, repository, move, actor)
    for move in moves:
        if move.ref.startswith(HEADS):
            _follow(world, repository, move, actor)


def _announce(world: World, repository: Repository, move: RefMove, actor: Actor) -> None:
    def tell(event: str) -> None:
        detail = {"forced": is_forced(world, repository, move)}
        world.emit(Happening(event, None, repository.id, actor.account, move, detail))

    if move.before is None:
        tell("create")
    if move.after is None:
        tell("delete")
    tell("push")


def _follow(world: World, repository: Repository, move: RefMove, actor: Actor) -> None:
    branch = move.ref.removeprefix(HEADS)
    for pull in reversed(world.pulls(repository)):
        if not pull.open:
            continue
        if pull.head_ref == branch:
            _follow_head(world, repository, pull, move, actor)
        elif pull.base_ref == branch:
            _follow_base(world, repository, pull, move, actor)


def _follow_head(
    world: World, repository: Repository, pull: PullRequest, move: RefMove, actor: Actor
) -> None:
    """A deleted head closes; a head without commits of its own closes; any other is followed."""
    if move.after is None:
        close(world, repository, pull, actor)
        return
    git = world.git(repository)
    base = git.branch(pull.base_ref) or pull.base_sha
    track(world, repository, pull.number, move.after)
    pull = world.keep_pull(replace(pull, head_sha=move.after, base_sha=base))
    world.note(pull, "head_moved", actor.login, move.after)
    detail = {"before": move.before or ZERO, "after": move.after}
    tell(world, repository, pull, "synchronize", actor, detail)
    if not git.between(base, move.after):
        close(world, repository, pull, actor)


def _follow_base(
    world: World, repository: Repository, pull: PullRequest, move: RefMove, actor: Actor
) -> None:
    """A deleted base closes; a base that now holds the head has merged it."""
    if move.after is None:
        close(world, repository, pull, actor)
    elif world.git(repository).is_ancestor(pull.head_sha, move.after):
        before = move.before or pull.base_sha
        finish_merge(world, repository, replace(pull, base_sha=before), actor, move.after)


def close(world: World, repository: Repository, pull: PullRequest, actor: Actor) -> PullRequest:
    """The pull request, closed without a merge."""
    closed = world.keep_pull(
        replace(pull, state="closed", closed_at=world.now(), closed_by=actor.login, auto_merge=None)
    )
    world.note(closed, "closed", actor.login)
    tell(world, repository, closed, "closed", actor)
    return closed


def finish_merge(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, sha: str
) -> PullRequest:
    """The pull request, closed as merged by `sha`."""
    now = world.now()
    merged = world.keep_pull(
        replace(
            pull,
            state="closed",
            closed_at=now,
            closed_by=actor.login,
            merged_at=now,
            merged_by=actor.login,
            merge_sha=sha,
        )
    )
    world.note(merged, "merged", actor.login, sha)
    world.note(merged, "closed", actor.login)
    tell(world, repository, merged, "closed", actor)
    return merged


def track(world: World, repository: Repository, number: int, head: str) -> None:
    """Keep `refs/pull/N/head` on a pull request's head, for whoever fetches it."""
    git = world.git(repository)
    ref = f"refs/pull/{number}/head"
    git.move([RefMove(ref, git.refs().get(ref), head)])


def tell(
    world: World,
    repository: Repository,
    pull: PullRequest,
    action: str,
    actor: Actor,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Let webhooks know of something that happened to a pull request."""
    happening = Happening("pull_request", action, repository.id, actor.account, pull, detail or {})
    world.emit(happening)
