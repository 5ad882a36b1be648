"""Reads what was committed between two revisions, from bare mirrors of the source repositories.

Only repositories of the App's own GitHub are read, each with the rights of the installation that
asks. It costs no API request, and nobody waits for it: what is not known is left out until it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from urllib.parse import urlsplit

from github_app.github.host import Host
from github_app.github.mirror.asking import Way
from github_app.github.mirror.fetch import GitCredentials
from github_app.github.mirror.scope import Scope
from github_app.github.mirror.steps import Step
from github_app.github.mirror.watched import WatchedMirror
from github_app.github.mirror.watched_mirrors import WatchedMirrors
from github_app.remembering import Remembered
from github_app.source_commits.values import (
    MOST_COMMITS,
    Between,
    SourceCommit,
    SourceCommits,
)
from plugin.errors import Refusal, Temporary

log = logging.getLogger(__name__)
Keys: TypeAlias = Callable[[str], GitCredentials | None]
_MOST = 1000
_MOST_AT_ONCE = 3
_AGAIN = timedelta(minutes=30)
# Nothing lies there, so that Git compares no trees.
_NOWHERE = Scope((":(literal).git/towline",))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found at some time, None if nothing could be."""

    commits: SourceCommits | None
    at: datetime


@dataclass(slots=True)
class KnownCommits:
    """What was read, by who may know it; the oldest is forgotten."""

    clock: Callable[[], datetime]
    kept: Remembered[tuple[str, Between], _Answer] = field(
        default_factory=lambda: Remembered(_MOST)
    )


@dataclass(frozen=True, slots=True)
class SourceHistories:
    """The source repositories that one installation may read; `tenant` is its name.

    `keys` gives its credentials for `owner/name`, None for what it is not installed in.
    """

    mirrors: WatchedMirrors
    host: Host
    keys: Keys
    tenant: str
    known: KnownCommits

    def of(self, pairs: Iterable[Between]) -> Mapping[Between, SourceCommits]:
        """What is known now; asks nobody."""
        found = {pair: self._answer(pair) for pair in pairs}
        return {pair: one.commits for pair, one in found.items() if one and one.commits}

    def read(self, pairs: Iterable[Between]) -> bool:
        """Read some of what is not known yet; whether anything new is known now."""
        now = self.known.clock()
        unknown = [pair for pair in pairs if self._is_wanted(pair, now)][:_MOST_AT_ONCE]
        for pair in unknown:
            self.known.kept.keep((self.tenant, pair), _Answer(self._read(pair), now))
        return bool(self.of(unknown))

    def _answer(self, pair: Between) -> _Answer | None:
        return self.known.kept.get((self.tenant, pair))

    def _is_wanted(self, pair: Between, now: datetime) -> bool:
        answer = self._answer(pair)
        return answer is None or (answer.commits is None and now >= answer.at + _AGAIN)

    def _read(self, pair: Between) -> SourceCommits | None:
        """The commits; None where they cannot be read, which concerns no promotion."""
        if pair.source.host != urlsplit(self.host.url).netloc.lower():
            return None
        try:
            credentials = self.keys(pair.source.path)
            if credentials is None:
                return None
            url = self.host.repository(pair.source.path)
            mirror = self.mirrors.of(url.removesuffix(".git"))
            mirror.head(Way(url, credentials), None)
            return _between(mirror, pair)
        except (Refusal, Temporary) as error:
            log.info("commits of %s are not shown: %s", pair.source.path, error)
            return None


def _between(mirror: WatchedMirror, pair: Between) -> SourceCommits | None:
    """The first-parent line from the new revision to the old one, where it leads there."""
    past = mirror.past
    old, new = past.found(pair.old), past.found(pair.new)
    if old is None or new is None or not past.continues(old, new):
        return None
    commits: list[SourceCommit] = []
    for step in past.steps(new, most=MOST_COMMITS + 1, scope=_NOWHERE):
        if step.commit == old:
            return SourceCommits(tuple(commits))
        if len(commits) < MOST_COMMITS:
            commits.append(_told(step))
    return SourceCommits(tuple(commits), more=True)


def _told(step: Step) -> SourceCommit:
    return SourceCommit(step.commit, step.subject, step.author.partition(" <")[0])
