"""Deployments, their statuses, and the environments they go to."""

from __future__ import annotations

from github_app.sandbox.deployments import latest_status, statuses_of
from github_app.sandbox.graphql.scope import (
    Arguments,
    Scope,
    Table,
    Thing,
    account,
    commit,
    connection,
    ref,
    thing_id,
)
from github_app.sandbox.refs import HEADS
from github_app.sandbox.rest.shapes import stamp
from github_app.sandbox.state import Deployment


def _deployments(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    names = arguments.get("environments")
    found = [
        d
        for d in scope.world.of(thing.home).deployments.values()
        if (thing.type != "Commit" or d.sha == thing.value.sha)
        and (not names or d.environment in names)
    ]
    if (arguments.get("orderBy") or {}).get("direction") == "DESC":
        found.reverse()
    return connection("deployments", found, arguments, lambda d: Thing("Deployment", d, thing.home))


def _environments(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    names = {name.lower() for name in arguments.get("names") or ()}
    known = scope.world.of(thing.home).environments.items()
    found = [one for name, one in known if not names or name in names]
    return connection(
        "environments", found, arguments, lambda e: Thing("Environment", e, thing.home)
    )


def _environment(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    found = scope.world.of(thing.home).environments.get(arguments["name"].lower())
    return Thing("Environment", found, thing.home) if found else None


def _last_success(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    """The newest deployment that came to its end well."""
    for one in reversed(scope.world.of(thing.home).deployments.values()):
        last = latest_status(scope.world, thing.home, one)
        if one.environment == thing.value.name and last and last.state == "success":
            return Thing("Deployment", one, thing.home)
    return None


def _latest_status(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    found = latest_status(scope.world, thing.home, thing.value)
    return Thing("DeploymentStatus", found, thing.home) if found else None


def _deployment_state(scope: Scope, thing: Thing, arguments: Arguments) -> str:
    """ACTIVE stands for "success, and not replaced since"."""
    found = latest_status(scope.world, thing.home, thing.value)
    word = found.state if found else "pending"
    return "ACTIVE" if word == "success" else word.upper()


def _deployment_statuses(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    found = statuses_of(scope.world, thing.home, thing.value)
    return connection(
        "statuses", found, arguments, lambda s: Thing("DeploymentStatus", s, thing.home)
    )


def _deployment_ref(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    value: Deployment = thing.value
    return ref(scope, thing.home, HEADS + value.ref)


def _deployment_of(scope: Scope, thing: Thing, arguments: Arguments) -> Thing:
    found = scope.world.of(thing.home).deployments[thing.value.deployment]
    return Thing("Deployment", found, thing.home)


TABLE: Table = {
    "Commit": {"deployments": _deployments},
    "Repository": {
        "deployments": _deployments,
        "environments": _environments,
        "environment": _environment,
    },
    "Environment": {
        "id": lambda s, t, a: thing_id(t, t.value.id),
        "databaseId": lambda s, t, a: t.value.id,
        "name": lambda s, t, a: t.value.name,
        "latestCompletedDeployment": _last_success,
    },
    "Deployment": {
        "id": lambda s, t, a: thing_id(t, t.value.id),
        "databaseId": lambda s, t, a: t.value.id,
        "commit": lambda s, t, a: commit(s, t.home, t.value.sha),
        "commitOid": lambda s, t, a: t.value.sha,
        "createdAt": lambda s, t, a: stamp(t.value.created_at),
        "updatedAt": lambda s, t, a: stamp(t.value.created_at),
        "creator": lambda s, t, a: account(s, t.value.creator),
        "description": lambda s, t, a: t.value.description,
        "environment": lambda s, t, a: t.value.environment,
        "latestEnvironment": lambda s, t, a: t.value.environment,
        "originalEnvironment": lambda s, t, a: t.value.environment,
        "latestStatus": _latest_status,
        "payload": lambda s, t, a: str(t.value.payload or "{}"),
        "ref": _deployment_ref,
        "repository": lambda s, t, a: Thing("Repository", s.fresh(t.home), t.home),
        "state": _deployment_state,
        "statuses": _deployment_statuses,
        "task": lambda s, t, a: t.value.task,
    },
    "DeploymentStatus": {
        "id": lambda s, t, a: thing_id(t, t.value.id),
        "createdAt": lambda s, t, a: stamp(t.value.created_at),
        "updatedAt": lambda s, t, a: stamp(t.value.created_at),
        "creator": lambda s, t, a: account(s, t.value.creator),
        "deployment": _deployment_of,
        "description": lambda s, t, a: t.value.description or None,
        "environment": lambda s, t, a: t.value.environment,
        "environmentUrl": lambda s, t, a: t.value.environment_url or None,
        "logUrl": lambda s, t, a: t.value.log_url or None,
        "state": lambda s, t, a: t.value.state.upper(),
    },
}
