"""Pull requests beside the promotions: those whose stage is gone, and other people's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TypeAlias

from github_app.declared import FILE_NAME, Declared
from github_app.github.facts import RepositoryFacts
from github_app.github.pull_facts import PullFacts
from github_app.picture import ForeignPull
from github_app.ports import Objects
from github_app.pulls import PullRequest
from plugin.errors import Refusal
from plugin.head import line_of
from plugin.pipeline_file import InvalidProject, Mistake, read_project_bytes
from plugin.stage_files import is_record

Changed: TypeAlias = Mapping[str, str | None]
"""Paths that differ, with the blob that is there then; None: deleted."""


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
            changed = _changed(pull, base.oid, self.objects) if base else None
            if base is None or changed is None:
                continue
            files = _pipeline_files(changed, self.objects)
            mistakes = tuple(
                mistake for path, content in files.items() for mistake in _mistakes(path, content)
            )
            records = tuple(_new_records(changed, base.oid, self.objects))
            yield ForeignPull(pull, tuple(files), mistakes, records)


def _changed(pull: PullRequest, base: str, objects: Objects) -> Changed | None:
    """What a pull request changes; None if its head is not to be had now."""
    if not objects.has(pull.head_oid):
        with contextlib.suppress(Refusal):
            objects.fetch_pull(pull.number)
    if not objects.has(pull.head_oid):
        return None
    on = objects.merge_base(base, pull.head_oid)
    return {} if on is None else objects.changed(on, pull.head_oid)


def _pipeline_files(changed: Changed, objects: Objects) -> dict[str, bytes]:
    blobs = {
        path: blob
        for path, blob in changed.items()
        if path.rpartition("/")[2] == FILE_NAME and blob is not None
    }
    contents = objects.blobs(blobs.values())
    return {path: contents.get(blob, b"") for path, blob in blobs.items()}


def _new_records(changed: Changed, base: str, objects: Objects) -> Iterator[str]:
    """The records that come with it and were never on the base.

    A revert brings back what was there; a stage that moves takes its record along.
    """
    written = {path: blob for path, blob in changed.items() if is_record(path)}
    if not any(written.values()):
        return
    known: dict[str, set[str | None]] = {}
    for one in objects.records(base):
        known.setdefault(one.path, set()).add(one.blob)
    moved = {blob for path, now in written.items() if now is None for blob in known.get(path, ())}
    for path, blob in written.items():
        if blob is not None and blob not in known.get(path, ()) and blob not in moved:
            yield path


def _mistakes(path: str, content: bytes) -> tuple[Mistake, ...]:
    try:
        read_project_bytes(path, content)
    except InvalidProject as invalid:
        return invalid.mistakes
    return ()
