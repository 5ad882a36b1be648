"""GraphQL: observing in one document, promoting in another, errors as GitHub shapes them."""

from __future__ import annotations

import base64
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, parse, validate

from github_app.sandbox.graphql.api import MUTATIONS, schema, table
from tests.sandbox.conftest import SHOP, Place
from tests.sandbox.documents import OBSERVE, PROMOTE


def promoted(place: Place, text: str = "a: 9\n") -> dict[str, Any]:
    return place.app.data(
        PROMOTE,
        repo=place.node("Repository"),
        base=place.tip(),
        title="Promote",
        file=base64.b64encode(text.encode()).decode(),
    )


def observed(place: Place) -> dict[str, Any]:
    app = place.stand_in.account("towline[bot]")
    assert app.kind == "Bot"
    data = place.app.data(OBSERVE, owner="acme", name="shop", app=1000)
    repository: dict[str, Any] = data["repository"]
    return repository


def test_every_field_and_mutation_of_the_schema_is_served() -> None:
    plain = {"PageInfo", "RateLimit", "CheckAnnotation", "CheckAnnotationSpan"}
    plain |= {"CheckAnnotationPosition", "Query", "Mutation", "WorkflowRun", "WorkflowRunFile"}
    missing = []
    for name, kind in schema().type_map.items():
        composed = name.endswith(("Connection", "Edge", "Payload", "Parameters", "Configuration"))
        composed = composed or name.startswith("__")
        if not isinstance(kind, GraphQLObjectType) or name in plain or composed:
            continue
        missing += [f"{name}.{f}" for f in kind.fields if f not in table().get(name, {})]
    assert missing == []
    assert schema().mutation_type is not None
    assert set(MUTATIONS) == set(schema().mutation_type.fields)  # type: ignore[union-attr]  # above


def test_nothing_is_served_that_the_schema_has_not() -> None:
    extra = []
    for name, fields in table().items():
        kind = schema().type_map[name]
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        extra += [f"{name}.{field}" for field in fields if field not in kind.fields]
    assert extra == []


def test_one_document_promotes_and_one_observes(place: Place) -> None:
    done = promoted(place)
    head = done["open"]["pullRequest"]["headRefOid"]
    assert done["commit"]["commit"]["oid"] == head
    assert done["commit"]["commit"]["signature"] == {"isValid": True}
    assert done["commit"]["commit"]["author"]["user"] == {"login": "towline[bot]"}
    seen = observed(place)
    (pull,) = seen["open"]["nodes"]
    assert pull["headRefOid"] == head
    assert pull["baseRefOid"] == place.tip()
    assert (pull["mergeable"], pull["mergeStateStatus"]) == ("MERGEABLE", "CLEAN")
    assert pull["commits"]["totalCount"] == 1
    assert [node["name"] for node in seen["heads"]["nodes"]] == ["main", "topic"]
    assert seen["ledger"] is None
    assert place.stand_in.file(SHOP, "topic", "stages/dev/app.yaml") == b"a: 9\n"


def test_a_bot_has_two_logins(place: Place) -> None:
    promoted(place)
    (pull,) = observed(place)["open"]["nodes"]
    assert pull["author"] == {"__typename": "Bot", "login": "towline"}
    assert pull["commits"]["nodes"][0]["commit"]["author"]["user"]["login"] == "towline[bot]"
    assert place.pull(pull["number"])["user"]["login"] == "towline[bot]"


def test_what_succeeded_before_a_failure_stays_done(place: Place) -> None:
    stale = "0" * 39 + "1"
    answer = place.app.graphql(
        PROMOTE.replace("expectedHeadOid: $base", f'expectedHeadOid: "{stale}"'),
        repo=place.node("Repository"),
        base=place.tip(),
        title="Promote",
        file="",
    )
    assert answer["data"]["scratch"] is not None
    assert answer["data"]["commit"] is None
    assert answer["data"]["open"] is None
    first, second = answer["errors"]
    assert first["type"] == "STALE_DATA"
    assert first["path"] == ["commit"]
    text = f'Expected branch to point to "{stale}" but it did not.  Pull and try again.'
    assert first["message"] == text
    assert (second["type"], second["path"]) == ("UNPROCESSABLE", ["open"])
    assert second["message"] == "No commits between main and topic"
    assert place.tip("topic") == place.tip()


