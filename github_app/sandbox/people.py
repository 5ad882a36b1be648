"""What a person does with the mouse: the same rules as over the APIs, in the person's own name."""

from __future__ import annotations

from collections.abc import Mapping

from github_app.sandbox import checks, conversation, merge_queue, merging, pulls, reviewing
from github_app.sandbox.access import demand, demand_live
from github_app.sandbox.git_store import RefMove
from github_app.sandbox.objects import commit_bytes
from github_app.sandbox.refs import HEADS, push
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.rest import git_shapes, shapes
from github_app.sandbox.rest.shapes import Json, Urls
from github_app.sandbox.reviewing import Opinion
from github_app.sandbox.state import Comment, MergeMethod, PullRequest, Repository, Review
from github_app.sandbox.trees import with_files
from github_app.sandbox.world import Actor, Happening, World

_REVIEWS = {"APPROVED": "APPROVE", "CHANGES_REQUESTED": "REQUEST_CHANGES", "COMMENTED": "COMMENT"}


def _person(world: World, repository: str, login: str, permission: str) -> tuple[Repository, Actor]:
    repo, actor = world.repository(repository), Actor(world.account(login))
    demand(actor, repo, ((permission, "write"),))
    demand_live(repo)
    return repo, actor


def _pull(
    world: World, repository: str, number: int, login: str, permission: str
) -> tuple[Repository, PullRequest, Actor]:
    repo, actor = _person(world, repository, login, permission)
    return repo, world.pull(repo, number), actor


def merge(world: World, repository: str, number: int, login: str, method: MergeMethod) -> str:
    """The button *Merge pull request*."""
    repo, pull, actor = _pull(world, repository, number, login, "contents")
    return merging.merge(world, repo, pull, actor, merging.Wish(method))


def enqueue(world: World, repository: str, number: int, login: str, jump: bool) -> None:
    """The button *Merge when ready*."""
    repo, pull, actor = _pull(world, repository, number, login, "contents")
    merge_queue.enqueue(world, repo, pull, actor, jump=jump)


def dequeue(world: World, repository: str, number: int, login: str) -> None:
    """The button *Remove from queue*."""
    merge_queue.dequeue(world, *_pull(world, repository, number, login, "contents"))


def close(world: World, repository: str, number: int, login: str) -> None:
    """The button *Close pull request*."""
    pulls.close_pull(world, *_pull(world, repository, number, login, "contents"))


def reopen(world: World, repository: str, number: int, login: str) -> None:
    """The button *Reopen pull request*."""
    pulls.reopen(world, *_pull(world, repository, number, login, "contents"))


def comment(world: World, repository: str, number: int, login: str, body: str) -> Comment:
    """The button *Comment*."""
    repo, pull, actor = _pull(world, repository, number, login, "issues")
    return conversation.comment(world, repo, pull, actor, body)


def review(world: World, repository: str, number: int, login: str, state: str, body: str) -> Review:
    """The button *Submit review*."""
    repo, pull, actor = _pull(world, repository, number, login, "pull_requests")
    event = _REVIEWS.get(state, state)
    return reviewing.review(world, repo, pull, actor, Opinion(event, body))


def dismiss(
    world: World, repository: str, number: int, login: str, review: int, message: str
) -> Review:
    """The menu entry *Dismiss review*."""
    repo, pull, actor = _pull(world, repository, number, login, "contents")
    given = world.of(repo).reviews.get(review)
    if given is None or given.number != pull.number:
        raise not_found()
    return reviewing.dismiss(world, repo, given, actor, message)


def edit_comment(world: World, repository: str, comment: int, login: str, body: str) -> Comment:
    """The menu entry *Edit* of a comment."""
    repo, actor = _person(world, repository, login, "issues")
    made = world.of(repo).comments.get(comment)
    if made is None:
        raise not_found()
    return conversation.edit_comment(world, repo, made, actor, body)


def commit(
    world: World,
    repository: str,
    branch: str,
    files: Mapping[str, bytes | str | None],
    message: str,
    login: str,
) -> str:
    """A commit made on a laptop and pushed: not signed by GitHub."""
    repo, actor = _person(world, repository, login, "contents")
    git = world.git(repo)
    tip = git.branch(branch)
    parent = tip or git.branch(repo.default_branch)
    tree = with_files(git, git.known_commit(parent).tree if parent else None, files)
    me = world.signature(actor.account)
    sha = git.write("commit", commit_bytes(tree, (parent,) if parent else (), me, me, message))
    push(world, repo, [RefMove(HEADS + branch, tip, sha)], actor)
    return sha


