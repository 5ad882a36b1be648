"""Check suites and runs, statuses, their rollup, deployments."""

from __future__ import annotations

from collections.abc import Sequence

from github_app.sandbox.demands import Demands, demands_of
from github_app.sandbox.graphql.scope import (
    Arguments,
    Resolver,
    Scope,
    Table,
    Thing,
    account,
    commit,
    connection,
    ref,
    thing_id,
)
from github_app.sandbox.node_ids import node_id, parsed
from github_app.sandbox.protection import (
    latest_runs,
    latest_statuses,
    run_gate,
    status_gate,
    worst,
)
from github_app.sandbox.refs import HEADS
from github_app.sandbox.rest.shapes import stamp
from github_app.sandbox.state import CheckRun
from github_app.sandbox.suites import runs_of, suite_state


def _upper(word: str | None) -> str | None:
    return word.upper() if word else None


def _suites(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    wanted = arguments.get("filterBy") or {}
    found = [
        suite
        for suite in scope.world.of(thing.home).suites.values()
        if suite.sha == thing.value.sha
        and wanted.get("appId") in (None, scope.world.apps[suite.app].id)
    ]
    name = wanted.get("checkName")
    if name is not None:
        own = {s.id: {r.name for r in runs_of(scope.world, thing.home, s)} for s in found}
        found = [suite for suite in found if name in own[suite.id]]
    return connection("checkSuites", found, arguments, lambda s: Thing("CheckSuite", s, thing.home))


def _runs(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    wanted = arguments.get("filterBy") or {}
    if wanted.get("checkType") == "LATEST":
        found = runs_of(scope.world, thing.home, thing.value)
    else:
        runs = scope.world.of(thing.home).runs.values()
        found = [run for run in runs if run.suite == thing.value.id]
    name = wanted.get("checkName")
    found = [run for run in found if name in (None, run.name)]
    return connection("checkRuns", found, arguments, lambda r: Thing("CheckRun", r, thing.home))


def _rollup(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    """None when nothing was ever reported."""
    reported = _reported(scope, thing)
    return Thing("StatusCheckRollup", thing.value, thing.home) if reported else None


def _reported(scope: Scope, thing: Thing) -> list[Thing]:
    repo, sha = thing.home, thing.value.sha
    runs = [Thing("CheckRun", run, repo) for run in latest_runs(scope.world, repo, sha)]
    found = latest_statuses(scope.world, repo, sha)
    return runs + [Thing("StatusContext", status, repo) for status in found]


def _rollup_state(scope: Scope, thing: Thing, arguments: Arguments) -> str:
    return _worst(_reported(scope, thing))


def _worst(reported: Sequence[Thing]) -> str:
    states = [run_gate(t.value) if t.type == "CheckRun" else status_gate(t.value) for t in reported]
    return worst(states).upper()


def _contexts(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    reported = _reported(scope, thing)
    page = connection("contexts", reported, arguments, lambda found: found)
    runs = sum(found.type == "CheckRun" for found in reported)
    return {**page, "checkRunCount": runs, "statusContextCount": len(reported) - runs}


def _status(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    has = latest_statuses(scope.world, thing.home, thing.value.sha)
    return Thing("Status", thing.value, thing.home) if has else None


def _status_contexts(scope: Scope, thing: Thing, arguments: Arguments) -> list[Thing]:
    found = latest_statuses(scope.world, thing.home, thing.value.sha)
    return [Thing("StatusContext", status, thing.home) for status in found]


def _status_context(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    found = _status_contexts(scope, thing, arguments)
    return next((one for one in found if one.value.context == arguments["name"]), None)


def _suite_branch(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    return ref(scope, thing.home, HEADS + thing.value.branch) if thing.value.branch else None


def _suite_word(which: int) -> Resolver:
    def resolve(scope: Scope, thing: Thing, arguments: Arguments) -> str | None:
        return _upper(suite_state(runs_of(scope.world, thing.home, thing.value))[which])

    return resolve


def _run_suite(scope: Scope, thing: Thing, arguments: Arguments) -> Thing:
    suite = scope.world.of(thing.home).suites[thing.value.suite]
    return Thing("CheckSuite", suite, thing.home)


def _run_page(scope: Scope, run: CheckRun, thing: Thing) -> str:
    return scope.urls.page(thing.home, f"/runs/{run.id}")


def _annotations(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    return connection("annotations", thing.value.annotations, arguments, _annotation)


def _annotation(value: dict[str, object]) -> dict[str, object]:
    return {
        "annotationLevel": str(value.get("annotation_level", "notice")).upper(),
        "message": value.get("message", ""),
        "path": value.get("path", ""),
        "title": value.get("title"),
        "rawDetails": value.get("raw_details"),
        "location": {
            "start": {"line": value.get("start_line", 1), "column": value.get("start_column")},
            "end": {"line": value.get("end_line", 1), "column": value.get("end_column")},
        },
    }


def _required(scope: Scope, thing: Thing, arguments: Arguments) -> bool:
    number = arguments.get("pullRequestNumber")
    if number is None and arguments.get("pullRequestId"):
        number = int(parsed(arguments["pullRequestId"])[1][1])
    if number is None:
        return False
    pull = scope.world.pull(thing.home, number)
    demands = demands_of(scope.fresh(thing.home), pull.base_ref) or Demands()
    name = thing.value.name if thing.type == "CheckRun" else thing.value.context
    return name in {check.context for check in demands.required_checks}


COMMIT: Table = {
    "Commit": {
        "checkSuites": _suites,
        "statusCheckRollup": _rollup,
        "status": _status,
    },
}

TABLE: Table = {
    "CheckSuite": {
        "id": lambda s, t, a: thing_id(t, t.value.id),
        "databaseId": lambda s, t, a: t.value.id,
        "app": lambda s, t, a: Thing("App", s.world.apps[t.value.app]),
        "branch": _suite_branch,
        "checkRuns": _runs,
        "commit": lambda s, t, a: commit(s, t.home, t.value.sha),
        "status": _suite_word(0),
        "conclusion": _suite_word(1),
        "createdAt": lambda s, t, a: stamp(t.value.created_at),
        "updatedAt": lambda s, t, a: stamp(t.value.updated_at),
        "repository": lambda s, t, a: Thing("Repository", s.fresh(t.home), t.home),
        "url": lambda s, t, a: s.urls.page(t.home, f"/suites/{t.value.id}"),
        # GitHub Actions does not run here, so no suite comes from a workflow.
        "workflowRun": lambda s, t, a: None,
    },
    "CheckRun": {
        "id": lambda s, t, a: thing_id(t, t.value.id),
        "databaseId": lambda s, t, a: t.value.id,
        "name": lambda s, t, a: t.value.name,
        "checkSuite": _run_suite,
        "status": lambda s, t, a: _upper(t.value.status),
        "conclusion": lambda s, t, a: _upper(t.value.conclusion),
        "startedAt": lambda s, t, a: stamp(t.value.started_at),
        "completedAt": lambda s, t, a: stamp(t.value.completed_at),
        "title": lambda s, t, a: t.value.title,
        "summary": lambda s, t, a: t.value.summary,
        "text": lambda s, t, a: t.value.text,
        "externalId": lambda s, t, a: t.value.external_id or None,
        "detailsUrl": lambda s, t, a: t.value.details_url or _run_page(s, t.value, t),
        "permalink": lambda s, t, a: _run_page(s, t.value, t),
        "url": lambda s, t, a: _run_page(s, t.value, t),
        "isRequired": _required,
        "annotations": _annotations,
        "repository": lambda s, t, a: Thing("Repository", s.fresh(t.home), t.home),
    },
    "StatusCheckRollup": {
        "id": lambda s, t, a: thing_id(t, t.value.sha),
        "commit": lambda s, t, a: Thing("Commit", t.value, t.home),
        "state": _rollup_state,
        "contexts": _contexts,
    },
    "Status": {
        "id": lambda s, t, a: node_id("StatusContext", t.home.id, t.value.sha),
        "commit": lambda s, t, a: Thing("Commit", t.value, t.home),
        "state": lambda s, t, a: _worst(_status_contexts(s, t, a)),
        "contexts": _status_contexts,
        "context": _status_context,
    },
    "StatusContext": {
        "id": lambda s, t, a: thing_id(t, t.value.id),
        "commit": lambda s, t, a: commit(s, t.home, t.value.sha),
        "context": lambda s, t, a: t.value.context,
        "state": lambda s, t, a: _upper(t.value.state),
        "description": lambda s, t, a: t.value.description,
        "targetUrl": lambda s, t, a: t.value.target_url,
        "creator": lambda s, t, a: account(s, t.value.creator),
        "createdAt": lambda s, t, a: stamp(t.value.created_at),
        "isRequired": _required,
    },
}
