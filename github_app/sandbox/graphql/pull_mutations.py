"""Mutations of pull requests, labels and comments."""

from __future__ import annotations

from collections.abc import Callable

from github_app.sandbox import auto_merge, conversation, merging, pulls
from github_app.sandbox.graphql import nodes
from github_app.sandbox.graphql.scope import Arguments, Scope, Thing, account
from github_app.sandbox.refs import HEADS
from github_app.sandbox.refused import Refused
from github_app.sandbox.state import AutoMerge, MergeMethod, PullRequest, Repository
from github_app.sandbox.world import Actor, World

Payload = dict[str, object]
_METHODS: dict[str, MergeMethod] = {"MERGE": "merge", "SQUASH": "squash", "REBASE": "rebase"}
PULLS = "pull_requests"


def _shown(repo: Repository, pull: PullRequest) -> Thing:
    return Thing("PullRequest", pull, repo)


def create_pull_request(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `createpullrequest`.

    https://docs.github.com/graphql/reference/mutations#createpullrequest
    """
    repo = nodes.repository(scope, wish["repositoryId"])
    scope.demand_write(repo, PULLS)
    draft = pulls.Draft(
        wish["title"],
        wish["headRefName"].removeprefix(HEADS),
        wish["baseRefName"].removeprefix(HEADS),
        wish.get("body"),
        bool(wish.get("draft")),
    )
    _demand_refs(scope, repo, draft)
    pull = pulls.open_pull(scope.world, repo, scope.actor, draft)
    return {"pullRequest": _shown(repo, pull)}


def _demand_refs(scope: Scope, repo: Repository, wish: pulls.Draft) -> None:
    """GraphQL words a missing branch as the failed validations of the pull request's fields."""
    git = scope.git(repo)
    if git.branch(wish.head.rpartition(":")[2]) is None:
        text = (
            "Head sha can't be blank, Base sha can't be blank, "
            f"No commits between {wish.base} and {wish.head}, Head ref must be a branch"
        )
        raise Refused(422, text)
    if git.branch(wish.base) is None:
        raise Refused(422, "Base sha can't be blank, Base ref must be a branch")


def update_pull_request(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `updatepullrequest`.

    https://docs.github.com/graphql/reference/mutations#updatepullrequest
    """
    repo, pull = nodes.pull(scope, wish["pullRequestId"])
    scope.demand_write(repo, PULLS)
    change = pulls.Edit(wish.get("title"), wish.get("body"), wish.get("baseRefName"))
    pull = pulls.edit(scope.world, repo, pull, scope.actor, change)
    if wish.get("state") == "CLOSED":
        pull = pulls.close_pull(scope.world, repo, pull, scope.actor)
    if wish.get("state") == "OPEN":
        pull = _reopen(scope.world, repo, pull, scope.actor)
    return {"actor": account(scope, scope.actor.login), "pullRequest": _shown(repo, pull)}


Change = Callable[[World, Repository, PullRequest, Actor], PullRequest]


def _changing(change: Change) -> Callable[[Scope, Arguments], Payload]:
    def mutate(scope: Scope, wish: Arguments) -> Payload:
        repo, pull = nodes.pull(scope, wish["pullRequestId"])
        scope.demand_write(repo, PULLS)
        pull = change(scope.world, repo, pull, scope.actor)
        return {"actor": account(scope, scope.actor.login), "pullRequest": _shown(repo, pull)}

    return mutate


def _reopen(world: World, repo: Repository, pull: PullRequest, actor: Actor) -> PullRequest:
    """GraphQL keeps the reason to itself."""
    try:
        return pulls.reopen(world, repo, pull, actor)
    except Refused as why:
        raise Refused(422, "Could not open the pull request.") from why


def _draft(world: World, repo: Repository, pull: PullRequest, actor: Actor) -> PullRequest:
    return pulls.set_draft(world, repo, pull, actor, True)


def _ready(world: World, repo: Repository, pull: PullRequest, actor: Actor) -> PullRequest:
    return pulls.set_draft(world, repo, pull, actor, False)


close_pull_request = _changing(pulls.close_pull)
reopen_pull_request = _changing(_reopen)
convert_to_draft = _changing(_draft)
mark_ready = _changing(_ready)
disable_auto_merge = _changing(auto_merge.disable_auto_merge)


def merge_pull_request(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `mergepullrequest`.

    https://docs.github.com/graphql/reference/mutations#mergepullrequest
    """
    repo, pull = nodes.pull(scope, wish["pullRequestId"])
    scope.demand_write(repo, "contents")
    how = merging.Wish(
        _METHODS[wish.get("mergeMethod") or "MERGE"],
        wish.get("expectedHeadOid"),
        wish.get("commitHeadline"),
        wish.get("commitBody"),
    )
    merging.merge(scope.world, repo, pull, scope.actor, how)
    merged = scope.world.pull(repo, pull.number)
    return {"actor": account(scope, scope.actor.login), "pullRequest": _shown(repo, merged)}


def enable_auto_merge(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `enablepullrequestautomerge`.

    https://docs.github.com/graphql/reference/mutations#enablepullrequestautomerge
    """
    repo, pull = nodes.pull(scope, wish["pullRequestId"])
    scope.demand_write(repo, "contents")
    expected = wish.get("expectedHeadOid")
    if expected is not None and expected != pull.head_sha:
        raise Refused(422, "Head branch was modified. Review and try the merge again.")
    asked = AutoMerge(
        _METHODS[wish.get("mergeMethod") or "MERGE"],
        scope.actor.login,
        scope.world.now(),
        wish.get("commitHeadline"),
        wish.get("commitBody"),
    )
    pull = auto_merge.enable_auto_merge(scope.world, repo, pull, scope.actor, asked)
    return {"actor": account(scope, scope.actor.login), "pullRequest": _shown(repo, pull)}


def create_label(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `createlabel`.

    https://docs.github.com/graphql/reference/mutations#createlabel
    """
    repo = nodes.repository(scope, wish["repositoryId"])
    scope.demand_write(repo, "issues", PULLS)
    if wish["name"].lower() in repo.labels:
        raise Refused(422, "Name has already been taken")
    label = conversation.create_label(
        scope.world, repo, wish["name"], wish["color"], wish.get("description") or ""
    )
    return {"label": Thing("Label", label, repo)}


def add_labels(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `addlabelstolabelable`.

    https://docs.github.com/graphql/reference/mutations#addlabelstolabelable
    """
    repo, pull = nodes.pull(scope, wish["labelableId"])
    scope.demand_write(repo, "issues", PULLS)
    names = [nodes.label(scope, text).name for text in wish["labelIds"]]
    pull = conversation.add_labels(scope.world, repo, pull, scope.actor, names)
    return {"labelable": _shown(repo, pull)}


def remove_labels(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `removelabelsfromlabelable`.

    https://docs.github.com/graphql/reference/mutations#removelabelsfromlabelable
    """
    repo, pull = nodes.pull(scope, wish["labelableId"])
    scope.demand_write(repo, "issues", PULLS)
    for text in wish["labelIds"]:
        name = nodes.label(scope, text).name
        if name in pull.labels:
            pull = conversation.remove_label(scope.world, repo, pull, scope.actor, name)
    return {"labelable": _shown(repo, pull)}


def add_comment(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `addcomment`.

    https://docs.github.com/graphql/reference/mutations#addcomment
    """
    repo, pull = nodes.pull(scope, wish["subjectId"])
    scope.demand_write(repo, "issues", PULLS)
    made = conversation.comment(scope.world, repo, pull, scope.actor, wish["body"])
    edge = {"cursor": str(made.id), "node": Thing("IssueComment", made, repo)}
    return {"commentEdge": edge, "subject": _shown(repo, scope.world.pull(repo, pull.number))}


def update_comment(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `updateissuecomment`.

    https://docs.github.com/graphql/reference/mutations#updateissuecomment
    """
    repo, made = nodes.comment(scope, wish["id"])
    scope.demand_write(repo, "issues", PULLS)
    edited = conversation.edit_comment(scope.world, repo, made, scope.actor, wish["body"])
    return {"issueComment": Thing("IssueComment", edited, repo)}


def delete_comment(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `deleteissuecomment`.

    https://docs.github.com/graphql/reference/mutations#deleteissuecomment
    """
    repo, made = nodes.comment(scope, wish["id"])
    scope.demand_write(repo, "issues", PULLS)
    conversation.delete_comment(scope.world, repo, made, scope.actor)
    return {}
