"""What the App asks stays within what GitHub takes, however many lines a repository has."""

from __future__ import annotations

import pytest

from github_app.github.documents import MOST_HEADS, Document, look, more_heads
from github_app.github.writing import MOST_CREATED, Mutation, Numbered, created_by, parts_of
from tests.contracts import fetch
from tests.contracts.documents import Documents

APP = 7


@pytest.fixture(scope="module")
def documents() -> Documents:
    """GitHub's schema, if it was fetched."""
    why = fetch.absent()
    if why is not None:
        pytest.skip(why)
    return Documents.read(fetch.SCHEMA)


def heads(count: int) -> list[str]:
    """So many head branches."""
    return [f"towline/shop/stage-{number}/web" for number in range(count)]


def faults(documents: Documents, document: Document) -> list[str]:
    """What GitHub would say to it."""
    return documents.faults(document.text, document.variables)


@pytest.mark.parametrize("lines", [0, 1, 40, MOST_HEADS])
@pytest.mark.parametrize("branches", [0, 1, 20])
def test_a_look_is_within_the_limits(documents: Documents, lines: int, branches: int) -> None:
    names = [f"env/{number}" for number in range(branches)]
    assert faults(documents, look("acme/shop", APP, names, heads(lines))) == []


def test_more_lines_are_asked_for_in_further_documents(documents: Documents) -> None:
    every = heads(2_500)
    asked = list(look("acme/shop", APP, ["main"], every[:MOST_HEADS]).variables.values())
    for start in range(MOST_HEADS, len(every), MOST_HEADS):
        document = more_heads("acme/shop", every, start)
        assert faults(documents, document) == []
        asked += document.variables.values()
    assert set(every) <= set(asked)


def test_names_travel_as_variables_only() -> None:
    hostile = 'a"}) { id } x: y(z: "'
    document = look("acme/shop", APP, [hostile], [hostile])
    assert hostile not in document.text
    assert document.variables["l0"] == hostile


def test_mutations_keep_their_order_and_names(documents: Documents) -> None:
    ref = {"repositoryId": "R", "name": "refs/heads/a", "oid": "a" * 40}
    both = Numbered(
        (Mutation("createRef", ref), Mutation("closePullRequest", {"pullRequestId": "P"}))
    )
    document = both.document()
    assert faults(documents, document) == []
    assert document.text.index("m0: createRef") < document.text.index("m1: closePullRequest")


def test_a_document_creates_so_much_and_no_more() -> None:
    ref, pull = Mutation("createRef", {}), Mutation("createPullRequest", {})
    mutations = [ref, pull] * 25
    parts = list(parts_of(mutations))
    assert [one for part in parts for one in part] == mutations
    assert [created_by(part) for part in parts] == [MOST_CREATED, MOST_CREATED, 5]
    assert list(parts_of([ref] * 500)) == [[ref] * 500]
    assert list(parts_of([])) == []
