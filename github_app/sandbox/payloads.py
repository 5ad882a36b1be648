"""What a webhook's body says of a happening; a snapshot, made at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from github_app.sandbox import pull_payloads
from github_app.sandbox.demands import demands_of
from github_app.sandbox.git_store import ZERO, RefMove
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.objects import Commit
from github_app.sandbox.payload_view import View
from github_app.sandbox.pull_payloads import details
from github_app.sandbox.rest import gate_shapes, git_shapes, shapes
from github_app.sandbox.rest.shapes import Json, Urls, stamp
from github_app.sandbox.state import (
    CheckRun,
    CheckSuite,
    Deployment,
    DeploymentStatus,
    Status,
)
from github_app.sandbox.world import Happening, World

COMMITS_PER_PUSH = 2048


def payload(world: World, happening: Happening) -> Json:
    """The body without `installation`, which differs between receivers.

    https://docs.github.com/webhooks/webhook-events-and-payloads
    """
    view = View(world, Urls(world.url), world.repositories[happening.repository], happening)
    body: Json = {"action": happening.action} if happening.action else {}
    body.update(_BODIES[happening.event](view))
    body["repository"] = shapes.repository(world, view.urls, view.repo)
    body["sender"] = shapes.user(view.urls, happening.actor)
    owner = world.account(view.repo.owner)
    if owner.kind == "Organization":
        body["organization"] = organization(view.urls, owner.login, owner.id)
    if happening.event == "push":
        _old_push_fields(view, body)
    return body


def organization(urls: Urls, login: str, number: int) -> Json:
    """OpenAPI `organization-simple-webhooks`."""
    own = f"{urls.api}/orgs/{login}"
    return {
        "login": login,
        "id": number,
        "node_id": node_id("Organization", number),
        "url": own,
        "repos_url": f"{own}/repos",
        "events_url": f"{own}/events",
        "hooks_url": f"{own}/hooks",
        "issues_url": f"{own}/issues",
        "members_url": f"{own}/members{{/member}}",
        "public_members_url": f"{own}/public_members{{/member}}",
        "avatar_url": f"{urls.root}/avatars/{number}",
        "description": None,
    }


def _old_push_fields(view: View, body: Json) -> None:
    """In `push` alone the repository's times are Unix seconds, as they always were."""
    repository = dict(shapes.repository(view.world, view.urls, view.repo))
    repository["created_at"] = int(view.repo.created_at.timestamp())
    repository["pushed_at"] = int(view.repo.pushed_at.timestamp())
    repository["master_branch"] = view.repo.default_branch
    del repository["use_squash_pr_title_as_default"]
    body["repository"] = repository


def _push(view: View) -> Json:
    move = view.subject(RefMove)
    before, after = move.before or ZERO, move.after or ZERO
    commits = [_pushed(view, sha) for sha in _new_commits(view, move)]
    actor = view.happening.actor
    return {
        "ref": move.ref,
        "before": before,
        "after": after,
        "base_ref": None,
        "created": move.before is None,
        "deleted": move.after is None,
        "forced": bool(view.happening.detail.get("forced")),
        "compare": view.urls.page(view.repo, f"/compare/{before[:12]}...{after[:12]}"),
        "commits": commits,
        "head_commit": _pushed(view, move.after) if move.after else None,
        "pusher": {"name": actor.login, "email": actor.commit_email},
    }


def _new_commits(view: View, move: RefMove) -> tuple[str, ...]:
    """What the ref got, oldest first; a new branch is counted from the default branch."""
    if move.after is None:
        return ()
    start = move.before or view.git.branch(view.repo.default_branch)
    if start is None or (start == move.after and move.before is None):
        return ()
    return view.git.between(start, move.after)[-COMMITS_PER_PUSH:]


def _pushed(view: View, sha: str) -> Json | None:
    commit = view.git.commit(sha)
    if commit is None:
        return None
    return {
        **git_shapes.simple_commit(commit),
        "url": view.urls.page(view.repo, f"/commit/{sha}"),
        "distinct": True,
        "author": _person(view, commit, author=True),
        "committer": _person(view, commit, author=False),
        **_paths(view, commit),
    }


