"""GitHub's answer as facts: who made, opened and closed what, and whose branch it was."""

from __future__ import annotations

from typing import Any

from github_app.github.facts import RepositoryFacts, facts_of
from github_app.identity import Identity
from github_app.picture import Closer

US = Identity(7, "towline")
HEAD = "towline/shop/dev/web"
AT = "2026-11-21T09:00:00Z"


def pull(**fields: Any) -> dict[str, Any]:
    """A closed pull request of ours, but for `fields`."""
    return {
        "id": "P1",
        "number": 1,
        "url": "https://github.com/acme/shop/pull/1",
        "state": "CLOSED",
        "title": "t",
        "isCrossRepository": False,
        "headRefName": HEAD,
        "headRefOid": "a" * 40,
        "baseRefName": "main",
        "createdAt": AT,
        "closedAt": AT,
        "author": {"__typename": "Bot", "login": "towline"},
        "mergeCommit": None,
        "timelineItems": {"nodes": [closed_by("alice")]},
    } | fields


def closed_by(login: str | None) -> dict[str, Any]:
    """A closing; without an actor it is GitHub's own."""
    return {"createdAt": AT, "actor": {"__typename": "User", "login": login} if login else None}


def seen(*pulls: dict[str, Any], **fields: Any) -> RepositoryFacts:
    """The facts of a repository with these closed pull requests of the line."""
    tree = {
        "id": "R",
        "nameWithOwner": "acme/shop",
        "url": "https://github.com/acme/shop",
        "mergeCommitAllowed": True,
        "squashMergeAllowed": False,
        "labels": {"nodes": []},
        "defaultBranchRef": {"name": "main", "target": {"oid": "b" * 40}},
        "ledger": None,
        "heads": {"nodes": []},
        "open": {"nodes": []},
        "b0": None,
        "l0": {"nodes": list(pulls)},
    } | fields
    found = facts_of({"repository": tree}, US, ["main"], [HEAD])
    assert found is not None
    return found


def made(login: str | None, email: str = "", signed: bool = True) -> dict[str, Any]:
    """A commit as GitHub shows it."""
    user = {"login": login} if login else None
    signature = {"isValid": True, "wasSignedByGitHub": signed}
    return {"oid": "c" * 40, "author": {"email": email, "user": user}, "signature": signature}


def test_a_forks_branch_of_our_name_is_not_ours() -> None:
    fork = pull(number=9, isCrossRepository=True, author={"__typename": "User", "login": "eve"})
    assert [one.pull.number for one in seen(fork, pull()).last[HEAD]] == [1]
    assert seen(fork).last[HEAD] == ()


def test_an_open_pull_request_from_a_fork_is_a_fork() -> None:
    fork = pull(state="OPEN", isCrossRepository=True, closedAt=None, commits={"nodes": []})
    (found,) = seen(open={"nodes": [fork]}).open
    assert (found.pull.fork, found.pull.ours) == (True, False)


def test_who_closed_it() -> None:
    for login, closer in [
        ("alice", Closer.PERSON),
        ("towline", Closer.APP),
        (None, Closer.GITHUB),
    ]:
        one = pull(timelineItems={"nodes": [closed_by(login)]})
        assert seen(one).last[HEAD][0].pull.closed_by is closer


def test_only_what_github_signed_in_our_name_is_ours() -> None:
    for commit, ours in [
        (made("towline[bot]"), True),
        (made(None, "123+towline[bot]@users.noreply.github.com"), True),
        (made("towline[bot]", signed=False), False),
        (made("alice"), False),
        (made("alice", "123+towline[bot]@users.noreply.github.com"), False),
        (made(None), False),
    ]:
        ref = {"target": {"oid": "c" * 40, "history": {"nodes": [commit]}}}
        assert seen(ledger=ref).ledger[0].ours is ours


def test_neither_missing_nor_empty_repositories_have_facts() -> None:
    assert facts_of({"repository": None}, US, [], []) is None
    assert facts_of({"repository": {"defaultBranchRef": None}}, US, [], []) is None
