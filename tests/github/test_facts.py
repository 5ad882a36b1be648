"""GitHub's answer as facts: who made, opened and closed what, and whose branch it was."""

from __future__ import annotations

from typing import Any

from github_app.github.facts import BranchFacts, RepositoryFacts, facts_of
from github_app.identity import Identity
from github_app.pulls import Closer

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
    found = facts_of({"repository": tree}, US, ["main"], [HEAD], ())
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


def open_pull(**fields: Any) -> dict[str, Any]:
    """An open pull request of ours, but for `fields`."""
    return pull(state="OPEN", closedAt=None, **fields)


def review(login: str | None, state: str = "APPROVED", **fields: Any) -> dict[str, Any]:
    """A person's latest review."""
    return {
        "id": f"PRR_{login}",
        "state": state,
        "submittedAt": AT,
        "authorCanPushToRepository": True,
        "author": {"__typename": "User", "login": login} if login else None,
        "commit": {"oid": "a" * 40},
        "onBehalfOf": {"nodes": [{"combinedSlug": "acme/sre"}]},
    } | fields


def comment(**fields: Any) -> dict[str, Any]:
    """A person's comment."""
    return {
        "id": "IC",
        "body": "/towline status",
        "createdAt": AT,
        "lastEditedAt": None,
        "author": {"__typename": "User", "login": "ann"},
        "reactionGroups": [{"viewerHasReacted": False}],
    } | fields


def test_reviews_are_decisions_of_people_who_are_there() -> None:
    given = [
        review("ann"),
        review("bob", "CHANGES_REQUESTED", authorCanPushToRepository=False),
        review("cal", "DISMISSED"),
        review("renovate", author={"__typename": "Bot", "login": "renovate"}),
        review(None),
    ]
    (found,) = seen(open={"nodes": [open_pull(latestOpinionatedReviews={"nodes": given})]}).open
    ann, bob = found.pull.reviews
    assert (ann.author, ann.approved, ann.may_push, ann.teams) == ("ann", True, True, ("acme/sre",))
    assert (bob.author, bob.approved, bob.may_push) == ("bob", False, False)


def test_reviews_of_many_readers_hide_none_of_who_may_write() -> None:
    readers = [review(f"r{one}", authorCanPushToRepository=False) for one in range(20)]
    against = review("ann", "CHANGES_REQUESTED")
    both = {
        "latestOpinionatedReviews": {"nodes": [against]},
        "everybody": {"nodes": [*readers[:19], against]},
    }
    (found,) = seen(open={"nodes": [open_pull(**both)]}).open
    assert [one.author for one in found.pull.reviews if one.may_push] == ["ann"]
    assert len(found.pull.reviews) == 20


def test_comments_say_who_and_whether_they_are_answered() -> None:
    given = [
        comment(),
        comment(lastEditedAt=AT),
        comment(author={"__typename": "Bot", "login": "towline"}),
        comment(reactionGroups=[{"viewerHasReacted": False}, {"viewerHasReacted": True}]),
        comment(author=None),
    ]
    (found,) = seen(open={"nodes": [open_pull(comments={"nodes": given})]}).open
    assert [(one.bot, one.edited, one.reacted) for one in found.pull.comments] == [
        (False, False, False),
        (False, True, False),
        (True, False, False),
        (False, False, True),
    ]


def test_both_checks_are_those_of_the_head_alone() -> None:
    runs = [
        {"id": "CR1", "name": "towline", "externalId": "k1"},
        {"id": "CR2", "name": "towline/diff", "externalId": None},
    ]
    own = {"nodes": [{"checkRuns": {"nodes": runs}}]}
    for oid, there in (("a" * 40, True), ("d" * 40, False)):
        commit = {"oid": oid, "committedDate": AT, "checkSuites": own}
        one = open_pull(tip={"nodes": [{"commit": commit}]})
        (found,) = seen(open={"nodes": [one]}).open
        assert (found.pull.check is not None) is there
        assert (found.pull.diff is not None) is there
        assert (found.pull.head_at is not None) is there


def test_whom_github_does_not_know_has_no_node() -> None:
    people = ("Ann", "acme/SRE", "ghost", "acme/ghosts")
    answer = {
        "repository": {
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
        },
        "u0": {"id": "U_1"},
        "u1": {"team": {"id": "T_1"}},
        "u2": None,
        "u3": {"team": None},
    }
    found = facts_of(answer, US, [], [], people)
    assert found is not None
    assert found.nodes == {"ann": "U_1", "acme/sre": "T_1"}


def branch(**fields: Any) -> BranchFacts:
    """A branch as GitHub shows it."""
    return seen(b0={"name": "main", "target": {"oid": "b" * 40}} | fields).branches["main"]


def rule(kind: str, *contexts: str) -> dict[str, Any]:
    """A rule of a ruleset, with the checks that it requires."""
    checks = [{"context": one} for one in contexts]
    return {"type": kind, "parameters": {"requiredStatusChecks": checks} if contexts else None}


def test_classic_protection_and_rulesets_both_protect_a_branch() -> None:
    assert not branch(refUpdateRule=None, rules={"nodes": []}).protected
    classic = branch(refUpdateRule={"requiredStatusCheckContexts": ["towline", None]})
    assert (classic.protected, classic.required, classic.has_queue) == (True, ("towline",), False)
    rules = {"nodes": [rule("REQUIRED_STATUS_CHECKS", "ci", "towline"), rule("MERGE_QUEUE")]}
    both = branch(refUpdateRule={"requiredStatusCheckContexts": ["towline"]}, rules=rules)
    assert (both.protected, both.required, both.has_queue) == (True, ("towline", "ci"), True)
    assert branch(rules={"nodes": [rule("DELETION")]}).protected


def test_a_merge_queue_is_read_front_first_and_only_where_there_are_groups() -> None:
    def entry(position: int, number: int, oid: str | None) -> dict[str, Any]:
        run = {"id": f"CR{number}", "name": "towline", "externalId": "key"}
        suites = {"nodes": [{"checkRuns": {"nodes": [run] if number == 7 else []}}]}
        commit = {"oid": oid, "checkSuites": suites} if oid else None
        return {"position": position, "pullRequest": {"number": number}, "headCommit": commit}

    entries = [entry(3, 9, None), entry(2, 8, "e" * 40), entry(1, 7, "d" * 40)]
    first, second = seen(q0={"entries": {"nodes": entries}}).queue
    assert (first.number, first.oid, first.base) == (7, "d" * 40, "main")
    assert first.check is not None
    assert (second.number, second.check) == (8, None)
    assert seen(q0=None).queue == ()
