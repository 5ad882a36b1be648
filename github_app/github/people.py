"""Whoever commands: what GitHub says at that moment of the comment, the person and the teams.

What somebody may do is never read from a comment's author association, nor remembered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from github_app.github.people_documents import comments, teams_of
from github_app.github.pull_facts import pull_of
from github_app.github.rest import collaborator_permission
from github_app.github.results import nodes
from github_app.github.talk import comment_of
from github_app.github.transport import Transport
from github_app.identity import Identity
from github_app.picture import Person, Spoken

# GitHub takes a hundred ids at a time.
_MOST = 100


def people(
    installation: Transport, repository: str, logins: Sequence[str], *, teams: bool
) -> Mapping[str, Person]:
    """By login in lower case: the role in `owner/name`, and the owner's teams where asked for."""
    found = _teams(installation, repository.partition("/")[0], logins) if teams else {}
    return {
        login.lower(): Person(
            login,
            collaborator_permission(installation, repository, login),
            found.get(login, frozenset()),
        )
        for login in logins
    }


def _teams(
    installation: Transport, owner: str, logins: Sequence[str]
) -> Mapping[str, frozenset[str]]:
    """None at all where the owner is a person, or the App may not see the members."""
    document = teams_of(owner, logins)
    answer = installation.graphql(document.text, document.variables)
    organization = answer.data.get("organization") or {}
    return {
        login: frozenset(one["combinedSlug"] for one in nodes(organization.get(f"t{number}")))
        for number, login in enumerate(logins)
    }


def commented(
    installation: Transport, repository: str, ids: Sequence[str], us: Identity
) -> Iterator[Spoken]:
    """Those of the comments that are on pull requests of ours in `owner/name`.

    All of them, however many: a flood hides what somebody else says.
    """
    for at in range(0, len(ids), _MOST):
        document = comments(ids[at : at + _MOST])
        answer = installation.graphql(document.text, document.variables)
        for tree in answer.data.get("nodes") or ():
            if not tree or tree.get("pullRequest") is None:
                continue
            pull, said = pull_of(tree["pullRequest"], us), comment_of(tree)
            here = tree["repository"]["nameWithOwner"].lower() == repository.lower()
            if here and pull.ours and said is not None:
                yield Spoken(pull, said)
