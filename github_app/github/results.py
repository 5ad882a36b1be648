"""What others said of a commit: checks, statuses, deployments, out of GitHub's GraphQL. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from github_app.identity import Identity
from github_app.picture import Result, ResultKind, ResultState

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


def _context(node: Json, us: Identity) -> Iterable[Result]:
    if node["__typename"] == "StatusContext":
        if not us.is_us((node.get("creator") or {}).get("login")):
            state = _STATUS_STATES.get(node["state"], ResultState.FAILURE)
            yield Result(ResultKind.STATUS, node["context"], state)
        return
    suite = node.get("checkSuite") or {}
    if (suite.get("app") or {}).get("databaseId") == us.app_id:
        return
    state = _CHECK_STATES.get(node.get("conclusion"), ResultState.FAILURE)
    yield Result(ResultKind.CHECK, node["name"], state)
    path = ((suite.get("workflowRun") or {}).get("file") or {}).get("path")
    if path:
        yield Result(ResultKind.WORKFLOW, path.rpartition("/")[2], state)


def _deployment(node: Json, us: Identity) -> Iterable[Result]:
    status = node.get("latestStatus")
    if status is None or us.is_us((status.get("creator") or {}).get("login")):
        return
    state = _DEPLOYMENT_STATES.get(status["state"], ResultState.PENDING)
    yield Result(ResultKind.DEPLOYMENT, node["environment"] or "", state)
