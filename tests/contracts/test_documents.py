"""What GitHub refuses in a document is caught: its schema, its variables, its limits."""

from __future__ import annotations

import pytest

from tests.contracts.recording import contracts

pytestmark = pytest.mark.usefixtures("published")

READ = 'query R($owner: String!, $n: Int!) { repository(owner: $owner, name: "r") { %s } }'


def faults(inside: str, **variables: object) -> str:
    given = {"owner": "o", "n": 10} | variables
    return "\n".join(contracts().documents.faults(READ % inside, given))


def test_a_good_document_with_its_variables_has_no_fault() -> None:
    assert faults("pullRequests(first: $n, states: [OPEN]) { nodes { number } }") == ""


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("id nonsense pullRequests(first: $n) { totalCount }", "Cannot query field 'nonsense'"),
        ("pullRequests(first: $n, states: [SHUT]) { totalCount }", "Value 'SHUT' does not exist"),
        ("pullRequests(first: $n, label: 1) { totalCount }", "Unknown argument 'label'"),
        ("id", "Variable '$n' is never used"),
        ("id {", "Syntax Error"),
    ],
)
def test_what_the_schema_does_not_allow_is_caught(inside: str, said: str) -> None:
    assert said in faults(inside)


def test_variables_are_judged_too() -> None:
    good = "pullRequests(first: $n) { totalCount }"
    assert "Int cannot represent" in faults(good, n="ten")
    assert "'$more' is not declared" in faults(good, more=1)


ENOUGH = "all: pullRequests(first: $n) { totalCount } "
DEEP = """
    pullRequests(first: $n) { nodes { commits(first: 100) { nodes { commit {
        checkSuites(first: 100) { nodes { checkRuns(first: 100) { nodes { id } } } }
    } } } } }
"""


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        (ENOUGH + "pullRequests { nodes { id } }", "`pullRequests` needs `first` or `last`"),
        (ENOUGH + "labels(first: 101) { nodes { id } }", "`labels` asks for 101 of at most 100"),
        (ENOUGH + "labels(first: 0) { nodes { id } }", "`labels` asks for 0"),
        (DEEP, "the document asks for 10101010 nodes, GitHub allows 500000"),
    ],
)
def test_githubs_limits_on_pages_and_nodes_are_kept(inside: str, said: str) -> None:
    assert said in faults(inside)


def test_fragments_are_counted_where_they_are_used() -> None:
    text = """
        query { repository(owner: "o", name: "r") { pullRequests(first: 5) { nodes { ...P } } } }
        fragment P on PullRequest { labels(first: 101) { nodes { name } } }
    """
    assert "`labels` asks for 101" in "\n".join(contracts().documents.faults(text))
