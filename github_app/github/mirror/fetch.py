"""Fetches a repository into its mirror; the ledger moves forward only."""

from __future__ import annotations

import contextlib
import fcntl
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from github_app.github.mirror.bounds import Bounds
from github_app.github.mirror.git import Access, Git
from github_app.github.mirror.parsing import path_text
from github_app.github.mirror.values import Fetched, LedgerTip, Rewound
from plugin.errors import Refusal, Temporary

LEDGER_BRANCH = "towline-ledger"
_LEDGER_REF = "refs/towline/ledger"
# GitHub bounds a repository itself; a large one takes its time and memory the first time.
_BOUNDS = Bounds(seconds=600.0, memory=None)

UNAUTHORISED = re.compile(
    r"Authentication failed|could not read (Username|Password)|returned error: 401"
)
REFUSED = re.compile(r"returned error: 403|repository '.*' not found|returned error: 404")
MOVED = re.compile(r"returned error: 30\d|unable to update url base")
_NO_PULL = re.compile(r"couldn't find remote ref refs/pull/(\d+)/head")


class TokenRefused(Refusal):
    """The Git server does not accept the token."""


class GitCredentials(Protocol):
    """Where the token for Git comes from."""

    def token(self) -> str:
        """A token good for some minutes."""

    def forget(self, token: str) -> None:
        """The token was refused: the next one must be another."""


def prepare(git: Git, object_format: str = "sha1") -> None:
    """The bare repository is there, without what an interrupted process left behind."""
    git.directory.mkdir(parents=True, exist_ok=True)
    ran = git.run("init", "--quiet", "--bare", "--template=", f"--object-format={object_format}")
    if ran.status != 0:
        raise Temporary(f"no mirror can be made in {git.directory}: {ran.complaint}")
    remove_stale_locks(git.directory)


def remove_stale_locks(directory: Path) -> None:
    """No lock files of a killed git; nobody but the holder of `exclusive` fetches here."""
    for lock in (*directory.glob("*.lock"), *(directory / "refs").rglob("*.lock")):
        lock.unlink(missing_ok=True)


@contextlib.contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """One process at a time fetches into the mirror; the lock falls with its process."""
    with directory.with_suffix(".busy").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def fetch(git: Git, access: Access, pulls: Sequence[int]) -> Fetched:
    """All branches as they are now, removed ones gone, pull requests' heads as asked.

    TokenRefused, Refusal (not found, moved) or Temporary (network).
    """
    refspecs = ["+refs/heads/*:refs/heads/*"]
    refspecs += [f"+refs/pull/{n:d}/head:refs/towline/pull/{n:d}" for n in pulls]
    ran = git.run(
        *("fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head"),
        *("--no-recurse-submodules", "--no-auto-maintenance", "--end-of-options"),
        *(access.url, *refspecs),
        access=access,
        bounds=_BOUNDS,
    )
    if ran.status != 0:
        remove_stale_locks(git.directory)
        raise _failure(access, ran.complaint)
    return fetched(git)


def fetched(git: Git) -> Fetched:
    """The branches in the mirror, and the ledger moved forward to its branch."""
    heads = branches(git)
    return Fetched(heads, _ledger(git, heads.get(LEDGER_BRANCH)))


def branches(git: Git, below: str = "refs/heads/") -> dict[str, str]:
    """The branches in a repository, name to commit."""
    return _refs(git, below)


def _refs(git: Git, prefix: str) -> dict[str, str]:
    raw = git.output("for-each-ref", "--format=%(objectname) %(refname)", prefix)
    pairs = (path_text(line).partition(" ") for line in raw.splitlines())
    return {name.removeprefix(prefix): oid for oid, _, name in pairs}


def _ledger(git: Git, new: str | None) -> LedgerTip:
    old = _refs(git, _LEDGER_REF).get("")
    if new is None:
        return None if old is None else Rewound(old, None)
    if new == old:
        return new
    if old is not None and not is_ancestor(git, old, new):
        return Rewound(old, new)
    ran = git.run("update-ref", _LEDGER_REF, new, old or "0" * len(new))
    if ran.status != 0:
        raise Temporary(f"the ledger's ref did not move: {ran.complaint}")
    return new


def is_ancestor(git: Git, old: str, new: str) -> bool:
    """Whether `new` continues `old` (or is it); Temporary when one of them is not here."""
    ran = git.run("merge-base", "--is-ancestor", old, new)
    if ran.status not in {0, 1}:
        raise Temporary(f"git cannot compare {old} and {new}: {ran.complaint}")
    return ran.status == 0


def _failure(access: Access, complaint: str) -> Refusal | Temporary:
    said = complaint.splitlines()[-1] if complaint else "no reason given"
    if UNAUTHORISED.search(complaint):
        return TokenRefused(f"{access.url} does not accept the App's token: {said}")
    if MOVED.search(complaint):
        return Refusal(f"{access.url} redirects elsewhere: correct the address of GitHub")
    missing = _NO_PULL.search(complaint)
    if missing is not None:
        return Refusal(f"{access.url} has no pull request {missing[1]}")
    if REFUSED.search(complaint):
        return Refusal(
            f"{access.url} is not there, or the App may not read it"
            f" (permission contents: read): {said}"
        )
    return Temporary(f"{access.url} could not be fetched: {said}")
