"""Watched repositories over real HTTP, written commit by commit, and a subscription to each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from github_app.github.calls import CallCounter
from github_app.github.host import Host
from github_app.github.mirror.watched_mirrors import WatchedMirrors
from github_app.warehouse.candidate import Candidate
from github_app.warehouse.filtered import Filtered
from github_app.warehouse.git_access import GitLogins, Ways
from github_app.warehouse.git_revisions import GitRevisions
from plugin.artifact import GitRepository, Revision
from plugin.subscriptions import GitSubscription
from tests.github.git_server import GitServer, git, serving

START = 1_700_000_000
ANN = "Ann Müller <ann@example.org>"


@dataclass
class Written:
    """A bare repository that a test writes; every commit is a minute after the one before."""

    bare: Path
    files: dict[str, dict[str, str]] = field(default_factory=dict)
    count: int = 0

    def commit(
        self,
        changes: Mapping[str, str | None] | None = None,
        message: str = "Say something",
        *,
        branch: str = "main",
        parents: tuple[str, ...] | None = None,
        author: str = ANN,
    ) -> str:
        """A commit on top of the branch (or of `parents`); None takes a file away."""
        if parents is None:
            tip = self.tip(branch)
            parents = (tip,) if tip else ()
        files = dict(self.files.get(parents[0], {})) if parents else {}
        for path, text in (changes or {}).items():
            files.pop(path, None)
            if text is not None:
                files[path] = text
        self.count += 1
        name, _, email = author.rstrip(">").partition(" <")
        who = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email}
        line = [word for one in parents for word in ("-p", one)]
        at = START + 60 * self.count
        tree = self._tree(files)
        oid = git(self.bare, "commit-tree", tree, *line, "-m", message, at=at, more=who)
        git(self.bare, "update-ref", f"refs/heads/{branch}", oid)
        self.files[oid] = files
        return oid

    def merge(self, other: str, message: str = "Merge", branch: str = "main") -> str:
        """A merge of another commit, with all that it has, into the branch."""
        first = self.tip(branch)
        assert first is not None
        return self.commit(self.files[other], message, branch=branch, parents=(first, other))

    def tag(self, name: str, commit: str, *, at: int | None = None, message: str = "") -> None:
        """A tag: annotated if it has a message."""
        self.count += 1
        when = START + 60 * self.count if at is None else at
        annotated = ("-a", "-m", message) if message else ()
        git(self.bare, "tag", "--force", *annotated, name, commit, at=when)

    def tip(self, branch: str) -> str | None:
        """The branch's tip, None if there is no such branch."""
        ref = f"refs/heads/{branch}"
        return git(self.bare, "for-each-ref", "--format=%(objectname)", ref) or None

    def _tree(self, files: Mapping[str, str]) -> str:
        index = {"GIT_INDEX_FILE": str(self.bare / "index-of-the-test")}
        git(self.bare, "read-tree", "--empty", more=index)
        lines = []
        for path, text in files.items():
            oid = git(self.bare, "hash-object", "-w", "--stdin", data=text.encode())
            lines.append(f"100644 {oid}\t".encode() + os.fsencode(path) + b"\0")
        data = b"".join(lines)
        git(self.bare, "update-index", "-z", "--index-info", data=data, more=index)
        return git(self.bare, "write-tree", more=index)


@dataclass
class World:
    """A Git server, and the App's way to ask it."""

    server: GitServer
    data: Path
    calls: CallCounter = field(default_factory=CallCounter)
    revisions: GitRevisions = field(init=False)

    def __post_init__(self) -> None:
        self.revisions = self.asking()

    def asking(self, ways: Ways | None = None) -> GitRevisions:
        """The App, started anew on the same disk."""
        environment = {"PATH": os.environ["PATH"]}
        mirrors = WatchedMirrors(self.data / "watched", self.calls, environment)
        known = ways or Ways(Host("https://github.com"), lambda name: None, GitLogins())
        return GitRevisions(mirrors, known)

    def write(self, name: str = "acme/config", *, filtering: bool = True) -> Written:
        bare = self.server.repository(name)
        if filtering:
            git(bare, "config", "uploadpack.allowFilter", "true")
        return Written(bare)

    def subscription(self, name: str = "acme/config", **more: Any) -> GitSubscription:
        address = self.server.address(name)
        return GitSubscription("config", GitRepository.parse(address), address, **more)

    def taken(self, last: Revision | None = None, **more: Any) -> list[str]:
        """The versions a subscription may take, the one to take first."""
        found = self.revisions.newest(self.subscription(**more), last)
        return [one.artifact.tag for one in found]

    def rules(self, last: Revision | None = None, **more: Any) -> dict[str, str]:
        """Why revisions are kept out."""
        found = self.revisions.judged(self.subscription(**more), last)
        return {one.tag: one.rule for one in found if isinstance(one, Filtered)}

    def left_out(self, **more: Any) -> dict[str, str]:
        """What `towline discover` says of revisions that are not taken."""
        found = self.revisions.filtered(self.subscription(**more))
        return {one.tag: one.rule for one in found}

    def best(self, last: Revision | None = None, **more: Any) -> Candidate:
        return next(iter(self.revisions.newest(self.subscription(**more), last)))

    def at(self, commit: str, tag: str | None = None) -> Revision:
        """What the last freight had."""
        return Revision(self.subscription().repository, tag or commit, commit)


@contextmanager
def world(place: Path) -> Iterator[World]:
    """A world with nothing in it yet."""
    with serving(GitServer(place / "host")) as server:
        yield World(server, place / "data")
