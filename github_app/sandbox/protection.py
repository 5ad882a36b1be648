"""What a branch demands: which gates are green on a commit, and who may push past them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from github_app.sandbox.approval import unmet_reviews
from github_app.sandbox.demands import Demands, demands_of
from github_app.sandbox.git_store import RefMove
from github_app.sandbox.rules import Protection, RequiredCheck
from github_app.sandbox.state import CheckRun, PullRequest, Repository, Status
from github_app.sandbox.world import Actor, World

Gate = Literal["success", "pending", "failure", "expected"]
GREEN = frozenset({"success", "neutral", "skipped"})


def protection_of(repository: Repository, branch: str) -> Protection | None:
    """The protection of a branch, None for an unprotected one."""
    return repository.protections.get(branch)


def latest_runs(world: World, repository: Repository, sha: str) -> list[CheckRun]:
    """The newest check run of each App and name on a commit, oldest first."""
    newest = {(r.app, r.name): r for r in world.of(repository).runs.values() if r.sha == sha}
    return sorted(newest.values(), key=lambda run: run.id)


def latest_statuses(world: World, repository: Repository, sha: str) -> list[Status]:
    """The newest status of each context on a commit, oldest first."""
    newest = {s.context: s for s in world.of(repository).statuses if s.sha == sha}
    return sorted(newest.values(), key=lambda status: status.id)


def run_gate(run: CheckRun) -> Gate:
    """What a check run says about a merge."""
    if run.status != "completed":
        return "pending"
    return "success" if run.conclusion in GREEN else "failure"


def status_gate(status: Status) -> Gate:
    """What a commit status says about a merge."""
    if status.state == "pending":
        return "pending"
    return "success" if status.state == "success" else "failure"


def gates(world: World, repository: Repository, sha: str) -> list[tuple[str, int | None, Gate]]:
    """(name, App id or None for statuses, state) of everything reported on a commit."""
    runs = [
        (run.name, world.apps[run.app].id, run_gate(run))
        for run in latest_runs(world, repository, sha)
    ]
    statuses = [
        (s.context, _reporting_app(world, s), status_gate(s))
        for s in latest_statuses(world, repository, sha)
    ]
    return [*runs, *statuses]


def _reporting_app(world: World, status: Status) -> int | None:
    app = world.app_of_bot(status.creator)
    return app.id if app else None


def worst(states: Iterable[Gate]) -> Gate:
    """The state that decides among several; "expected" for none."""
    order: tuple[Gate, ...] = ("expected", "success", "pending", "failure")
    return max(states, key=order.index, default="expected")


def required_gate(world: World, repository: Repository, sha: str, wanted: RequiredCheck) -> Gate:
    """How a required check stands: a report by another App than the pinned one does not count."""
    reported = gates(world, repository, sha)
    return worst(
        state
        for name, app, state in reported
        if name == wanted.context and wanted.app_id in (None, app)
    )


def open_demands(
    world: World, repository: Repository, pull: PullRequest, demands: Demands
) -> tuple[str, ...]:
    """What of its base's demands a pull request does not meet, in GitHub's sentences."""
    return (
        *unmet_checks(world, repository, demands, pull.head_sha),
        *unmet_reviews(world, repository, pull, demands),
    )


def unmet_checks(
    world: World, repository: Repository, demands: Demands, sha: str
) -> tuple[str, ...]:
    """One sentence for each required check that is not green on a commit."""
    words = {"expected": "is expected", "pending": "is pending", "failure": "is failing"}
    states = [(c, required_gate(world, repository, sha, c)) for c in demands.required_checks]
    return tuple(
        f'Required status check "{check.context}" {words[state]}.'
        for check, state in states
        if state != "success"
    )


def push_refusal(world: World, repository: Repository, move: RefMove, actor: Actor) -> str | None:
    """Why a direct push to a branch is refused whatever its history, None if it is not.

    https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches
    """
    demands = demands_of(repository, move.ref.removeprefix("refs/heads/"), actor)
    if demands is None:
        return None
    if move.after is None:
        return "Cannot delete this protected branch" if demands.no_deletion else None
    # Rules of branches let new ones come into being: `do_not_enforce_on_create`.
    if move.before is None:
        return None
    return _change_refusal(world, repository, demands, move.after)


def _change_refusal(world: World, repository: Repository, demands: Demands, sha: str) -> str | None:
    if demands.queue is not None:
        return "Changes must be made through the merge queue"
    if demands.by_pull:
        return "Changes must be made through a pull request."
    return next(iter(unmet_checks(world, repository, demands, sha)), None)


def takes_pushes(repository: Repository, branch: str, actor: Actor) -> bool:
    """Whether the caller may push to a branch without a pull request."""
    demands = demands_of(repository, branch, actor)
    return demands is None or not (demands.by_pull or demands.queue)


def force_refused(repository: Repository, branch: str, actor: Actor | None = None) -> bool:
    """Whether a branch may only move forward; classic protection says so to administrators too."""
    classic = protection_of(repository, branch)
    demands = demands_of(repository, branch, actor)
    own = classic is not None and not classic.allow_force
    return own or (demands is not None and demands.no_force)
