"""The commits or tags of a Git repository that a subscription may take, best first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias, assert_never

from github_app.github.mirror.watched_mirrors import WatchedMirrors
from github_app.warehouse.candidate import Candidate
from github_app.warehouse.filtered import Filtered
from github_app.warehouse.git_access import Ways
from github_app.warehouse.git_commits import CommitLine
from github_app.warehouse.git_tags import TagList
from plugin.artifact import Revision
from plugin.subscriptions import GitSelection, GitSubscription

_Source: TypeAlias = CommitLine | TagList
_MOST_LEFT_OUT = 200


@dataclass(frozen=True, slots=True)
class GitRevisions:
    """Watched repositories, as one installation of the App may read them.

    Each question asks the server once, with the asker's own rights, and fetches what is new.
    Raises Refusal (no such repository or branch, no rights, a rule that cannot be read) and
    Temporary. Rules G-1 to G-8 and U-1 of Kargo
    (https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses) but for path filters:
    those look at everything since the last freight, not at one commit.
    """

    mirrors: WatchedMirrors
    ways: Ways

    def newest(self, subscription: GitSubscription, last: Revision | None) -> Iterator[Candidate]:
        """At most `limit` revisions the subscription may take, the one to take first.

        `last` is the newest freight's. Where paths are asked for and nothing of them changed, it
        stays the newest.
        """
        found = (one for one in self.judged(subscription, last) if isinstance(one, Candidate))
        return islice(found, subscription.limit)

    def judged(
        self, subscription: GitSubscription, last: Revision | None
    ) -> Iterator[Candidate | Filtered]:
        """Revisions as they come, with those that are kept out and the rule that does it.

        It goes on for as long as there are any: who asks says when it is enough.
        """
        return self._source(subscription).judged(last)

    def filtered(self, subscription: GitSubscription) -> tuple[Filtered, ...]:
        """What is left out until there are enough revisions, with the rule that does it.

        As if there were no freight yet; of commits and tags that had to be looked at, at most 200.
        """
        source, found = self._source(subscription), 0
        names: list[str] = []
        out: list[Filtered] = []
        for one in islice(source.judged(None), subscription.limit + _MOST_LEFT_OUT):
            match one:
                case Filtered(tag=tag):
                    out.append(one)
                case Candidate(artifact=artifact):
                    tag, found = artifact.tag, found + 1
                case _:
                    assert_never(one)
            names.append(tag)
            if found == subscription.limit:
                break
        return (*out, *source.unfit(names))

    def exact(self, subscription: GitSubscription, version: str) -> Candidate | None:
        """A tag, or a commit of the branch by seven digits of its id or more; None: there is none.

        For people who know what they want: allow, ignore, constraint and paths are not asked.
        """
        return self._source(subscription).named(version)

    def _source(self, subscription: GitSubscription) -> _Source:
        mirror = self.mirrors.of(str(subscription.repository.plain))
        way = self.ways.way(subscription)
        if subscription.select is GitSelection.NEWEST_COMMIT:
            return CommitLine(subscription, mirror, way)
        return TagList(subscription, mirror, way)
