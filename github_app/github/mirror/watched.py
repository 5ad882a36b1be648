"""Bare mirrors of repositories that are only watched: history and trees, files left out."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from github_app.github.calls import CallCounter, Kind
from github_app.github.mirror import asking
from github_app.github.mirror.allowance import Allowances
from github_app.github.mirror.asking import (
    Absent,
    DefaultBranch,
    Incomplete,
    OtherFormat,
    TagRef,
    TooLarge,
    Way,
    bring,
)
from github_app.github.mirror.bounds import MIB, Bounds
from github_app.github.mirror.fetch import exclusive, prepare, remove_stale_locks
from github_app.github.mirror.git import Git
from github_app.github.mirror.kept_refs import ALL, BRANCHES, COMMITS, HEAD, TAGS, ref, refspec
from github_app.github.mirror.parsing import path_text
from github_app.github.mirror.past import MOST_STEPS, Past
from github_app.github.mirror.values import checked_oid
from plugin.errors import Refusal, Temporary

_DEFAULT = "towline.default"
_SERVER = "the server"
_BOUNDS = Bounds(seconds=120.0, memory=1024 * MIB, file=asking.LARGEST)
_PACKING = ("-c", "pack.threads=1", "-c", f"pack.windowMemory={100 * MIB}")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Head:
    """A branch and its tip; the name is '' where the server names no default branch."""

    branch: str
    commit: str


class WatchedMirror:
    """One repository; any thread may ask.

    Every question that takes a `Way` asks the server with it first, so nobody is told what the
    server would not show them, although one mirror serves all who watch the repository.
    """

    def __init__(self, git: Git, calls: CallCounter, allowances: Allowances) -> None:
        self._git = git
        self._calls = calls
        self._allowances = allowances
        self._lock = threading.Lock()
        self._unfetchable: set[str] = set()
        self._prepared = False
        self.past = Past(git, allowances)

    def head(self, way: Way, branch: str | None) -> Head:
        """A branch as it is now (None: the default one), with its history.

        One negotiation when nothing moved. Refusal when there is no such branch, or no commit.
        """
        with self._exclusive():
            return self._whatever_format(lambda: self._head(way, branch))

    def _head(self, way: Way, branch: str | None) -> Head:
        if branch is not None:
            self._bring(way, branch, [refspec("refs/heads/", branch, BRANCHES)])
            return Head(branch, self._oid(ref(BRANCHES, branch)))
        known = self._known_default()
        if known:
            with contextlib.suppress(Absent):
                found = self._default(way, known)
                if found is not None:
                    return found
        with self._allowances.spending(_SERVER):
            asked = asking.default_branch(self._counted(), way)
        if asked is None:
            raise Refusal(f"{way.url} has no commit yet")
        return self._new_default(way, asked)

    def _default(self, way: Way, known: str) -> Head | None:
        """The default branch, if it still is the one of that name as far as commits tell."""
        self._bring(way, HEAD, [f"+HEAD:{HEAD}", refspec("refs/heads/", known, BRANCHES)])
        head = self._oid(HEAD)
        return Head(known, head) if head == self._oid(ref(BRANCHES, known)) else None

    def _new_default(self, way: Way, asked: DefaultBranch) -> Head:
        if not asked.branch:
            self._bring(way, HEAD, [f"+HEAD:{HEAD}"])
            return Head("", self._oid(HEAD))
        found = self._default(way, asked.branch)
        if found is None:
            raise Temporary(f"{way.url} changes its default branch at this moment")
        self._git.output("config", _DEFAULT, asked.branch)
        return found

    def _known_default(self) -> str:
        ran = self._git.run("config", "--get", _DEFAULT)
        return path_text(ran.out).strip()

    def tags(self, way: Way) -> tuple[TagRef, ...]:
        """The tags as they are on the server now; nothing is fetched."""
        with self._exclusive(), self._allowances.spending(_SERVER):
            return asking.tags(self._counted(), way)

    def bring_tags(self, way: Way, wanted: Sequence[TagRef]) -> None:
        """The history behind these tags is here; what is no history stays away.

        Nothing is asked when it is here already.
        """
        with self._exclusive():
            self._whatever_format(lambda: self._bring_tags(way, wanted))

    def _bring_tags(self, way: Way, wanted: Sequence[TagRef]) -> None:
        here = self._refs(TAGS)
        missing = [
            one
            for one in wanted
            if here.get(ref(TAGS, one.name)) != one.oid and one.oid not in self._unfetchable
        ]
        if not missing:
            return
        try:
            self._bring(way, TAGS, [refspec("refs/tags/", one.name, TAGS) for one in missing])
        except Incomplete:
            # A tag may stand for a file, which does not come; it spoils the others.
            if len(missing) == 1:
                self._unfetchable.add(missing[0].oid)
                return
            half = len(missing) // 2
            self._bring_tags(way, missing[:half])
            self._bring_tags(way, missing[half:])

    def bring_commit(self, way: Way, commit: str) -> bool:
        """Whether the commit is here, or could be brought (its tree, not its history)."""
        with self._exclusive():
            if self._is_commit(commit) or commit in self._unfetchable:
                return self._is_commit(commit)
            wanted = f"+{checked_oid(commit)}:{COMMITS}{commit}"
            with contextlib.suppress(Incomplete, Absent, OtherFormat):
                self._bring(way, COMMITS, [wanted], depth=1)
            if not self._is_commit(commit):
                self._unfetchable.add(commit)
            return commit not in self._unfetchable

    def maintain(self) -> None:
        """Packs tidied."""
        with self._exclusive():
            # Without these words Git takes the files that were left out for lost.
            promisor = f"remote.{asking.REMOTE}.promisor=true"
            self._git.output("-c", promisor, *_PACKING, "gc", "--quiet", bounds=_BOUNDS)

    def _bring(
        self, way: Way, question: str, refspecs: Sequence[str], *, depth: int | None = None
    ) -> None:
        if depth is None and not self._refs(ALL):
            depth = MOST_STEPS + 1
        try:
            with self._allowances.spending((_SERVER, question)):
                bring(self._counted(), way, refspecs, depth=depth)
        except TooLarge:
            # What it took is given back; should the repository shrink, it is fetched anew.
            shutil.rmtree(self._git.directory, ignore_errors=True)
            raise
        except (Refusal, Temporary):
            self._remove_leftovers()
            raise

    def _remove_leftovers(self) -> None:
        """Nothing of a process that ended too early; nobody else fetches here meanwhile."""
        remove_stale_locks(self._git.directory)
        for part in (self._git.directory / "objects" / "pack").glob("tmp_*"):
            part.unlink(missing_ok=True)

    def _whatever_format(self, act: Callable[[], _T]) -> _T:
        """What `act` gives, in a mirror of the kind of object ids that the server has."""
        try:
            return act()
        except OtherFormat:
            other = "sha1" if self._format() == "sha256" else "sha256"
        shutil.rmtree(self._git.directory)
        prepare(self._git, other)
        return act()

    def _format(self) -> str:
        return self._git.output("rev-parse", "--show-object-format").decode().strip()

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[None]:
        self._git.directory.parent.mkdir(parents=True, exist_ok=True)
        with self._lock, exclusive(self._git.directory):
            is_new = not (self._git.directory / "HEAD").is_file()
            if is_new:
                prepare(self._git)
            if is_new or not self._prepared:
                self._remove_leftovers()
            self._prepared = True
            yield

    def _counted(self) -> Git:
        self._calls.add(Kind.GIT)
        return self._git

    def _refs(self, below: str) -> Mapping[str, str]:
        raw = self._git.output("for-each-ref", "--format=%(refname) %(objectname)", below)
        return dict(line.decode().split(" ") for line in raw.splitlines())

    def _oid(self, ref: str) -> str:
        return self._git.output("rev-parse", "--verify", "--end-of-options", ref).decode().strip()

    def _is_commit(self, oid: str) -> bool:
        return oid in self.past.commits([oid])
