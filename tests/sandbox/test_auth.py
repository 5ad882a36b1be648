"""Tokens: App JWTs, installation tokens, their ends and their permissions."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.sandbox.conftest import SHOP, Answer, Client, Place, app_jwt


def as_app(place: Place, **claims: int) -> Answer:
    issuer = str(place.jwt("GET", "/app").json["id"])
    token = app_jwt(place.private_key, issuer, place.clock.now, **claims)
    return Client(place.stand_in, token)("GET", "/app")


def minted(place: Place, **body: object) -> Answer:
    path = f"/app/installations/{place.installation.id}/access_tokens"
    return place.jwt("POST", path, body)


def test_the_app_is_shown_to_itself(place: Place) -> None:
    answer = place.jwt("GET", "/app")
    assert (answer.status, answer.json["slug"]) == (200, "towline")
    assert answer.json["permissions"]["contents"] == "write"


def test_the_client_id_is_an_issuer_too(place: Place) -> None:
    client = place.jwt("GET", "/app").json["client_id"]
    token = app_jwt(place.private_key, client, place.clock.now)
    assert Client(place.stand_in, token)("GET", "/app").status == 200


@pytest.mark.parametrize(
    ("claims", "text"),
    [
        ({"life": 601}, "'Expiration time' claim ('exp') is too far in the future"),
        ({"life": -1}, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"ago": -30}, "'Issued at' claim ('iat') must be an Integer"),
    ],
)
def test_times_of_a_jwt(place: Place, claims: dict[str, int], text: str) -> None:
    answer = as_app(place, **claims)
    assert answer.status == 401
    assert answer.json["message"].startswith(text)


def test_a_jwt_of_ten_minutes_is_accepted(place: Place) -> None:
    assert as_app(place, life=600).status == 200


def test_another_key_or_issuer(place: Place) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    forged = app_jwt(other.decode(), "1000", place.clock.now)
    answer = Client(place.stand_in, forged)("GET", "/app")
    text = "A JSON web token could not be decoded"
    assert (answer.status, answer.json["message"]) == (401, text)
    unknown = app_jwt(place.private_key, "4711", place.clock.now)
    assert Client(place.stand_in, unknown)("GET", "/app").status == 404
    assert place.ann("GET", "/app").status == 401


def test_an_unknown_token(place: Place) -> None:
    answer = Client(place.stand_in, "ghp_unknown")("GET", f"/repos/{SHOP}")
    assert (answer.status, answer.json["message"]) == (401, "Bad credentials")
    bare = place.stand_in.wsgi.test_client().get(f"/api/v3/repos/{SHOP}")
    assert bare.status_code == 401


def test_tokens_are_long_and_end_after_an_hour(place: Place) -> None:
    assert place.app.token.startswith("ghs_1000_")
    assert len(place.app.token) > 255
    place.clock.forward(minutes=59)
    assert place.app.repo("GET", "").status == 200
    place.clock.forward(minutes=2)
    answer = place.app.repo("GET", "")
    assert (answer.status, answer.json["message"]) == (401, "Bad credentials")


def test_a_token_ends_with_its_installation(place: Place) -> None:
    place.stand_in.uninstall(place.installation.id)
    assert place.app.repo("GET", "").status == 401
    assert "installation.deleted" in place.delivered()


def test_a_token_narrowed_to_a_repository(place: Place) -> None:
    place.stand_in.create_repository("acme", "other", {"a": "1"}, private=True)
    place.stand_in.change_installation(place.installation.id, add=["other"])
    assert place.app("GET", "/repos/acme/other").status == 200
    answer = minted(place, repositories=["shop"])
    assert answer.json["repository_selection"] == "selected"
    assert [r["name"] for r in answer.json["repositories"]] == ["shop"]
    narrow = Client(place.stand_in, answer.json["token"])
    assert narrow("GET", "/repos/acme/other").status == 404
    assert narrow("GET", "/installation/repositories").json["total_count"] == 1
    assert minted(place, repositories=["nope"]).status == 422
    assert minted(place, repositories=["nope", "shop"]).status == 422


def test_a_token_narrowed_to_permissions(place: Place) -> None:
    answer = minted(place, permissions={"contents": "read"})
    assert answer.json["permissions"] == {"contents": "read", "metadata": "read"}
    narrow = Client(place.stand_in, answer.json["token"])
    assert narrow.repo("GET", "/branches").status == 200
    refused = narrow.repo("POST", "/git/blobs", {"content": "x"})
    assert (refused.status, refused.json["message"]) == (
        403,
        "Resource not accessible by integration",
    )
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "contents=write"
    assert minted(place, permissions={"administration": "write"}).status == 422


def test_graphql_says_forbidden(place: Place) -> None:
    narrow = Client(place.stand_in, minted(place, permissions={"contents": "read"}).json["token"])
    answer = narrow.graphql(
        """mutation($repo: ID!) { createLabel(input: {
          repositoryId: $repo, name: "x", color: "ffffff"}) { label { id } } }""",
        repo=place.node("Repository"),
    )
    assert answer["data"] == {"createLabel": None}
    assert answer["errors"][0]["type"] == "FORBIDDEN"
    reading = """query { repository(owner: "acme", name: "shop") {
      pullRequests(first: 1) { totalCount } } }"""
    assert narrow.graphql(reading)["errors"][0]["type"] == "FORBIDDEN"


def test_what_is_private_is_not_found(place: Place) -> None:
    eve = Client(place.stand_in, place.stand_in.create_user("eve"))
    assert eve.repo("GET", "").status == 404
    assert eve.repo("POST", "/labels", {"name": "x"}).status == 404
    place.stand_in.add_collaborator(SHOP, "eve", "read")
    assert eve.repo("GET", "").status == 200
    assert eve.repo("POST", "/git/blobs", {"content": "x"}).status == 404


def test_installations_are_found(place: Place) -> None:
    number = place.installation.id
    paths = (f"/repos/{SHOP}/installation", "/orgs/acme/installation")
    for path in (*paths, f"/app/installations/{number}"):
        assert place.jwt("GET", path).json["id"] == number
    assert [i["id"] for i in place.jwt("GET", "/app/installations").json] == [number]
    assert place.jwt("GET", "/app/installations/1").status == 404
    assert place.jwt("GET", "/users/ann/installation").status == 404


def test_who_may_do_what(place: Place) -> None:
    def shown(login: str) -> tuple[str, str]:
        answer = place.app.repo("GET", f"/collaborators/{login}/permission").json
        return answer["permission"], answer["role_name"]

    place.stand_in.create_user("eve")
    place.stand_in.create_user("mia")
    place.stand_in.add_collaborator(SHOP, "mia", "maintain")
    assert shown("ann") == ("admin", "admin")
    assert shown("bob") == ("write", "write")
    assert shown("mia") == ("write", "maintain")
    assert shown("eve") == ("none", "none")


def test_requests_are_counted_and_limited(place: Place) -> None:
    place.stand_in.calls.reset()
    place.app.repo("GET", "")
    minted(place)
    place.app.data('query { repository(owner: "acme", name: "shop") { id } }')
    assert place.stand_in.calls.counts() == {"rest": 1, "graphql": 1, "git": 0, "tokens": 1}
    place.stand_in.limit(requests_per_hour=3, content_per_minute=None)
    answers = [place.app.repo("GET", "") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 403]
    assert answers[-1].headers["X-RateLimit-Remaining"] == "0"
    place.clock.forward(minutes=50)
    assert place.app.repo("GET", "").status == 403
    place.clock.forward(minutes=9)
    limited = Client(place.stand_in, place.bob.token)
    assert limited.repo("GET", "").status == 200


def test_graphql_tells_of_its_limit_inside_a_200(place: Place) -> None:
    place.stand_in.limit(requests_per_hour=1, content_per_minute=None)
    query = "query { rateLimit { remaining used } }"
    assert place.app.data(query)["rateLimit"] == {"remaining": 0, "used": 1}
    (error,) = place.app.graphql(query)["errors"]
    assert error["type"] == "RATE_LIMITED"
