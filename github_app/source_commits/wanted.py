"""Which commits the reviewers of a project's promotions would want to see. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

from github_app.arrivals import Facts
from github_app.body.origins import NOWHERE, Origin, SourceRepository, origin_of
from github_app.discovery import Discovered
from github_app.picture import LinePicture, ProjectPicture, RepositoryPicture
from github_app.source_commits.values import Between, SourceCommits, between
from plugin import holding as holdings
from plugin.artifact import DOCKER_HUB, Artifact, Image, Watched
from plugin.freight import Freight

Answers: TypeAlias = Callable[[Sequence[Between]], Mapping[Between, SourceCommits]]
_MOST = 50
# Whoever may push to these is not yet one of us: an image there may name any repository as its
# source, and would have its commits shown to those who may not read them.
_PUBLIC = frozenset({DOCKER_HUB, "ghcr.io", "quay.io", "public.ecr.aws", "registry.gitlab.com"})


def wanted(picture: ProjectPicture) -> tuple[Between, ...]:
    """What lies between what lines hold and what is about to come there, each pair once."""
    every = (pair for line in picture.lines.values() for pair in _of_line(picture, line))
    return tuple(islice(dict.fromkeys(every), _MOST))


def with_commits(picture: RepositoryPicture, known: Answers) -> RepositoryPicture:
    """The picture with the commits that are known of those that its reviewers want to see."""
    projects = tuple(replace(one, commits=known(wanted(one))) for one in picture.projects)
    return replace(picture, projects=projects)


def pairs(
    old: Mapping[Watched, Origin], new: Mapping[Watched, Origin], artifacts: Iterable[Artifact]
) -> Iterator[tuple[Watched, Between]]:
    """By subject, what lies between the origins of these artifacts, as far as it may be shown."""
    for artifact in artifacts:
        subject = artifact.subject
        found = between(old.get(subject, NOWHERE), new.get(subject, NOWHERE))
        if found is not None and _is_its_own(artifact, found.source):
            yield subject, found


def origins_of(picture: ProjectPicture, freight: Freight) -> Mapping[Watched, Origin]:
    """Where the freight's artifacts come from, as far as sources and the ledger tell."""
    facts = _facts(picture, freight)
    return {one.subject: origin_of(one, facts.get(one.subject, ())) for one in freight.artifacts}


def _of_line(picture: ProjectPicture, line: LinePicture) -> Iterator[Between]:
    match line.holding:
        case holdings.Managed(record):
            old = origins_of(picture, record.freight)
        case _:
            return
    for freight in _coming(picture, line):
        found = pairs(old, origins_of(picture, freight), freight.artifacts)
        yield from (pair for _, pair in found)


def _coming(picture: ProjectPicture, line: LinePicture) -> Iterator[Freight]:
    if line.open and line.head and line.head.freight:
        yield line.head.freight
    match picture.discoveries.get(line.warehouse):
        case Discovered(freight):
            yield freight
        case _:
            pass


def _facts(picture: ProjectPicture, freight: Freight) -> Mapping[Watched, Facts]:
    """What sources said of it: the ledger knows what was newest, but not yet what just came."""
    if freight.towards is not None:
        return _facts_of_a_step(picture, freight)
    seen = picture.ledger.find(freight.warehouse, freight.id)
    match picture.discoveries.get(freight.warehouse):
        case Discovered(found, facts) if found.id == freight.id and not (seen and seen.facts):
            return facts
        case _:
            return seen.facts if seen else {}


def _facts_of_a_step(picture: ProjectPicture, step: Freight) -> Mapping[Watched, Facts]:
    """A step is made of several: each says what it knows of the artifacts that it shares."""
    return {
        one.subject: seen.facts[one.subject]
        for seen in picture.ledger.seen(step.warehouse)
        for one in step.artifacts
        if one.subject in seen.facts and one in seen.freight.artifacts
    }


def _is_its_own(artifact: Artifact, source: SourceRepository) -> bool:
    """Whether the artifact lies where only the source's owner, or somebody trusted, puts it."""
    if not isinstance(artifact, Image) or artifact.repository.host not in _PUBLIC:
        return True
    owner = artifact.repository.path.partition("/")[0]
    return owner.lower() == source.path.partition("/")[0].lower()
