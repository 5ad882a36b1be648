"""Files over REST, one commit per call.

https://docs.github.com/rest/repos/contents
"""

from __future__ import annotations

import base64

from github_app.sandbox.git_store import RefMove
from github_app.sandbox.objects import Entry
from github_app.sandbox.refs import HEADS, push
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.rest import git_shapes, shapes
from github_app.sandbox.rest.call import Answer, Call
from github_app.sandbox.rest.git_data import from_base64
from github_app.sandbox.rest.shapes import Json
from github_app.sandbox.trees import entry_at, with_files
from github_app.sandbox.world import sha_of

INLINE_LIMIT = 1024 * 1024


def get(call: Call) -> Answer:
    """A file (its content up to 1 MB) or the list of a directory."""
    ref = call.query.get("ref") or call.repo.default_branch
    try:
        sha = sha_of(call.world, call.repo, ref)
    except Refused as why:
        raise Refused(404, f"No commit found for the ref {ref}") from why
    tree, path = call.git.known_commit(sha).tree, call.path.get("path", "").strip("/")
    entry = entry_at(call.git, tree, path) if path else Entry("40000", "", tree)
    if entry is None:
        raise not_found()
    if entry.is_tree:
        found = call.git.tree(entry.sha) or []
        prefix = f"{path}/" if path else ""
        return Answer(200, [_shape(call, e, prefix + e.name, ref) for e in found])
    return Answer(200, _with_content(call, entry, path, ref))


def _with_content(call: Call, entry: Entry, path: str, ref: str) -> Json:
    data = call.git.blob(entry.sha) or b""
    small = len(data) <= INLINE_LIMIT
    content = base64.encodebytes(data).decode() if small else ""
    shape = _shape(call, entry, path, ref)
    return {**shape, "content": content, "encoding": "base64" if small else "none"}


def _shape(call: Call, entry: Entry, path: str, ref: str) -> Json:
    kind = "dir" if entry.is_tree else "file"
    at, of = shapes.quoted(path), shapes.quoted(ref)
    own = call.urls.repo(call.repo, f"/contents/{at}?ref={of}")
    git = call.urls.repo(call.repo, f"/git/{'trees' if entry.is_tree else 'blobs'}/{entry.sha}")
    html = call.urls.page(call.repo, f"/{'tree' if entry.is_tree else 'blob'}/{of}/{at}")
    return {
        "type": kind,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": 0 if entry.is_tree else len(call.git.blob(entry.sha) or b""),
        "url": own,
        "git_url": git,
        "html_url": html,
        "download_url": None if entry.is_tree else call.urls.page(call.repo, f"/raw/{of}/{at}"),
        "_links": {"self": own, "git": git, "html": html},
    }


def put(call: Call) -> Answer:
    """A new or changed file; the old blob's id is asked for, and is the compare-and-swap."""
    existed, sha = _changed(call, from_base64(call.text("content")))
    path, branch = call.path["path"], _branch(call)
    commit = call.git.known_commit(sha)
    entry = entry_at(call.git, commit.tree, path)
    shape = _shape(call, entry, path, branch) if entry else None
    inner = git_shapes.git_commit(call.world, call.urls, call.repo, commit)
    return Answer(200 if existed else 201, {"content": shape, "commit": inner})


def delete(call: Call) -> Answer:
    """A file less."""
    _, sha = _changed(call, None)
    inner = git_shapes.git_commit(call.world, call.urls, call.repo, call.git.known_commit(sha))
    return Answer(200, {"content": None, "commit": inner})


def _branch(call: Call) -> str:
    return call.optional("branch") or call.repo.default_branch


def _changed(call: Call, content: bytes | None) -> tuple[bool, str]:
    git, path, branch = call.git, call.path["path"], _branch(call)
    message, tip = call.text("message"), git.branch(branch)
    if tip is None:
        raise Refused(404, f"Branch {branch} not found")
    tree = git.known_commit(tip).tree
    existing = entry_at(git, tree, path)
    _demand_blob(call, existing, path, removing=content is None)
    new = with_files(git, tree, {path: content})
    author = call.world.signature(call.actor.account)
    sha = call.world.signed_commit(git, new, (tip,), author, message)
    push(call.world, call.repo, [RefMove(HEADS + branch, tip, sha)], call.actor)
    return existing is not None, sha


def _demand_blob(call: Call, existing: Entry | None, path: str, *, removing: bool) -> None:
    given = call.optional("sha")
    if existing is None:
        if removing or given is not None:
            raise not_found()
        return
    if given is None:
        raise Refused(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if given != existing.sha:
        raise Refused(409, f"{path} does not match {given}")
