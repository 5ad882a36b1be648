"""Refs, commits, trees and blobs."""

from __future__ import annotations

from github_app.sandbox.graphql.scope import (
    Arguments,
    Resolver,
    Scope,
    Table,
    Thing,
    commit,
    connection,
    git_object,
    thing_id,
)
from github_app.sandbox.objects import Commit, Entry, Signature
from github_app.sandbox.refs import HEADS
from github_app.sandbox.rest import pull_shapes
from github_app.sandbox.rest.shapes import stamp
from github_app.sandbox.trees import entry_at

TEXT_LIMIT = 512_000


def _prefix(thing: Thing) -> str:
    kind = "/".join(thing.value.split("/")[:2])
    return f"{kind}/"


def _ref_name(scope: Scope, thing: Thing, arguments: Arguments) -> str:
    return str(thing.value).removeprefix(_prefix(thing))


def _target(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    sha = scope.git(thing.home).refs().get(thing.value)
    return git_object(scope, thing.home, sha) if sha else None


def _pulls_from(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    branch = str(thing.value).removeprefix(HEADS)
    every, states = scope.world.pulls(thing.home), arguments.get("states")
    found = [p for p in every if p.head_ref == branch]
    found = [p for p in found if not states or pull_state(p.merged, p.state) in states]
    return connection(
        "associatedPullRequests", found, arguments, lambda p: Thing("PullRequest", p, thing.home)
    )


def pull_state(merged: bool, state: str) -> str:
    """OPEN, CLOSED or MERGED."""
    return "MERGED" if merged else state.upper()


def _compare(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    refs = scope.git(thing.home).refs()
    wanted = arguments["headRef"]
    head = refs.get(wanted) or refs.get(HEADS + wanted)
    base = refs.get(thing.value)
    return Thing("Comparison", (base, head), thing.home) if head and base else None


def _ahead(scope: Scope, thing: Thing, arguments: Arguments) -> int:
    return len(scope.git(thing.home).between(*thing.value))


def _behind(scope: Scope, thing: Thing, arguments: Arguments) -> int:
    base, head = thing.value
    return len(scope.git(thing.home).between(head, base))


def _comparison_status(scope: Scope, thing: Thing, arguments: Arguments) -> str:
    ahead, behind = _ahead(scope, thing, {}), _behind(scope, thing, {})
    if ahead and behind:
        return "DIVERGED"
    if ahead:
        return "AHEAD"
    return "BEHIND" if behind else "IDENTICAL"


def _person(author: bool) -> Resolver:
    def resolve(scope: Scope, thing: Thing, arguments: Arguments) -> Thing:
        value: Commit = thing.value
        return Thing("GitActor", value.author if author else value.committer)

    return resolve


def _git_user(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    """Bots too are shown as `User` here, and here alone with "[bot]" behind their login."""
    signature: Signature = thing.value
    found = scope.world.user_of(signature)
    return Thing("User", found) if found and found.kind != "Organization" else None


def _parents(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    value: Commit = thing.value
    return connection(
        "parents", value.parents, arguments, lambda sha: commit(scope, thing.home, sha)
    )


def _history(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    found = scope.git(thing.home).history(thing.value.sha, 10_000)
    return connection("history", found, arguments, lambda sha: commit(scope, thing.home, sha))


def _signature(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    return Thing("GpgSignature", thing.value, thing.home) if thing.value.gpgsig else None


def _valid(scope: Scope, thing: Thing, arguments: Arguments) -> bool:
    return scope.world.verified(thing.value)


def _changed_lines(thing: Thing, scope: Scope) -> tuple[int, int, int]:
    git = scope.git(thing.home)
    parents = thing.value.parents
    changes = git.changes(parents[0] if parents else git.write_tree([]), thing.value.sha)
    plus, minus = sum(c.additions for c in changes), sum(c.deletions for c in changes)
    return plus, minus, len(changes)


def _commit_pulls(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    repo, sha = thing.home, thing.value.sha
    found = [
        pull
        for pull in scope.world.pulls(repo)
        if sha == pull.merge_sha
        or sha
        in scope.git(repo).between(pull_shapes.base_of(scope.world, repo, pull), pull.head_sha)
    ]
    return connection(
        "associatedPullRequests", found, arguments, lambda p: Thing("PullRequest", p, repo)
    )


def _file(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    path = arguments["path"].strip("/")
    entry = entry_at(scope.git(thing.home), thing.value.tree, path)
    return Thing("TreeEntry", (path, entry), thing.home) if entry else None


def _entries(scope: Scope, thing: Thing, arguments: Arguments) -> list[Thing]:
    found = scope.git(thing.home).tree(thing.value) or []
    return [Thing("TreeEntry", (entry.name, entry), thing.home) for entry in found]


def _entry(thing: Thing) -> Entry:
    entry: Entry = thing.value[1]
    return entry


def _entry_type(entry: Entry) -> str:
    return {"40000": "tree", "160000": "commit"}.get(entry.mode, "blob")


def _bytes(scope: Scope, thing: Thing) -> bytes:
    return scope.git(thing.home).blob(thing.value) or b""


def _text(scope: Scope, thing: Thing, arguments: Arguments) -> str | None:
    """Cut at 512,000 bytes without a word but `isTruncated`."""
    data = _bytes(scope, thing)
    return None if b"\0" in data[:8000] else data[:TEXT_LIMIT].decode("utf-8", "replace")


def _commit_url(scope: Scope, thing: Thing, sha: str) -> str:
    return scope.urls.page(thing.home, f"/commit/{sha}")


def _object(oid: str = "value") -> dict[str, Resolver]:
    def sha(thing: Thing) -> str:
        return str(thing.value.sha if oid == "sha" else thing.value)

    return {
        "id": lambda s, t, a: thing_id(t, sha(t)),
        "oid": lambda s, t, a: sha(t),
        "abbreviatedOid": lambda s, t, a: sha(t)[:7],
        "commitUrl": lambda s, t, a: _commit_url(s, t, sha(t)),
        "commitResourcePath": lambda s, t, a: f"/{t.home.full_name}/commit/{sha(t)}",
        "repository": lambda s, t, a: Thing("Repository", s.fresh(t.home), t.home),
    }


TABLE: Table = {
    "Ref": {
        "id": lambda s, t, a: thing_id(t, t.value),
        "name": _ref_name,
        "prefix": lambda s, t, a: _prefix(t),
        "target": _target,
        "repository": lambda s, t, a: Thing("Repository", s.fresh(t.home), t.home),
        "associatedPullRequests": _pulls_from,
        "compare": _compare,
    },
    "Comparison": {
        "id": lambda s, t, a: thing_id(Thing("Ref", None, t.repo), *t.value),
        "aheadBy": _ahead,
        "behindBy": _behind,
        "status": _comparison_status,
    },
    "Commit": {
        **_object("sha"),
        "additions": lambda s, t, a: _changed_lines(t, s)[0],
        "deletions": lambda s, t, a: _changed_lines(t, s)[1],
        "changedFilesIfAvailable": lambda s, t, a: _changed_lines(t, s)[2],
        "associatedPullRequests": _commit_pulls,
        "author": _person(True),
        "committer": _person(False),
        "authoredDate": lambda s, t, a: stamp(t.value.author.at),
        "committedDate": lambda s, t, a: stamp(t.value.committer.at),
        "file": _file,
        "history": _history,
        "message": lambda s, t, a: t.value.message,
        "messageHeadline": lambda s, t, a: t.value.message.partition("\n")[0],
        "messageBody": lambda s, t, a: t.value.message.partition("\n")[2].strip(),
        "parents": _parents,
        "signature": _signature,
        "tree": lambda s, t, a: Thing("Tree", t.value.tree, t.repo),
        "url": lambda s, t, a: _commit_url(s, t, t.value.sha),
    },
    "GitActor": {
        "name": lambda s, t, a: t.value.name,
        "email": lambda s, t, a: t.value.email,
        "date": lambda s, t, a: stamp(t.value.at),
        "user": _git_user,
    },
    "GpgSignature": {
        "email": lambda s, t, a: t.value.committer.email,
        "isValid": _valid,
        "wasSignedByGitHub": _valid,
        "keyId": lambda s, t, a: None,
        "payload": lambda s, t, a: t.value.signed_part.decode("utf-8", "replace"),
        "signature": lambda s, t, a: t.value.gpgsig,
        "signer": lambda s, t, a: None,
        "state": lambda s, t, a: "VALID" if s.world.verified(t.value) else "UNKNOWN_KEY",
        "verifiedAt": lambda s, t, a: (
            stamp(t.value.committer.at) if s.world.verified(t.value) else None
        ),
    },
    "Tree": {**_object(), "entries": _entries},
    "Blob": {
        **_object(),
        "byteSize": lambda s, t, a: len(_bytes(s, t)),
        "isBinary": lambda s, t, a: b"\0" in _bytes(s, t)[:8000],
        "isTruncated": lambda s, t, a: len(_bytes(s, t)) > TEXT_LIMIT,
        "text": _text,
    },
    "TreeEntry": {
        "mode": lambda s, t, a: int(_entry(t).mode, 8),
        "name": lambda s, t, a: _entry(t).name,
        "oid": lambda s, t, a: _entry(t).sha,
        "object": lambda s, t, a: git_object(s, t.home, _entry(t).sha),
        "path": lambda s, t, a: t.value[0],
        "size": lambda s, t, a: len(s.git(t.home).blob(_entry(t).sha) or b""),
        "type": lambda s, t, a: _entry_type(_entry(t)),
    },
}
