"""Every REST route: method, path, handler, and the permissions of which one is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from github_app.sandbox.rest import (
    apps,
    contents,
    gates,
    git_data,
    issues,
    pulls,
    repos,
    reviews,
    rulesets,
    teams,
)
from github_app.sandbox.rest.call import Handler

Need = tuple[tuple[str, str], ...]
Who = Literal["app", "token", "repository"]

READ: Need = (("metadata", "read"),)
READS_CODE: Need = (("contents", "read"),)
WRITES_CODE: Need = (("contents", "write"),)
READS_PULLS: Need = (("pull_requests", "read"),)
WRITES_PULLS: Need = (("pull_requests", "write"),)
READS_ISSUES: Need = (("issues", "read"), ("pull_requests", "read"))
WRITES_ISSUES: Need = (("issues", "write"), ("pull_requests", "write"))
READS_CHECKS: Need = (("checks", "read"),)
WRITES_CHECKS: Need = (("checks", "write"),)
READS_STATUSES: Need = (("statuses", "read"),)
WRITES_STATUSES: Need = (("statuses", "write"),)
READS_DEPLOYMENTS: Need = (("deployments", "read"),)
READS_ACTIONS: Need = (("actions", "read"),)
WRITES_DEPLOYMENTS: Need = (("deployments", "write"),)


@dataclass(frozen=True, slots=True)
class Route:
    """One operation; `who`: it wants the App's JWT, a token, or a token and a repository."""

    method: str
    path: str
    handler: Handler
    who: Who = "token"
    needs: Need = ()

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"


_APP = (
    ("GET", "/app", apps.get_app),
    ("GET", "/app/installations", apps.installations),
    ("GET", "/app/installations/<int:installation>", apps.installation),
    ("POST", "/app/installations/<int:installation>/access_tokens", apps.create_token),
    ("GET", "/app/hook/deliveries", apps.deliveries),
    ("GET", "/app/hook/deliveries/<int:delivery>", apps.delivery),
    ("POST", "/app/hook/deliveries/<int:delivery>/attempts", apps.redeliver),
    ("GET", "/repos/<owner>/<repo>/installation", apps.repository_installation),
    ("GET", "/users/<account>/installation", apps.account_installation),
    ("GET", "/orgs/<account>/installation", apps.account_installation),
)

_TOKEN = (
    ("GET", "/installation/repositories", apps.installation_repositories),
    ("GET", "/user", apps.current_user),
    ("GET", "/users/<user>", apps.user),
    ("GET", "/orgs/<org>/teams", teams.listed),
    ("GET", "/orgs/<org>/teams/<team>/members", teams.members),
    ("GET", "/orgs/<org>/teams/<team>/memberships/<user>", teams.membership),
)

