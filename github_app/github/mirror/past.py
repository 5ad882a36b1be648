"""What a watched mirror knows of the past: commits, tags and differences. It asks no server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from github_app.github.mirror import parsing, steps
from github_app.github.mirror.asking import TagRef
from github_app.github.mirror.fetch import is_ancestor
from github_app.github.mirror.git import Git
from github_app.github.mirror.kept_refs import TAGS, ref
from github_app.github.mirror.steps import Step, Touched
from github_app.github.mirror.values import checked_oid

MOST_STEPS = 10_000
"""How far back a history is looked at, in commits of the branch's own line."""
_TAG_FORMAT = "%00".join(
    ("%(refname)", "%(objectname)", "%(creatordate:unix)", "%(taggername) %(taggeremail)")
)


@dataclass(frozen=True, slots=True)
class Dated:
    """When a tag was made (or its commit, for a tag that is but a name), and by whom ('' then)."""

    created: datetime
    tagger: str
    subject: str


class Past:
    """The objects of one watched repository, as far as they were fetched; any thread may ask."""

    def __init__(self, git: Git) -> None:
        self._git = git

    def commits(self, oids: Iterable[str]) -> frozenset[str]:
        """Those of the objects that are commits, and here."""
        asked = "".join(f"{checked_oid(one)}\n" for one in dict.fromkeys(oids)).encode()
        ran = self._git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", data=asked)
        pairs = (line.split() for line in ran.out.decode("ascii", "replace").splitlines())
        return frozenset(pair[0] for pair in pairs if pair[1:] == ["commit"])

    def dated(self, tags: Iterable[TagRef]) -> Mapping[str, Dated]:
        """When each tag was made, by name; those that are not here are left out."""
        raw = self._git.output(
            "for-each-ref", f"--format={_TAG_FORMAT}%00%(contents:subject)", TAGS
        )
        lines = (line.split(b"\0") for line in raw.splitlines())
        known = {parsing.path_text(one[0]): one for one in lines if len(one) == 5}
        found: dict[str, Dated] = {}
        for tag in tags:
            line = known.get(ref(TAGS, tag.name))
            if line is not None and line[1].decode() == tag.oid:
                _, _, seconds, tagger, subject = (one.decode("utf-8", "replace") for one in line)
                found[tag.name] = Dated(parsing.moment(seconds), tagger.strip(), subject)
        return found

    def steps(self, tip: str, most: int = MOST_STEPS) -> Iterator[Step]:
        """The first-parent line from `tip` on, newest first."""
        return steps.steps(self._git, tip, most)

    def described(self, commits: Sequence[str]) -> Mapping[str, Step]:
        """These commits, which are here, by id and without what they changed."""
        return steps.described(self._git, commits)

    def differences(self, before: str, after: str | None) -> Sequence[Touched]:
        """Every path that differs between two commits; None is one with nothing in it."""
        return steps.differences(self._git, before, after)

    def paths(self, commit: str) -> Iterator[str]:
        """Every path of a commit's tree."""
        raw = self._git.output("ls-tree", "-r", "-z", "--name-only", checked_oid(commit))
        return (parsing.path_text(one) for one in raw.split(b"\0") if one)

    def found(self, text: str) -> str | None:
        """The one commit here whose id begins so."""
        ran = self._git.run("rev-parse", "--quiet", "--verify", f"{text}^{{commit}}")
        return ran.out.decode().strip() or None if ran.status == 0 else None

    def continues(self, old: str, new: str) -> bool:
        """Whether `new` continues `old` (or is it)."""
        return is_ancestor(self._git, old, new)
