"""The GitHub port over one installation's transport: one document to look, one to write."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from github_app.actions import Deploy
from github_app.github.answers import GraphAnswer, GraphError
from github_app.github.deployments import create_deployment
from github_app.github.documents import MOST_HEADS, look, more_heads, next_page
from github_app.github.facts import RepositoryFacts, facts_of
from github_app.github.people import commented, people
from github_app.github.rest import create_root_commit
from github_app.github.transport import Transport
from github_app.github.writing import Mutation, Numbered, created_by, parts_of
from github_app.identity import Identity
from github_app.picture import Person, Spoken
from github_app.ports import Done, Failed
from plugin.errors import Refusal


@dataclass(frozen=True, slots=True)
class GitHubApi:
    """GitHub as one installation sees it."""

    transport: Transport
    us: Identity

    def look(
        self,
        repository: str,
        branches: Sequence[str],
        heads: Sequence[str],
        people: Sequence[str] = (),
    ) -> RepositoryFacts | None:
        """One question; more of them beyond a hundred open pull requests or a thousand lines."""
        first = heads[:MOST_HEADS]
        document = look(repository, self.us.app_id, branches, first, people)
        data = _whole(repository, self.transport.graphql(document.text, document.variables))
        if data.get("repository") is not None:
            self._add_pages(repository, data["repository"])
            self._add_heads(repository, data["repository"], heads)
        return facts_of(data, self.us, branches, heads, people)

    def _add_heads(self, repository: str, tree: dict[str, Any], heads: Sequence[str]) -> None:
        for start in range(MOST_HEADS, len(heads), MOST_HEADS):
            document = more_heads(repository, heads, start)
            answer = self.transport.graphql(document.text, document.variables)
            tree.update(_whole(repository, answer)["repository"])

    def _add_pages(self, repository: str, tree: dict[str, Any]) -> None:
        for alias in ("open", "heads"):
            page = tree[alias]
            while page["pageInfo"]["hasNextPage"]:
                document = next_page(
                    repository, self.us.app_id, alias, page["pageInfo"]["endCursor"]
                )
                answer = self.transport.graphql(document.text, document.variables)
                page = _whole(repository, answer)["repository"][alias]
                tree[alias]["nodes"].extend(page["nodes"])

    def write(self, mutations: Sequence[Mutation]) -> Sequence[Done | Failed]:
        """The answer to each mutation, in their order: one document, or more where it is too much.

        What follows a document whose outcome is unknown is not sent.
        """
        outcomes: list[Done | Failed] = []
        for part in parts_of(mutations):
            document = Numbered(tuple(part)).document()
            answer = self.transport.graphql(document.text, document.variables, created_by(part))
            outcomes += [_outcome(answer, f"m{number}") for number in range(len(part))]
        return outcomes

    def deploy(self, repository: str, deploy: Deploy) -> Done | Failed:
        """A new deployment of a commit; its node id is answered as `deployment.id`."""
        return create_deployment(self.transport, repository, deploy)

    def comments(self, repository: str, ids: Sequence[str]) -> Sequence[Spoken]:
        """The comments with these node ids that are on pull requests of ours."""
        return tuple(commented(self.transport, repository, ids, self.us))

    def people(
        self, repository: str, logins: Sequence[str], *, teams: bool
    ) -> Mapping[str, Person]:
        """What these people may do there now, by login in lower case."""
        return people(self.transport, repository, logins, teams=teams)

    def root_commit(self, repository: str, message: str, files: Mapping[str, str]) -> str:
        """A commit of ours without parents that holds `files`, on no branch yet."""
        return create_root_commit(self.transport, repository, message, files)


def _outcome(answer: GraphAnswer, alias: str) -> Done | Failed:
    value = answer.data.get(alias)
    mine = [one for one in answer.errors if one.path[:1] == (alias,)]
    if value is not None and not mine:
        return Done(value)
    # An error without a path refuses the whole document: it belongs to every mutation.
    errors = mine or [one for one in answer.errors if not one.path]
    kinds = ", ".join(dict.fromkeys(one.type or "error" for one in errors)) or "no answer"
    return Failed(kinds, "; ".join(one.message for one in errors) or "GitHub answered null")


def _whole(repository: str, answer: GraphAnswer) -> dict[str, Any]:
    """The answer's data; a look with an error in any part of the repository is refused.

    Unless that is missing, or a merge queue that the App may not see: people can live without. A
    person or a team that GitHub does not show is nobody to be asked.
    """
    errors = [one for one in answer.errors if one.type != "NOT_FOUND" and _is_needed(one)]
    if errors:
        raise Refusal(f"{repository}: GitHub refused to be looked at: {errors[0].message}")
    return dict(answer.data)


def _is_needed(error: GraphError) -> bool:
    where = [str(one) for one in error.path[:2]]
    if where and where[0] != "repository":
        return False
    return len(where) < 2 or not re.fullmatch(r"q\d+", where[1])
