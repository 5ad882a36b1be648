"""Pull requests: what GitHub refuses when they are opened, edited and reopened."""

from __future__ import annotations

import pytest

from github_app.sandbox.pulls import BODY_LIMIT
from tests.sandbox.conftest import SHOP, Place


def refusal(place: Place, **body: object) -> tuple[int, str]:
    answer = place.app.repo("POST", "/pulls", {"title": "T", "base": "main", **body})
    errors = answer.json.get("errors") or [{}]
    return answer.status, errors[0].get("message") or errors[0].get("code", "")


def test_a_second_one_for_the_same_head_and_base_is_refused(place: Place) -> None:
    place.change("topic", a="1")
    place.open("topic")
    text = "A pull request already exists for acme:topic."
    assert refusal(place, head="topic") == (422, text)


def test_nothing_between_is_refused(place: Place) -> None:
    place.app.repo("POST", "/git/refs", {"ref": "refs/heads/same", "sha": place.tip()})
    assert refusal(place, head="same") == (422, "No commits between main and same")


def test_unrelated_histories_are_refused(place: Place) -> None:
    tree = place.app.repo("POST", "/git/trees", {"tree": [{"path": "a", "content": "1"}]})
    commit = place.app.repo(
        "POST", "/git/commits", {"message": "Root", "tree": tree.json["sha"], "parents": []}
    )
    body = {"ref": "refs/heads/ledger", "sha": commit.json["sha"]}
    assert place.app.repo("POST", "/git/refs", body).status == 201
    text = "The main branch has no history in common with ledger"
    assert refusal(place, head="ledger") == (422, text)


@pytest.mark.parametrize("field", ["head", "base"])
def test_an_unknown_branch_is_refused(place: Place, field: str) -> None:
    place.change("topic", a="1")
    body = {"head": "topic", "base": "main", field: "nope"}
    assert refusal(place, **body) == (422, "invalid")


def test_a_body_has_a_limit(place: Place) -> None:
    place.change("topic", a="1")
    status, text = refusal(place, head="topic", body="x" * (BODY_LIMIT + 1))
    assert (status, text) == (422, "body is too long (maximum is 65536 characters)")
    place.open("topic", body="x" * BODY_LIMIT)


def test_required_fields(place: Place) -> None:
    answer = place.app.repo("POST", "/pulls", {"head": "topic", "base": "main"})
    assert (answer.status, answer.json["status"]) == (422, "422")
    assert '"title" wasn\'t supplied' in answer.json["message"]


def test_editing_tells_what_it_was(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic", body="old")
    place.app.repo("PATCH", f"/pulls/{number}", {"title": "New", "body": "new"})
    assert "pull_request.edited" in place.delivered()
    changes = place.mail.last("pull_request.edited")["changes"]
    assert changes == {"title": {"from": "Take topic"}, "body": {"from": "old"}}


def test_closed_and_opened_again(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    place.app.repo("PATCH", f"/pulls/{number}", {"state": "closed"})
    assert place.pull(number)["state"] == "closed"
    place.app.repo("PATCH", f"/pulls/{number}", {"state": "open"})
    assert place.pull(number)["state"] == "open"
    assert place.stand_in.pull_request(SHOP, number).closed_by is None


def reopening(place: Place, number: int) -> str:
    answer = place.app.repo("PATCH", f"/pulls/{number}", {"state": "open"})
    assert answer.status == 422
    text: str = answer.json["errors"][0]["message"]
    return text


def test_a_push_to_a_closed_head_does_not_reopen(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    place.stand_in.close(SHOP, number, "ann")
    old = place.pull(number)["head"]["sha"]
    new = place.change("topic", a="2")
    assert (place.pull(number)["state"], place.pull(number)["head"]["sha"]) == ("closed", old)
    place.stand_in.reopen(SHOP, number, "ann")
    assert place.pull(number)["head"]["sha"] == new


def test_a_rewritten_head_cannot_be_reopened(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    place.stand_in.close(SHOP, number, "ann")
    other = place.change("other", b="1")
    body = {"sha": other, "force": True}
    assert place.app.repo("PATCH", "/git/refs/heads/topic", body).status == 200
    assert "was force-pushed or recreated" in reopening(place, number)
    place.stand_in.delete_branch(SHOP, "topic", "ann")
    assert "has been deleted" in reopening(place, number)


def test_a_merged_one_cannot_be_reopened(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    place.stand_in.merge(SHOP, number, "ann")
    assert "already been merged" in reopening(place, number)


def test_a_second_open_one_blocks_reopening(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    place.stand_in.close(SHOP, number, "ann")
    place.open("topic")
    assert "already an open pull request" in reopening(place, number)


def test_the_base_can_be_changed(place: Place) -> None:
    place.app.repo("POST", "/git/refs", {"ref": "refs/heads/next", "sha": place.tip()})
    place.change("topic", a="1")
    number = place.open("topic")
    answer = place.app.repo("PATCH", f"/pulls/{number}", {"base": "next"})
    assert answer.json["base"]["ref"] == "next"


def test_lists_filter_by_state_head_and_base(place: Place) -> None:
    for name in ("one", "two"):
        place.change(name, **{name: "1"})
    one, two = place.open("one"), place.open("two")
    place.stand_in.close(SHOP, one, "ann")

    def numbers(query: str) -> list[int]:
        return [pull["number"] for pull in place.app.repo("GET", f"/pulls?{query}").json]

    assert numbers("") == [two]
    assert numbers("state=all") == [two, one]
    assert numbers("state=all&head=acme:one") == [one]
    assert numbers("state=all&head=one") == [two, one]
    assert numbers("state=all&base=nope") == []
    assert numbers("state=all&direction=asc") == [one, two]


def test_files_and_commits(place: Place) -> None:
    first = place.change("topic", stages__new="1\n2\n")
    second = place.change("topic", README__md="# Store\n")
    number = place.open("topic")
    place.change("main", other="x")
    files = place.app.repo("GET", f"/pulls/{number}/files").json
    assert [(f["filename"], f["status"], f["additions"]) for f in files] == [
        ("README/md", "added", 1),
        ("stages/new", "added", 2),
    ]
    commits = place.app.repo("GET", f"/pulls/{number}/commits").json
    assert [commit["sha"] for commit in commits] == [first, second]
    assert place.pull(number)["commits"] == 2


def test_drafts(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic", draft=True)
    ready = """mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) {
      pullRequest { isDraft } } }"""
    assert place.pull(number)["mergeable_state"] == "draft"
    shown = place.app.data(ready, id=place.node("PullRequest", number))
    assert shown["markPullRequestReadyForReview"]["pullRequest"] == {"isDraft": False}
    assert "pull_request.ready_for_review" in place.delivered()


def test_mergeability_may_be_unknown_at_first_look(place: Place) -> None:
    place.change("topic", a="1")
    place.stand_in._world.mergeable_at_first_look = False
    number = place.open("topic")
    shown = [place.pull(number)["mergeable"] for _ in range(2)]
    assert shown[-1] is True
    place.change("main", b="1")
    assert place.pull(number)["mergeable"] is None
    assert place.pull(number)["mergeable"] is True
