"""The secondary limit on what notifies people: so much a minute, then Retry-After."""

from __future__ import annotations

from tests.sandbox.conftest import Place

TALK = """
mutation Talk($pull: ID!) {
  a: addComment(input: {subjectId: $pull, body: "a"}) { clientMutationId }
  b: addComment(input: {subjectId: $pull, body: "b"}) { clientMutationId }
  c: addReaction(input: {subjectId: "x", content: EYES}) { clientMutationId }
}
"""


def test_content_beyond_the_limit_is_refused_with_retry_after(place: Place) -> None:
    place.change("topic", a="1")
    number = place.open("topic")
    place.stand_in.limit(content_per_minute=2)
    path, talk = f"/issues/{number}/comments", {"body": "hello"}
    assert place.app.repo("POST", path, talk).status == 201
    refused = place.app.repo("POST", path, talk)
    assert (refused.status, refused.headers["Retry-After"]) == (403, "60")
    assert "secondary rate limit" in refused.json["message"]
    place.clock.forward(seconds=20)
    assert place.app.repo("POST", path, talk).headers["Retry-After"] == "40"
    assert place.app.repo("GET", path).status == 200
    assert place.bob.repo("POST", path, talk).status == 201
    place.clock.forward(seconds=41)
    assert place.app.repo("POST", path, talk).status == 201
    assert place.stand_in.content == (4, 1)


def test_each_mutation_that_notifies_counts(place: Place) -> None:
    place.change("topic", a="1")
    node = place.node("PullRequest", place.open("topic"))
    made, _ = place.stand_in.content
    place.app.graphql(TALK, pull=node)
    assert place.stand_in.content == (made + 2, 0)
    place.stand_in.limit(content_per_minute=made + 3)
    answer = place.stand_in.wsgi.test_client().post(
        "/api/graphql",
        headers={"Authorization": f"Bearer {place.app.token}"},
        json={"query": TALK, "variables": {"pull": node}},
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (403, "60")


def test_every_installation_has_a_budget_of_its_own(place: Place) -> None:
    place.stand_in.create_organization("other")
    place.stand_in.create_repository("other", "shop", {"a": "1"})
    installed = place.stand_in.install("towline", "other")
    path = f"/app/installations/{installed.id}/access_tokens"
    token = place.jwt("POST", path).json["token"]
    place.stand_in.limit(requests_per_hour=1, content_per_minute=None)
    assert [place.app.repo("GET", "").status for _ in range(2)] == [200, 403]
    place.app.token = token
    assert place.app("GET", "/repos/other/shop").status == 200
