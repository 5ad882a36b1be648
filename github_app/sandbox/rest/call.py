"""One REST call: who asks for what, and the answer; pages and required fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from github_app.sandbox.auth import Auth
from github_app.sandbox.git_store import GitStore
from github_app.sandbox.refused import Refused
from github_app.sandbox.rest.shapes import Urls
from github_app.sandbox.state import App, Repository
from github_app.sandbox.webhooks import Webhooks
from github_app.sandbox.world import Actor, World

Item = TypeVar("Item")
PER_PAGE, MOST_PER_PAGE = 30, 100


@dataclass(frozen=True, slots=True)
class Site:
    """What every call works on."""

    world: World
    auth: Auth
    webhooks: Webhooks


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON body (None: no content) and headers of an answer."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose caller is known and allowed; `repo` and `app` are there if the route says so."""

    site: Site
    urls: Urls
    url: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    json: object
    caller: Actor | None = None
    repository: Repository | None = None
    signed_by: App | None = None
    accept: str = ""

    @property
    def world(self) -> World:
        """The state."""
        return self.site.world

    @property
    def actor(self) -> Actor:
        """Who calls with a token."""
        return _present(self.caller)

    @property
    def repo(self) -> Repository:
        """The repository of the path, as it is now."""
        return self.world.repositories[_present(self.repository).id]

    @property
    def git(self) -> GitStore:
        """Its Git repository."""
        return self.world.git(self.repo)

    @property
    def app(self) -> App:
        """The App that calls with its JWT."""
        return _present(self.signed_by)

    @property
    def fields(self) -> Mapping[str, Any]:
        """The JSON object that was sent; none counts as an empty one."""
        if self.json is None:
            return {}
        if not isinstance(self.json, dict):
            raise Refused(400, "Body should be a JSON object")
        return self.json

    def text(self, name: str) -> str:
        """A required string; 422 when absent or something else."""
        value = self.fields.get(name)
        if value is None:
            raise Refused(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        if not isinstance(value, str):
            raise _wrong(name, value, "a string")
        return value

    def optional(self, name: str) -> str | None:
        """A string or nothing."""
        return None if self.fields.get(name) is None else self.text(name)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean."""
        value = self.fields.get(name, default)
        if not isinstance(value, bool):
            raise _wrong(name, value, "a boolean")
        return value

    def texts(self, name: str) -> list[str] | None:
        """A list of strings, None when absent."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _wrong(name, value, "an array of strings")
        return value

    def number(self, name: str) -> int:
        """A number of the path."""
        return int(self.path[name])


Handler = Callable[[Call], Answer]


def _present(value: Item | None) -> Item:
    """The value that a route of this kind always has."""
    if value is None:
        raise LookupError("the route does not ask for this")
    return value


def _wrong(name: str, value: object, wanted: str) -> Refused:
    return Refused(422, f"Invalid request.\n\nFor '{name}', {value!r} is not {wanted}.")


def page(call: Call, items: Sequence[Item], shape: Callable[[Item], object]) -> Answer:
    """The asked-for page of a list, with the `Link` header that leads to the others."""
    shown, headers = _cut(call, items)
    return Answer(200, [shape(item) for item in shown], headers)


def counted(
    call: Call,
    key: str,
    items: Sequence[Item],
    shape: Callable[[Item], object],
    beside: Mapping[str, object] | None = None,
) -> Answer:
    """The same inside `{"total_count": n, key: [...]}`, with what else stands there."""
    shown, headers = _cut(call, items)
    body = {"total_count": len(items), key: [shape(item) for item in shown], **(beside or {})}
    return Answer(200, body, headers)


def _cut(call: Call, items: Sequence[Item]) -> tuple[Sequence[Item], dict[str, str]]:
    size = min(_positive(call.query.get("per_page"), PER_PAGE), MOST_PER_PAGE)
    number = _positive(call.query.get("page"), 1)
    last = max(1, -(-len(items) // size))
    links = []
    for name, target in _relations(number, last):
        query = urlencode({**call.query, "per_page": size, "page": target})
        links.append(f'<{call.url}?{query}>; rel="{name}"')
    headers = {"Link": ", ".join(links)} if links else {}
    return items[(number - 1) * size : number * size], headers


def _relations(number: int, last: int) -> Iterable[tuple[str, int]]:
    if number > 1:
        yield "prev", number - 1
        yield "first", 1
    if number < last:
        yield "next", number + 1
        yield "last", last


def _positive(value: str | None, default: int) -> int:
    return int(value) if value and value.isdigit() and int(value) else default
