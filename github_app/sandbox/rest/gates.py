"""Check runs, check suites, statuses and deployments over REST."""

from __future__ import annotations

from github_app.sandbox import checks, deployments, statuses
from github_app.sandbox.protection import latest_runs, latest_statuses
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.rest import gate_shapes, shapes
from github_app.sandbox.rest.call import Answer, Call, counted, page
from github_app.sandbox.rest.shapes import Json
from github_app.sandbox.state import CheckRun, Deployment
from github_app.sandbox.world import sha_of


def create_run(call: Call) -> Answer:
    """https://docs.github.com/rest/checks/runs#create-a-check-run"""
    run = checks.create_run(call.world, call.repo, call.actor, call.fields)
    return Answer(201, gate_shapes.check_run(call.world, call.urls, call.repo, run))


def _run(call: Call) -> CheckRun:
    return checks.run_by_id(call.world, call.repo, call.number("run"))


def get_run(call: Call) -> Answer:
    """https://docs.github.com/rest/checks/runs#get-a-check-run"""
    return Answer(200, gate_shapes.check_run(call.world, call.urls, call.repo, _run(call)))


def update_run(call: Call) -> Answer:
    """https://docs.github.com/rest/checks/runs#update-a-check-run"""
    run = checks.update_run(call.world, call.repo, _run(call), call.actor, call.fields)
    return Answer(200, gate_shapes.check_run(call.world, call.urls, call.repo, run))


def annotations_of(call: Call) -> Answer:
    """https://docs.github.com/rest/checks/runs#list-check-run-annotations"""
    run = _run(call)
    blank: Json = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
    blob = call.urls.page(call.repo, f"/blob/{run.sha}/")
    return page(
        call, run.annotations, lambda a: {**blank, **a, "blob_href": f"{blob}{a.get('path', '')}"}
    )


def rerequest(call: Call) -> Answer:
    """https://docs.github.com/rest/checks/runs#rerequest-a-check-run"""
    checks.ask_again(call.world, call.repo, _run(call), call.actor)
    return Answer(201, {})


def runs_of_commit(call: Call) -> Answer:
    """https://docs.github.com/rest/checks/runs#list-check-runs-for-a-git-reference"""
    sha = sha_of(call.world, call.repo, call.path["ref"])
    if call.query.get("filter") == "all":
        found = [r for r in call.world.of(call.repo).runs.values() if r.sha == sha]
    else:
        found = latest_runs(call.world, call.repo, sha)
    found = [run for run in found if _run_wanted(call, run)]
    found.sort(key=lambda run: -run.id)
    return counted(
        call,
        "check_runs",
        found,
        lambda run: gate_shapes.check_run(call.world, call.urls, call.repo, run),
    )


def _run_wanted(call: Call, run: CheckRun) -> bool:
    app = str(call.world.apps[run.app].id)
    asked = {"check_name": run.name, "status": run.status, "app_id": app}
    return all(call.query.get(key, value) == value for key, value in asked.items())


def suites_of_commit(call: Call) -> Answer:
    """https://docs.github.com/rest/checks/suites#list-check-suites-for-a-git-reference"""
    sha = sha_of(call.world, call.repo, call.path["ref"])
    found = [s for s in call.world.of(call.repo).suites.values() if s.sha == sha]
    return counted(
        call,
        "check_suites",
        found,
        lambda suite: gate_shapes.check_suite(call.world, call.urls, call.repo, suite),
    )


def create_status(call: Call) -> Answer:
    """https://docs.github.com/rest/commits/statuses#create-a-commit-status"""
    call.text("state")
    made = statuses.set_status(call.world, call.repo, call.actor, call.path["sha"], call.fields)
    return Answer(201, gate_shapes.status(call.world, call.urls, call.repo, made))


