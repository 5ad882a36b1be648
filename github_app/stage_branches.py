"""Where stages live: branches and directories, with what their trees and histories tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from github_app.gates import NAME
from github_app.github.facts import BranchFacts, RepositoryFacts
from github_app.histories import Histories, Stays
from github_app.picture import Base
from github_app.ports import Objects
from github_app.rules.brought import brings
from github_app.stage_texts import Directory
from plugin.artifact import Watched
from plugin.pipeline import InBranch, InDirectory, Stage

Places = Mapping[str, tuple[str, str]]
"""The branch and the directory of each stage, by its name."""


@dataclass(frozen=True, slots=True)
class BranchReader:
    """A branch that stages live on: their directories' trees, and what its history tells."""

    name: str
    facts: BranchFacts
    trees: Mapping[str, str]
    stays: Stays

    @property
    def base(self) -> Base:
        """What is merged into."""
        facts, required = self.facts, NAME in self.facts.required
        return Base(self.name, facts.oid, required, facts.protected, facts.has_queue)


def place_of(stage: Stage, default_branch: str) -> tuple[str, str]:
    """The branch and the directory of a stage."""
    match stage.place:
        case InDirectory(path):
            return default_branch, path
        case InBranch(branch, sources):
            return branch, sources or ""
        case None:
            raise AssertionError(f"{stage.name} has no place")


def branches_of(
    places: Places, objects: Objects, facts: RepositoryFacts, histories: Histories
) -> Mapping[str, BranchReader]:
    """The branches that stages live on, as far as they are there."""
    return {
        name: BranchReader(
            name=name,
            facts=branch,
            trees=objects.directories(branch.oid, ("", *_on(name, places))),
            stays=histories.stays(objects, branch.oid),
        )
        for name, branch in facts.branches.items()
        if any(at == name for at, _ in places.values())
    }


def directories_of(
    stages: Sequence[Stage],
    branches: Mapping[str, BranchReader],
    default_branch: str,
    unpinned: frozenset[Watched],
) -> Mapping[str, Directory]:
    """The directories of stages, by the stage's name, as far as they are there.

    `unpinned` is what needs no pin in them.
    """
    return {
        stage.name: replace(found, unpinned=unpinned)
        for stage in stages
        if (found := _directory(stage, *place_of(stage, default_branch), branches)) is not None
    }


def _on(branch: str, places: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    return (path for at, path in places.values() if at == branch)


def _directory(
    stage: Stage, name: str, path: str, branches: Mapping[str, BranchReader]
) -> Directory | None:
    branch = branches.get(name)
    tree = branch.trees.get(path) if branch else None
    if tree is None:
        return None
    warehouses = tuple(line.warehouse for line in stage.lines)
    return Directory(path, tree, warehouses, stage.pins, stage.write, brings(stage))
