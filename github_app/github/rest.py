"""The few things only GitHub's REST API gives: installations, permissions, deliveries, a root."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

import requests

from github_app.github.answers import NotFound, RestAnswer, message_of
from github_app.github.host import checked_repository
from github_app.github.transport import Transport
from plugin.errors import Refusal

# More pages than any honest answer has: a server that never ends must not keep us.
_MOST_PAGES = 200
# Answers that ask for another attempt: too slow, too much.
_LATER = frozenset({408, 429})
_ROLES = frozenset({"none", "read", "triage", "write", "maintain", "admin"})


@dataclass(frozen=True, slots=True)
class Installation:
    """The App in one account."""

    id: int
    account: str
    suspended: bool


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository an installation may see; `id` stays through renames, `name` (owner/name) not."""

    id: int
    name: str
    default_branch: str
    archived: bool


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A webhook that never got through: `guid` names all its attempts, `id` the newest."""

    guid: str
    id: int
    event: str
    delivered_at: datetime


def installations(app: Transport) -> tuple[Installation, ...]:
    """Every installation of the App; `app` speaks with the App's own key."""
    return tuple(
        Installation(
            int(one["id"]), str(one["account"]["login"]), one.get("suspended_at") is not None
        )
        for page in _pages(app, "/app/installations?per_page=100")
        for one in page
    )


def repositories(installation: Transport) -> tuple[Repository, ...]:
    """Every repository the installation may see."""
    return tuple(
        Repository(
            int(one["id"]),
            str(one["full_name"]),
            str(one.get("default_branch") or ""),
            bool(one.get("archived")),
        )
        for page in _pages(installation, "/installation/repositories?per_page=100")
        for one in page["repositories"]
    )


def collaborator_permission(installation: Transport, repository: str, user: str) -> str:
    """What a person may do now: none, read, triage, write, maintain or admin.

    Of a role of the organization's own making only what it is built upon is told, as far as GitHub
    tells it: read, write or admin
    (https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user).
    """
    path = f"{_repo(repository)}/collaborators/{quote(user, safe='')}/permission"
    try:
        found = installation.rest("GET", path).json
    except NotFound:
        return "none"
    role = str(found.get("role_name") or "")
    return role if role in _ROLES else str(found["permission"])


def create_root_commit(
    installation: Transport, repository: str, message: str, files: Mapping[str, str]
) -> str:
    """The id of a commit without parents that holds `files` (path to text), on no branch yet.

    Author and committer are left out, so that GitHub signs the commit as the App's:
    https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification#signature-verification-for-bots
    """
    git = f"{_repo(repository)}/git"
    entries = [
        {"path": path, "mode": "100644", "type": "blob", "content": text}
        for path, text in files.items()
    ]
    tree = _created(installation, f"{git}/trees", {"tree": entries})
    body = {"message": message, "tree": tree, "parents": []}
    return _created(installation, f"{git}/commits", body)


def failed_deliveries(
    app: Transport, since: datetime, most_pages: int = _MOST_PAGES
) -> tuple[FailedDelivery, ...]:
    """Webhooks since then of which no attempt was answered, oldest first.

    What we refused is answered: it would be refused again. Of `most_pages` each has a hundred of
    the newest. GitHub never redelivers by itself; a redelivery carries the same GUID:
    https://docs.github.com/en/webhooks/using-webhooks/automatically-redelivering-failed-deliveries-for-a-github-app-webhook
    """
    failed: dict[str, FailedDelivery] = {}
    arrived: set[str] = set()
    for one in _deliveries(app, since, most_pages):
        guid = str(one["guid"])
        if 200 <= int(one["status_code"]) < 500 and int(one["status_code"]) not in _LATER:
            arrived.add(guid)
        elif guid not in failed:
            failed[guid] = FailedDelivery(guid, int(one["id"]), str(one["event"]), _moment(one))
    missing = (one for guid, one in failed.items() if guid not in arrived)
    return tuple(sorted(missing, key=lambda one: (one.delivered_at, one.id)))


def redeliver(app: Transport, delivery: FailedDelivery) -> None:
    """Ask GitHub to send a delivery again."""
    path = f"/app/hook/deliveries/{delivery.id}/attempts"
    answer = app.rest("POST", path)
    if answer.status != 202:
        raise _refused(path, answer)


def _deliveries(app: Transport, since: datetime, most: int) -> Iterator[Mapping[str, Any]]:
    # Newest first, so that the first one too old ends the walk.
    for page in islice(_pages(app, "/app/hook/deliveries?per_page=100"), most):
        for one in page:
            if _moment(one) < since:
                return
            yield one


def _moment(delivery: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(delivery["delivered_at"]))


def _pages(transport: Transport, path: str) -> Iterator[Any]:
    address: str | None = path
    for _ in range(_MOST_PAGES):
        answer = transport.rest("GET", address or path)
        yield answer.json
        address = _next_page(answer)
        if address is None:
            return
    raise Refusal(f"GitHub's answer to {path} does not end after {_MOST_PAGES} pages")


def _next_page(answer: RestAnswer) -> str | None:
    # Only path and query of this address are used, so no token follows it to another host.
    links = requests.utils.parse_header_links(answer.headers.get("link", ""))
    return next((link["url"] for link in links if link.get("rel") == "next"), None)


def _created(installation: Transport, path: str, body: Mapping[str, Any]) -> str:
    """The id of a new Git object."""
    answer = installation.rest("POST", path, body)
    if answer.status != 201 or not isinstance(answer.json, dict):
        raise _refused(path, answer)
    return str(answer.json["sha"])


def _refused(path: str, answer: RestAnswer) -> Refusal:
    return Refusal(f"GitHub refuses {path}: {message_of(answer) or answer.status}")


def _repo(repository: str) -> str:
    return f"/repos/{checked_repository(repository)}"
