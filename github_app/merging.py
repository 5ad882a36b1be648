"""How a pull request is merged: by GitHub when everything is there, through a queue, or at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from github_app import mutations
from github_app.outcome import Applied, Merged
from github_app.ports import Failed
from github_app.steps import Outcome, Step, answer_of, failed


@dataclass(frozen=True, slots=True)
class Merging:
    """Which pull request to merge, by node id, with its head branch and exactly this commit.

    `has_queue` says that the base is merged into through a queue only.
    """

    pull: str
    head: str
    oid: str
    has_queue: bool = False


@dataclass(frozen=True, slots=True)
class Merger:
    """Merges by one `method` of GitHub's and notes what came of it in `applied`."""

    method: str
    applied: Applied

    def step(self, merging: Merging, requires_towline: bool) -> Step:
        """GitHub's auto-merge where our check is required, else a merge of exactly this head."""
        if requires_towline:
            wait = mutations.merge_when_ready(merging.pull, merging.oid, self.method)
            return Step({"merge": wait}, lambda answers: self._awaited(merging, answers))
        return self._merge_now(merging)

    def _merge_now(self, merging: Merging) -> Step:
        if merging.has_queue:
            queue = mutations.enqueue(merging.pull, merging.oid)
            return Step({"merge": queue}, lambda answers: self._enqueued(merging, answers))
        now = mutations.merge(merging.pull, merging.oid, self.method)
        return Step({"merge": now}, lambda answers: self._merged(merging, answers))

    def _awaited(self, merging: Merging, answers: Mapping[str, Outcome]) -> Iterator[Step]:
        """Auto-merge is refused where nothing is left to wait for: then merge, naming the head."""
        match answers["merge"]:
            case Failed():
                yield self._merge_now(merging)
            case _:
                return

    def _enqueued(self, merging: Merging, answers: Mapping[str, Outcome]) -> Iterator[Step]:
        failed(self.applied, f"merge queue for {merging.head}", answers["merge"], blocked=True)
        return iter(())

    def _merged(self, merging: Merging, answers: Mapping[str, Outcome]) -> Iterator[Step]:
        if not failed(self.applied, f"merge of {merging.head}", answers["merge"], blocked=True):
            commit = answer_of(answers["merge"], "pullRequest").get("mergeCommit")
            oid = str(commit["oid"]) if isinstance(commit, Mapping) else ""
            self.applied.events.append(Merged(merging.head, oid))
        return iter(())
