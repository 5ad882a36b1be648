"""What others said of a commit: checks, statuses, deployments, out of GitHub's GraphQL. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from github_app.identity import Identity
from github_app.results import Deployed, Result, ResultKind, ResultState

Json: TypeAlias = Mapping[str, Any]


def nodes(connection: Json | None) -> list[Json]:
    """The nodes of a connection that is there, without those GitHub would not show."""
    return [one for one in (connection or {}).get("nodes") or () if one is not None]


_CHECK_STATES = {
    "SUCCESS": ResultState.SUCCESS,
    "NEUTRAL": ResultState.SUCCESS,
    "SKIPPED": ResultState.SUCCESS,
    None: ResultState.PENDING,
}
_STATUS_STATES = {
    "SUCCESS": ResultState.SUCCESS,
    "PENDING": ResultState.PENDING,
    "EXPECTED": ResultState.PENDING,
}
_DEPLOYMENT_STATES = {
    "SUCCESS": ResultState.SUCCESS,
    "FAILURE": ResultState.FAILURE,
    "ERROR": ResultState.FAILURE,
}


def results_of(commit: Json, us: Identity) -> tuple[Result, ...]:
    """What others said of the commit; our own checks, statuses and deployments never count."""
    rollup = commit.get("statusCheckRollup") or {}
    found = [one for node in nodes(rollup.get("contexts")) for one in _context(node, us)]
    found += [one for node in nodes(commit.get("deployments")) for one in _deployment(node, us)]
    return tuple(found)


def deployments_of(commit: Json, us: Identity) -> tuple[Deployed, ...]:
    """Our own deployments of the commit."""
    return tuple(
        Deployed(node["id"], node["environment"] or "", commit["oid"], _last_state(node))
        for node in nodes(commit.get("deployments"))
        if us.is_us((node.get("creator") or {}).get("login"))
    )


def _last_state(deployment: Json) -> str:
    return str((deployment.get("latestStatus") or {}).get("state") or "")


def _moment(node: Json, *names: str) -> datetime | None:
    """The first of these times that GitHub says."""
    said = (node.get(name) for name in names)
    return next((datetime.fromisoformat(one) for one in said if one), None)


def _context(node: Json, us: Identity) -> Iterable[Result]:
    if node["__typename"] == "StatusContext":
        if not us.is_us((node.get("creator") or {}).get("login")):
            state = _STATUS_STATES.get(node["state"], ResultState.FAILURE)
            yield Result(ResultKind.STATUS, node["context"], state, _moment(node, "createdAt"))
        return
    suite = node.get("checkSuite") or {}
    if (suite.get("app") or {}).get("databaseId") == us.app_id:
        return
    state = _CHECK_STATES.get(node.get("conclusion"), ResultState.FAILURE)
    at = _moment(node, "completedAt", "startedAt")
    yield Result(ResultKind.CHECK, node["name"], state, at)
    path = ((suite.get("workflowRun") or {}).get("file") or {}).get("path")
    if path:
        yield Result(ResultKind.WORKFLOW, path.rpartition("/")[2], state, at)


def _deployment(node: Json, us: Identity) -> Iterable[Result]:
    """Neither what we deployed nor what we said of it: nobody else may have looked at that."""
    status = node.get("latestStatus")
    people = [one.get("creator") or {} for one in (node, status or {})]
    if status is None or any(us.is_us(one.get("login")) for one in people):
        return
    state = _DEPLOYMENT_STATES.get(status["state"], ResultState.PENDING)
    at = _moment(status, "createdAt")
    yield Result(ResultKind.DEPLOYMENT, node["environment"] or "", state, at)