def delete_branch(world: World, repository: str, branch: str, login: str) -> None:
    """The button *Delete branch*."""
    repo, actor = _person(world, repository, login, "contents")
    tip = world.git(repo).branch(branch)
    if tip is None:
        raise Refused(404, "Branch not found")
    for pull in world.pulls(repo):
        if pull.merged and pull.head_ref == branch:
            merging.retarget(world, repo, pull, actor)
            break
    push(world, repo, [RefMove(HEADS + branch, tip, None)], actor)


def restore_branch(world: World, repository: str, number: int, login: str) -> None:
    """The button *Restore branch* below a closed pull request whose head was deleted."""
    repo, pull, actor = _pull(world, repository, number, login, "contents")
    if pull.open or world.git(repo).branch(pull.head_ref) is not None:
        raise Refused(422, "The head branch was not deleted.")
    push(world, repo, [RefMove(HEADS + pull.head_ref, None, pull.head_sha)], actor)
    world.note(pull, "head_ref_restored", actor.login, pull.head_ref)


def press(world: World, repository: str, run: int, login: str, identifier: str) -> None:
    """A button of a check run."""
    repo, actor = _person(world, repository, login, "contents")
    checks.ask_again(world, repo, checks.run_by_id(world, repo, run), actor, identifier)


def package_published(world: World, repository: str, name: str, tag: str, digest: str) -> None:
    """`registry_package` and `package`, both, as GitHub's container registry sends them."""
    repo = world.repository(repository)
    owner = world.account(repo.owner)
    for event in ("registry_package", "package"):
        detail = {event: _package(world, repo, name, tag, digest)}
        world.emit(Happening(event, "published", repo.id, owner, None, detail))


def _package(world: World, repo: Repository, name: str, tag: str, digest: str) -> Json:
    urls, now = Urls(world.url), shapes.stamp(world.now())
    page = f"{urls.root}/{repo.owner}/packages/container/{name}"
    owner = shapes.user(urls, world.account(repo.owner))
    number = world.new_id("package version")
    version: Json = {
        "id": number,
        "version": digest,
        "name": digest,
        "description": "",
        "summary": "",
        "manifest": "",
        "html_url": f"{page}/{number}",
        "target_commitish": repo.default_branch,
        "target_oid": "",
        "created_at": now,
        "updated_at": now,
        "metadata": [],
        "package_files": [],
        "installation_command": f"docker pull ghcr.io/{repo.owner}/{name}:{tag}",
        "package_url": f"ghcr.io/{repo.owner}/{name}:{tag}".lower(),
        "author": owner,
        "container_metadata": {
            "tag": {"name": tag, "digest": digest},
            "labels": {},
            "manifest": {"digest": digest},
        },
    }
    return {
        "id": number,
        "name": name,
        "namespace": repo.owner,
        "description": "",
        "ecosystem": "CONTAINER",
        "package_type": "CONTAINER",
        "html_url": page,
        "created_at": now,
        "updated_at": now,
        "owner": owner,
        "package_version": version,
        "registry": {
            "about_url": "https://docs.github.com/packages",
            "name": "GitHub CONTAINER registry",
            "type": "CONTAINER",
            "url": page,
            "vendor": "GitHub Inc",
        },
    }


def merge_group(world: World, repository: str, number: int) -> str:
    """The commit of a merge queue's temporary branch, and the request to check it."""
    repo = world.repository(repository)
    pull, git = world.pull(repo, number), world.git(repo)
    base = git.branch(pull.base_ref)
    tree = git.merged_tree(base, pull.head_sha) if base else None
    if base is None or tree is None:
        raise Refused(405, merging.NOT_MERGEABLE)
    author = world.signature(world.account(pull.author))
    sha = world.signed_commit(git, tree, (base, pull.head_sha), author, f"{pull.title} (#{number})")
    branch = f"gh-readonly-queue/{pull.base_ref}/pr-{number}-{base}"
    owner = world.account(repo.owner)
    git.move([RefMove(HEADS + branch, None, sha)])
    group = {
        "head_sha": sha,
        "head_ref": HEADS + branch,
        "base_sha": base,
        "base_ref": HEADS + pull.base_ref,
        "head_commit": git_shapes.simple_commit(git.known_commit(sha)),
    }
    detail = {"merge_group": group}
    world.emit(Happening("merge_group", "checks_requested", repo.id, owner, None, detail))
    return sha
