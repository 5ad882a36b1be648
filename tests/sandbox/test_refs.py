"""Pull requests follow, close and turn out merged as their refs move."""

from __future__ import annotations

from tests.sandbox.conftest import SHOP, Place


def opened(place: Place) -> int:
    place.change("topic", a="1")
    return place.open("topic")


def test_a_push_to_the_head_is_followed(place: Place) -> None:
    number = opened(place)
    place.delivered()
    before = place.pull(number)["head"]["sha"]
    after = place.change("topic", a="2")
    assert place.pull(number)["head"]["sha"] == after
    assert "pull_request.synchronize" in place.delivered()
    body = place.mail.last("pull_request.synchronize")
    assert (body["before"], body["after"]) == (before, after)


def test_a_deleted_head_closes(place: Place) -> None:
    number = opened(place)
    place.stand_in.delete_branch(SHOP, "topic", "ann")
    pull = place.pull(number)
    assert (pull["state"], pull["merged"]) == ("closed", False)
    assert place.stand_in.pull_request(SHOP, number).closed_by == "ann"


def test_a_head_moved_to_the_base_closes(place: Place) -> None:
    number = opened(place)
    body = {"sha": place.tip(), "force": True}
    assert place.app.repo("PATCH", "/git/refs/heads/topic", body).status == 200
    pull = place.pull(number)
    assert (pull["state"], pull["merged"]) == ("closed", False)
    assert place.stand_in.pull_request(SHOP, number).closed_by == "towline[bot]"
    place.change("topic", a="3")
    assert place.pull(number)["state"] == "closed"


def test_one_closed_for_want_of_commits_stays_closed(place: Place) -> None:
    number = opened(place)
    old = place.tip("topic")
    for sha in (place.tip(), old):
        body = {"sha": sha, "force": True}
        assert place.app.repo("PATCH", "/git/refs/heads/topic", body).status == 200
    answer = place.app.repo("PATCH", f"/pulls/{number}", {"state": "open"})
    text = "state cannot be changed. There are no new commits between main and topic."
    assert (answer.status, answer.json["errors"][0]["message"]) == (422, text)
    reopen = """mutation($id: ID!) { reopenPullRequest(input: {pullRequestId: $id}) {
      pullRequest { state } } }"""
    (error,) = place.app.graphql(reopen, id=place.node("PullRequest", number))["errors"]
    assert error["message"] == "Could not open the pull request."


def test_a_head_rebuilt_in_one_move_stays_open(place: Place) -> None:
    number = opened(place)
    place.change("main", z="1")
    rebuilt = place.change("scratch", a="1")
    place.app.repo("PATCH", "/git/refs/heads/topic", {"sha": rebuilt, "force": True})
    pull = place.pull(number)
    assert (pull["state"], pull["head"]["sha"], pull["commits"]) == ("open", rebuilt, 1)


def test_a_deleted_base_closes(place: Place) -> None:
    place.app.repo("POST", "/git/refs", {"ref": "refs/heads/next", "sha": place.tip()})
    place.change("topic", a="1")
    number = place.open("topic", base="next")
    place.stand_in.delete_branch(SHOP, "next", "ann")
    assert place.pull(number)["state"] == "closed"


def test_the_base_sha_is_that_of_the_last_look(place: Place) -> None:
    number = opened(place)
    old = place.tip()
    new = place.change("main", z="1")
    assert place.pull(number)["base"]["sha"] == old
    place.change("topic", a="2")
    assert place.pull(number)["base"]["sha"] == new


def test_a_rewind_wants_force(place: Place) -> None:
    old = place.tip()
    place.change("topic", a="1")
    answer = place.app.repo("PATCH", "/git/refs/heads/topic", {"sha": old})
    assert (answer.status, answer.json["message"]) == (422, "Update is not a fast forward")


def test_the_default_branch_stays(place: Place) -> None:
    assert place.app.repo("DELETE", "/git/refs/heads/main").status == 422
    assert place.tip()


DELETE = """
mutation Delete($repo: ID!, $oid: GitObjectID!) {
  updateRefs(input: {repositoryId: $repo, refUpdates: [
    {name: "refs/heads/topic", beforeOid: $oid, afterOid: "%s"}
  ]}) { clientMutationId }
}
""" % ("0" * 40)  # braces are GraphQL's


def test_a_head_deleted_by_update_refs_closes_and_may_be_restored(place: Place) -> None:
    sha = place.change("topic", a="1")
    number = place.open("topic")
    place.app.data(DELETE, repo=place.node("Repository"), oid=sha)
    assert (place.pull(number)["state"], place.pull(number)["merged"]) == ("closed", False)
    place.stand_in.restore_branch(SHOP, number, "ann")
    assert place.tip("topic") == sha
    place.stand_in.reopen(SHOP, number, "ann")
    assert place.pull(number)["state"] == "open"
