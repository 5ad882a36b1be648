"""The few REST calls: lists, permissions, the ledger's root, deliveries to ask for again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import responses

from github_app.github.answers import UnknownOutcome
from github_app.github.rest import (
    FailedDelivery,
    Installation,
    Repository,
    collaborator_permission,
    create_root_commit,
    failed_deliveries,
    installations,
    redeliver,
    repositories,
)
from github_app.github.transport import Transport
from plugin.errors import Refusal

API = "https://api.github.com:443"
SHOP = f"{API}/repos/acme/shop"
FILES = {"README.md": "What this branch is\n", "freight/web.yaml": "{}\n"}
TREE, COMMIT = "a" * 40, "b" * 40


def bodies(github: responses.RequestsMock) -> list[Any]:
    return [json.loads(call.request.body) for call in github.calls if call.request.body]


def link(address: str) -> dict[str, str]:
    return {"Link": f'<{address}>; rel="next", <{API}/first>; rel="first"'}


def test_installations_are_read_page_by_page(
    github: responses.RequestsMock, transport: Transport
) -> None:
    pages = [
        {"id": 1, "account": {"login": "acme"}, "suspended_at": None},
        {"id": 2, "account": {"login": "gone"}, "suspended_at": "2026-01-01T00:00:00Z"},
    ]
    first, second = (f"{API}/app/installations?per_page=100{more}" for more in ("", "&page=2"))
    github.get(first, json=pages[:1], headers=link(second))
    github.get(second, json=pages[1:])
    assert installations(transport) == (
        Installation(1, "acme", suspended=False),
        Installation(2, "gone", suspended=True),
    )


def test_repositories_are_read_and_no_page_leads_elsewhere(
    github: responses.RequestsMock, transport: Transport
) -> None:
    one = {"id": 5, "full_name": "acme/shop", "default_branch": "trunk", "archived": True}
    path = "/installation/repositories?per_page=100"
    elsewhere = f"https://evil.example/{path}&page=2"
    github.get(f"{API}{path}", json={"repositories": [one]}, headers=link(elsewhere))
    github.get(f"{API}/{path}&page=2", json={"repositories": [one | {"default_branch": None}]})
    assert repositories(transport) == (
        Repository(5, "acme/shop", "trunk", archived=True),
        Repository(5, "acme/shop", "", archived=True),
    )


def test_pages_without_end_are_refused(
    github: responses.RequestsMock, transport: Transport
) -> None:
    path = f"{API}/app/installations?per_page=100"
    github.get(path, json=[], headers=link(path))
    with pytest.raises(Refusal, match="does not end after 200 pages"):
        installations(transport)


def test_a_persons_permission_is_the_role(
    github: responses.RequestsMock, transport: Transport
) -> None:
    people = f"{SHOP}/collaborators"
    github.get(f"{people}/ann/permission", json={"permission": "write", "role_name": "maintain"})
    github.get(f"{people}/bob/permission", json={"permission": "read"})
    own = {"permission": "write", "role_name": "release-engineer"}
    github.get(f"{people}/cy/permission", json=own)
    github.get(f"{people}/x%5Bbot%5D%2F../permission", status=404, json={"message": "Not Found"})
    ask = ["ann", "bob", "cy", "x[bot]/.."]
    found = [collaborator_permission(transport, "acme/shop", user) for user in ask]
    assert found == ["maintain", "read", "write", "none"]
    with pytest.raises(Refusal, match="is not a GitHub repository"):
        collaborator_permission(transport, "acme/shop/../../app", "ann")


# The ledger's root


def test_a_root_commit_names_no_author_so_that_github_signs_it(
    github: responses.RequestsMock, transport: Transport
) -> None:
    github.post(f"{SHOP}/git/trees", status=201, json={"sha": TREE})
    github.post(f"{SHOP}/git/commits", status=201, json={"sha": COMMIT})
    assert create_root_commit(transport, "acme/shop", "Begin", FILES) == COMMIT
    tree, commit = bodies(github)
    assert [(one["path"], one["mode"], one["content"]) for one in tree["tree"]] == [
        (path, "100644", text) for path, text in FILES.items()
    ]
    assert "base_tree" not in tree
    assert commit == {"message": "Begin", "tree": TREE, "parents": []}


def test_a_lost_answer_to_a_root_commit_is_not_repeated(
    github: responses.RequestsMock, transport: Transport
) -> None:
    github.post(f"{SHOP}/git/trees", status=201, json={"sha": TREE})
    commits = github.post(f"{SHOP}/git/commits", body=requests.ReadTimeout("late"))
    with pytest.raises(UnknownOutcome, match="it may have been done"):
        create_root_commit(transport, "acme/shop", "Begin", FILES)
    assert commits.call_count == 1


@pytest.mark.parametrize(
    ("status", "text"), [(409, "Git Repository is empty."), (422, "tree.path is malformed")]
)
def test_a_root_commit_github_does_not_want_is_refused(
    github: responses.RequestsMock, transport: Transport, status: int, text: str
) -> None:
    github.post(f"{SHOP}/git/trees", status=status, json={"message": text})
    with pytest.raises(Refusal, match=text):
        create_root_commit(transport, "acme/shop", "Begin", FILES)


# Deliveries


def delivery(number: int, guid: str, status: int, minute: int) -> dict[str, Any]:
    return {
        "id": number,
        "guid": guid,
        "event": "push",
        "status_code": status,
        "delivered_at": f"2026-11-21T12:{minute:02}:00Z",
    }


def test_only_what_never_arrived_is_asked_for_again(
    github: responses.RequestsMock, transport: Transport
) -> None:
    first = f"{API}/app/hook/deliveries?per_page=100"
    second = f"{first}&cursor=v1_9"
    newest_first = [
        delivery(9, "late", 502, 40),
        delivery(8, "healed", 202, 35),
        delivery(7, "twice", 500, 30),
        delivery(6, "fine", 200, 25),
    ]
    older = [
        delivery(5, "healed", 500, 20),
        delivery(4, "twice", 0, 15),
        delivery(3, "old", 500, 5),
        delivery(2, "late", 200, 1),
    ]
    github.get(first, json=newest_first, headers=link(second))
    github.get(second, json=older, headers=link(f"{first}&cursor=v1_never"))
    since = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)
    found = failed_deliveries(transport, since)
    assert found == (
        FailedDelivery("twice", 7, "push", since + timedelta(minutes=20)),
        FailedDelivery("late", 9, "push", since + timedelta(minutes=30)),
    )


def test_what_we_refused_is_not_asked_for_again(
    github: responses.RequestsMock, transport: Transport
) -> None:
    given = [
        delivery(3, "refused", 400, 40),
        delivery(2, "busy", 429, 35),
        delivery(1, "out", 503, 30),
    ]
    github.get(f"{API}/app/hook/deliveries?per_page=100", json=given)
    since = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)
    assert [one.guid for one in failed_deliveries(transport, since)] == ["out", "busy"]


def test_a_delivery_is_asked_for_by_its_newest_attempt(
    github: responses.RequestsMock, transport: Transport
) -> None:
    lost = FailedDelivery("guid", 9, "push", datetime(2026, 11, 21, tzinfo=UTC))
    attempts = f"{API}/app/hook/deliveries/9/attempts"
    github.post(attempts, status=202, json={})
    redeliver(transport, lost)
    github.replace(responses.POST, attempts, status=422, json={"message": "too old"})
    with pytest.raises(Refusal, match="too old"):
        redeliver(transport, lost)
