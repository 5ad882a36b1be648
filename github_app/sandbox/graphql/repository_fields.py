"""Accounts, Apps, labels and repositories: where every query begins."""

from __future__ import annotations

from github_app.sandbox.access import may, role, visible
from github_app.sandbox.graphql.git_fields import pull_state
from github_app.sandbox.graphql.pull_fields import labels
from github_app.sandbox.graphql.scope import (
    Arguments,
    Resolver,
    Scope,
    Table,
    Thing,
    account,
    connection,
    git_object,
    ref,
    thing_id,
)
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.refs import HEADS
from github_app.sandbox.refused import Refused
from github_app.sandbox.rest.shapes import quoted, stamp
from github_app.sandbox.state import PullRequest
from github_app.sandbox.trees import entry_at


def _ref(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    """By full name, or as a branch or tag by its short one."""
    name = arguments["qualifiedName"]
    candidates = (name, HEADS + name, f"refs/tags/{name}")
    found = (ref(scope, thing.home, candidate) for candidate in candidates)
    return next((one for one in found if one), None)


def _refs(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    """In the order of their names; the prefix must end in a slash."""
    prefix = arguments["refPrefix"]
    if not prefix.startswith("refs/") or not prefix.endswith("/"):
        raise Refused(200, f"refPrefix `{prefix}` is not valid", kind="ARGUMENT_ERROR")
    names = sorted(n for n in scope.git(thing.home).refs() if n.startswith(prefix))
    query = arguments.get("query")
    found = [name for name in names if not query or query in name.removeprefix(prefix)]
    order = (arguments.get("orderBy") or {}).get("direction") or arguments.get("direction")
    if order == "DESC":
        found.reverse()
    return connection("refs", found, arguments, lambda name: Thing("Ref", name, thing.home))


def _pulls(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    found = [p for p in reversed(scope.world.pulls(thing.home)) if _wanted(p, arguments)]
    order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    if order["field"] == "UPDATED_AT":
        found.sort(key=lambda pull: (pull.updated_at, pull.number))
    if order["direction"] == "DESC":
        found.reverse()
    return connection(
        "pullRequests", found, arguments, lambda p: Thing("PullRequest", p, thing.home)
    )


def _wanted(pull: PullRequest, arguments: Arguments) -> bool:
    states = arguments.get("states")
    return (
        (not states or pull_state(pull.merged, pull.state) in states)
        and arguments.get("headRefName") in (None, pull.head_ref)
        and arguments.get("baseRefName") in (None, pull.base_ref)
    )


def _pull(scope: Scope, thing: Thing, arguments: Arguments) -> Thing:
    number = arguments["number"]
    found = scope.world.of(thing.home).pulls.get(number)
    if found is None:
        text = f"Could not resolve to a PullRequest with the number of {number}."
        raise Refused(404, text)
    return Thing("PullRequest", found, thing.home)


def _object(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    """`oid`, or `expression`: a ref or id, with `:path` for what stands there."""
    git = scope.git(thing.home)
    if arguments.get("oid"):
        return git_object(scope, thing.home, arguments["oid"])
    name, colon, path = str(arguments.get("expression") or "").partition(":")
    refs = git.refs()
    default = HEADS + thing.home.default_branch
    named = {"HEAD": refs.get(default)}.get(name) or refs.get(name) or refs.get(HEADS + name)
    sha = named or name
    if not colon:
        return git_object(scope, thing.home, sha)
    commit = git.commit(sha)
    if commit is None:
        return None
    if not path.strip("/"):
        return Thing("Tree", commit.tree, thing.home)
    entry = entry_at(git, commit.tree, path.strip("/"))
    return git_object(scope, thing.home, entry.sha) if entry else None


def _label(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    found = scope.fresh(thing.home).labels.get(arguments["name"].lower())
    return Thing("Label", found, thing.home) if found else None


def _default(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    return ref(scope, thing.home, HEADS + thing.value.default_branch)


def _permission(scope: Scope, thing: Thing, arguments: Arguments) -> str | None:
    if scope.actor.installation is not None:
        return "WRITE" if may(scope.actor, thing.home, "contents", "write") else "READ"
    own = role(thing.home, scope.actor.login)
    return None if own == "none" else own.upper()


def repository(scope: Scope, owner: str, name: str) -> Thing:
    """The repository, if the caller may know of it."""
    try:
        found = scope.world.repository(f"{owner}/{name}")
    except Refused:
        found = None
    if found is None or not visible(scope.actor, found):
        text = f"Could not resolve to a Repository with the name '{owner}/{name}'."
        raise Refused(404, text)
    return Thing("Repository", found, found)


def rate_limit(scope: Scope) -> dict[str, object]:
    """What the caller has used of its hour."""
    reset, used = scope.limits.state(scope.actor.budget, "graphql")
    left = max(0, scope.limits.limit - used)
    return {
        "cost": 1,
        "limit": scope.limits.limit,
        "nodeCount": 0,
        "remaining": left,
        "resetAt": stamp(reset),
        "used": used,
    }


def _account_page(thing: Thing) -> str:
    login: str = thing.value.login
    bot = thing.type == "Bot"
    return f"/apps/{login.removesuffix('[bot]')}" if bot else f"/{login}"


def _actor_login(thing: Thing) -> str:
    """Bots have no "[bot]" behind their login in GraphQL, as they have in REST."""
    login: str = thing.value.login
    return login.removesuffix("[bot]") if thing.type == "Bot" else login


_ACTOR: dict[str, Resolver] = {
    "id": lambda s, t, a: node_id(t.type, t.value.id),
    "databaseId": lambda s, t, a: t.value.id,
    "login": lambda s, t, a: _actor_login(t),
    "avatarUrl": lambda s, t, a: f"{s.urls.root}/avatars/{t.value.id}",
    "resourcePath": lambda s, t, a: _account_page(t),
    "url": lambda s, t, a: s.urls.root + _account_page(t),
}
_CREATED: dict[str, Resolver] = {"createdAt": lambda s, t, a: stamp(t.value.created_at)}
_NAME: dict[str, Resolver] = {"name": lambda s, t, a: t.value.name or None}

TABLE: Table = {
    "User": {**_ACTOR, **_CREATED, **_NAME, "email": lambda s, t, a: t.value.email},
    "Organization": {**_ACTOR, **_NAME},
    "Bot": {**_ACTOR, **_CREATED},
    "App": {
        "id": lambda s, t, a: node_id("App", t.value.id),
        "databaseId": lambda s, t, a: t.value.id,
        "clientId": lambda s, t, a: t.value.client_id,
        "name": lambda s, t, a: t.value.slug,
        "slug": lambda s, t, a: t.value.slug,
        "createdAt": lambda s, t, a: stamp(t.value.created_at),
        "url": lambda s, t, a: f"{s.urls.root}/apps/{t.value.slug}",
    },
    "Label": {
        "id": lambda s, t, a: thing_id(t, t.value.name),
        "name": lambda s, t, a: t.value.name,
        "color": lambda s, t, a: t.value.color,
        "description": lambda s, t, a: t.value.description,
        "isDefault": lambda s, t, a: False,
        "url": lambda s, t, a: s.urls.page(t.home, f"/labels/{quoted(t.value.name)}"),
    },
    "Repository": {
        "id": lambda s, t, a: node_id("Repository", t.value.id),
        "databaseId": lambda s, t, a: t.value.id,
        "name": lambda s, t, a: t.value.name,
        "nameWithOwner": lambda s, t, a: t.value.full_name,
        "owner": lambda s, t, a: account(s, t.value.owner),
        "url": lambda s, t, a: s.urls.page(t.home),
        "isPrivate": lambda s, t, a: t.value.private,
        "isArchived": lambda s, t, a: t.value.settings.archived,
        "isEmpty": lambda s, t, a: not s.git(t.home).branches(),
        "createdAt": lambda s, t, a: stamp(t.value.created_at),
        "pushedAt": lambda s, t, a: stamp(t.value.pushed_at),
        "autoMergeAllowed": lambda s, t, a: t.value.settings.auto_merge,
        "mergeCommitAllowed": lambda s, t, a: t.value.settings.merge_commit,
        "squashMergeAllowed": lambda s, t, a: t.value.settings.squash,
        "rebaseMergeAllowed": lambda s, t, a: t.value.settings.rebase,
        "deleteBranchOnMerge": lambda s, t, a: t.value.settings.delete_branch_on_merge,
        "viewerPermission": _permission,
        "defaultBranchRef": _default,
        "ref": _ref,
        "refs": _refs,
        "object": _object,
        "label": _label,
        "labels": labels,
        "pullRequest": _pull,
        "pullRequests": _pulls,
    },
}
