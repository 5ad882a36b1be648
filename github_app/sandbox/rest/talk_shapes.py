"""Comments, reactions and reviews as GitHub's OpenAPI description wants them."""

from __future__ import annotations

from collections.abc import Sequence

from github_app.sandbox.access import association
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.reacting import reactions_to
from github_app.sandbox.reaction import CONTENTS, Reaction
from github_app.sandbox.rest import shapes
from github_app.sandbox.rest.shapes import Json, Urls, stamp
from github_app.sandbox.state import Comment, Repository, Review
from github_app.sandbox.world import World


def comment(world: World, urls: Urls, repo: Repository, value: Comment) -> Json:
    """OpenAPI `issue-comment`."""
    own = urls.repo(repo, f"/issues/comments/{value.id}")
    bot = world.app_of_bot(value.author)
    page = urls.page(repo, f"/pull/{value.number}#issuecomment-{value.id}")
    return {
        "id": value.id,
        "node_id": node_id("IssueComment", repo.id, value.id),
        "url": own,
        "html_url": page,
        "issue_url": urls.repo(repo, f"/issues/{value.number}"),
        "body": value.body,
        "user": shapes.user_named(world, urls, value.author),
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.updated_at),
        "author_association": association(repo, value.author),
        "performed_via_github_app": shapes.nested_app(world, urls, bot) if bot else None,
        "reactions": reactions(own, reactions_to(world, repo, value)),
    }


def reactions(url: str, given: Sequence[Reaction] = ()) -> Json:
    """OpenAPI `reaction-rollup`."""
    counts = {word: sum(one.content == word for one in given) for word in CONTENTS}
    return {"url": f"{url}/reactions", "total_count": len(given), **counts}


def reaction(world: World, urls: Urls, repo: Repository, value: Reaction) -> Json:
    """OpenAPI `reaction`."""
    return {
        "id": value.id,
        "node_id": node_id("Reaction", repo.id, value.id),
        "user": shapes.user_named(world, urls, value.author),
        "content": value.content,
        "created_at": stamp(value.created_at),
    }


def review(world: World, urls: Urls, repo: Repository, value: Review) -> Json:
    """OpenAPI `pull-request-review`."""
    pull = urls.repo(repo, f"/pulls/{value.number}")
    page = urls.page(repo, f"/pull/{value.number}#pullrequestreview-{value.id}")
    return {
        "id": value.id,
        "node_id": node_id("PullRequestReview", repo.id, value.id),
        "user": shapes.user_named(world, urls, value.author),
        "body": value.body,
        "state": value.state,
        "html_url": page,
        "pull_request_url": pull,
        "_links": {"html": {"href": page}, "pull_request": {"href": pull}},
        "submitted_at": stamp(value.submitted_at),
        "commit_id": value.sha,
        "author_association": association(repo, value.author),
    }
