"""The commits between two revisions, and which two. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from github_app.body.origins import Origin, SourceRepository

MOST_COMMITS = 20


@dataclass(frozen=True, slots=True)
class Between:
    """Two revisions of one source: what a stage holds is from `old`, the freight from `new`."""

    source: SourceRepository
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SourceCommit:
    """One commit of an artifact's source repository, as its author wrote it."""

    oid: str
    subject: str
    author: str


@dataclass(frozen=True, slots=True)
class SourceCommits:
    """The commits from an old revision to a new one, the newest first, at most MOST_COMMITS.

    `more` says that there are others, which nobody counted.
    """

    commits: tuple[SourceCommit, ...]
    more: bool = False


def between(old: Origin, new: Origin) -> Between | None:
    """What lies between two origins, if both are revisions of the same source."""
    if new.source is None or new.source != old.source:
        return None
    if not old.revision or not new.revision or old.revision == new.revision:
        return None
    return Between(new.source, old.revision, new.revision)
