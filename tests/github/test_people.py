"""Who commands, and what was said: asked of GitHub at that moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import responses

from github_app.github.people import commented, people
from github_app.github.transport import Transport
from github_app.identity import Identity
from github_app.picture import Person
from github_app.pulls import PullState

API = "https://api.github.com:443"
US = Identity(424242, "towline")


def role(github: responses.RequestsMock, login: str, said: str) -> None:
    path = f"{API}/repos/acme/shop/collaborators/{login}/permission"
    github.get(path, json={"permission": said, "role_name": said})


def answers(github: responses.RequestsMock, data: object, *errors: object) -> None:
    github.post(
        f"{API}/graphql", json={"data": data, "errors": list(errors)} if errors else {"data": data}
    )


def test_role_and_teams_are_asked_for_each_person(
    github: responses.RequestsMock, transport: Transport
) -> None:
    role(github, "Kim", "maintain")
    role(github, "ann", "read")
    sre = {"nodes": [{"combinedSlug": "acme/sre"}]}
    answers(github, {"organization": {"t0": sre, "t1": {"nodes": []}}})
    assert people(transport, "acme/shop", ["Kim", "ann"], teams=True) == {
        "kim": Person("Kim", "maintain", frozenset({"acme/sre"})),
        "ann": Person("ann", "read"),
    }
    sent = [json.loads(call.request.body or "{}") for call in github.calls]
    variables = next(one["variables"] for one in sent if "variables" in one)
    assert variables == {"owner": "acme", "t0": "Kim", "t1": "ann"}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"organization": None}, {"type": "NOT_FOUND", "path": ["organization"], "message": "no"}),
        ({"organization": None}, {"type": "FORBIDDEN", "path": ["organization"], "message": "no"}),
        ({"organization": {"t0": None}}, {"type": "FORBIDDEN", "path": ["t0"], "message": "no"}),
    ],
)
def test_teams_that_nobody_shows_us_are_none(
    github: responses.RequestsMock, transport: Transport, data: object, error: object
) -> None:
    role(github, "kim", "write")
    answers(github, data, error)
    assert people(transport, "acme/shop", ["kim"], teams=True) == {"kim": Person("kim", "write")}


def test_without_teams_in_the_pipeline_file_nobody_asks_for_them(
    github: responses.RequestsMock, transport: Transport
) -> None:
    role(github, "kim", "write")
    assert people(transport, "acme/shop", ["kim"], teams=False) == {"kim": Person("kim", "write")}


PULL: Mapping[str, Any] = {
    "id": "PR_1",
    "number": 1,
    "state": "CLOSED",
    "url": "https://github.com/acme/shop/pull/1",
    "title": "t",
    "isCrossRepository": False,
    "headRefName": "towline/shop/dev/web",
    "headRefOid": "a" * 40,
    "baseRefName": "main",
    "createdAt": "2026-11-21T09:00:00Z",
    "closedAt": "2026-11-21T09:30:00Z",
    "author": {"__typename": "Bot", "login": "towline"},
    "mergeCommit": None,
    "tip": {"nodes": [{"commit": {"oid": "a" * 40, "committedDate": "2026-11-21T09:00:00Z"}}]},
}
COMMENT: Mapping[str, Any] = {
    "id": "IC_1",
    "body": "/towline hold",
    "createdAt": "2026-11-21T10:00:00Z",
    "lastEditedAt": None,
    "author": {"__typename": "User", "login": "kim"},
    "reactionGroups": [{"viewerHasReacted": False}],
    "repository": {"nameWithOwner": "Acme/Shop"},
    "pullRequest": PULL,
}


def test_a_comment_comes_with_its_pull_request(
    github: responses.RequestsMock, transport: Transport
) -> None:
    answers(github, {"nodes": [COMMENT]})
    (spoken,) = commented(transport, "acme/shop", ["IC_1"], US)
    assert (spoken.said.node, spoken.said.author, spoken.said.edited) == ("IC_1", "kim", False)
    assert (spoken.pull.number, spoken.pull.state) == (1, PullState.CLOSED)


@pytest.mark.parametrize(
    "node",
    [
        None,
        {},
        {**COMMENT, "pullRequest": None},
        {**COMMENT, "author": None},
        {**COMMENT, "repository": {"nameWithOwner": "acme/other"}},
        {**COMMENT, "pullRequest": {**PULL, "author": {"__typename": "User", "login": "kim"}}},
        {**COMMENT, "pullRequest": {**PULL, "isCrossRepository": True}},
        {**COMMENT, "pullRequest": {**PULL, "headRefName": "mine"}},
    ],
)
def test_what_is_no_comment_on_a_promotion_of_ours_here_is_left_out(
    github: responses.RequestsMock, transport: Transport, node: object
) -> None:
    answers(github, {"nodes": [node]})
    assert list(commented(transport, "acme/shop", ["IC_1"], US)) == []
