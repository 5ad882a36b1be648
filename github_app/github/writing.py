"""The documents that write: mutations put together, within what GitHub allows in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from github_app.github.documents import Document


@dataclass(frozen=True, slots=True)
class Mutation:
    """One field of a writing document: GitHub's mutation, its input, and what to ask back."""

    name: str
    input: Mapping[str, Any]
    answer: str = "clientMutationId"


# What people are told of, and GitHub therefore counts most strictly.
_CREATING = frozenset({"createPullRequest", "addComment", "requestReviews"})
MOST_CREATED = 10


def created_by(mutations: Sequence[Mutation]) -> int:
    """How many things that people are told of the mutations create."""
    return sum(one.name in _CREATING for one in mutations)


def parts_of(mutations: Sequence[Mutation]) -> Iterator[Sequence[Mutation]]:
    """The mutations in as few documents as GitHub's limits allow, at most MOST_CREATED in each.

    https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """
    part: list[Mutation] = []
    for one in mutations:
        if one.name in _CREATING and created_by(part) == MOST_CREATED:
            yield part
            part = []
        part.append(one)
    if part:
        yield part


@dataclass(frozen=True, slots=True)
class Numbered:
    """Mutations under the aliases `m0`, `m1`, ... in the order GitHub runs them."""

    mutations: tuple[Mutation, ...] = field(default=())

    def document(self) -> Document:
        """One document that runs them all, in order, none undone if a later one fails."""
        declared = ", ".join(
            f"$m{number}: {one.name[0].upper()}{one.name[1:]}Input!"
            for number, one in enumerate(self.mutations)
        )
        fields = "\n".join(
            f"  m{number}: {one.name}(input: $m{number}) {{ {one.answer} }}"
            for number, one in enumerate(self.mutations)
        )
        variables = {f"m{number}": one.input for number, one in enumerate(self.mutations)}
        return Document(f"mutation Write({declared}) {{\n{fields}\n}}", variables)