_REPOSITORY = (
    ("GET", "", repos.get, READ),
    ("GET", "/collaborators", apps.collaborators, READ),
    ("GET", "/collaborators/<user>/permission", apps.permission, READ),
    ("GET", "/branches", repos.branches, READS_CODE),
    ("GET", "/branches/<path:branch>", repos.branch, READS_CODE),
    ("GET", "/rules/branches/<path:branch>", rulesets.branch_rules, READ),
    ("GET", "/rulesets", rulesets.listed, READ),
    ("GET", "/rulesets/<int:ruleset>", rulesets.get, READ),
    ("GET", "/commits", repos.commits, READS_CODE),
    ("GET", "/commits/<path:ref>", repos.commit, READS_CODE),
    ("GET", "/commits/<path:ref>/pulls", repos.pulls_of_commit, READS_PULLS),
    ("GET", "/commits/<path:ref>/check-runs", gates.runs_of_commit, READS_CHECKS),
    ("GET", "/commits/<path:ref>/check-suites", gates.suites_of_commit, READS_CHECKS),
    ("GET", "/commits/<path:ref>/status", gates.combined_status, READS_STATUSES),
    ("GET", "/commits/<path:ref>/statuses", gates.statuses_of_commit, READS_STATUSES),
    ("GET", "/compare/<path:basehead>", repos.compare, READS_CODE),
    ("GET", "/contents/", contents.get, READS_CODE),
    ("GET", "/contents/<path:path>", contents.get, READS_CODE),
    ("PUT", "/contents/<path:path>", contents.put, WRITES_CODE),
    ("DELETE", "/contents/<path:path>", contents.delete, WRITES_CODE),
    ("POST", "/git/blobs", git_data.create_blob, WRITES_CODE),
    ("GET", "/git/blobs/<sha>", git_data.get_blob, READS_CODE),
    ("POST", "/git/trees", git_data.create_tree, WRITES_CODE),
    ("GET", "/git/trees/<path:sha>", git_data.get_tree, READS_CODE),
    ("POST", "/git/commits", git_data.create_commit, WRITES_CODE),
    ("GET", "/git/commits/<sha>", git_data.get_commit, READS_CODE),
    ("POST", "/git/refs", git_data.create_ref, WRITES_CODE),
    ("GET", "/git/ref/<path:ref>", git_data.get_ref, READS_CODE),
    ("GET", "/git/matching-refs/<path:ref>", git_data.matching_refs, READS_CODE),
    ("PATCH", "/git/refs/<path:ref>", git_data.update_ref, WRITES_CODE),
    ("DELETE", "/git/refs/<path:ref>", git_data.delete_ref, WRITES_CODE),
    ("GET", "/pulls", pulls.listed, READS_PULLS),
    ("POST", "/pulls", pulls.create, WRITES_PULLS),
    ("GET", "/pulls/<int:number>", pulls.get, READS_PULLS),
    ("PATCH", "/pulls/<int:number>", pulls.update, WRITES_PULLS),
    ("PUT", "/pulls/<int:number>/merge", pulls.merge, WRITES_CODE),
    ("GET", "/pulls/<int:number>/merge", pulls.merged, READS_PULLS),
    ("GET", "/pulls/<int:number>/commits", pulls.commits, READS_PULLS),
    ("GET", "/pulls/<int:number>/files", pulls.files, READS_PULLS),
    ("GET", "/pulls/<int:number>/reviews", reviews.listed, READS_PULLS),
    ("POST", "/pulls/<int:number>/reviews", reviews.create, WRITES_PULLS),
    ("GET", "/pulls/<int:number>/reviews/<int:review>", reviews.get, READS_PULLS),
    ("PUT", "/pulls/<int:number>/reviews/<int:review>/dismissals", reviews.dismiss, WRITES_PULLS),
    ("POST", "/pulls/<int:number>/requested_reviewers", reviews.request, WRITES_PULLS),
    ("DELETE", "/pulls/<int:number>/requested_reviewers", reviews.unrequest, WRITES_PULLS),
    ("POST", "/issues/<int:number>/assignees", reviews.assign, WRITES_ISSUES),
    ("DELETE", "/issues/<int:number>/assignees", reviews.unassign, WRITES_ISSUES),
    ("GET", "/issues/comments/<int:comment>/reactions", issues.reactions, READS_ISSUES),
    ("POST", "/issues/comments/<int:comment>/reactions", issues.react, WRITES_ISSUES),
    ("GET", "/issues/<int:number>", issues.get, READS_ISSUES),
    ("GET", "/issues/<int:number>/labels", issues.labels, READS_ISSUES),
    ("POST", "/issues/<int:number>/labels", issues.add_labels, WRITES_ISSUES),
    ("DELETE", "/issues/<int:number>/labels/<name>", issues.remove_label, WRITES_ISSUES),
    ("GET", "/issues/<int:number>/comments", issues.comments, READS_ISSUES),
    ("POST", "/issues/<int:number>/comments", issues.create_comment, WRITES_ISSUES),
    ("GET", "/issues/comments/<int:comment>", issues.get_comment, READS_ISSUES),
    ("PATCH", "/issues/comments/<int:comment>", issues.edit_comment, WRITES_ISSUES),
    ("DELETE", "/issues/comments/<int:comment>", issues.delete_comment, WRITES_ISSUES),
    ("GET", "/labels", issues.repository_labels, READS_ISSUES),
    ("POST", "/labels", issues.create_label, WRITES_ISSUES),
    ("GET", "/labels/<name>", issues.repository_label, READS_ISSUES),
    ("POST", "/check-runs", gates.create_run, WRITES_CHECKS),
    ("GET", "/check-runs/<int:run>", gates.get_run, READS_CHECKS),
    ("PATCH", "/check-runs/<int:run>", gates.update_run, WRITES_CHECKS),
    ("GET", "/check-runs/<int:run>/annotations", gates.annotations_of, READS_CHECKS),
    ("POST", "/check-runs/<int:run>/rerequest", gates.rerequest, WRITES_CHECKS),
    ("POST", "/statuses/<sha>", gates.create_status, WRITES_STATUSES),
    ("GET", "/environments", gates.environments, READS_ACTIONS),
    ("GET", "/environments/<path:environment>", gates.environment, READS_ACTIONS),
    ("GET", "/deployments", gates.deployed, READS_DEPLOYMENTS),
    ("POST", "/deployments", gates.deploy, WRITES_DEPLOYMENTS),
    ("GET", "/deployments/<int:deployment>", gates.get_deployment, READS_DEPLOYMENTS),
    (
        "GET",
        "/deployments/<int:deployment>/statuses",
        gates.deployment_statuses,
        READS_DEPLOYMENTS,
    ),
    (
        "POST",
        "/deployments/<int:deployment>/statuses",
        gates.report_deployment,
        WRITES_DEPLOYMENTS,
    ),
)


def routes() -> Iterator[Route]:
    """All of them, paths relative to `/api/v3`."""
    for method, path, handler in _APP:
        yield Route(method, path, handler, "app")
    for method, path, handler in _TOKEN:
        yield Route(method, path, handler)
    for method, path, handler, needs in _REPOSITORY:
        yield Route(method, f"/repos/<owner>/<repo>{path}", handler, "repository", needs)
