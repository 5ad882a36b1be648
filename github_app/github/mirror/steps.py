"""What the commits of a branch's own line say and change, as Git prints it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from github_app.github.mirror.git import Git
from github_app.github.mirror.parsing import moment, path_text
from github_app.github.mirror.values import checked_oid

_FORMAT = "--format=" + "%x00".join(("%H", "%P", "%an <%ae>", "%cn <%ce>", "%ct", "%s", "%B"))
_FORMAT += "%x00%(trailers:only,unfold)%x00"
_COUNT = 8
_NOTHING = "000000"
# The tree with nothing in it, which Git knows without having it, by the length of ids.
_EMPTY = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_PAGES = (50, 500, 2000)
# Ids on one command line; 41 or 65 bytes each.
_AT_ONCE = 1000


class Touched(NamedTuple):
    """A path that differs: its mode and blob before and after, '' where it is not there.

    Bytes of a path that are not UTF-8 are surrogate escapes.
    """

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """A commit, and what it changed of its first parent: of a merge, all that it brought.

    `author` and `committer` are `Name <email>` as the commit claims; `trailers` are its lines.
    Where history was `cut` off at fetching, neither parent nor changes are known.
    """

    commit: str
    parent: str | None
    author: str
    committer: str
    committed_at: datetime
    subject: str
    message: str
    trailers: tuple[str, ...] = ()
    touched: tuple[Touched, ...] = ()
    cut: bool = False


def steps(git: Git, tip: str, most: int) -> Iterator[Step]:
    """The first-parent line from `tip` on, newest first, at most so many; asked for in parts."""
    cut, next_one, part = _cut_off(git), tip, 0
    while most > 0:
        count = min(_PAGES[min(part, len(_PAGES) - 1)], most)
        found = _logged(git, next_one, count)
        for step in found:
            if step.commit in cut:
                yield replace(step, parent=None, touched=(), cut=True)
                return
            yield step
        if len(found) < count or found[-1].parent is None:
            return
        next_one, part, most = found[-1].parent, part + 1, most - count


def _logged(git: Git, tip: str, count: int) -> Sequence[Step]:
    raw = git.output(
        *("log", "-m", "--first-parent", "--raw", "-z", "--no-abbrev", "--no-renames"),
        *("--no-show-signature", _FORMAT, f"--max-count={count:d}", checked_oid(tip), "--"),
    )
    return tuple(_steps(raw))


def described(git: Git, commits: Sequence[str]) -> dict[str, Step]:
    """These commits by id, without what they changed."""
    found: dict[str, Step] = {}
    for at in range(0, len(commits), _AT_ONCE):
        some = [checked_oid(one) for one in commits[at : at + _AT_ONCE]]
        raw = git.output(
            *("log", "--no-walk=unsorted", "-z", "--no-show-signature", _FORMAT, *some, "--")
        )
        found.update((step.commit, step) for step in _steps(raw))
    return found


def differences(git: Git, before: str, after: str | None) -> tuple[Touched, ...]:
    """Every path that differs between two commits (None: nothing); a rename is two paths."""
    raw = git.output(
        *("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"),
        *(checked_oid(before), checked_oid(after or _EMPTY[len(before)])),
    )
    return tuple(_touched(raw.split(b"\0"), 0)[0])


def _cut_off(git: Git) -> frozenset[str]:
    """The commits whose parents were not fetched."""
    try:
        return frozenset((git.directory / "shallow").read_text(encoding="ascii").split())
    except FileNotFoundError:
        return frozenset()


def _steps(raw: bytes) -> Iterator[Step]:
    """The commits of `git log -z` with our format: eight fields, then their raw differences."""
    words, at = raw.split(b"\0"), 0
    while at < len(words):
        if not words[at].strip(b"\n"):
            at += 1
            continue
        fields = [word.decode("utf-8", "replace").strip("\n") for word in words[at : at + _COUNT]]
        touched, at = _touched(words, at + _COUNT)
        yield _step(fields, touched)


def _step(fields: Sequence[str], touched: Sequence[Touched]) -> Step:
    oid, parents, author, committer, seconds, subject, message, trailers = fields
    return Step(
        commit=oid,
        parent=next(iter(parents.split()), None),
        author=author,
        committer=committer,
        committed_at=moment(seconds),
        subject=subject,
        message=message,
        trailers=tuple(trailers.splitlines()),
        touched=tuple(touched),
    )


def _touched(words: Sequence[bytes], at: int) -> tuple[list[Touched], int]:
    """The differences that stand at a place, and the place behind them."""
    found: list[Touched] = []
    while at < len(words):
        record = words[at].lstrip(b"\n")
        if record.startswith(b":"):
            mode_before, mode_after, before, after, _ = record[1:].decode("ascii").split(" ")
            sides = (_side(mode_before, before), _side(mode_after, after))
            found.append(Touched(path_text(words[at + 1]), *sides))
            at += 2
        elif record:
            break
        else:
            at += 1
    return found, at


def _side(mode: str, oid: str) -> str:
    return "" if mode == _NOTHING else f"{mode} {oid}"
