"""Commits and refs as GitHub's OpenAPI description wants them."""

from __future__ import annotations

from github_app.sandbox.node_ids import node_id
from github_app.sandbox.objects import Commit, Signature
from github_app.sandbox.rest import shapes
from github_app.sandbox.rest.shapes import Json, Urls, stamp
from github_app.sandbox.state import Repository
from github_app.sandbox.world import World


def git_person(signature: Signature) -> Json:
    """Name, address and time of an author or committer."""
    return {"name": signature.name, "email": signature.email, "date": stamp(signature.at)}


def verification(world: World, commit: Commit) -> Json:
    """Whether GitHub vouches for a commit."""
    valid = world.verified(commit)
    reason = "valid" if valid else ("unknown_key" if commit.gpgsig else "unsigned")
    signed = commit.gpgsig is not None
    return {
        "verified": valid,
        "reason": reason,
        "signature": commit.gpgsig,
        "payload": commit.signed_part.decode("utf-8", "replace") if signed else None,
        "verified_at": stamp(commit.committer.at) if valid else None,
    }


def git_commit(world: World, urls: Urls, repo: Repository, commit: Commit) -> Json:
    """OpenAPI `git-commit`: the commit as a Git object."""
    return {
        "sha": commit.sha,
        "node_id": node_id("Commit", repo.id, commit.sha),
        "url": urls.repo(repo, f"/git/commits/{commit.sha}"),
        "html_url": urls.page(repo, f"/commit/{commit.sha}"),
        "author": git_person(commit.author),
        "committer": git_person(commit.committer),
        "message": commit.message,
        "tree": {"sha": commit.tree, "url": urls.repo(repo, f"/git/trees/{commit.tree}")},
        "parents": [_parent(urls, repo, sha, "/git/commits") for sha in commit.parents],
        "verification": verification(world, commit),
    }


def _parent(urls: Urls, repo: Repository, sha: str, path: str) -> Json:
    return {
        "sha": sha,
        "url": urls.repo(repo, f"{path}/{sha}"),
        "html_url": urls.page(repo, f"/commit/{sha}"),
    }


def commit(world: World, urls: Urls, repo: Repository, value: Commit) -> Json:
    """OpenAPI `commit`: the commit as GitHub knows it, with accounts."""
    author, committer = world.user_of(value.author), world.user_of(value.committer)
    inner = git_commit(world, urls, repo, value)
    kept = ("url", "author", "committer", "message", "tree", "verification")
    own = urls.repo(repo, f"/commits/{value.sha}")
    return {
        "sha": value.sha,
        "node_id": inner["node_id"],
        "url": own,
        "html_url": inner["html_url"],
        "comments_url": f"{own}/comments",
        "commit": {**{key: inner[key] for key in kept}, "comment_count": 0},
        "author": shapes.user(urls, author) if author else None,
        "committer": shapes.user(urls, committer) if committer else None,
        "parents": [_parent(urls, repo, sha, "/commits") for sha in value.parents],
    }


def simple_commit(value: Commit) -> Json:
    """OpenAPI `simple-commit`."""
    return {
        "id": value.sha,
        "tree_id": value.tree,
        "message": value.message,
        "timestamp": stamp(value.committer.at),
        "author": {"name": value.author.name, "email": value.author.email},
        "committer": {"name": value.committer.name, "email": value.committer.email},
    }


def git_ref(urls: Urls, repo: Repository, ref: str, sha: str, kind: str = "commit") -> Json:
    """OpenAPI `git-ref`."""
    return {
        "ref": ref,
        "node_id": node_id("Ref", repo.id, ref),
        "url": urls.repo(repo, f"/git/{shapes.quoted(ref)}"),
        "object": {"type": kind, "sha": sha, "url": urls.repo(repo, f"/git/{kind}s/{sha}")},
    }
