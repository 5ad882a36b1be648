"""Check runs, suites, statuses and deployments as GitHub's OpenAPI description wants them."""

from __future__ import annotations

from urllib.parse import quote

from github_app.sandbox.environment import Environment
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.rest import git_shapes, shapes
from github_app.sandbox.rest.shapes import Json, Urls, stamp
from github_app.sandbox.state import (
    CheckRun,
    CheckSuite,
    Deployment,
    DeploymentStatus,
    PullRequest,
    Repository,
    Status,
)
from github_app.sandbox.suites import runs_of, suite_state
from github_app.sandbox.world import World


def pull_minimal(urls: Urls, repo: Repository, pull: PullRequest) -> Json:
    """OpenAPI `pull-request-minimal`."""
    origin = {"id": repo.id, "url": urls.repo(repo), "name": repo.name}
    return {
        "id": pull.id,
        "number": pull.number,
        "url": urls.repo(repo, f"/pulls/{pull.number}"),
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": origin},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": origin},
    }


def pulls_at(world: World, urls: Urls, repo: Repository, sha: str) -> list[Json]:
    """The open pull requests whose head is a commit."""
    found = world.pulls(repo)
    return [pull_minimal(urls, repo, p) for p in found if p.open and p.head_sha == sha]


def check_run(world: World, urls: Urls, repo: Repository, run: CheckRun) -> Json:
    """OpenAPI `check-run`."""
    own = urls.repo(repo, f"/check-runs/{run.id}")
    page = urls.page(repo, f"/runs/{run.id}")
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CheckRun", repo.id, run.id),
        "head_sha": run.sha,
        "external_id": run.external_id,
        "url": own,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": stamp(run.started_at),
        "completed_at": stamp(run.completed_at),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{own}/annotations",
        },
        "check_suite": {"id": run.suite},
        "app": shapes.nested_app(world, urls, world.apps[run.app]),
        "pull_requests": pulls_at(world, urls, repo, run.sha),
    }


def check_suite(world: World, urls: Urls, repo: Repository, suite: CheckSuite) -> Json:
    """OpenAPI `check-suite`."""
    runs = runs_of(world, repo, suite)
    status, conclusion = suite_state(runs)
    own = urls.repo(repo, f"/check-suites/{suite.id}")
    return {
        "id": suite.id,
        "node_id": node_id("CheckSuite", repo.id, suite.id),
        "head_branch": suite.branch,
        "head_sha": suite.sha,
        "status": status,
        "conclusion": conclusion,
        "url": own,
        "before": suite.before,
        "after": suite.sha,
        "pull_requests": pulls_at(world, urls, repo, suite.sha),
        "app": shapes.nested_app(world, urls, world.apps[suite.app]),
        "repository": shapes.minimal_repository(world, urls, repo),
        "created_at": stamp(suite.created_at),
        "updated_at": stamp(suite.updated_at),
        "head_commit": git_shapes.simple_commit(world.git(repo).known_commit(suite.sha)),
        "latest_check_runs_count": len(runs),
        "check_runs_url": f"{own}/check-runs",
    }


def status(world: World, urls: Urls, repo: Repository, value: Status) -> Json:
    """OpenAPI `status`, and with that `simple-commit-status`."""
    creator = world.account(value.creator)
    return {
        "id": value.id,
        "node_id": node_id("StatusContext", repo.id, value.id),
        "url": urls.repo(repo, f"/statuses/{value.sha}"),
        "avatar_url": f"{urls.root}/avatars/{creator.id}",
        "state": value.state,
        "description": value.description,
        "target_url": value.target_url,
        "context": value.context,
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.created_at),
        "creator": shapes.user(urls, creator),
    }


def deployment(world: World, urls: Urls, repo: Repository, value: Deployment) -> Json:
    """OpenAPI `deployment`."""
    own = urls.repo(repo, f"/deployments/{value.id}")
    bot = world.app_of_bot(value.creator)
    return {
        "id": value.id,
        "node_id": node_id("Deployment", repo.id, value.id),
        "url": own,
        "sha": value.sha,
        "ref": value.ref,
        "task": value.task,
        "payload": value.payload,
        "environment": value.environment,
        "original_environment": value.environment,
        "description": value.description,
        "creator": shapes.user_named(world, urls, value.creator),
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.created_at),
        "statuses_url": f"{own}/statuses",
        "repository_url": urls.repo(repo),
        "transient_environment": value.transient,
        "production_environment": value.production,
        "performed_via_github_app": shapes.nested_app(world, urls, bot) if bot else None,
    }


def deployment_status(world: World, urls: Urls, repo: Repository, value: DeploymentStatus) -> Json:
    """OpenAPI `deployment-status`."""
    deployment_url = urls.repo(repo, f"/deployments/{value.deployment}")
    bot = world.app_of_bot(value.creator)
    return {
        "id": value.id,
        "node_id": node_id("DeploymentStatus", repo.id, value.id),
        "url": f"{deployment_url}/statuses/{value.id}",
        "state": value.state,
        "creator": shapes.user_named(world, urls, value.creator),
        "description": value.description,
        "environment": value.environment,
        "target_url": value.target_url,
        "log_url": value.log_url,
        "environment_url": value.environment_url,
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.created_at),
        "deployment_url": deployment_url,
        "repository_url": urls.repo(repo),
        "performed_via_github_app": shapes.nested_app(world, urls, bot) if bot else None,
    }


def environment(urls: Urls, repo: Repository, value: Environment) -> Json:
    """OpenAPI `environment`; none has rules here."""
    name = quote(value.name, safe="")
    activity = f"/deployments/activity_log?environments_filter={name}"
    return {
        "id": value.id,
        "node_id": node_id("Environment", repo.id, value.id),
        "name": value.name,
        "url": urls.repo(repo, f"/environments/{name}"),
        "html_url": urls.page(repo, activity),
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.created_at),
        "protection_rules": [],
        "deployment_branch_policy": None,
    }
