"""What people are told of a commit or a tag; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from github_app.warehouse.candidate import Candidate
from plugin.artifact import Revision

if TYPE_CHECKING:
    from github_app.github.mirror.asking import TagRef
    from github_app.github.mirror.past import Dated
    from github_app.github.mirror.steps import Step
    from plugin.artifact import GitRepository

_SUBJECT = 80
_LONGEST = 200


def of_commit(repository: GitRepository, step: Step, branch: str) -> Candidate:
    """A commit of a branch; its time is its committer's."""
    revision = Revision(repository, step.commit, step.commit)
    return _candidate(revision, step, {"branch": branch})


def of_tag(repository: GitRepository, tag: TagRef, step: Step, dated: Dated) -> Candidate:
    """A tag; its time is its tagger's, or its commit's where it is but a name."""
    revision = Revision(repository, tag.name, tag.commit)
    annotation = dated.subject if dated.tagger else ""
    said = {"tag": tag.name, "tagger": dated.tagger, "annotation": annotation}
    found = _candidate(revision, step, said)
    return Candidate(revision, dated.created, found.facts)


def _candidate(revision: Revision, step: Step, where: dict[str, str]) -> Candidate:
    said = {
        "subject": step.subject,
        "author": step.author,
        "committer": step.committer,
        "date": f"{step.committed_at:%Y-%m-%dT%H:%M:%SZ}",
    }
    facts = {name: _line(name, text) for name, text in (said | where).items()}
    named = tuple((name, text) for name, text in facts.items() if text)
    return Candidate(revision, step.committed_at, named)


def _line(name: str, text: str) -> str:
    """One line, a subject of 80 characters as Kargo keeps it."""
    return " ".join(text.split())[: _SUBJECT if name == "subject" else _LONGEST]
