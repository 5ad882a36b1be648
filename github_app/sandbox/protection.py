"""What a branch demands: which gates are green on a commit, and who may push past them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from github_app.sandbox.access import role
from github_app.sandbox.git_store import RefMove
from github_app.sandbox.state import (
    CheckRun,
    Protection,
    PullRequest,
    Repository,
    RequiredCheck,
    Review,
    Status,
)
from github_app.sandbox.world import Actor, World

Gate = Literal["success", "pending", "failure", "expected"]
GREEN = frozenset({"success", "neutral", "skipped"})
NOTHING = Protection()


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


def open_demands(world: World, repository: Repository, pull: PullRequest) -> tuple[str, ...]:
    """What a pull request's base still demands of it, in GitHub's sentences."""
    protection = protection_of(repository, pull.base_ref) or NOTHING
    missing = unmet_checks(world, repository, protection, pull.head_sha)
    approvals = sum(r.state == "APPROVED" for r in decisive_reviews(world, repository, pull))
    if approvals < protection.required_reviews:
        count = protection.required_reviews
        noun, verb = ("review", "is") if count == 1 else ("reviews", "are")
        text = f"At least {count} approving {noun} {verb} required by reviewers with write access."
        missing = (*missing, text)
    return missing


def unmet_checks(
    world: World, repository: Repository, protection: Protection, sha: str
) -> tuple[str, ...]:
    """One sentence for each required check that is not green on a commit."""
    words = {"expected": "is expected", "pending": "is pending", "failure": "is failing"}
    states = [(c, required_gate(world, repository, sha, c)) for c in protection.required_checks]
    return tuple(
        f'Required status check "{check.context}" {words[state]}.'
        for check, state in states
        if state != "success"
    )


def decisive_reviews(world: World, repository: Repository, pull: PullRequest) -> list[Review]:
    """The latest decision of each person with write access; comments decide nothing."""
    latest = {
        review.author: review
        for review in world.of(repository).reviews.values()
        if review.number == pull.number and review.state != "COMMENTED"
    }
    writers = ("write", "maintain", "admin")
    return [r for r in latest.values() if role(repository, r.author) in writers]


def push_refusal(world: World, repository: Repository, move: RefMove, actor: Actor) -> str | None:
    """Why a direct push to a branch is refused whatever its history, None if it is not.

    https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches
    """
    protection = protection_of(repository, move.ref.removeprefix("refs/heads/"))
    if protection is None or _bypasses(protection, repository, actor):
        return None
    if move.after is None:
        return "Cannot delete this protected branch"
    if protection.required_reviews:
        return "Changes must be made through a pull request."
    unmet = unmet_checks(world, repository, protection, move.after)
    return unmet[0] if unmet and move.before is not None else None


def force_refused(repository: Repository, branch: str) -> bool:
    """Whether a branch may only move forward, even for administrators."""
    protection = protection_of(repository, branch)
    return protection is not None and not protection.allow_force


def _bypasses(protection: Protection, repository: Repository, actor: Actor) -> bool:
    admin = actor.installation is None and role(repository, actor.login) == "admin"
    return admin and not protection.enforce_admins
