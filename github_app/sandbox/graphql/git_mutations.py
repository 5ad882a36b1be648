"""Mutations of refs, and commits made by GitHub."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from github_app.sandbox.git_store import ZERO, RefMove
from github_app.sandbox.graphql import nodes
from github_app.sandbox.graphql.scope import Arguments, Scope, Thing, commit, ref
from github_app.sandbox.refs import HEADS, push
from github_app.sandbox.refused import Refused
from github_app.sandbox.rest.git_data import demand_no_directory_clash, demand_ref_name
from github_app.sandbox.state import Repository
from github_app.sandbox.trees import entry_at, with_files

Payload = dict[str, object]


def create_ref(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `createref`.

    https://docs.github.com/graphql/reference/mutations#createref
    """
    repo = nodes.repository(scope, wish["repositoryId"])
    scope.demand_write(repo, "contents")
    name, oid, git = wish["name"], wish["oid"], scope.git(repo)
    demand_ref_name(name)
    if name in git.refs():
        raise Refused(422, f'A ref named "{name}" already exists in the repository.')
    demand_no_directory_clash(git.refs(), name)
    _demand_object(scope, repo, oid)
    push(scope.world, repo, [RefMove(name, None, oid)], scope.actor)
    return {"ref": ref(scope, repo, name)}


def _demand_object(scope: Scope, repo: Repository, oid: str) -> None:
    if scope.git(repo).read(oid) is None:
        raise Refused(404, f"Could not resolve to a GitObject with the oid of '{oid}'.")


def update_ref(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `updateref`.

    https://docs.github.com/graphql/reference/mutations#updateref
    """
    thing = nodes.expected(scope, "Ref", wish["refId"])
    scope.demand_write(thing.home, "contents")
    _demand_object(scope, thing.home, wish["oid"])
    before = scope.git(thing.home).refs().get(thing.value)
    move = RefMove(thing.value, before, wish["oid"])
    push(scope.world, thing.home, [move], scope.actor, forced=bool(wish.get("force")))
    return {"ref": ref(scope, thing.home, thing.value)}


def delete_ref(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `deleteref`.

    https://docs.github.com/graphql/reference/mutations#deleteref
    """
    thing = nodes.expected(scope, "Ref", wish["refId"])
    scope.demand_write(thing.home, "contents")
    before = scope.git(thing.home).refs().get(thing.value)
    push(scope.world, thing.home, [RefMove(thing.value, before, None)], scope.actor)
    return {}


def update_refs(scope: Scope, wish: Arguments) -> Payload:
    """All or nothing; an old id of zeros says "must not exist", a new one of zeros deletes.

    https://docs.github.com/graphql/reference/mutations#updaterefs
    """
    repo = nodes.repository(scope, wish["repositoryId"])
    scope.demand_write(repo, "contents")
    moves = [_move(scope, repo, update) for update in wish["refUpdates"]]
    unforced = [m for m, u in zip(moves, wish["refUpdates"], strict=True) if not u.get("force")]
    for move in unforced:
        _demand_forward(scope, repo, move)
    push(scope.world, repo, moves, scope.actor, forced=True)
    return {}


def _move(scope: Scope, repo: Repository, update: Mapping[str, Any]) -> RefMove:
    name, git = str(update["name"]), scope.git(repo)
    demand_ref_name(name)
    actual = git.refs().get(name)
    wanted = update.get("beforeOid")
    if wanted is not None and (actual or ZERO) != wanted:
        text = f'Expected ref "{name}" to point to "{wanted}" but it did not.'
        raise Refused(422, text, kind="STALE_DATA")
    after = None if update["afterOid"] == ZERO else str(update["afterOid"])
    if after is None and actual is None:
        raise Refused(422, f'The ref "{name}" does not exist.')
    if after is not None:
        _demand_object(scope, repo, after)
    if actual is None:
        demand_no_directory_clash(git.refs(), name)
    return RefMove(name, actual, after)


def _demand_forward(scope: Scope, repo: Repository, move: RefMove) -> None:
    if move.before is None or move.after is None:
        return
    if not scope.git(repo).is_ancestor(move.before, move.after):
        raise Refused(422, f'Update of "{move.ref}" is not a fast forward')


def create_commit_on_branch(scope: Scope, wish: Arguments) -> Payload:
    """One commit on a branch's tip, authored by the caller, committed and signed by GitHub.

    Raises Refused: STALE_DATA when the tip is not `expectedHeadOid`.
    https://docs.github.com/graphql/reference/mutations#createcommitonbranch
    """
    repo, branch = _branch(scope, wish["branch"])
    scope.demand_write(repo, "contents")
    git, tip, expected = scope.git(repo), scope.git(repo).branch(branch), wish["expectedHeadOid"]
    if tip is None:
        raise Refused(404, f'Could not resolve to a branch named "{branch}".')
    if tip != expected:
        text = f'Expected branch to point to "{expected}" but it did not.  Pull and try again.'
        raise Refused(422, text, kind="STALE_DATA")
    tree = git.known_commit(tip).tree
    files = _files(scope, repo, tree, wish.get("fileChanges") or {}, tip)
    message = wish["message"]["headline"]
    if wish["message"].get("body"):
        message += "\n\n" + wish["message"]["body"]
    new = with_files(git, tree, files)
    author = scope.world.signature(scope.actor.account)
    sha = scope.world.signed_commit(git, new, (tip,), author, message)
    push(scope.world, repo, [RefMove(HEADS + branch, tip, sha)], scope.actor)
    return {"commit": commit(scope, repo, sha), "ref": ref(scope, repo, HEADS + branch)}


def _branch(scope: Scope, wish: Mapping[str, Any]) -> tuple[Repository, str]:
    if wish.get("id"):
        thing: Thing = nodes.expected(scope, "Ref", wish["id"])
        return scope.fresh(thing.home), str(thing.value).removeprefix(HEADS)
    name, branch = wish.get("repositoryNameWithOwner"), wish.get("branchName")
    if not name or not branch:
        text = "A branch must be given by its id, or by repositoryNameWithOwner and branchName."
        raise Refused(422, text)
    return scope.world.repository(name), str(branch).removeprefix(HEADS)


def _files(
    scope: Scope, repo: Repository, tree: str, changes: Mapping[str, Any], tip: str
) -> dict[str, bytes | str | None]:
    files: dict[str, bytes | str | None] = {}
    for deletion in changes.get("deletions") or ():
        path = deletion["path"]
        if entry_at(scope.git(repo), tree, path) is None:
            text = (
                f"A path was requested for deletion which does not exist as of commit oid `{tip}`"
            )
            raise Refused(422, text)
        files[path] = None
    for addition in changes.get("additions") or ():
        files[_demanded_path(addition["path"])] = _decoded(addition["contents"])
    return files


def _demanded_path(path: str) -> str:
    parts = path.split("/")
    if not path or any(part in ("", ".", "..", ".git") for part in parts):
        raise Refused(422, f"A path was requested for addition which is not valid: `{path}`")
    return path


def _decoded(contents: str) -> bytes:
    try:
        return base64.b64decode(contents, validate=True)
    except binascii.Error as why:
        raise Refused(422, "A FileAddition's contents are not valid Base64") from why
