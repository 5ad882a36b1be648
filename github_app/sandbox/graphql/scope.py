"""What every resolver works with: the caller, typed things of the world, and pages of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from github_app.sandbox.access import demand, demand_live
from github_app.sandbox.git_store import GitStore
from github_app.sandbox.limits import Limits
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.refused import Refused
from github_app.sandbox.rest.shapes import Urls
from github_app.sandbox.state import Repository
from github_app.sandbox.world import Actor, World

Arguments = Mapping[str, Any]
MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Thing:
    """A value of the world under its GraphQL type, with the repository it belongs to."""

    type: str
    value: Any
    repo: Repository | None = None

    @property
    def home(self) -> Repository:
        """The repository of a thing that has one."""
        if self.repo is None:
            raise LookupError(f"{self.type} belongs to no repository")
        return self.repo


@dataclass(frozen=True, slots=True)
class Scope:
    """One GraphQL request."""

    world: World
    actor: Actor
    urls: Urls
    limits: Limits

    def git(self, repo: Repository) -> GitStore:
        """The Git side of a repository."""
        return self.world.git(repo)

    def fresh(self, repo: Repository) -> Repository:
        """The repository as it is now: mutations of the same document may have changed it."""
        return self.world.repositories[repo.id]

    def demand_write(self, repo: Repository, *permissions: str) -> None:
        """Nothing, if the caller may write with one of the permissions."""
        demand(self.actor, repo, tuple((name, "write") for name in permissions))
        demand_live(self.fresh(repo))


Resolver = Callable[[Scope, Thing, Arguments], object]
Table = Mapping[str, Mapping[str, Resolver]]


def account(scope: Scope, login: str | None) -> Thing | None:
    """The account of a login as `Actor`; None for nobody."""
    found = scope.world.accounts.get(login.lower()) if login else None
    return Thing(found.kind, found) if found else None


def commit(scope: Scope, repo: Repository, sha: str | None) -> Thing | None:
    """The commit of an id."""
    found = scope.git(repo).commit(sha) if sha else None
    return Thing("Commit", found, repo) if found else None


def ref(scope: Scope, repo: Repository, name: str) -> Thing | None:
    """A ref by its full name, None if it does not exist."""
    return Thing("Ref", name, repo) if name in scope.git(repo).refs() else None


def git_object(scope: Scope, repo: Repository, sha: str) -> Thing | None:
    """Commit, tree or blob by id."""
    found = scope.git(repo).read(sha)
    match found:
        case ("commit", _):
            return commit(scope, repo, sha)
        case ("tree", _):
            return Thing("Tree", sha, repo)
        case ("blob", _):
            return Thing("Blob", sha, repo)
        case _:
            return None


def thing_id(thing: Thing, *parts: object) -> str:
    """The node id of a thing inside a repository."""
    return node_id(thing.type, thing.home.id, *parts)


def _bare(item: object) -> Mapping[str, object]:
    return {}


def connection(
    name: str,
    items: Sequence[Any],
    arguments: Arguments,
    thing: Callable[[Any], Any],
    beside: Callable[[Any], Mapping[str, object]] = _bare,
) -> dict[str, object]:
    """The asked-for part of a list, as GitHub pages; `beside` is what an edge has of its own.

    Raises Refused: neither `first` nor `last`, or more than a hundred.
    https://docs.github.com/graphql/guides/using-pagination-in-the-graphql-api
    """
    first, last = _boundaries(name, arguments)
    start = _cursor(arguments.get("after"), 0)
    end = _cursor(arguments.get("before"), len(items) + 1) - 1
    if first is not None:
        end = min(end, start + first)
    if last is not None:
        start = max(start, end - last)
    shown = items[start:end]
    nodes = [thing(item) for item in shown]
    cursors = [_cursor_text(number + 1) for number in range(start, start + len(nodes))]
    return {
        "nodes": nodes,
        "edges": [
            {"node": node, "cursor": cursor, **beside(item)}
            for node, cursor, item in zip(nodes, cursors, shown, strict=True)
        ],
        "totalCount": len(items),
        "pageInfo": {
            "hasNextPage": end < len(items),
            "hasPreviousPage": start > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _boundaries(name: str, arguments: Arguments) -> tuple[int | None, int | None]:
    first, last = arguments.get("first"), arguments.get("last")
    if first is None and last is None:
        text = (
            "You must provide a `first` or `last` value to properly paginate the "
            f"`{name}` connection."
        )
        raise Refused(200, text, kind="MISSING_PAGINATION_BOUNDARIES")
    for word, count in (("first", first), ("last", last)):
        if count is not None and count > MOST_PER_PAGE:
            text = (
                f"Requesting {count} records on the `{name}` connection exceeds the "
                f"`{word}` limit of {MOST_PER_PAGE} records."
            )
            raise Refused(200, text, kind="EXCESSIVE_PAGINATION")
    return first, last


def _cursor_text(number: int) -> str:
    return base64.b64encode(f"cursor:{number}".encode()).decode()


def _cursor(text: str | None, default: int) -> int:
    if text is None:
        return default
    try:
        return int(base64.b64decode(text).decode().removeprefix("cursor:"))
    except (binascii.Error, ValueError) as why:
        text = f"`{text}` does not appear to be a valid cursor."
        raise Refused(200, text, kind="INVALID_CURSOR_ARGUMENTS") from why
