"""Reviews, who is asked for them, comments with reactions, and teams."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import SHOP, Place

REVIEWS = """
query Reviews($number: Int!) { repository(owner: "acme", name: "shop") {
  pullRequest(number: $number) {
    reviews(first: 10, states: [APPROVED, DISMISSED]) { nodes { state } }
    latestReviews(first: 10) { nodes { state } }
    latestOpinionatedReviews(first: 10, writersOnly: true) { nodes {
      id state submittedAt author { login } commit { oid } authorCanPushToRepository
      onBehalfOf(first: 5) { nodes { combinedSlug } }
    } }
    reviewRequests(first: 10) { nodes { requestedReviewer {
      __typename ... on User { login } ... on Team { slug }
    } } }
    assignees(first: 10) { nodes { login } }
    timelineItems(last: 1, itemTypes: [REVIEW_DISMISSED_EVENT]) { nodes {
      ... on ReviewDismissedEvent { dismissalMessage previousReviewState review { id } }
    } }
  }
} }
"""
DISMISS = """
mutation Dismiss($review: ID!) {
  dismissPullRequestReview(input: {pullRequestReviewId: $review, message: "It changed."}) {
    pullRequestReview { state }
  }
}
"""


def seen(place: Place, number: int) -> dict[str, Any]:
    pull: dict[str, Any] = place.app.data(REVIEWS, number=number)["repository"]["pullRequest"]
    return pull


def a_pull(place: Place) -> int:
    place.change("topic", a="1")
    return place.open("topic")


def opinions(place: Place, number: int) -> list[tuple[str, str]]:
    nodes = seen(place, number)["latestOpinionatedReviews"]["nodes"]
    return [(one["author"]["login"], one["state"]) for one in nodes]


def test_the_last_decision_of_each_person_counts(place: Place) -> None:
    number = a_pull(place)
    place.stand_in.review(SHOP, number, "ann")
    place.stand_in.review(SHOP, number, "ann", "COMMENTED", "by the way")
    place.stand_in.review(SHOP, number, "bob", "CHANGES_REQUESTED", "no")
    assert opinions(place, number) == [("ann", "APPROVED"), ("bob", "CHANGES_REQUESTED")]
    latest = seen(place, number)["latestReviews"]["nodes"]
    assert [one["state"] for one in latest] == ["COMMENTED", "CHANGES_REQUESTED"]


def test_a_review_names_the_commit_that_was_looked_at(place: Place) -> None:
    number = a_pull(place)
    first = place.tip("topic")
    place.stand_in.review(SHOP, number, "ann")
    place.change("topic", a="2")
    place.bob.repo("POST", f"/pulls/{number}/reviews", {"event": "APPROVE", "commit_id": first})
    nodes = seen(place, number)["latestOpinionatedReviews"]["nodes"]
    assert [one["commit"]["oid"] for one in nodes] == [first, first]
    assert nodes[0]["authorCanPushToRepository"]


def test_a_reader_may_review_but_not_among_writers(place: Place) -> None:
    place.stand_in.create_user("eve")
    place.stand_in.add_collaborator(SHOP, "eve", "read")
    number = a_pull(place)
    place.stand_in.review(SHOP, number, "eve")
    assert opinions(place, number) == []
    assert seen(place, number)["reviews"]["nodes"] == [{"state": "APPROVED"}]


def test_a_dismissed_review_leaves_no_opinion(place: Place) -> None:
    number = a_pull(place)
    place.stand_in.review(SHOP, number, "ann", "CHANGES_REQUESTED", "no")
    place.stand_in.review(SHOP, number, "ann")
    (given,) = seen(place, number)["latestOpinionatedReviews"]["nodes"]
    dismissed = place.app.data(DISMISS, review=given["id"])["dismissPullRequestReview"]
    assert dismissed["pullRequestReview"]["state"] == "DISMISSED"
    shown = seen(place, number)
    assert shown["latestOpinionatedReviews"]["nodes"] == []
    assert shown["timelineItems"]["nodes"] == [
        {
            "dismissalMessage": "It changed.",
            "previousReviewState": "APPROVED",
            "review": {"id": given["id"]},
        }
    ]
    place.delivered()
    assert place.mail.last("pull_request_review.dismissed")["review"]["state"] == "dismissed"


def test_what_cannot_be_dismissed(place: Place) -> None:
    number = a_pull(place)
    place.stand_in.review(SHOP, number, "ann", "COMMENTED", "hm")
    made = place.stand_in.review(SHOP, number, "bob")
    path = f"/pulls/{number}/reviews"
    (talk, _) = place.app.repo("GET", path).json
    dismissal = {"message": "no"}
    assert place.app.repo("PUT", f"{path}/{talk['id']}/dismissals", dismissal).status == 422
    place.stand_in.dismiss(SHOP, number, "ann", made.id, "no")
    again = place.app.repo("PUT", f"{path}/{made.id}/dismissals", dismissal)
    assert again.status == 422
    assert again.json["errors"] == ["Can not dismiss a dismissed pull request review"]


ASK = """
mutation Ask($pull: ID!, $people: [ID!], $teams: [ID!], $union: Boolean) {
  requestReviews(input: {pullRequestId: $pull, userIds: $people, teamIds: $teams, union: $union}) {
    pullRequest { number }
  }
}
"""
IDS = """
query Ids { organization(login: "acme") { team(slug: "sre") { id } } user(login: "ann") { id } }
"""


def asked(place: Place, number: int) -> list[str]:
    nodes = [one["requestedReviewer"] for one in seen(place, number)["reviewRequests"]["nodes"]]
    return [one.get("login") or one["slug"] for one in nodes]


def with_team(place: Place) -> int:
    place.stand_in.create_team("acme", "sre", ["bob"])
    place.stand_in.grant_team(SHOP, "sre", "write")
    return a_pull(place)


def test_requests_replace_each_other_unless_united(place: Place) -> None:
    number = with_team(place)
    ids = place.app.data(IDS)
    node, team = place.node("PullRequest", number), ids["organization"]["team"]["id"]
    place.app.data(ASK, pull=node, people=[ids["user"]["id"]])
    place.app.data(ASK, pull=node, teams=[team], union=True)
    assert asked(place, number) == ["ann", "sre"]
    place.app.data(ASK, pull=node, teams=[team])
    assert asked(place, number) == ["sre"]


def test_a_review_is_given_on_behalf_of_the_team_that_was_asked(place: Place) -> None:
    number = with_team(place)
    path = f"/pulls/{number}/requested_reviewers"
    place.app.repo("POST", path, {"team_reviewers": ["sre"]})
    place.stand_in.review(SHOP, number, "ann")
    assert asked(place, number) == ["sre"]
    place.stand_in.review(SHOP, number, "bob")
    assert asked(place, number) == []
    of_ann, of_bob = seen(place, number)["latestOpinionatedReviews"]["nodes"]
    assert of_ann["onBehalfOf"]["nodes"] == []
    assert of_bob["onBehalfOf"]["nodes"] == [{"combinedSlug": "acme/sre"}]


def test_what_happens_while_a_team_is_asked_is_told_as_github_describes_it(place: Place) -> None:
    number = with_team(place)
    asked = {"team_reviewers": ["sre"]}
    place.app.repo("POST", f"/pulls/{number}/requested_reviewers", asked)
    place.app.repo("PATCH", f"/pulls/{number}", {"title": "Another"})
    place.app.repo("POST", f"/issues/{number}/labels", {"labels": ["towline"]})
    place.app.repo("POST", f"/issues/{number}/assignees", {"assignees": ["ann"]})
    place.change("topic", a="2")
    place.stand_in.close(SHOP, number, "ann")
    place.stand_in.reopen(SHOP, number, "ann")
    place.stand_in.review(SHOP, number, "ann")
    place.stand_in.merge(SHOP, number, "ann")
    told = set(place.delivered())
    assert {"pull_request.edited", "pull_request.synchronize", "pull_request.closed"} <= told


def test_only_collaborators_are_asked(place: Place) -> None:
    number = with_team(place)
    place.stand_in.create_user("eve")
    place.stand_in.create_team("acme", "far", ["eve"])
    path = f"/pulls/{number}/requested_reviewers"
    assert place.app.repo("POST", path, {"reviewers": ["eve"]}).status == 422
    assert place.app.repo("POST", path, {"team_reviewers": ["far"]}).status == 422


def test_assignees_who_may_not_write_are_passed_over(place: Place) -> None:
    number = a_pull(place)
    place.stand_in.create_user("eve")
    place.app.repo("POST", f"/issues/{number}/assignees", {"assignees": ["eve", "ann"]})
    assert seen(place, number)["assignees"]["nodes"] == [{"login": "ann"}]


TALK = """
query Talk($number: Int!) { repository(owner: "acme", name: "shop") {
  pullRequest(number: $number) { comments(last: 20) { nodes {
    id body createdAt lastEditedAt author { __typename login }
    reactionGroups { content viewerHasReacted reactors(first: 1) { totalCount } }
  } } }
} }
"""
REACT = """
mutation React($comment: ID!) {
  addReaction(input: {subjectId: $comment, content: EYES}) { reaction { content } }
}
"""


def talk(place: Place, number: int) -> list[dict[str, Any]]:
    found = place.app.data(TALK, number=number)["repository"]["pullRequest"]["comments"]
    nodes: list[dict[str, Any]] = found["nodes"]
    return nodes


def eyes(comment: dict[str, Any]) -> tuple[bool, int]:
    groups = {one["content"]: one for one in comment["reactionGroups"]}
    assert len(groups) == 8
    return groups["EYES"]["viewerHasReacted"], groups["EYES"]["reactors"]["totalCount"]


def test_a_reaction_is_given_once(place: Place) -> None:
    number = a_pull(place)
    place.stand_in.comment(SHOP, number, "ann", "/towline status")
    (said,) = talk(place, number)
    assert eyes(said) == (False, 0)
    place.app.data(REACT, comment=said["id"])
    place.app.data(REACT, comment=said["id"])
    place.bob.data(REACT, comment=said["id"])
    assert eyes(talk(place, number)[0]) == (True, 2)
    found = place.app.data(
        "query One($id: ID!) { node(id: $id) { ... on IssueComment { body } } }", id=said["id"]
    )
    assert found["node"] == {"body": "/towline status"}


def test_an_edited_comment_says_so(place: Place) -> None:
    number = a_pull(place)
    made = place.stand_in.comment(SHOP, number, "ann", "/towline hold")
    assert talk(place, number)[0]["lastEditedAt"] is None
    place.clock.forward(minutes=1)
    place.stand_in.edit_comment(SHOP, made.id, "ann", "/towline promote")
    (said,) = talk(place, number)
    assert said["lastEditedAt"] == "2026-03-01T12:01:00Z"
    assert said["createdAt"] == "2026-03-01T12:00:00Z"


PEOPLE = """
query People { repository(owner: "acme", name: "shop") {
  collaborators(query: "b", first: 10) { edges { permission node { login } } }
} organization(login: "acme") { team(slug: "sre") {
  members(query: "bo", first: 10) { edges { role node { login } } }
} } }
"""


def test_a_team_gives_its_members_a_role(place: Place) -> None:
    place.stand_in.create_user("eve")
    place.stand_in.create_team("acme", "sre", ["eve"], maintainers=["bob"])
    place.stand_in.grant_team(SHOP, "sre", "maintain")
    path = "/collaborators/eve/permission"
    assert place.app.repo("GET", path).json["role_name"] == "maintain"
    assert place.app.repo("GET", path).json["permission"] == "write"
    found = place.app.data(PEOPLE)
    assert found["repository"]["collaborators"]["edges"] == [
        {"permission": "MAINTAIN", "node": {"login": "bob"}}
    ]
    assert found["organization"]["team"]["members"]["edges"] == [
        {"role": "MAINTAINER", "node": {"login": "bob"}}
    ]
    place.stand_in.create_team("acme", "sre", ["bob"])
    assert place.app.repo("GET", path).json["role_name"] == "none"


def test_teams_want_a_permission_of_their_own(place: Place) -> None:
    place.stand_in.create_team("acme", "sre", ["bob"])
    narrow = {"permissions": {"contents": "write", "metadata": "read"}}
    path = f"/app/installations/{place.installation.id}/access_tokens"
    token = place.jwt("POST", path, narrow).json["token"]
    place.app.token = token
    assert place.app("GET", "/orgs/acme/teams/sre/memberships/bob").status == 403
    (error,) = place.app.graphql(PEOPLE)["errors"]
    assert error["type"] == "FORBIDDEN"


@pytest.mark.parametrize(("identifier", "status"), [("promote", "requested_action"), ("", "rere")])
def test_a_person_presses_a_button(place: Place, identifier: str, status: str) -> None:
    action = {"label": "Promote", "description": "Now", "identifier": "promote"}
    body = {"name": "towline", "head_sha": place.tip(), "actions": [action]}
    run = place.app.repo("POST", "/check-runs", body).json["id"]
    place.stand_in.press(SHOP, run, "bob", identifier)
    (heard,) = [one for one in place.delivered() if one.startswith(f"check_run.{status}")]
    assert place.mail.last(heard)["sender"]["login"] == "bob"
