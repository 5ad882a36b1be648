"""What a plan may lack of a stage's files from elsewhere, and what was found of it. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from plugin.artifact import GitRepository
from plugin.errors import Refusal


@dataclass(frozen=True, slots=True)
class Origin:
    """The repository that the pipeline file is in, if known, and its default branch's commit."""

    repository: GitRepository | None
    tip: str

    @classmethod
    def of(cls, url: str, tip: str) -> Origin:
        """The repository at GitHub's page `url`, as Git subscriptions name it."""
        try:
            return cls(GitRepository.parse(url), tip)
        except Refusal:
            return cls(None, tip)

    def is_same(self, repository: GitRepository) -> bool:
        """Whether it is this one; GitHub's names have no case, on whatever host."""
        own = self.repository
        if own is None or own.host != repository.host:
            return False
        return own.path.casefold() == repository.path.casefold()


@dataclass(frozen=True, slots=True)
class ToRead:
    """The files of `path` in a commit of the pipeline file's repository.

    `sources` asks for a stage's directory with all that kustomize needs besides; else exactly what
    stands at the path is meant, a file or a directory.
    """

    commit: str
    path: str
    sources: bool


@dataclass(frozen=True, slots=True)
class ToBuild:
    """A stage's files, all of them by path, whose `directory` is to be rendered."""

    directory: str
    files: tuple[tuple[str, str], ...]


Need: TypeAlias = ToRead | ToBuild


@dataclass(frozen=True, slots=True)
class Files:
    """Contents by path; bytes that are no UTF-8 are surrogate escapes.

    Paths are the repository's, of what was rendered the stage's directory's.
    """

    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why there is nothing; each reason says what to do."""

    reasons: tuple[str, ...]


Found: TypeAlias = Files | Lacking
