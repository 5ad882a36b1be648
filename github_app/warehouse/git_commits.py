"""The commits of a branch's own line that a subscription may take, newest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from github_app.github.mirror.asking import Absent, Way
from github_app.github.mirror.steps import Step, Touched
from github_app.github.mirror.watched import Head, WatchedMirror
from github_app.warehouse.candidate import Candidate
from github_app.warehouse.filtered import Filtered
from github_app.warehouse.git_facts import of_commit
from github_app.warehouse.git_paths import PathRules
from github_app.warehouse.git_rules import Ignored, Judged, alone, since
from github_app.warehouse.git_scope import scope_of
from plugin.artifact import Revision
from plugin.artifact.git import is_commit
from plugin.errors import Refusal
from plugin.subscriptions import GitSubscription

_SHORT_ID = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True)
class CommitLine:
    """A branch's first-parent line, as Kargo's NewestFromBranch walks it."""

    subscription: GitSubscription
    mirror: WatchedMirror
    way: Way

    def judged(self, last: Revision | None) -> Iterator[Candidate | Filtered]:
        """Every commit, taken or kept out by a rule.

        Without path rules any commit will do that is not ignored. With them, those since the last
        freight need a difference that counts; the last freight's follows, then older ones that
        changed such paths themselves.
        """
        rules = PathRules.of(self.subscription.include, self.subscription.exclude)
        ignored = Ignored.by(self.subscription)
        head = self._head()
        base = self._known(last) if rules else None
        line = self.mirror.past.steps(head.commit, scope=scope_of(rules))
        if base is None:
            return self._shown(head, alone(line, ignored, rules.admits if rules else None))
        return self._since(head, base, line, _Rules(ignored, rules))

    def unfit(self, judged: Iterable[str]) -> Iterator[Filtered]:
        """Nothing: no commit is known that was not judged."""
        del judged
        return iter(())

    def named(self, version: str) -> Candidate | None:
        """The commit of the branch whose id begins so."""
        head = self._head()
        past = self.mirror.past
        found = past.found(version) if _SHORT_ID.fullmatch(version) else None
        if found is None or not past.continues(found, head.commit):
            return None
        return self._candidate(head, past.described([found])[found])

    def _head(self) -> Head:
        branch = self.subscription.branch
        try:
            return self.mirror.head(self.way, branch)
        except Absent:
            raise Refusal(f"{self.way.url} has no branch '{branch}'; mend 'branch'") from None

    def _since(
        self, head: Head, base: str, line: Iterator[Step], rules: _Rules
    ) -> Iterator[Candidate | Filtered]:
        newer: list[Step] = []
        last: Step | None = None
        for step in line:
            if step.commit == base:
                last = step
                break
            newer.append(step)
        before = () if last or not newer else self._before(base, newer[-1], rules.paths)
        judged = since(before, newer[::-1], rules.ignored, rules.paths.admits)
        yield from self._shown(head, judged)
        if last is not None:
            yield self._candidate(head, last)
            yield from self._shown(head, alone(line, rules.ignored, rules.paths.admits))
        elif all(one.rule for one in judged):
            yield self._candidate(head, self.mirror.past.described([base])[base])

    def _before(self, base: str, oldest: Step, rules: PathRules) -> Sequence[Touched]:
        """What differed from `base` already before the oldest commit that is known."""
        until = oldest.commit if oldest.cut else oldest.parent
        return self.mirror.past.differences(base, until, scope_of(rules))

    def _known(self, last: Revision | None) -> str | None:
        """The last freight's commit, if it can still be had."""
        if last is None:
            return None
        commit = last.commit or (last.tag if is_commit(last.tag) else None)
        if commit is None or not self.mirror.bring_commit(self.way, commit):
            return None
        return commit

    def _shown(self, head: Head, judged: Iterable[Judged]) -> Iterator[Candidate | Filtered]:
        for step, rule in judged:
            yield Filtered(step.commit, rule) if rule else self._candidate(head, step)

    def _candidate(self, head: Head, step: Step) -> Candidate:
        return of_commit(self.subscription.repository, step, head.branch)


@dataclass(frozen=True, slots=True)
class _Rules:
    ignored: Ignored
    paths: PathRules
