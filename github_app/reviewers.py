"""Whom a repository's stages name as reviewers: people, teams, and the owners of their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from github_app.picture import ProjectPicture
from github_app.ports import Objects
from github_app.pulls import Review
from github_app.rules.codeowners import PLACES
from github_app.rules.reviews import team_of
from plugin.pipeline import Project, Stage


def named_people(projects: Iterable[Project], owner: str) -> tuple[str, ...]:
    """Whom stages want asked or assigned: logins, and teams as "org/team"."""
    found = (name for stage in _stages(projects) for name in _named(stage, owner))
    return tuple(dict.fromkeys(found))


def code_owners(
    projects: Iterable[Project], tips: Mapping[str, str], objects: Objects
) -> dict[str, str]:
    """By branch the text of its CODEOWNERS file, read only where a stage wants its owners.

    `tips` are the commits of the branches. A branch without the file is left out.
    """
    wanted = any(stage.reviews and stage.reviews.codeowners for stage in _stages(projects))
    found = {name: _text(tip, objects) for name, tip in tips.items()} if wanted else {}
    return {name: text for name, text in found.items() if text is not None}


def approvers(projects: Iterable[ProjectPicture]) -> tuple[str, ...]:
    """Who approved an open promotion of a stage that asks for teams, or for owners.

    Reviews themselves say only for which teams somebody was asked at the time.
    """
    found = {
        review.author
        for one in projects
        for stage in one.project.stages
        if stage.reviews is not None and (stage.reviews.teams or stage.reviews.codeowners)
        for line in stage.lines
        for review in _reviews(one, stage, line.warehouse)
        if review.approved
    }
    return tuple(sorted(found))


def _reviews(project: ProjectPicture, stage: Stage, warehouse: str) -> tuple[Review, ...]:
    picture = project.lines.get((stage.name, warehouse))
    return picture.open.reviews if picture and picture.open else ()


def _stages(projects: Iterable[Project]) -> Iterator[Stage]:
    return (stage for project in projects for stage in project.stages)


def _named(stage: Stage, owner: str) -> Iterator[str]:
    yield from stage.pull_request.reviewers
    yield from stage.pull_request.assignees
    if stage.reviews is not None:
        yield from (team_of(one, owner) for one in stage.reviews.teams)


def _text(commit: str, objects: Objects) -> str | None:
    for path in PLACES:
        below = objects.files(commit, path.rpartition("/")[0])
        oid = next((one.oid for one in below if one.path == path and one.plain), None)
        if oid is not None:
            return objects.blobs([oid]).get(oid, b"").decode("utf-8", "replace")
    return None
