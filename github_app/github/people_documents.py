"""The GraphQL documents that ask about people: what they wrote, and their teams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from github_app.github.documents import BARE, COMMENT, MADE, Document


def comments(ids: Sequence[str]) -> Document:
    """The comments with these node ids, each with its pull request, open or closed."""
    text = """query Comments($ids: [ID!]!) {
  nodes(ids: $ids) { ... on IssueComment {
    ...Comment repository { nameWithOwner }
    pullRequest { ...Bare tip: commits(last: 1) { nodes { commit { committedDate ...Made } } } }
  } }
}
"""
    return Document(text + MADE + BARE + COMMENT, {"ids": list(ids)})


def teams_of(owner: str, logins: Sequence[str]) -> Document:
    """The teams of an organization that each of the people is in, under `t0`, `t1`, ...

    https://docs.github.com/graphql/reference/objects#organization
    """
    variables: dict[str, Any] = {"owner": owner}
    aliases = []
    for number, login in enumerate(logins):
        variables[f"t{number}"] = login
        teams = f"teams(first: 100, userLogins: [$t{number}]) {{ nodes {{ combinedSlug }} }}"
        aliases.append(f"    t{number}: {teams}\n")
    declared = ", ".join(f"${name}: String!" for name in variables)
    asked = f"organization(login: $owner) {{\n{''.join(aliases)}  }}"
    return Document(f"query Teams({declared}) {{\n  {asked}\n}}\n", variables)
