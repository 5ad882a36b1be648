"""Blobs, trees, commits and refs over REST.

https://docs.github.com/rest/git
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from github_app.sandbox.git_store import RefMove
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.objects import (
    DIRECTORY,
    EXECUTABLE,
    REGULAR,
    SUBMODULE,
    SYMLINK,
    Entry,
    Signature,
    commit_bytes,
)
from github_app.sandbox.refs import push
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.rest import git_shapes
from github_app.sandbox.rest.call import Answer, Call
from github_app.sandbox.rest.shapes import Json
from github_app.sandbox.trees import Leaf, edited, walk

ENTRIES_PER_TREE = 100_000
_MODES = {
    REGULAR: "blob",
    EXECUTABLE: "blob",
    SYMLINK: "blob",
    "040000": "tree",
    SUBMODULE: "commit",
}


def create_blob(call: Call) -> Answer:
    """https://docs.github.com/rest/git/blobs#create-a-blob"""
    content = call.text("content")
    if call.fields.get("encoding", "utf-8") == "base64":
        data = from_base64(content)
    else:
        data = content.encode()
    sha = call.git.write("blob", data)
    return Answer(201, {"sha": sha, "url": call.urls.repo(call.repo, f"/git/blobs/{sha}")})


def from_base64(content: str) -> bytes:
    """The bytes; 422 for what is not base64."""
    try:
        return base64.b64decode(content)
    except binascii.Error as why:
        raise Refused(422, "content is not valid Base64") from why


def get_blob(call: Call) -> Answer:
    """https://docs.github.com/rest/git/blobs#get-a-blob"""
    sha = call.path["sha"]
    data = call.git.blob(sha)
    if data is None:
        raise not_found()
    body = {
        "sha": sha,
        "node_id": node_id("Blob", call.repo.id, sha),
        "size": len(data),
        "url": call.urls.repo(call.repo, f"/git/blobs/{sha}"),
        "content": base64.encodebytes(data).decode(),
        "encoding": "base64",
    }
    return Answer(200, body)


def create_tree(call: Call) -> Answer:
    """https://docs.github.com/rest/git/trees#create-a-tree"""
    base = _base_tree(call)
    wanted = call.fields.get("tree")
    if not isinstance(wanted, list) or not wanted:
        raise Refused(422, 'Invalid request.\n\n"tree" wasn\'t supplied.')
    edits = dict(_edit(call, item) for item in wanted)
    sha = edited(call.git, base, edits) or call.git.write_tree([])
    return Answer(201, _tree(call, sha, recursive=False))


def _base_tree(call: Call) -> str | None:
    base = call.optional("base_tree")
    if base is None:
        return None
    commit = call.git.commit(base)
    if commit is not None:
        return commit.tree
    if call.git.tree(base) is None:
        raise Refused(404, "Not Found")
    return base


def _edit(call: Call, item: Mapping[str, Any]) -> tuple[str, Leaf | None]:
    path, mode = str(item.get("path") or ""), str(item.get("mode") or REGULAR)
    if not path or path.startswith("/") or ".." in path.split("/") or ".git" in path.split("/"):
        raise Refused(422, f"tree.path contains a malformed path component: {path}")
    if mode not in _MODES:
        raise Refused(422, f"tree.mode {mode} is not one of {', '.join(_MODES)}")
    if "content" in item:
        return path, Leaf(mode, call.git.write("blob", str(item["content"]).encode()))
    if "sha" not in item:
        raise Refused(422, "Must supply either tree.sha or tree.content")
    if item["sha"] is None:
        return path, None
    sha = str(item["sha"])
    if _MODES[mode] != "commit" and call.git.read(sha) is None:
        raise Refused(422, f"tree.sha {sha} is not a valid {_MODES[mode]}")
    return path, Leaf(DIRECTORY if mode == "040000" else mode, sha)


def get_tree(call: Call) -> Answer:
    """https://docs.github.com/rest/git/trees#get-a-tree"""
    wanted = call.path["sha"]
    at = call.git.branch(wanted) or wanted
    commit = call.git.commit(at) if len(at) == 40 else None
    sha = commit.tree if commit else at
    if len(sha) != 40 or call.git.tree(sha) is None:
        raise not_found()
    return Answer(200, _tree(call, sha, recursive=bool(call.query.get("recursive"))))


def _tree(call: Call, sha: str, *, recursive: bool) -> Json:
    if recursive:
        entries = list(walk(call.git, sha))
    else:
        entries = [(entry.name, entry) for entry in call.git.tree(sha) or []]
    shown = [_entry(call, path, entry) for path, entry in entries[:ENTRIES_PER_TREE]]
    return {
        "sha": sha,
        "url": call.urls.repo(call.repo, f"/git/trees/{sha}"),
        "tree": shown,
        "truncated": len(entries) > ENTRIES_PER_TREE,
    }


def _entry(call: Call, path: str, entry: Entry) -> Json:
    mode = entry.mode.zfill(6)
    kind = _MODES.get(mode, "blob")
    shape: Json = {"path": path, "mode": mode, "type": kind, "sha": entry.sha}
    if kind == "blob":
        shape["size"] = len(call.git.blob(entry.sha) or b"")
    if kind != "commit":
        shape["url"] = call.urls.repo(call.repo, f"/git/{kind}s/{entry.sha}")
    return shape


