"""The merge queue: groups with real commits, in order; merged when green, removed when not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from github_app.sandbox.rules import Bypass, MergeMethod, QueueRule, RequiredCheck, Ruleset
from github_app.sandbox.state import Settings
from tests.sandbox.conftest import SHOP, Place

QUEUE = """
query Queue { repository(owner: "acme", name: "shop") { mergeQueue(branch: "main") {
  configuration { mergeMethod }
  entries(first: 10) { nodes {
    position state jump enqueuer { login } pullRequest { number isInMergeQueue }
    headCommit { oid parents(first: 2) { nodes { oid } } } baseCommit { oid }
  } }
} } }
"""
ENQUEUE = """
mutation Enqueue($pull: ID!, $head: GitObjectID, $jump: Boolean) {
  enqueuePullRequest(input: {pullRequestId: $pull, expectedHeadOid: $head, jump: $jump}) {
    mergeQueueEntry { state }
  }
}
"""


@pytest.fixture(autouse=True)
def queued_main(place: Place) -> None:
    set_queue(place)


def set_queue(
    place: Place, method: MergeMethod = "merge", build: int = 5, bypass: tuple[Bypass, ...] = ()
) -> None:
    queue, checks = QueueRule(method, most_to_build=build), (RequiredCheck("ci"),)
    rules = Ruleset("queue", bypass=bypass, required_checks=checks, queue=queue, id=7)
    place.stand_in.add_ruleset(SHOP, rules)


def report(place: Place, sha: str, conclusion: str = "success") -> None:
    body = {"name": "ci", "head_sha": sha, "conclusion": conclusion}
    assert place.app.repo("POST", "/check-runs", body).status == 201


def ready(place: Place, branch: str, **files: str) -> int:
    report(place, place.change(branch, **(files or {branch: "1"})))
    return place.open(branch)


def enqueued(place: Place, *branches: str) -> list[int]:
    numbers = [ready(place, branch) for branch in branches]
    for number in numbers:
        place.app.data(ENQUEUE, pull=place.node("PullRequest", number))
    return numbers


def entries(place: Place) -> list[dict[str, Any]]:
    queue = place.app.data(QUEUE)["repository"]["mergeQueue"]
    nodes: list[dict[str, Any]] = queue["entries"]["nodes"]
    return nodes


def shas(place: Place) -> list[str]:
    return [one["headCommit"]["oid"] for one in entries(place)]


def test_groups_stand_on_each_other_and_are_asked_to_be_checked(place: Place) -> None:
    base = place.tip()
    first, second = enqueued(place, "one", "two")
    one, two = entries(place)
    assert (one["position"], one["state"], one["enqueuer"]["login"]) == (
        1,
        "AWAITING_CHECKS",
        "towline",
    )
    assert one["baseCommit"]["oid"] == base
    assert two["baseCommit"]["oid"] == one["headCommit"]["oid"]
    parents = [node["oid"] for node in two["headCommit"]["parents"]["nodes"]]
    assert parents == [one["headCommit"]["oid"], place.tip("two")]
    branches = place.stand_in.branches(SHOP)
    assert branches[f"gh-readonly-queue/main/pr-{first}-{base}"] == shas(place)[0]
    events = place.delivered()
    assert events.count("merge_group.checks_requested") == 2
    group = place.mail.last("merge_group.checks_requested")["merge_group"]
    assert group["head_sha"] == shas(place)[1]
    assert group["base_ref"] == "refs/heads/main"
    assert second == two["pullRequest"]["number"]


def test_the_first_that_is_green_is_merged_as_its_group(place: Place) -> None:
    first, second = enqueued(place, "one", "two")
    one, two = shas(place)
    report(place, two)
    assert place.tip() not in (one, two)
    report(place, one)
    assert place.tip() == two
    assert [place.pull(n)["merged"] for n in (first, second)] == [True, True]
    assert place.pull(first)["merge_commit_sha"] == one
    assert place.pull(first)["merged_by"]["login"] == "github-merge-queue[bot]"
    assert not [name for name in place.stand_in.branches(SHOP) if name.startswith("gh-readonly")]
    events = place.delivered()
    assert events.count("merge_group.destroyed") == 2
    assert place.mail.last("merge_group.destroyed")["reason"] == "merged"


def test_a_red_one_is_removed_and_those_behind_are_built_anew(place: Place) -> None:
    first, _ = enqueued(place, "one", "two")
    base, (one, two) = place.tip(), shas(place)
    report(place, one, "failure")
    (left,) = entries(place)
    assert left["baseCommit"]["oid"] == base
    assert left["headCommit"]["oid"] != two
    assert place.pull(first)["state"] == "open"
    place.delivered()
    assert place.mail.last("pull_request.dequeued")["reason"] == "CI_FAILURE"
    reasons = [one["reason"] for one in bodies(place, "merge_group.destroyed")]
    assert sorted(reasons) == ["dequeued", "invalidated"]


def bodies(place: Place, name: str) -> list[dict[str, Any]]:
    names = place.mail.events()
    found = zip(names, place.mail.received, strict=True)
    return [json.loads(body) for event, (_, body) in found if event == name]


def test_only_so_many_are_built_at_a_time(place: Place) -> None:
    set_queue(place, build=1)
    enqueued(place, "one", "two")
    assert [one["state"] for one in entries(place)] == ["AWAITING_CHECKS", "QUEUED"]
    report(place, entries(place)[0]["headCommit"]["oid"])
    assert [one["state"] for one in entries(place)] == ["AWAITING_CHECKS"]


def test_what_conflicts_with_those_ahead_is_removed(place: Place) -> None:
    numbers = [ready(place, "one", same="1"), ready(place, "two", same="2")]
    for number in numbers:
        place.stand_in.enqueue(SHOP, number, "ann")
    assert [one["pullRequest"]["number"] for one in entries(place)] == numbers[:1]
    place.delivered()
    assert place.mail.last("pull_request.dequeued")["reason"] == "MERGE_CONFLICT"


def test_who_jumps_is_built_first(place: Place) -> None:
    enqueued(place, "one")
    number = ready(place, "two")
    place.app.data(ENQUEUE, pull=place.node("PullRequest", number), jump=True)
    assert [one["pullRequest"]["number"] for one in entries(place)] == [number, number - 1]
    assert entries(place)[1]["baseCommit"]["oid"] == entries(place)[0]["headCommit"]["oid"]


def test_only_through_the_queue(place: Place) -> None:
    number = ready(place, "one")
    refused = place.app.repo("PUT", f"/pulls/{number}/merge", {})
    assert refused.status == 405
    assert "Changes must be made through the merge queue" in refused.json["message"]


@pytest.mark.parametrize("red", [True, False])
def test_what_is_not_ready_is_not_queued(place: Place, red: bool) -> None:
    number = ready(place, "one")
    node = place.node("PullRequest", number)
    if red:
        report(place, place.tip("one"), "failure")
    errors = place.app.graphql(ENQUEUE, pull=node, head=None if red else "1" * 40)["errors"]
    assert errors[0]["type"] == "UNPROCESSABLE"
    assert entries(place) == []


def test_a_pushed_head_leaves_the_queue(place: Place) -> None:
    enqueued(place, "one")
    place.change("one", more="1")
    assert entries(place) == []


def test_a_moved_base_builds_the_groups_anew(place: Place) -> None:
    set_queue(place, bypass=(Bypass("RepositoryRole", 5),))
    enqueued(place, "one")
    (before,) = shas(place)
    tip = place.change("main", actor="ann", base="1")
    (entry,) = entries(place)
    assert entry["baseCommit"]["oid"] == tip
    assert before not in place.stand_in.branches(SHOP).values()


def test_checks_that_do_not_report_count_as_failed(place: Place) -> None:
    enqueued(place, "one")
    place.clock.forward(minutes=59)
    place.stand_in.expire_queues()
    assert len(place.stand_in.queue(SHOP, "main")) == 1
    place.clock.forward(minutes=1)
    place.stand_in.expire_queues()
    assert place.stand_in.queue(SHOP, "main") == ()
    place.delivered()
    assert place.mail.last("pull_request.dequeued")["reason"] == "CI_TIMEOUT"


def test_auto_merge_leads_into_the_queue(place: Place) -> None:
    place.stand_in.configure(SHOP, Settings(auto_merge=True))
    sha = place.change("one", a="1")
    number = place.open("one")
    auto = "mutation A($p: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $p}) "
    place.app.data(auto + "{ clientMutationId } }", p=place.node("PullRequest", number))
    assert entries(place) == []
    report(place, sha)
    assert [one["pullRequest"]["number"] for one in entries(place)] == [number]


def test_squashed_by_the_queue(place: Place) -> None:
    set_queue(place, "squash")
    (number,) = enqueued(place, "one")
    base = place.tip()
    report(place, shas(place)[0])
    (commit,) = place.stand_in.history(SHOP, "main", 1)
    assert commit.parents == (base,)
    assert place.pull(number)["merged"]
