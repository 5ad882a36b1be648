"""What the commits of a branch's own line say and change, as Git prints it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from github_app.github.mirror.bounds import MIB, Bounds, TooMuch
from github_app.github.mirror.git import Git
from github_app.github.mirror.parsing import moment, path_text
from github_app.github.mirror.scope import Scope
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
_ENDED = re.compile(rb"([^\0]+)\0")
_FEWER = 8
# A commit may change some 100,000 paths; a thousand commits that many in all.
_CHANGES = Bounds(seconds=20.0, printed=16 * MIB, memory=512 * MIB)
_LOCAL = Bounds(seconds=20.0, memory=512 * MIB)
_RAW = ("-r", "-z", "--raw", "--no-renames", "--no-abbrev")
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


def page(git: Git, tip: str, most: int, scope: Scope) -> Sequence[Step]:
    """The first steps of the line from `tip` on, newest first; at most so many, at least one.

    Fewer where more cannot be told at once. Raises TooMuch for a commit that cannot be told.
    """
    found = _logged(git, tip, most)
    cut = _cut_off(git)
    at = next((at for at, one in enumerate(found) if one.commit in cut), None)
    if at is not None:
        end = replace(found[at], parent=None, cut=True)
        found = [*found[:at], end]
    while True:
        try:
            return _with_changes(git, found, scope)
        except TooMuch as error:
            if len(found) == 1:
                raise TooMuch(
                    f"commit {found[0].commit} changes more paths than can be looked at ({error}):"
                    " name directories in 'include'"
                ) from None
            found = found[: len(found) // _FEWER or 1]


def _logged(git: Git, tip: str, most: int) -> Sequence[Step]:
    words = ("log", "--first-parent", "-z", "--no-show-signature", _FORMAT)
    while True:
        try:
            raw = git.output(*words, f"--max-count={most:d}", checked_oid(tip), "--", bounds=_LOCAL)
        except TooMuch:
            if most == 1:
                raise
            most = most // _FEWER or 1
        else:
            return tuple(_steps(raw))


def _with_changes(git: Git, line: Sequence[Step], scope: Scope) -> Sequence[Step]:
    """The steps with what each changed of its first parent, within the scope."""
    pairs = [f"{one.commit} {one.parent or ''}".strip() for one in line if not one.cut]
    raw = git.output(
        *("diff-tree", "--stdin", *_RAW, "--root", "--", *scope.pathspecs),
        data="".join(f"{pair}\n" for pair in pairs).encode(),
        bounds=_CHANGES,
    )
    changed = dict(_changed(raw))
    return tuple(replace(one, touched=tuple(changed.get(one.commit, ()))) for one in line)


def _changed(raw: bytes) -> Iterator[tuple[str, Sequence[Touched]]]:
    """The commits of `git diff-tree --stdin -z`, with their differences; others have none."""
    words, at = raw.split(b"\0"), 0
    while at < len(words) and words[at]:
        commit = words[at].decode("ascii")
        touched, at = _touched(words, at + 1)
        yield commit, touched


def described(git: Git, commits: Sequence[str]) -> dict[str, Step]:
    """These commits by id, without what they changed."""
    found: dict[str, Step] = {}
    for at in range(0, len(commits), _AT_ONCE):
        some = [checked_oid(one) for one in commits[at : at + _AT_ONCE]]
        raw = git.output(
            *("log", "--no-walk=unsorted", "-z", "--no-show-signature", _FORMAT, *some, "--"),
            bounds=_LOCAL,
        )
        found.update((step.commit, step) for step in _steps(raw))
    return found


def differences(git: Git, before: str, after: str | None, scope: Scope) -> tuple[Touched, ...]:
    """Every path that differs between two commits (None: nothing); a rename is two paths."""
    other = after or _EMPTY[len(before)]
    try:
        raw = git.output(
            *("diff-tree", *_RAW, checked_oid(before), checked_oid(other), "--", *scope.pathspecs),
            bounds=_CHANGES,
        )
    except TooMuch as error:
        raise TooMuch(
            f"more paths differ between {before} and {other} than can be looked at ({error}):"
            " name directories in 'include'"
        ) from None
    return tuple(_touched(raw.split(b"\0"), 0)[0])


def paths(git: Git, commit: str, scope: Scope) -> Iterator[str]:
    """Every path of a commit's tree within the scope."""
    # ls-tree knows no paths to leave out.
    between = (_EMPTY[len(commit)], checked_oid(commit))
    try:
        raw = git.output(
            *("diff-tree", "-r", "-z", "--name-only", "--no-renames", *between),
            *("--", *scope.pathspecs),
            bounds=_LOCAL,
        )
    except TooMuch as error:
        raise TooMuch(
            f"commit {commit} has more paths than can be looked at ({error}): name directories in"
            " 'include'"
        ) from None
    return (path_text(one[1]) for one in _ENDED.finditer(raw))


def _cut_off(git: Git) -> frozenset[str]:
    """The commits whose parents were not fetched."""
    try:
        return frozenset((git.directory / "shallow").read_text(encoding="ascii").split())
    except FileNotFoundError:
        return frozenset()


def _steps(raw: bytes) -> Iterator[Step]:
    """The commits of `git log -z` with our format: eight fields each."""
    words, at = raw.split(b"\0"), 0
    while at < len(words):
        if not words[at].strip(b"\n"):
            at += 1
            continue
        fields = [word.decode("utf-8", "replace").strip("\n") for word in words[at : at + _COUNT]]
        yield _step(fields)
        at += _COUNT


def _step(fields: Sequence[str]) -> Step:
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