def combined_status(call: Call) -> Answer:
    """https://docs.github.com/rest/commits/statuses#get-the-combined-status-for-a-specific-reference"""
    sha = sha_of(call.world, call.repo, call.path["ref"])
    latest = latest_statuses(call.world, call.repo, sha)
    shown = [gate_shapes.status(call.world, call.urls, call.repo, s) for s in latest]
    body = {
        "state": statuses.combined_state(call.world, call.repo, sha),
        "sha": sha,
        "total_count": len(latest),
        "statuses": [{k: v for k, v in s.items() if k != "creator"} for s in shown],
        "repository": shapes.minimal_repository(call.world, call.urls, call.repo),
        "commit_url": call.urls.repo(call.repo, f"/commits/{sha}"),
        "url": call.urls.repo(call.repo, f"/commits/{sha}/status"),
    }
    return Answer(200, body)


def statuses_of_commit(call: Call) -> Answer:
    """https://docs.github.com/rest/commits/statuses#list-commit-statuses-for-a-reference"""
    sha = sha_of(call.world, call.repo, call.path["ref"])
    found = [s for s in reversed(call.world.of(call.repo).statuses) if s.sha == sha]
    return page(call, found, lambda s: gate_shapes.status(call.world, call.urls, call.repo, s))


def deploy(call: Call) -> Answer:
    """201, or 202 when the default branch was merged into the deployed one instead.

    https://docs.github.com/rest/deployments/deployments#create-a-deployment
    """
    if call.flag("auto_merge", True):
        merged = deployments.merge_default_branch(
            call.world, call.repo, call.actor, call.text("ref")
        )
        if merged:
            return Answer(202, {"message": merged})
    made = deployments.deploy(call.world, call.repo, call.actor, call.fields)
    return Answer(201, gate_shapes.deployment(call.world, call.urls, call.repo, made))


def environments(call: Call) -> Answer:
    """https://docs.github.com/rest/deployments/environments#list-environments"""
    found = list(call.world.of(call.repo).environments.values())
    return counted(
        call, "environments", found, lambda e: gate_shapes.environment(call.urls, call.repo, e)
    )


def environment(call: Call) -> Answer:
    """https://docs.github.com/rest/deployments/environments#get-an-environment"""
    found = call.world.of(call.repo).environments.get(call.path["environment"].lower())
    if found is None:
        raise not_found()
    return Answer(200, gate_shapes.environment(call.urls, call.repo, found))


def deployed(call: Call) -> Answer:
    """https://docs.github.com/rest/deployments/deployments#list-deployments"""
    found = [
        d
        for d in reversed(call.world.of(call.repo).deployments.values())
        if all(
            call.query.get(key, getattr(d, key)) == getattr(d, key)
            for key in ("sha", "ref", "task", "environment")
        )
    ]
    return page(call, found, lambda d: gate_shapes.deployment(call.world, call.urls, call.repo, d))


def _deployment(call: Call) -> Deployment:
    found = call.world.of(call.repo).deployments.get(call.number("deployment"))
    if found is None:
        raise not_found()
    return found


def get_deployment(call: Call) -> Answer:
    """https://docs.github.com/rest/deployments/deployments#get-a-deployment"""
    found = _deployment(call)
    return Answer(200, gate_shapes.deployment(call.world, call.urls, call.repo, found))


def report_deployment(call: Call) -> Answer:
    """https://docs.github.com/rest/deployments/statuses#create-a-deployment-status"""
    if len(call.optional("description") or "") > 140:
        raise Refused(422, "description is too long (maximum is 140 characters)")
    made = deployments.report(call.world, call.repo, _deployment(call), call.actor, call.fields)
    return Answer(201, gate_shapes.deployment_status(call.world, call.urls, call.repo, made))


def deployment_statuses(call: Call) -> Answer:
    """https://docs.github.com/rest/deployments/statuses#list-deployment-statuses"""
    found = deployments.statuses_of(call.world, call.repo, _deployment(call))
    return page(
        call,
        found,
        lambda s: gate_shapes.deployment_status(call.world, call.urls, call.repo, s),
    )
