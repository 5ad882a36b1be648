"""Pull requests and what people add to them, as GitHub's OpenAPI description wants them."""

from __future__ import annotations

from github_app.sandbox.access import association
from github_app.sandbox.differences import FileChange
from github_app.sandbox.mergeability import UNKNOWN, Mergeability, mergeability
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.rest import shapes, team_shapes
from github_app.sandbox.rest.shapes import Json, Urls, stamp
from github_app.sandbox.rest.talk_shapes import reactions
from github_app.sandbox.state import (
    PullRequest,
    Repository,
)
from github_app.sandbox.world import World


def pull_simple(world: World, urls: Urls, repo: Repository, pull: PullRequest) -> Json:
    """OpenAPI `pull-request-simple`, as lists hold it."""
    own = urls.repo(repo, f"/pulls/{pull.number}")
    issue = urls.repo(repo, f"/issues/{pull.number}")
    page = urls.page(repo, f"/pull/{pull.number}")
    inner = {
        "review_comments": f"{own}/comments",
        "review_comment": urls.repo(repo, "/pulls/comments{/number}"),
        "commits": f"{own}/commits",
        "comments": f"{issue}/comments",
        "statuses": urls.repo(repo, f"/statuses/{pull.head_sha}"),
    }
    links = {"self": own, "html": page, "issue": issue, **inner}
    return {
        "url": own,
        "id": pull.id,
        "node_id": node_id("PullRequest", repo.id, pull.number),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        **{f"{name}_url": url for name, url in inner.items()},
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "active_lock_reason": None,
        "title": pull.title,
        "user": shapes.user_named(world, urls, pull.author),
        "body": pull.body,
        "labels": [shapes.label(urls, repo, repo.labels[n.lower()]) for n in pull.labels],
        "milestone": None,
        "created_at": stamp(pull.created_at),
        "updated_at": stamp(pull.updated_at),
        "closed_at": stamp(pull.closed_at),
        "merged_at": stamp(pull.merged_at),
        "merge_commit_sha": pull.merge_sha,
        **_asked(world, urls, repo, pull),
        "head": _side(world, urls, repo, pull.head_ref, pull.head_sha),
        "base": _side(world, urls, repo, pull.base_ref, pull.base_sha),
        "_links": {name: {"href": url} for name, url in links.items()},
        "author_association": association(repo, pull.author),
        "auto_merge": auto_merge(world, urls, pull),
        "draft": pull.draft,
    }


def _asked(world: World, urls: Urls, repo: Repository, pull: PullRequest) -> Json:
    """The people whom a pull request is given to."""
    assignees = _people(world, urls, pull.assignees)
    owner = world.account(repo.owner)
    return {
        "assignee": next(iter(assignees), None),
        "assignees": assignees,
        "requested_reviewers": _people(world, urls, pull.requested_reviewers),
        "requested_teams": [
            team_shapes.team(urls, owner, world.team(repo.owner, slug))
            for slug in pull.requested_teams
        ],
    }


def _people(world: World, urls: Urls, logins: tuple[str, ...]) -> list[Json]:
    return [shapes.user(urls, world.account(login)) for login in logins]


def _side(world: World, urls: Urls, repo: Repository, ref: str, sha: str) -> Json:
    return {
        "label": f"{repo.owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": shapes.user_named(world, urls, repo.owner),
        "repo": shapes.repository(world, urls, repo),
    }


def auto_merge(world: World, urls: Urls, pull: PullRequest) -> Json | None:
    """OpenAPI `auto-merge`."""
    wish = pull.auto_merge
    if wish is None:
        return None
    return {
        "enabled_by": shapes.user_named(world, urls, wish.by),
        "merge_method": wish.method,
        "commit_title": wish.title or "",
        "commit_message": wish.message or "",
    }


def pull_full(
    world: World,
    urls: Urls,
    repo: Repository,
    pull: PullRequest,
    answer: Mergeability | None = None,
) -> Json:
    """OpenAPI `pull-request`; `answer` is what GitHub has found out about merging so far."""
    git = world.git(repo)
    answer = answer or (mergeability(world, repo, pull) if pull.open else UNKNOWN)
    teams = [world.team(repo.owner, slug) for slug in pull.requested_teams]
    owner = world.account(repo.owner)
    changes = changed_files(world, repo, pull)
    annals = world.of(repo)
    return {
        **pull_simple(world, urls, repo, pull),
        "requested_teams": [team_shapes.team_simple(urls, owner, team) for team in teams],
        "merged": pull.merged,
        "mergeable": answer.mergeable,
        "rebaseable": answer.mergeable,
        "mergeable_state": answer.state,
        "merged_by": shapes.user_named(world, urls, pull.merged_by),
        "comments": sum(c.number == pull.number for c in annals.comments.values()),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(git.between(base_of(world, repo, pull), pull.head_sha)),
        "additions": sum(change.additions for change in changes),
        "deletions": sum(change.deletions for change in changes),
        "changed_files": len(changes),
    }


def base_of(world: World, repo: Repository, pull: PullRequest) -> str:
    """What the head is compared with: the base's tip while open, then what it was."""
    tip = world.git(repo).branch(pull.base_ref) if pull.open else None
    return tip or pull.base_sha


def changed_files(world: World, repo: Repository, pull: PullRequest) -> tuple[FileChange, ...]:
    """The three-dot difference: what the head changed since it left the base."""
    git = world.git(repo)
    base = git.merge_base(base_of(world, repo, pull), pull.head_sha)
    return git.changes(base, pull.head_sha) if base else ()


def diff_entry(urls: Urls, repo: Repository, pull: PullRequest, change: FileChange) -> Json:
    """OpenAPI `diff-entry`."""
    path = shapes.quoted(change.path)
    at, contents = f"{pull.head_sha}/{path}", f"/contents/{path}?ref={pull.head_sha}"
    return {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": urls.page(repo, f"/blob/{at}"),
        "raw_url": urls.page(repo, f"/raw/{at}"),
        "contents_url": urls.repo(repo, contents),
        **({"patch": change.patch} if change.patch is not None else {}),
        **({"previous_filename": change.previous} if change.previous else {}),
    }


def issue(world: World, urls: Urls, repo: Repository, pull: PullRequest) -> Json:
    """OpenAPI `issue`: every pull request is one."""
    simple = pull_simple(world, urls, repo, pull)
    own = urls.repo(repo, f"/issues/{pull.number}")
    kept = (
        "id",
        "number",
        "state",
        "title",
        "user",
        "labels",
        "assignee",
        "assignees",
        "milestone",
        "locked",
        "active_lock_reason",
        "created_at",
        "updated_at",
        "closed_at",
        "body",
        "draft",
        "author_association",
        "html_url",
        "node_id",
    )
    comments = sum(c.number == pull.number for c in world.of(repo).comments.values())
    return {
        **{key: simple[key] for key in kept},
        "url": own,
        "repository_url": urls.repo(repo),
        "labels_url": own + "/labels{/name}",
        "comments_url": f"{own}/comments",
        "events_url": f"{own}/events",
        "timeline_url": f"{own}/timeline",
        "comments": comments,
        "closed_by": shapes.user_named(world, urls, pull.closed_by),
        "state_reason": None,
        "performed_via_github_app": None,
        "reactions": reactions(own),
        "pull_request": {
            "url": simple["url"],
            "html_url": simple["html_url"],
            "diff_url": simple["diff_url"],
            "patch_url": simple["patch_url"],
            "merged_at": simple["merged_at"],
        },
    }
