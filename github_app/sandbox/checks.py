"""Check runs: made by Apps only, and changed only by the one that made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from github_app.sandbox.refused import Refused, invalid, missing
from github_app.sandbox.state import App, CheckRun, Repository
from github_app.sandbox.suites import new_suite, runs_of, suite_of, suite_state
from github_app.sandbox.world import Actor, Happening, World

TEXT_LIMIT = 65_535
ANNOTATIONS_PER_CALL = 50
ACTIONS = 3
_STATUSES = frozenset({"queued", "in_progress", "completed", "waiting", "requested", "pending"})
_CONCLUSIONS = frozenset(
    {
        "action_required",
        "cancelled",
        "failure",
        "neutral",
        "success",
        "skipped",
        "stale",
        "timed_out",
    }
)


def create_run(
    world: World, repository: Repository, actor: Actor, fields: Mapping[str, Any]
) -> CheckRun:
    """The new check run.

    `fields` is the body of REST's call; GraphQL's input is translated into it.
    Raises Refused: 403 unless an App asks, 422 for an unknown commit or what is too long.
    https://docs.github.com/rest/checks/runs#create-a-check-run
    """
    app = _demand_app(actor)
    for field in ("name", "head_sha"):
        if not fields.get(field):
            raise missing("CheckRun", field)
    sha = str(fields["head_sha"])
    if world.git(repository).commit(sha) is None:
        raise Refused(422, f"No commit found for SHA: {sha}")
    suite = suite_of(world, repository, app.slug, sha)
    if suite is None:
        branch = _branch_of(world, repository, sha)
        suite = new_suite(world, repository, app.slug, sha, branch, None)
    name = str(fields["name"])
    run = CheckRun(world.new_id("run"), suite.id, name, app.slug, sha, "queued", world.now())
    run = _filled(world, run, fields)
    return _stored(world, repository, run, actor, "created", was_completed=False)


def update_run(
    world: World, repository: Repository, run: CheckRun, actor: Actor, fields: Mapping[str, Any]
) -> CheckRun:
    """The check run, changed; annotations are added to those it has."""
    app = _demand_app(actor)
    if app.slug != run.app:
        text = (
            f"Invalid app_id `{app.id}` - check run can only be modified by the GitHub App that "
            "created it."
        )
        raise Refused(403, text)
    changed = _filled(world, run, fields)
    was_completed = run.status == "completed"
    return _stored(world, repository, changed, actor, None, was_completed=was_completed)


def _demand_app(actor: Actor) -> App:
    if actor.app is None:
        raise Refused(403, "You must authenticate via a GitHub App.")
    return actor.app


def _branch_of(world: World, repository: Repository, sha: str) -> str | None:
    branches = world.git(repository).branches()
    return next((name for name, tip in branches.items() if tip == sha), None)


def _filled(world: World, run: CheckRun, fields: Mapping[str, Any]) -> CheckRun:
    run = _output(run, fields.get("output"))
    run = _state(world, run, fields)
    given = fields.get("actions")
    actions = run.actions if given is None else tuple(given)
    if len(actions) > ACTIONS:
        raise invalid(
            "CheckRun", f"actions exceeds a maximum quantity of {ACTIONS}", field="actions"
        )
    return replace(
        run,
        name=str(fields.get("name") or run.name),
        details_url=fields.get("details_url", run.details_url),
        external_id=str(fields.get("external_id", run.external_id) or ""),
        actions=actions,
    )


def _state(world: World, run: CheckRun, fields: Mapping[str, Any]) -> CheckRun:
    """A conclusion alone completes; "completed" without a conclusion is refused."""
    conclusion = fields.get("conclusion")
    status = fields.get("status") or ("completed" if conclusion else run.status)
    if status not in _STATUSES:
        raise invalid("CheckRun", f"{status} is not a status", field="status")
    if conclusion is not None and conclusion not in _CONCLUSIONS:
        raise invalid("CheckRun", f"{conclusion} is not a conclusion", field="conclusion")
    if conclusion is not None:
        status = "completed"
    elif status == "completed":
        conclusion = run.conclusion
        if conclusion is None:
            raise missing("CheckRun", "conclusion")
    started = _time(fields.get("started_at")) or run.started_at
    completed = _time(fields.get("completed_at")) or run.completed_at or world.now()
    done = status == "completed"
    return replace(
        run,
        status=status,
        conclusion=conclusion if done else None,
        started_at=started,
        completed_at=completed if done else None,
    )


def _output(run: CheckRun, output: Mapping[str, Any] | None) -> CheckRun:
    if not output:
        return run
    for field in ("title", "summary"):
        if output.get(field) is None and getattr(run, field) is None:
            raise missing("CheckRun", f"output.{field}")
    for field in ("summary", "text"):
        if len(str(output.get(field) or "")) > TEXT_LIMIT:
            text = f"{field} exceeds a maximum bytesize of {TEXT_LIMIT}"
            raise invalid("CheckRun", text, field=f"output.{field}")
    annotations = tuple(output.get("annotations") or ())
    if len(annotations) > ANNOTATIONS_PER_CALL:
        text = f"annotations exceeds a maximum quantity of {ANNOTATIONS_PER_CALL}"
        raise invalid("CheckRun", text, field="output.annotations")
    return replace(
        run,
        title=output.get("title", run.title),
        summary=output.get("summary", run.summary),
        text=output.get("text", run.text),
        annotations=run.annotations + annotations,
    )


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _stored(
    world: World,
    repository: Repository,
    run: CheckRun,
    actor: Actor,
    action: str | None,
    *,
    was_completed: bool,
) -> CheckRun:
    annals = world.of(repository)
    annals.runs[run.id] = run
    suite = replace(annals.suites[run.suite], updated_at=world.now())
    annals.suites[suite.id] = suite
    now_completed = run.status == "completed" and not was_completed
    for told in filter(None, (action, "completed" if now_completed else None)):
        world.emit(Happening("check_run", told, repository.id, actor.account, run))
    if now_completed and suite_state(runs_of(world, repository, suite))[0] == "completed":
        world.emit(Happening("check_suite", "completed", repository.id, actor.account, suite))
    if action is None and not now_completed:
        world.emit(Happening("check_run", None, repository.id, actor.account, run))
    return run


def run_by_id(world: World, repository: Repository, number: int) -> CheckRun:
    """The check run of an id; 404 if there is none."""
    found = world.of(repository).runs.get(number)
    if found is None:
        raise Refused(404, "Not Found")
    return found


def ask_again(
    world: World, repository: Repository, run: CheckRun, actor: Actor, identifier: str = ""
) -> None:
    """A person presses *Re-run* (or the button `identifier`): only the owning App is told."""
    if identifier and identifier not in {action["identifier"] for action in run.actions}:
        raise Refused(404, f"The check run has no action {identifier}.")
    action = "requested_action" if identifier else "rerequested"
    detail = {"requested_action": {"identifier": identifier}} if identifier else {}
    world.emit(Happening("check_run", action, repository.id, actor.account, run, detail))
