"""Merging: real three-way merges, three methods, protection, auto-merge and its refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.sandbox.refused import Refused
from github_app.sandbox.state import Protection, RequiredCheck, Settings
from tests.sandbox.conftest import SHOP, Answer, Place

CI = RequiredCheck("ci")
ENABLE = """mutation($id: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $id}) {
  pullRequest { autoMergeRequest { mergeMethod enabledBy { login } } } } }"""


def merging(place: Place, number: int, **body: object) -> Answer:
    return place.ann.repo("PUT", f"/pulls/{number}/merge", body)


def opened(place: Place, branch: str = "topic", **files: str) -> int:
    place.change(branch, **(files or {"a": "1"}))
    return place.open(branch)


def passing(place: Place, sha: str, context: str = "ci", state: str = "success") -> None:
    body = {"state": state, "context": context}
    assert place.ann.repo("POST", f"/statuses/{sha}", body).status == 201


def test_a_merge_commit(place: Place) -> None:
    number = opened(place)
    base, head = place.tip(), place.tip("topic")
    answer = merging(place, number)
    assert (answer.status, answer.json["merged"]) == (200, True)
    commit = place.ann.repo("GET", f"/git/commits/{answer.json['sha']}").json
    assert [parent["sha"] for parent in commit["parents"]] == [base, head]
    text = f"Merge pull request #{number} from acme/topic\n\nTake topic"
    assert commit["message"] == text
    assert commit["verification"]["verified"] is True
    assert commit["committer"]["name"] == "GitHub"
    assert place.tip() == answer.json["sha"]


def test_both_sides_are_kept(place: Place) -> None:
    first = opened(place, "one", stages__dev__x="1\n")
    second = opened(place, "two", stages__prod__x="1\n")
    merging(place, first)
    merging(place, second)
    paths = place.stand_in.paths(SHOP, "main")
    assert {"stages/dev/x", "stages/prod/x"} <= set(paths)


def test_conflicts_are_found_by_git(place: Place) -> None:
    files = {"one": "stages/dev/app.yaml", "two": "stages/dev/app.yaml"}
    for branch, path in files.items():
        place.stand_in.commit(SHOP, branch, {path: f"a: {branch}\nb: 2\n"}, "Change", "ann")
    first, second = place.open("one"), place.open("two")
    merging(place, first)
    pull = place.pull(second)
    assert (pull["mergeable"], pull["mergeable_state"]) == (False, "dirty")
    answer = merging(place, second)
    assert (answer.status, answer.json["message"]) == (405, "Pull Request is not mergeable")


def test_lines_apart_do_not_conflict(place: Place) -> None:
    path = "stages/dev/app.yaml"
    place.stand_in.commit(SHOP, "one", {path: "a: 9\nb: 2\nc: 3\nd: 4\n"}, "a", "ann")
    place.stand_in.commit(SHOP, "two", {path: "a: 1\nb: 2\nc: 3\nd: 9\n"}, "d", "ann")
    for number in (place.open("one"), place.open("two")):
        assert merging(place, number).status == 200
    assert place.stand_in.file(SHOP, "main", path) == b"a: 9\nb: 2\nc: 3\nd: 9\n"


def test_squash(place: Place) -> None:
    place.change("topic", a="1")
    place.change("topic", b="1")
    number, base = place.open("topic"), place.tip()
    sha = merging(place, number, merge_method="squash").json["sha"]
    commit = place.ann.repo("GET", f"/git/commits/{sha}").json
    assert [parent["sha"] for parent in commit["parents"]] == [base]
    assert commit["message"].startswith(f"Take topic (#{number})\n\n* Change topic")
    assert commit["author"]["name"] == "towline[bot]"


def test_rebase(place: Place) -> None:
    place.change("topic", a="1")
    place.change("topic", b="1")
    number = place.open("topic")
    main = place.change("main", c="1")
    sha = merging(place, number, merge_method="rebase").json["sha"]
    history = place.ann.repo("GET", "/commits").json
    assert [commit["sha"] for commit in history[:1]] == [sha]
    assert history[2]["sha"] == main
    assert history[0]["commit"]["verification"]["verified"] is False
    assert {"a", "b", "c"} <= set(place.stand_in.paths(SHOP, "main"))


def test_another_head_than_the_named_one(place: Place) -> None:
    number = opened(place)
    answer = merging(place, number, sha=place.tip())
    text = "Head branch was modified. Review and try the merge again."
    assert (answer.status, answer.json["message"]) == (409, text)


def test_twice(place: Place) -> None:
    number = opened(place)
    assert place.ann.repo("GET", f"/pulls/{number}/merge").status == 404
    merging(place, number)
    assert place.ann.repo("GET", f"/pulls/{number}/merge").status == 204
    assert merging(place, number).status == 405


def test_a_method_that_is_off(place: Place) -> None:
    number = opened(place)
    place.stand_in.configure(SHOP, Settings(squash=False))
    answer = merging(place, number, merge_method="squash")
    text = "Squash merges are not allowed on this repository."
    assert (answer.status, answer.json["message"]) == (405, text)


def test_a_draft(place: Place) -> None:
    place.change("topic", a="1")
    answer = merging(place, place.open("topic", draft=True))
    assert (answer.status, answer.json["message"]) == (405, "Pull Request is still a draft")


def test_without_the_right(place: Place) -> None:
    number = opened(place)
    place.stand_in.add_collaborator(SHOP, "bob", "read")
    assert place.bob.repo("PUT", f"/pulls/{number}/merge", {}).status == 404


def test_required_checks(place: Place) -> None:
    place.stand_in.protect(SHOP, "main", Protection(required_checks=(CI,)))
    number = opened(place)
    head = place.tip("topic")
    assert place.pull(number)["mergeable_state"] == "blocked"
    answer = merging(place, number)
    assert (answer.status, answer.json["message"]) == (
        405,
        'Required status check "ci" is expected.',
    )
    passing(place, head, state="failure")
    assert merging(place, number).json["message"] == 'Required status check "ci" is failing.'
    passing(place, head)
    assert place.pull(number)["mergeable_state"] == "clean"
    assert merging(place, number).status == 200


def test_a_check_pinned_to_another_app_does_not_count(place: Place) -> None:
    app = place.installation
    check = RequiredCheck("towline", place.jwt("GET", "/app").json["id"])
    place.stand_in.protect(SHOP, "main", Protection(required_checks=(check,)))
    number = opened(place)
    head = place.tip("topic")
    passing(place, head, "towline")
    assert merging(place, number).status == 405
    run = {"name": "towline", "head_sha": head, "conclusion": "success"}
    assert place.app.repo("POST", "/check-runs", run).status == 201
    assert merging(place, number).status == 200
    assert app.app == "towline"


def test_strict_checks_want_the_base_in_the_head(place: Place) -> None:
    rules = Protection(required_checks=(CI,), strict=True)
    place.stand_in.protect(SHOP, "main", Protection())
    number = opened(place)
    passing(place, place.tip("topic"))
    place.change("main", z="1")
    place.stand_in.protect(SHOP, "main", rules)
    assert place.pull(number)["mergeable_state"] == "behind"
    assert merging(place, number).json["message"] == "Head branch is out of date."


def test_required_reviews(place: Place) -> None:
    place.stand_in.protect(SHOP, "main", Protection(required_reviews=1))
    number = opened(place)
    text = "At least 1 approving review is required by reviewers with write access."
    assert merging(place, number).json["message"] == text
    own = place.app.repo("POST", f"/pulls/{number}/reviews", {"event": "APPROVE"})
    assert own.status == 422
    place.bob.repo("POST", f"/pulls/{number}/reviews", {"event": "APPROVE"})
    assert merging(place, number).status == 200


def test_a_red_check_that_is_not_required_leaves_it_unstable(place: Place) -> None:
    number = opened(place)
    passing(place, place.tip("topic"), state="failure")
    assert place.pull(number)["mergeable_state"] == "unstable"
    assert merging(place, number).status == 200


def test_the_head_is_deleted_by_setting(place: Place) -> None:
    place.stand_in.configure(SHOP, Settings(delete_branch_on_merge=True))
    number = opened(place)
    place.delivered()
    merging(place, number)
    assert "topic" not in place.stand_in.branches(SHOP)
    events = place.delivered()
    assert {"delete", "push", "pull_request.closed"} <= set(events)
    assert place.mail.last("pull_request.closed")["pull_request"]["merged"] is True
    assert place.pull(number)["merged"] is True


def test_children_are_retargeted_when_the_head_is_deleted(place: Place) -> None:
    place.stand_in.configure(SHOP, Settings(delete_branch_on_merge=True))
    parent = opened(place, "parent", a="1")
    place.app.repo("POST", "/git/refs", {"ref": "refs/heads/child", "sha": place.tip("parent")})
    place.change("child", b="1")
    child = place.open("child", base="parent")
    merging(place, parent)
    pull = place.pull(child)
    assert (pull["state"], pull["base"]["ref"]) == ("open", "main")
    assert "pull_request.edited" in place.delivered()


def test_an_open_one_on_a_merged_branch_follows_its_base(place: Place) -> None:
    first = opened(place, "one", a="1")
    second = opened(place, "two", b="1")
    merging(place, first)
    pull = place.pull(second)
    assert (pull["state"], pull["mergeable_state"]) == ("open", "clean")


def auto_merge(place: Place, number: int) -> str:
    answer = place.app.graphql(ENABLE, id=place.node("PullRequest", number))
    if "errors" not in answer:
        return "enabled"
    assert answer["errors"][0]["type"] == "UNPROCESSABLE"
    text: str = answer["errors"][0]["message"]
    return text


def test_auto_merge_is_refused_when_it_is_off(place: Place) -> None:
    text = "Pull request Auto merge is not allowed for this repository"
    assert auto_merge(place, opened(place)) == text


def test_auto_merge_is_refused_when_nothing_is_required(place: Place) -> None:
    place.stand_in.configure(SHOP, Settings(auto_merge=True))
    text = "Pull request Protected branch rules not configured for this branch"
    assert auto_merge(place, opened(place)) == text


def test_auto_merge_is_refused_when_nothing_is_missing(place: Place) -> None:
    place.stand_in.configure(SHOP, Settings(auto_merge=True))
    place.stand_in.protect(SHOP, "main", Protection(required_checks=(CI,)))
    number = opened(place)
    passing(place, place.tip("topic"))
    place.stand_in.protect(SHOP, "main", Protection())
    assert auto_merge(place, number) == "Pull request Pull request is in clean status"
    place.stand_in.protect(SHOP, "main", Protection(required_checks=(CI,)))
    assert auto_merge(place, number) == "Pull request Pull request is in clean status"
    passing(place, place.tip("topic"), "other", "failure")
    assert auto_merge(place, number) == "Pull request Pull request is in unstable status"


def waiting(place: Place) -> int:
    place.stand_in.configure(SHOP, Settings(auto_merge=True))
    place.stand_in.protect(SHOP, "main", Protection(required_checks=(CI,)))
    number = opened(place)
    assert auto_merge(place, number) == "enabled"
    return number


def test_auto_merge_merges_when_green(place: Place) -> None:
    number = waiting(place)
    assert place.pull(number)["auto_merge"]["merge_method"] == "merge"
    assert "pull_request.auto_merge_enabled" in place.delivered()
    passing(place, place.tip("topic"), state="failure")
    assert place.pull(number)["merged"] is False
    passing(place, place.tip("topic"))
    pull = place.pull(number)
    assert (pull["merged"], pull["merged_by"]["login"]) == (True, "towline[bot]")


def test_auto_merge_is_taken_back(place: Place) -> None:
    number = waiting(place)
    disable = ENABLE.replace("enablePull", "disablePull")
    shown = place.app.data(disable, id=place.node("PullRequest", number))
    pull = shown["disablePullRequestAutoMerge"]["pullRequest"]
    assert pull == {"autoMergeRequest": None}
    passing(place, place.tip("topic"))
    assert place.pull(number)["merged"] is False


def test_another_base_ends_auto_merge(place: Place) -> None:
    number = waiting(place)
    place.app.repo("POST", "/git/refs", {"ref": "refs/heads/next", "sha": place.tip()})
    place.app.repo("PATCH", f"/pulls/{number}", {"base": "next"})
    assert place.pull(number)["auto_merge"] is None


def test_graphql_merges_the_named_head_only(place: Place) -> None:
    number = opened(place)
    merge = """mutation($id: ID!, $oid: GitObjectID!) { mergePullRequest(input: {
      pullRequestId: $id, expectedHeadOid: $oid, mergeMethod: SQUASH}) {
      pullRequest { merged mergeCommit { oid } mergedBy { __typename login } } } }"""
    node = place.node("PullRequest", number)
    answer = place.app.graphql(merge, id=node, oid=place.tip())
    assert answer["errors"][0]["type"] == "UNPROCESSABLE"
    pull = place.app.data(merge, id=node, oid=place.tip("topic"))["mergePullRequest"]["pullRequest"]
    assert pull["mergeCommit"]["oid"] == place.tip()
    assert pull["mergedBy"] == {"__typename": "Bot", "login": "towline"}


def test_an_archived_repository_takes_nothing(place: Place) -> None:
    number = opened(place)
    settings = place.stand_in.repository(SHOP).settings
    place.stand_in.configure(SHOP, replace(settings, archived=True))
    assert merging(place, number).status == 403
    with pytest.raises(Refused, match="archived so is read-only"):
        place.stand_in.close(SHOP, number, "ann")