def create_commit(call: Call) -> Answer:
    """Signed by GitHub only if an App leaves author and committer out.

    https://docs.github.com/rest/git/commits#create-a-commit
    """
    git, message, tree = call.git, call.text("message"), call.text("tree")
    parents = tuple(call.texts("parents") or ())
    if git.tree(tree) is None:
        raise Refused(422, "Tree SHA does not exist")
    for parent in parents:
        if git.commit(parent) is None:
            raise Refused(422, "Parent SHA does not exist or is not a commit object")
    own = call.world.signature(call.actor.account)
    named = {"author", "committer", "signature"} & call.fields.keys()
    if call.actor.app is not None and not named:
        sha = call.world.signed_commit(git, tree, parents, own, message)
    else:
        author = _person(call, "author", own)
        committer = _person(call, "committer", author)
        sha = git.write("commit", commit_bytes(tree, parents, author, committer, message))
    return Answer(201, _commit(call, sha))


def _person(call: Call, field: str, default: Signature) -> Signature:
    given = call.fields.get(field)
    if not given:
        return default
    at = datetime.fromisoformat(given["date"]) if given.get("date") else call.world.now()
    return Signature(str(given["name"]), str(given["email"]), at)


def get_commit(call: Call) -> Answer:
    """https://docs.github.com/rest/git/commits#get-a-commit-object"""
    if call.git.commit(call.path["sha"]) is None:
        raise not_found()
    return Answer(200, _commit(call, call.path["sha"]))


def _commit(call: Call, sha: str) -> Json:
    return git_shapes.git_commit(call.world, call.urls, call.repo, call.git.known_commit(sha))


def create_ref(call: Call) -> Answer:
    """https://docs.github.com/rest/git/refs#create-a-reference"""
    ref, sha = call.text("ref"), call.text("sha")
    demand_ref_name(ref)
    if call.git.read(sha) is None:
        raise Refused(422, "Object does not exist")
    if ref in call.git.refs():
        raise Refused(422, "Reference already exists")
    demand_no_directory_clash(call.git.refs(), ref)
    push(call.world, call.repo, [RefMove(ref, None, sha)], call.actor)
    return Answer(201, _ref(call, ref))


def demand_ref_name(ref: str) -> None:
    """Nothing, if the name is one Git accepts, in full.

    https://git-scm.com/docs/git-check-ref-format
    """
    parts = ref.split("/")
    kind_ok = len(parts) >= 3 and parts[0] == "refs" and parts[1] != "pull"
    forbidden = any(c in ref for c in " ~^:?*[\\\x7f") or ".." in ref or "@{" in ref
    bad_part = any(not p or p.startswith(".") or p.endswith((".lock", ".")) for p in parts)
    if not kind_ok or forbidden or bad_part or not ref.isprintable():
        raise Refused(422, f"{ref} is not a valid ref name.")


def demand_no_directory_clash(refs: Mapping[str, str], ref: str) -> None:
    """Nothing, unless one of two names would have to be file and directory at once."""
    for other in refs:
        if other.startswith(ref + "/") or ref.startswith(other + "/"):
            raise Refused(422, "Reference update failed")


def _ref(call: Call, ref: str) -> Json:
    sha = call.git.refs()[ref]
    found = call.git.read(sha)
    return git_shapes.git_ref(call.urls, call.repo, ref, sha, found[0] if found else "commit")


def get_ref(call: Call) -> Answer:
    """https://docs.github.com/rest/git/refs#get-a-reference"""
    ref = f"refs/{call.path['ref']}"
    if ref not in call.git.refs():
        raise not_found()
    return Answer(200, _ref(call, ref))


def matching_refs(call: Call) -> Answer:
    """https://docs.github.com/rest/git/refs#list-matching-references"""
    start = f"refs/{call.path['ref']}"
    found = sorted(ref for ref in call.git.refs() if ref.startswith(start))
    return Answer(200, [_ref(call, ref) for ref in found])


def update_ref(call: Call) -> Answer:
    """https://docs.github.com/rest/git/refs#update-a-reference"""
    ref, sha = f"refs/{call.path['ref']}", call.text("sha")
    before = call.git.refs().get(ref)
    if before is None:
        raise Refused(422, "Reference does not exist")
    if call.git.read(sha) is None:
        raise Refused(422, "Object does not exist")
    move = RefMove(ref, before, sha)
    push(call.world, call.repo, [move], call.actor, forced=call.flag("force"))
    return Answer(200, _ref(call, ref))


def delete_ref(call: Call) -> Answer:
    """https://docs.github.com/rest/git/refs#delete-a-reference"""
    ref = f"refs/{call.path['ref']}"
    before = call.git.refs().get(ref)
    if before is None:
        raise Refused(422, "Reference does not exist")
    push(call.world, call.repo, [RefMove(ref, before, None)], call.actor)
    return Answer(204)
