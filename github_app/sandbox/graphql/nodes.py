"""Things found again by their node id."""

from __future__ import annotations

from github_app.sandbox.access import visible
from github_app.sandbox.graphql.scope import Scope, Thing, commit, git_object, ref
from github_app.sandbox.node_ids import parsed, unresolved
from github_app.sandbox.state import (
    Account,
    App,
    CheckRun,
    Comment,
    Deployment,
    Label,
    PullRequest,
    Repository,
    Review,
)
from github_app.sandbox.team import Team


def node(scope: Scope, text: str) -> Thing:
    """The thing of an id.

    Raises Refused (NOT_FOUND) for what is not there, or must not be known of.
    """
    kind, parts = parsed(text)
    found = _account(scope, kind, parts) or _in_repository(scope, kind, parts)
    if found is None:
        raise unresolved(text)
    return found


def _account(scope: Scope, kind: str, parts: list[str]) -> Thing | None:
    world = scope.world
    by_kind: dict[str, list[Account] | list[Team] | list[App]] = {
        "Team": list(world.teams.values()),
        "App": list(world.apps.values()),
    }
    for word in ("User", "Organization", "Bot"):
        by_kind[word] = [one for one in world.accounts.values() if one.kind == word]
    found = (Thing(kind, one) for one in by_kind.get(kind, ()) if str(one.id) == parts[0])
    return next(found, None)


def _in_repository(scope: Scope, kind: str, parts: list[str]) -> Thing | None:
    repo = scope.world.repositories.get(int(parts[0])) if parts[0].isdigit() else None
    if repo is None or not visible(scope.actor, repo):
        return None
    if kind == "Repository":
        return Thing(kind, repo, repo)
    if len(parts) < 2:
        return None
    return _part(scope, repo, kind, ":".join(parts[1:]))


def _part(scope: Scope, repo: Repository, kind: str, rest: str) -> Thing | None:
    match kind:
        case "Commit":
            return commit(scope, repo, rest)
        case "Tree" | "Blob":
            return git_object(scope, repo, rest)
        case "Ref":
            return ref(scope, repo, rest)
        case "Label":
            label = repo.labels.get(rest.lower())
            return Thing(kind, label, repo) if label else None
        case _:
            return _numbered(scope, repo, kind, rest)


def _numbered(scope: Scope, repo: Repository, kind: str, rest: str) -> Thing | None:
    annals = scope.world.of(repo)
    by_kind: dict[str, dict[int, object]] = {
        "PullRequest": dict(annals.pulls),
        "IssueComment": dict(annals.comments),
        "Reaction": dict(annals.reactions),
        "PullRequestReview": dict(annals.reviews),
        "CheckSuite": dict(annals.suites),
        "CheckRun": dict(annals.runs),
        "Deployment": dict(annals.deployments),
        "DeploymentStatus": dict(annals.deployment_statuses),
        "StatusContext": {status.id: status for status in annals.statuses},
    }
    value = by_kind.get(kind, {}).get(int(rest)) if rest.isdigit() else None
    return Thing(kind, value, repo) if value is not None else None


def expected(scope: Scope, kind: str, text: str) -> Thing:
    """The thing of an id that must be of one type."""
    found = node(scope, text)
    if found.type != kind:
        raise unresolved(text)
    return found


def repository(scope: Scope, text: str) -> Repository:
    """The repository of an id."""
    return scope.fresh(expected(scope, "Repository", text).home)


def pull(scope: Scope, text: str) -> tuple[Repository, PullRequest]:
    """The pull request of an id."""
    thing = expected(scope, "PullRequest", text)
    value: PullRequest = thing.value
    return scope.fresh(thing.home), value


def comment(scope: Scope, text: str) -> tuple[Repository, Comment]:
    """The comment of an id."""
    thing = expected(scope, "IssueComment", text)
    value: Comment = thing.value
    return scope.fresh(thing.home), value


def review(scope: Scope, text: str) -> tuple[Repository, Review]:
    """The review of an id."""
    thing = expected(scope, "PullRequestReview", text)
    value: Review = thing.value
    return scope.fresh(thing.home), value


def run(scope: Scope, text: str) -> tuple[Repository, CheckRun]:
    """The check run of an id."""
    thing = expected(scope, "CheckRun", text)
    value: CheckRun = thing.value
    return scope.fresh(thing.home), value


def deployment(scope: Scope, text: str) -> tuple[Repository, Deployment]:
    """The deployment of an id."""
    thing = expected(scope, "Deployment", text)
    value: Deployment = thing.value
    return scope.fresh(thing.home), value


def label(scope: Scope, text: str) -> Label:
    """The label of an id."""
    value: Label = expected(scope, "Label", text).value
    return value
