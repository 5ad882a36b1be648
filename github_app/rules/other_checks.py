"""Checks on what is no promotion's head: others' pull requests, the default branch, merge groups.

Pure. GitHub waits for a required check on every pull request and every group of a queue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from github_app.actions import PostCheck
from github_app.difference.check import NOTHING_TO_RENDER, SHOWN_ON_PULL_REQUESTS
from github_app.gates import NOT_A_PROMOTION, Check, Gate, pipeline_check, records_check
from github_app.picture import BrokenProject, ForeignPull, ProjectPicture, RepositoryPicture
from github_app.pulls import PostedCheck
from github_app.rules.queue import group_checks
from plugin.pipeline import Mode


def is_shadow(picture: ProjectPicture) -> bool:
    """Whether every stage of the project only plans and reports."""
    stages = [stage for stage in picture.project.stages if stage.place is not None]
    return all(stage.mode is Mode.SHADOW for stage in stages)


def other_checks(picture: RepositoryPicture) -> Iterator[PostCheck]:
    """What to post on other people's pull requests and on a pipeline file that cannot be read."""
    for foreign in picture.foreign if _is_watched(picture) else ():
        pull = foreign.pull
        yield from _check(pull.head_oid, _foreign_check(foreign), pull.check)
        if picture.renders:
            yield from _check(pull.head_oid, NOTHING_TO_RENDER, pull.diff)
    if picture.broken:
        yield from _check(picture.default_oid, _broken_check(picture.broken), picture.default_check)


def queue_checks(
    picture: RepositoryPicture, promotions: Mapping[int, Sequence[Gate]]
) -> Iterator[PostCheck]:
    """What to post on the groups of merge queues; `promotions` are our gates by number."""
    if not _is_watched(picture):
        return
    yield from group_checks(picture.queue, promotions)
    for entry in picture.queue if picture.renders else ():
        yield from _check(entry.oid, SHOWN_ON_PULL_REQUESTS, entry.diff)


def _is_watched(picture: RepositoryPicture) -> bool:
    """In a repository of shadows not even a green check is left on people's pull requests."""
    return bool(picture.broken) or not all(map(is_shadow, picture.projects))


def _check(oid: str, check: Check, posted: PostedCheck | None) -> Iterator[PostCheck]:
    if posted is None or posted.key != check.key:
        yield PostCheck(oid, check, posted)


def _foreign_check(foreign: ForeignPull) -> Check:
    if foreign.records:
        return records_check(foreign.records)
    if not foreign.pipeline_files:
        return NOT_A_PROMOTION
    return pipeline_check(foreign.pipeline_files, foreign.mistakes, merged=False)


def _broken_check(broken: tuple[BrokenProject, ...]) -> Check:
    mistakes = tuple(mistake for one in broken for mistake in one.mistakes)
    return pipeline_check([one.file for one in broken], mistakes)