def test_refs_move_together_or_not_at_all(place: Place) -> None:
    one, two = place.change("one", a="1"), place.change("two", b="1")
    base = place.tip()
    move = """mutation($repo: ID!, $refs: [RefUpdate!]!) {
      updateRefs(input: {repositoryId: $repo, refUpdates: $refs}) { clientMutationId } }"""
    updates: list[dict[str, object]] = [
        {"name": "refs/heads/one", "beforeOid": one, "afterOid": base, "force": True},
        {"name": "refs/heads/two", "beforeOid": base, "afterOid": "0" * 40},
    ]
    answer = place.app.graphql(move, repo=place.node("Repository"), refs=updates)
    assert answer["errors"][0]["type"] == "STALE_DATA"
    assert (place.tip("one"), place.tip("two")) == (one, two)
    updates[1]["beforeOid"] = two
    updates.append({"name": "refs/heads/new", "beforeOid": "0" * 40, "afterOid": base})
    place.app.data(move, repo=place.node("Repository"), refs=updates)
    assert place.stand_in.branches(SHOP) == {"main": base, "new": base, "one": base}


def test_a_rewind_needs_force(place: Place) -> None:
    place.change("one", a="1")
    answer = place.app.graphql(
        """mutation($repo: ID!, $refs: [RefUpdate!]!) {
          updateRefs(input: {repositoryId: $repo, refUpdates: $refs}) { clientMutationId } }""",
        repo=place.node("Repository"),
        refs=[{"name": "refs/heads/one", "afterOid": place.tip()}],
    )
    assert "not a fast forward" in answer["errors"][0]["message"]


def test_a_page_must_be_bounded(place: Place) -> None:
    query = 'query { repository(owner: "acme", name: "shop") { labels%s { nodes { name } } } }'
    (error,) = place.app.graphql(query % "")["errors"]
    assert error["type"] == "MISSING_PAGINATION_BOUNDARIES"
    (error,) = place.app.graphql(query % "(first: 101)")["errors"]
    assert error["type"] == "EXCESSIVE_PAGINATION"


def test_pages_follow_cursors(place: Place) -> None:
    for name in ("a", "b", "c"):
        place.app.repo("POST", "/labels", {"name": name})
    query = """query($after: String) { repository(owner: "acme", name: "shop") {
      labels(first: 2, after: $after) { totalCount nodes { name }
        pageInfo { hasNextPage endCursor } } } }"""
    first = place.app.data(query)["repository"]["labels"]
    assert first["pageInfo"]["hasNextPage"] is True
    rest = place.app.data(query, after=first["pageInfo"]["endCursor"])["repository"]["labels"]
    names = [node["name"] for node in first["nodes"] + rest["nodes"]]
    assert (names, rest["totalCount"], rest["pageInfo"]["hasNextPage"]) == (
        ["a", "b", "c"],
        3,
        False,
    )


def test_an_unknown_repository_is_null_and_not_found(place: Place) -> None:
    query = 'query { repository(owner: "acme", name: "nope") { id } }'
    answer = place.app.graphql(query)
    assert answer["data"] == {"repository": None}
    assert answer["errors"][0]["type"] == "NOT_FOUND"
    text = "Could not resolve to a Repository with the name 'acme/nope'."
    assert answer["errors"][0]["message"] == text


def test_a_field_outside_the_schema_is_refused(place: Place) -> None:
    answer = place.app.graphql('query { repository(owner: "acme", name: "shop") { secrets } }')
    assert "data" not in answer
    assert "Cannot query field 'secrets'" in answer["errors"][0]["message"]


def test_the_documents_are_valid() -> None:
    for document in (OBSERVE, PROMOTE):
        assert validate(schema(), parse(document)) == []
