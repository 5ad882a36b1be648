"""The labels of promotions: which must be made first, and which a lost answer left off. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from github_app import mutations
from github_app.actions import Action, OpenPromotion
from github_app.github.writing import Mutation
from github_app.picture import RepositoryPicture
from github_app.pull_request import LABEL
from github_app.pulls import PullRequest
from plugin.pipeline import Stage


def ids_of(picture: RepositoryPicture, labels: Iterable[str]) -> list[str]:
    """The node ids of those that the repository has; their names have no case on GitHub."""
    known = _known(picture)
    return [known[one.lower()] for one in labels if one.lower() in known]


def missing(picture: RepositoryPicture, actions: Sequence[Action]) -> dict[str, Mutation]:
    """What makes the labels of new promotions that the repository does not have, by name."""
    known = _known(picture)
    return {
        label: mutations.create_label(picture, label)
        for action in actions
        if isinstance(action, OpenPromotion)
        for label in action.proposal.text.labels
        if label.lower() not in known
    }


def forgotten(picture: RepositoryPicture, oid: str) -> dict[str, Mutation]:
    """What puts labels on the promotion with this head, if it never got them, by what it is.

    Labels come with the first check; where that is missing they may be, too.
    """
    for stage, pull in _promotions(picture):
        if pull.head_oid == oid:
            on_it = {one.lower() for one in pull.labels}
            wanted = [LABEL, *stage.pull_request.labels]
            ids = ids_of(picture, (one for one in wanted if one.lower() not in on_it))
            return {"labels": mutations.add_labels(pull.node, ids)} if ids else {}
    return {}


def _known(picture: RepositoryPicture) -> Mapping[str, str]:
    return {name.lower(): node for name, node in picture.labels.items()}


def _promotions(picture: RepositoryPicture) -> Iterable[tuple[Stage, PullRequest]]:
    for project in picture.projects:
        stages = {stage.name: stage for stage in project.project.stages}
        for (name, _), line in project.lines.items():
            if line.open is not None:
                yield stages[name], line.open
