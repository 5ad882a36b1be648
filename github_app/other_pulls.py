"""Open pull requests that are no promotion: other people's, and ours whose stage is gone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from github_app.declared import FILE_NAME, Declared
from github_app.github.facts import RepositoryFacts
from github_app.github.pull_facts import PullFacts
from github_app.picture import ForeignPull
from github_app.ports import Objects
from github_app.pulls import PullRequest
from plugin.errors import Refusal
from plugin.pipeline_file import InvalidProject, Mistake, read_project_bytes


def strays(facts: RepositoryFacts, known: Declared) -> Iterator[PullFacts]:
    """Open pull requests of ours whose stage or warehouse is gone from the pipeline file."""
    heads = set(known.heads())
    broken = {one.file for one in known.broken}
    for one in facts.open:
        if one.pull.ours and one.pull.head not in heads and not broken:
            yield one


def foreign(
    facts: RepositoryFacts, known: Declared, objects: Objects, *, renders: bool
) -> Iterator[ForeignPull]:
    """Other people's pull requests that lack a check of ours on their head."""
    branches = set(known.branches(facts.default_branch))
    heads = set(known.heads())
    stages = any(project.stages for project in known.projects) or known.broken
    for one in facts.open:
        pull = one.pull
        promotion = pull.head in heads and not pull.fork
        checked = pull.check is not None and (pull.diff is not None or not renders)
        if not stages or promotion or checked or pull.base not in branches:
            continue
        base = facts.branches.get(pull.base)
        files = _pipeline_files(pull, base.oid, objects) if base else None
        if files is None:
            continue
        mistakes = tuple(
            mistake for path, content in files.items() for mistake in _mistakes(path, content)
        )
        yield ForeignPull(pull, tuple(files), mistakes)


def _pipeline_files(pull: PullRequest, base: str, objects: Objects) -> dict[str, bytes] | None:
    """The pipeline files a pull request changes; None if its head is not to be had now."""
    if not objects.has(pull.head_oid):
        with contextlib.suppress(Refusal):
            objects.fetch_pull(pull.number)
    if not objects.has(pull.head_oid):
        return None
    on = objects.merge_base(base, pull.head_oid)
    if on is None:
        return {}
    changed = {
        path: blob
        for path, blob in objects.changed(on, pull.head_oid).items()
        if path.rpartition("/")[2] == FILE_NAME and blob is not None
    }
    contents = objects.blobs(changed.values())
    return {path: contents.get(blob, b"") for path, blob in changed.items()}


def _mistakes(path: str, content: bytes) -> tuple[Mistake, ...]:
    try:
        read_project_bytes(path, content)
    except InvalidProject as invalid:
        return invalid.mistakes
    return ()
