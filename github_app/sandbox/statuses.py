"""Commit statuses: small, from anyone who may push, the newest of each context counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from github_app.sandbox.protection import latest_statuses
from github_app.sandbox.refused import Refused, invalid
from github_app.sandbox.state import Repository, Status
from github_app.sandbox.world import Actor, Happening, World

STATES = ("error", "failure", "pending", "success")
PER_CONTEXT = 1000


def set_status(
    world: World, repository: Repository, actor: Actor, sha: str, fields: Mapping[str, Any]
) -> Status:
    """The new status.

    Raises Refused (422): an unknown commit or state, or the 1,001st of one context.
    https://docs.github.com/rest/commits/statuses#create-a-commit-status
    """
    if world.git(repository).commit(sha) is None:
        raise Refused(422, f"No commit found for SHA: {sha}")
    state, context = str(fields.get("state")), str(fields.get("context") or "default")
    if state not in STATES:
        raise invalid("Status", f"State is not included in the list {STATES}", field="state")
    annals = world.of(repository)
    if sum((s.sha, s.context) == (sha, context) for s in annals.statuses) >= PER_CONTEXT:
        text = "This SHA and context has reached the maximum number of statuses."
        raise invalid("Status", text)
    status = Status(
        world.new_id("status"),
        sha,
        context,
        state,
        actor.login,
        world.now(),
        fields.get("description"),
        fields.get("target_url"),
    )
    annals.statuses.append(status)
    world.emit(Happening("status", None, repository.id, actor.account, status))
    return status


def combined_state(world: World, repository: Repository, sha: str) -> str:
    """failure, pending (also when there is none) or success of all contexts of a commit."""
    states = {status.state for status in latest_statuses(world, repository, sha)}
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"
