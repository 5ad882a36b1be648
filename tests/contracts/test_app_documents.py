"""The App's GraphQL documents are valid on GitHub's own schema, whatever the size of a project."""

from __future__ import annotations

import pytest

from github_app.github.documents import Document, look, next_page
from tests.contracts.recording import contracts

pytestmark = pytest.mark.usefixtures("published")


def faults(document: Document) -> list[str]:
    return contracts().documents.faults(document.text, document.variables)


@pytest.mark.parametrize("lines", [0, 1, 250])
def test_a_look_at_a_project_is_within_githubs_schema_and_limits(lines: int) -> None:
    heads = [f"towline/shop/s{number}/web" for number in range(lines)]
    branches = [f"stage-{number}" for number in range(min(lines, 50))]
    assert faults(look("acme/deploy", 7, branches, heads)) == []


@pytest.mark.parametrize("alias", ["heads", "open"])
def test_a_further_page_is_valid(alias: str) -> None:
    assert faults(next_page("acme/deploy", 7, alias, "cursor")) == []
