"""Pull requests beside the promotions: those whose stage is gone, and other people's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Set
from dataclasses import dataclass

from github_app.declared import FILE_NAME, Declared
from github_app.github.facts import RepositoryFacts
from github_app.github.pull_facts import PullFacts
from github_app.picture import ForeignPull
from github_app.ports import Objects
from github_app.pulls import PullRequest
from plugin.errors import Refusal
from plugin.head import line_of
from plugin.pipeline_file import InvalidProject, Mistake, read_project_bytes


@dataclass(frozen=True, slots=True)
class Bystanders:
    """What else is open in a repository.

    `known` is what lives there; `names` are the projects that ever had something to promote: what
    is ours and of none of them may be the promotion of another repository's project, which alone
    knows about it.
    """

    facts: RepositoryFacts
    objects: Objects
    known: Declared
    names: Set[str]

    def strays(self) -> Iterator[PullFacts]:
        """Open pull requests of ours whose stage or warehouse is gone from the pipeline file."""
        heads = set(self.known.heads())
        for one in self.facts.open:
            line = line_of(one.pull.head)
            mine = one.pull.ours and line is not None and line[0] in self.names
            if mine and one.pull.head not in heads and not self.known.broken:
                yield one

    def leftovers(self) -> dict[str, str]:
        """The heads of strays on which everything is ours, with their tips."""
        return {
            one.pull.head: one.pull.head_oid
            for one in self.strays()
            if all(made.ours for made in one.commits)
        }

    def foreign(self, *, renders: bool) -> Iterator[ForeignPull]:
        """Other people's pull requests that lack a check of ours on their head.

        A green check on what may be another repository's promotion would let it in.
        """
        branches = set(self.known.branches(self.facts.default_branch))
        heads = set(self.known.heads())
        for one in self.facts.open:
            pull = one.pull
            promotion = pull.ours or (pull.head in heads and not pull.fork)
            checked = pull.check is not None and (pull.diff is not None or not renders)
            if promotion or checked or pull.base not in branches:
                continue
            base = self.facts.branches.get(pull.base)
            files = _pipeline_files(pull, base.oid, self.objects) if base else None
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