def _person(view: View, commit: Commit, *, author: bool) -> Json:
    signature = commit.author if author else commit.committer
    account = view.world.user_of(signature)
    person: Json = {"name": signature.name, "email": signature.email}
    return {**person, "username": account.login} if account else person


def _paths(view: View, commit: Commit) -> Json:
    empty = view.git.write_tree([])
    parent = commit.parents[0] if commit.parents else empty
    paths: dict[str, list[str]] = {"added": [], "removed": [], "modified": []}
    for change in view.git.changes(parent, commit.sha):
        if change.previous is not None and change.status == "renamed":
            paths["removed"].append(change.previous)
        word = "added" if change.status in ("renamed", "copied") else change.status
        paths["modified" if word == "changed" else word].append(change.path)
    return dict(paths)


def _create(view: View) -> Json:
    return {**_ref(view), "master_branch": view.repo.default_branch, "description": None}


def _ref(view: View) -> Json:
    move = view.subject(RefMove)
    _, kind, name = move.ref.split("/", 2)
    word = "branch" if kind == "heads" else "tag"
    return {"ref": name, "ref_type": word, "pusher_type": "user"}


def _check_run(view: View) -> Json:
    run = view.subject(CheckRun)
    suite = view.world.of(view.repo).suites[run.suite]
    shape = gate_shapes.check_run(view.world, view.urls, view.repo, run)
    inner = gate_shapes.check_suite(view.world, view.urls, view.repo, suite)
    kept = (
        "id",
        "node_id",
        "head_branch",
        "head_sha",
        "status",
        "conclusion",
        "url",
        "before",
        "after",
        "pull_requests",
        "app",
        "created_at",
        "updated_at",
    )
    simple = {key: inner[key] for key in kept}
    return {"check_run": {**shape, "check_suite": simple}, **details(view)}


def _check_suite(view: View) -> Json:
    suite = view.subject(CheckSuite)
    shape = gate_shapes.check_suite(view.world, view.urls, view.repo, suite)
    del shape["repository"]
    return {"check_suite": shape}


def _status(view: View) -> Json:
    status = view.subject(Status)
    shape = gate_shapes.status(view.world, view.urls, view.repo, status)
    commit = git_shapes.commit(view.world, view.urls, view.repo, view.git.known_commit(status.sha))
    tips = view.git.branches()
    kept = ("id", "state", "description", "target_url", "context", "avatar_url")
    return {
        **{key: shape[key] for key in kept},
        "sha": status.sha,
        "name": view.repo.full_name,
        "commit": commit,
        "created_at": stamp(status.created_at),
        "updated_at": stamp(status.created_at),
        "branches": [_branch(view, n, s) for n, s in tips.items() if s == status.sha],
    }


def _branch(view: View, name: str, sha: str) -> Json:
    url = view.urls.repo(view.repo, f"/commits/{sha}")
    protected = demands_of(view.repo, name) is not None
    return {"name": name, "commit": {"sha": sha, "url": url}, "protected": protected}


def _deployment(view: View) -> Json:
    deployment = view.subject(Deployment)
    shape = gate_shapes.deployment(view.world, view.urls, view.repo, deployment)
    return {"deployment": shape, "workflow": None, "workflow_run": None}


def _deployment_status(view: View) -> Json:
    status, deployment = view.subject(DeploymentStatus), view.detail("deployment", Deployment)
    return {
        "deployment_status": gate_shapes.deployment_status(
            view.world, view.urls, view.repo, status
        ),
        "deployment": gate_shapes.deployment(view.world, view.urls, view.repo, deployment),
        "check_run": None,
        "workflow": None,
        "workflow_run": None,
    }


def _as_given(view: View) -> Json:
    """Events whose body their maker has put together."""
    return dict(view.happening.detail)


_BODIES: Mapping[str, Callable[[View], Json]] = {
    "push": _push,
    "create": _create,
    "delete": _ref,
    "pull_request": pull_payloads.pull_request,
    "pull_request_review": pull_payloads.review,
    "issue_comment": pull_payloads.issue_comment,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "status": _status,
    "deployment": _deployment,
    "deployment_status": _deployment_status,
    "merge_group": _as_given,
    "package": _as_given,
    "registry_package": _as_given,
}
