"""A checkout's files as an earlier commit has them, to judge what was changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from github_app.github.calls import CallCounter
from github_app.github.mirror.git import Git
from github_app.github.mirror.mirrors import LARGEST_FILE
from github_app.github.mirror.repository import Mirror
from github_app.surroundings import Surroundings
from plugin.bases import bases_of
from plugin.errors import Refusal
from plugin.stage_files import is_candidate

_BRANCHES = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")


@dataclass(frozen=True, slots=True)
class Past:
    """One commit of a checkout, and what it is for people."""

    mirror: Mirror
    commit: str
    said: str

    def files(self, directory: str) -> Mapping[str, str]:
        """The texts below a stage's directory that may hold pins or records, by path."""
        entries = [
            one
            for one in self.mirror.tree(self.commit, directory)
            if one.kind.is_file and is_candidate(directory, one.path)
        ]
        texts = self.mirror.readable(one.oid for one in entries)
        return {
            one.path: texts[one.oid].decode("utf-8", "replace")
            for one in entries
            if one.oid in texts
        }

    def bases(self, directory: str, files: Mapping[str, str]) -> Mapping[str, str]:
        """The texts outside a stage's directory that `files`, its own, were built with."""
        return bases_of(directory, files, self._text_at)

    def _text_at(self, path: str) -> str | None:
        entry = self.mirror.entry(self.commit, path)
        if entry is None or not entry.kind.is_file:
            return None
        content = self.mirror.readable([entry.oid]).get(entry.oid)
        return None if content is None else content.decode("utf-8", "replace")


def past_of(root: Path, since: str | None, around: Surroundings) -> Past | None:
    """The commit named, else where the branch left the remote's, else the last one.

    None where there is no commit; raises Refusal when the one named is not there.
    """
    git = Git(root, around.environ)
    for revision, said in _candidates(git, root, since):
        commit = _answer(git, root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if commit:
            place = Path(_answer(git, root, "rev-parse", "--absolute-git-dir"))
            mirror = Mirror(Git(place, around.environ), CallCounter(), LARGEST_FILE)
            return Past(mirror, commit, f"commit {commit[:12]} ({said})")
    if since is not None:
        raise Refusal(f"{root}: Git knows no commit '{since}' here; name another with --since")
    return None


def _candidates(git: Git, root: Path, since: str | None) -> Iterator[tuple[str, str]]:
    """Revisions to compare with, best first, and why."""
    if since is not None:
        # A revision that begins with a dash would be an option.
        yield from [] if since.startswith("-") else [(since, since)]
        return
    for branch in _BRANCHES:
        parted = _answer(git, root, "merge-base", "HEAD", branch)
        if parted:
            yield parted, f"where this branch left {branch.removeprefix('refs/remotes/')}"
    yield "HEAD", "the last one"


def _answer(git: Git, root: Path, *arguments: str) -> str:
    """What git says, '' when it fails."""
    if not (root / ".git").exists():
        return ""
    ran = git.run("-C", str(root), "--git-dir=.git", *arguments)
    return ran.out.decode("utf-8", "replace").strip() if ran.status == 0 else ""
