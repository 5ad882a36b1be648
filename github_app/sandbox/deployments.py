"""Deployments and their statuses, as the repository's environments page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from github_app.sandbox.environment import Environment
from github_app.sandbox.git_store import RefMove
from github_app.sandbox.protection import gates
from github_app.sandbox.refs import HEADS, push
from github_app.sandbox.refused import Refused, invalid, missing
from github_app.sandbox.state import Deployment, DeploymentStatus, Repository
from github_app.sandbox.world import Actor, Happening, World, sha_of

STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


def deploy(
    world: World, repository: Repository, actor: Actor, fields: Mapping[str, Any]
) -> Deployment:
    """The new deployment.

    Raises Refused: 422 without a known ref, 409 when a gate of the commit is not green and
    `required_contexts` is not an empty list.
    https://docs.github.com/rest/deployments/deployments#create-a-deployment
    """
    ref = str(fields.get("ref") or "")
    if not ref:
        raise missing("Deployment", "ref")
    sha = sha_of(world, repository, ref)
    _demand_green(world, repository, sha, fields.get("required_contexts"))
    environment = environment_named(
        world, repository, str(fields.get("environment") or "production")
    ).name
    made = Deployment(
        world.new_id("deployment"),
        sha,
        ref,
        environment,
        actor.login,
        world.now(),
        str(fields.get("task") or "deploy"),
        fields.get("description"),
        fields.get("payload") or {},
        bool(fields.get("transient_environment", False)),
        bool(fields.get("production_environment", environment == "production")),
    )
    world.of(repository).deployments[made.id] = made
    world.emit(Happening("deployment", "created", repository.id, actor.account, made))
    return made


def environment_named(world: World, repository: Repository, name: str) -> Environment:
    """The environment of that name; a deployment to one that is not there makes it.

    https://docs.github.com/actions/reference/workflows-and-actions/deployments-and-environments
    """
    known = world.of(repository).environments
    if name.lower() not in known:
        known[name.lower()] = Environment(world.new_id("environment"), name, world.now())
    return known[name.lower()]


def _demand_green(
    world: World, repository: Repository, sha: str, contexts: list[str] | None
) -> None:
    reported = gates(world, repository, sha)
    red = [
        name
        for name, _, state in reported
        if state != "success" and (contexts is None or name in contexts)
    ]
    absent = [c for c in contexts or [] if c not in {name for name, _, _ in reported}]
    if red or absent:
        raise Refused(409, f"Conflict: Commit status checks failed for {sha[:7]}.")


def report(
    world: World,
    repository: Repository,
    deployment: Deployment,
    actor: Actor,
    fields: Mapping[str, Any],
) -> DeploymentStatus:
    """The new status of a deployment; a success retires earlier ones, but for production."""
    state = fields.get("state")
    if state not in STATES:
        raise invalid(
            "DeploymentStatus", f"State is not included in the list {STATES}", field="state"
        )
    made = DeploymentStatus(
        world.new_id("deployment status"),
        deployment.id,
        str(state),
        environment_named(
            world, repository, str(fields.get("environment") or deployment.environment)
        ).name,
        actor.login,
        world.now(),
        str(fields.get("description") or ""),
        str(fields.get("target_url") or ""),
        str(fields.get("log_url") or fields.get("target_url") or ""),
        str(fields.get("environment_url") or ""),
    )
    world.of(repository).deployment_statuses[made.id] = made
    detail = {"deployment": deployment}
    world.emit(
        Happening("deployment_status", "created", repository.id, actor.account, made, detail)
    )
    if state == "success" and fields.get("auto_inactive", True):
        _retire_earlier(world, repository, deployment, actor)
    return made


def _retire_earlier(
    world: World, repository: Repository, deployment: Deployment, actor: Actor
) -> None:
    """Docs: only non-transient, non-production deployments of the same environment."""
    for other in list(world.of(repository).deployments.values()):
        last = latest_status(world, repository, other)
        same = other.environment == deployment.environment and other.id < deployment.id
        lasting = not other.transient and not other.production
        if same and lasting and last is not None and last.state == "success":
            report(world, repository, other, actor, {"state": "inactive", "auto_inactive": False})


def statuses_of(
    world: World, repository: Repository, deployment: Deployment
) -> list[DeploymentStatus]:
    """All statuses of a deployment, newest first."""
    found = world.of(repository).deployment_statuses.values()
    return sorted((s for s in found if s.deployment == deployment.id), key=lambda s: -s.id)


def latest_status(
    world: World, repository: Repository, deployment: Deployment
) -> DeploymentStatus | None:
    """The newest status of a deployment."""
    return next(iter(statuses_of(world, repository, deployment)), None)


def merge_default_branch(
    world: World, repository: Repository, actor: Actor, ref: str
) -> str | None:
    """GitHub's sentence when a deployed branch lacked the default branch and was given it.

    This is what `auto_merge`, true unless told otherwise, does instead of deploying.
    Raises Refused (409) on conflict.
    """
    git = world.git(repository)
    tip, default = git.branch(ref), git.branch(repository.default_branch)
    if tip is None or default is None or git.is_ancestor(default, tip):
        return None
    tree = git.merged_tree(tip, default)
    name = repository.default_branch
    if tree is None:
        raise Refused(409, f"Conflict merging {name} into {ref}")
    author = world.signature(actor.account)
    sha = world.signed_commit(
        git, tree, (tip, default), author, f"Merge branch '{name}' into {ref}"
    )
    push(world, repository, [RefMove(HEADS + ref, tip, sha)], actor)
    return f"Auto-merged {name} into {ref} on deployment."
