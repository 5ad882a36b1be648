"""Check suites: one for each App and commit, and the sum of its check runs."""

from __future__ import annotations

from github_app.sandbox.access import at_least
from github_app.sandbox.git_store import RefMove
from github_app.sandbox.refs import HEADS
from github_app.sandbox.state import CheckRun, CheckSuite, Repository
from github_app.sandbox.world import Happening, World


def request_suites(world: World, happening: Happening) -> None:
    """After a push: one suite for every App that may write checks, which is then asked to fill it.

    https://docs.github.com/rest/guides/using-the-rest-api-to-interact-with-checks#about-check-suites
    """
    move = happening.subject
    if happening.event != "push" or not isinstance(move, RefMove) or move.after is None:
        return
    if not move.ref.startswith(HEADS):
        return
    repository = world.repositories[happening.repository]
    branch = move.ref.removeprefix(HEADS)
    for installation in world.installations_for(repository):
        granted = installation.permissions.get("checks", "none")
        app = installation.app
        if at_least(granted, "write") and suite_of(world, repository, app, move.after) is None:
            suite = new_suite(world, repository, app, move.after, branch, move.before)
            asked = Happening("check_suite", "requested", repository.id, happening.actor, suite)
            world.emit(asked)


def suite_of(world: World, repository: Repository, app: str, sha: str) -> CheckSuite | None:
    """The suite of an App (slug) on a commit."""
    suites = world.of(repository).suites.values()
    return next((suite for suite in suites if (suite.app, suite.sha) == (app, sha)), None)


def new_suite(
    world: World, repository: Repository, app: str, sha: str, branch: str | None, before: str | None
) -> CheckSuite:
    """The new suite of an App (slug) on a commit."""
    now = world.now()
    suite = CheckSuite(world.new_id("suite"), app, sha, branch, now, now, before)
    world.of(repository).suites[suite.id] = suite
    return suite


def runs_of(world: World, repository: Repository, suite: CheckSuite) -> list[CheckRun]:
    """The newest run of each name of a suite."""
    runs = world.of(repository).runs.values()
    newest = {run.name: run for run in runs if run.suite == suite.id}
    return sorted(newest.values(), key=lambda run: run.id)


def suite_state(runs: list[CheckRun]) -> tuple[str, str | None]:
    """Status and conclusion of a suite, from its runs: the worst conclusion once all are done."""
    if not runs:
        return "queued", None
    if any(run.status != "completed" for run in runs):
        started = any(run.status != "queued" for run in runs)
        return ("in_progress" if started else "queued"), None
    order = (
        "skipped",
        "neutral",
        "success",
        "stale",
        "cancelled",
        "action_required",
        "timed_out",
        "failure",
    )
    return "completed", max((run.conclusion or "success" for run in runs), key=order.index)
