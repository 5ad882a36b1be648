"""Asks a Git server what its branches and tags are, and fetches some of them without files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from github_app.github.mirror.bounds import MIB, Bounds, TooMuch, amount
from github_app.github.mirror.disk_use import bytes_below
from github_app.github.mirror.fetch import MOVED, REFUSED, UNAUTHORISED, GitCredentials
from github_app.github.mirror.git import Access, Git, Ran
from github_app.github.mirror.parsing import path_text
from github_app.github.mirror.values import checked_oid
from plugin.errors import Refusal, Temporary

REMOTE = "watched"
_ASKING = Bounds(seconds=20.0, memory=512 * MIB)
# A server that says less than that for so long is given up.
_PATIENCE = ("-c", "http.lowSpeedLimit=500", "-c", "http.lowSpeedTime=30")
# One pack, whose growth can be watched, however few objects a server sends; few threads' memory.
_PACKED = ("-c", "fetch.unpackLimit=1", "-c", "pack.threads=2")
_LONGEST = 120.0
LARGEST = 2048 * MIB
"""Bytes of a mirror: history and trees, and files where they cannot be left out."""
_MOST_REFS = 200_000
_ABSENT = re.compile(r"couldn't find remote ref (.*)")
_PEELED = "^{}"
_TAGS = "refs/tags/"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Way:
    """How to get to a repository: its address, and who we are there (None: nobody)."""

    url: str
    credentials: GitCredentials | None = None
    user: str = "x-access-token"


class DefaultBranch(NamedTuple):
    """What a server says: its default branch ('' if it has none) and that one's commit."""

    branch: str
    commit: str


@dataclass(frozen=True, slots=True, order=True)
class TagRef:
    """A tag as the server has it: `oid` is the tag's own object, `commit` what it means at last."""

    name: str
    oid: str
    commit: str


class Absent(Refusal):
    """The server has no branch or tag of that name."""


class Incomplete(Temporary):
    """What was asked for could not be brought together: one of many may be to blame."""


class TooLarge(TooMuch):
    """More came than is kept."""


class OtherFormat(Temporary):
    """The server's object ids are of another kind than the mirror's."""


def default_branch(git: Git, way: Way) -> DefaultBranch | None:
    """The server's default branch, None when it has no commit."""
    ran = _asked(git, way, "ls-remote", "--quiet", "--symref", "--end-of-options", way.url, "HEAD")
    branch, commit = "", ""
    for line in ran.splitlines():
        what, _, name = path_text(line).partition("\t")
        if name == "HEAD" and what.startswith("ref: "):
            branch = what.removeprefix("ref: ").removeprefix("refs/heads/")
        elif name == "HEAD":
            commit = checked_oid(what)
    return DefaultBranch(branch, commit) if commit else None


def tags(git: Git, way: Way) -> tuple[TagRef, ...]:
    """The server's tags, in the order of their names."""
    ran = _asked(git, way, "ls-remote", "--quiet", "--tags", "--end-of-options", way.url)
    refs = dict(_refs(ran))
    return tuple(
        TagRef(name.removeprefix(_TAGS), oid, refs.get(name + _PEELED, oid))
        for name, oid in refs.items()
        if name.startswith(_TAGS) and not name.endswith(_PEELED)
    )


def _refs(raw: bytes) -> Iterator[tuple[str, str]]:
    for count, line in enumerate(raw.splitlines()):
        if count == _MOST_REFS:
            raise Refusal(f"the repository has more than {_MOST_REFS} tags: too many to look at")
        oid, _, name = path_text(line).partition("\t")
        yield name, checked_oid(oid)


def _asked(git: Git, way: Way, *arguments: str) -> bytes:
    def ask(access: Access) -> bytes:
        ran = git.run(*_PATIENCE, *arguments, access=access, bounds=_ASKING)
        if ran.status != 0:
            raise failure(way, ran)
        return ran.out

    try:
        return with_access(way, ask)
    except TooMuch as error:
        raise TooMuch(f"{way.url} names too many branches and tags: {error}") from None


def bring(git: Git, way: Way, refspecs: Iterable[str], *, depth: int | None = None) -> None:
    """Fetch these references with the history and the trees behind them, but no files.

    Where a server cannot leave files out, they come as well. `depth` cuts histories off.
    Absent, Incomplete, OtherFormat, Refusal or Temporary.
    """
    wanted = "".join(f"{one}\n" for one in refspecs).encode("utf-8", "surrogateescape")

    def fetch(access: Access) -> None:
        ran = git.run(
            *(*_PATIENCE, *_PACKED, "-c", f"remote.{REMOTE}.url={way.url}"),
            *("-c", f"remote.{REMOTE}.promisor=true", "fetch", "--quiet", "--no-tags"),
            *("--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance"),
            *("--filter=blob:none", *(() if depth is None else (f"--depth={depth:d}",))),
            *("--stdin", REMOTE),
            access=access,
            data=wanted,
            bounds=Bounds(_LONGEST, printed=MIB, memory=1024 * MIB, file=LARGEST),
            watch=lambda: _check_size(git.directory),
        )
        if ran.status != 0:
            # Git does not always say that a file could grow no more.
            _check_size(git.directory)
            raise failure(way, ran)

    try:
        with_access(way, fetch)
    except TooMuch as error:
        raise TooLarge(f"{way.url} is too large to be watched: {error}") from None


def _check_size(mirror: Path) -> None:
    if bytes_below(mirror / "objects") >= LARGEST:
        raise TooMuch(f"it has more than {amount(LARGEST)}")


def with_access(way: Way, act: Callable[[Access], _T]) -> _T:
    """What `act` gives; a token that is refused is replaced once."""
    if way.credentials is None:
        return act(Access(way.url))
    token = way.credentials.token()
    try:
        return act(Access(way.url, token, way.user))
    except _TokenRefused:
        way.credentials.forget(token)
        other = way.credentials.token()
        if other == token:
            raise
    return act(Access(way.url, other, way.user))


class _TokenRefused(Refusal):
    """The server does not accept who we say we are."""


def failure(way: Way, ran: Ran) -> Refusal | Temporary:
    """What to raise for a command that failed."""
    said = ran.complaint.splitlines()[-1] if ran.complaint else "no reason given"
    for known, error, text in _FAILURES:
        if known.search(ran.complaint):
            return error(f"{way.url} {text}")
    absent = _ABSENT.search(ran.complaint)
    if absent is not None:
        return Absent(f"{way.url} has no {absent[1].strip()}")
    if UNAUTHORISED.search(ran.complaint) or REFUSED.search(ran.complaint):
        return _denied(way, said)
    return Temporary(f"{way.url} could not be read: {said}")


_FAILURES: tuple[tuple[re.Pattern[str], type[Refusal | Temporary], str], ...] = (
    (
        re.compile(r"mismatched algorithms"),
        OtherFormat,
        "has object ids of another kind now: it is fetched anew",
    ),
    (
        MOVED,
        Refusal,
        "redirects elsewhere: write that address, often the same with '.git' at its end",
    ),
    (
        re.compile(r"did not send all necessary objects|bad (?:revision|object)|not our ref"),
        Incomplete,
        "did not send all that was asked for",
    ),
)


def _denied(way: Way, said: str) -> Refusal:
    if way.credentials is None:
        return Refusal(
            f"{way.url} is not there, or not to be read by anybody: put a login into the file that"
            " TOWLINE_GIT_CREDENTIALS names, or, where it is the App that asks, install the App in"
            f" it ({said})"
        )
    return _TokenRefused(f"{way.url} is not there, or does not let '{way.user}' read it: {said}")
