"""What a watched mirror knows of the past: commits, tags and differences. It asks no server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from github_app.github.mirror import parsing, steps
from github_app.github.mirror.allowance import Allowances
from github_app.github.mirror.asking import TagRef
from github_app.github.mirror.bounds import MIB, Bounds
from github_app.github.mirror.fetch import is_ancestor
from github_app.github.mirror.git import Git
from github_app.github.mirror.kept_refs import COMMITS, TAGS, ref
from github_app.github.mirror.scope import EVERYWHERE, Scope
from github_app.github.mirror.steps import Step, Touched
from github_app.github.mirror.values import checked_oid

MOST_STEPS = 10_000
"""How far back a history is looked at, in commits of the branch's own line."""
MOST_TOUCHED = 200_000
"""And in paths that those commits changed."""
_FIRST_PAGE, _LARGEST_PAGE = 10, 2000
_LOCAL = Bounds(seconds=20.0, memory=512 * MIB)
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
    """The objects of one watched repository, as far as they were fetched; any thread may ask.

    Raises TooMuch where somebody asks for more than can be looked at, and Temporary for a while
    after questions about one part of the tree that cost too much.
    """

    def __init__(self, git: Git, allowances: Allowances) -> None:
        self._git = git
        self._allowances = allowances

    def commits(self, oids: Iterable[str]) -> frozenset[str]:
        """Those of the objects that are commits, and here."""
        asked = "".join(f"{checked_oid(one)}\n" for one in dict.fromkeys(oids)).encode()
        words = ("cat-file", "--batch-check=%(objectname) %(objecttype)")
        with self._allowances.spending(COMMITS):
            ran = self._git.run(*words, data=asked, bounds=_LOCAL)
        pairs = (line.split() for line in ran.out.decode("ascii", "replace").splitlines())
        return frozenset(pair[0] for pair in pairs if pair[1:] == ["commit"])

    def dated(self, tags: Iterable[TagRef]) -> Mapping[str, Dated]:
        """When each tag was made, by name; those that are not here are left out."""
        form = f"--format={_TAG_FORMAT}%00%(contents:subject)"
        with self._allowances.spending(TAGS):
            raw = self._git.output("for-each-ref", form, TAGS, bounds=_LOCAL)
        lines = (line.split(b"\0") for line in raw.splitlines())
        known = {parsing.path_text(one[0]): one for one in lines if len(one) == 5}
        found: dict[str, Dated] = {}
        for tag in tags:
            line = known.get(ref(TAGS, tag.name))
            if line is not None and line[1].decode() == tag.oid:
                _, _, seconds, tagger, subject = (one.decode("utf-8", "replace") for one in line)
                found[tag.name] = Dated(parsing.moment(seconds), tagger.strip(), subject)
        return found

    def steps(self, tip: str, most: int = MOST_STEPS, scope: Scope = EVERYWHERE) -> Iterator[Step]:
        """The first-parent line from `tip` on, newest first, with what changed in the scope."""
        at: str | None = tip
        count, touched = _FIRST_PAGE, 0
        while at is not None and most > 0 and touched < MOST_TOUCHED:
            wanted = min(count, most)
            with self._allowances.spending(scope):
                found = steps.page(self._git, at, wanted, scope)
            yield from found
            touched += sum(len(one.touched) for one in found)
            at, most = found[-1].parent, most - len(found)
            # Where fewer came than were asked for, more would be asked for in vain.
            count = min(4 * len(found), _LARGEST_PAGE) if len(found) == wanted else len(found)

    def described(self, commits: Sequence[str]) -> Mapping[str, Step]:
        """These commits, which are here, by id and without what they changed."""
        with self._allowances.spending(COMMITS):
            return steps.described(self._git, commits)

    def differences(
        self, before: str, after: str | None, scope: Scope = EVERYWHERE
    ) -> Sequence[Touched]:
        """Every path in the scope that differs between two commits; None: one with nothing."""
        with self._allowances.spending(scope):
            return steps.differences(self._git, before, after, scope)

    def paths(self, commit: str, scope: Scope = EVERYWHERE) -> Iterator[str]:
        """Every path of a commit's tree within the scope."""
        with self._allowances.spending(scope):
            return steps.paths(self._git, commit, scope)

    def found(self, text: str) -> str | None:
        """The one commit here whose id begins so."""
        ran = self._git.run("rev-parse", "--quiet", "--verify", f"{text}^{{commit}}", bounds=_LOCAL)
        return ran.out.decode().strip() or None if ran.status == 0 else None

    def continues(self, old: str, new: str) -> bool:
        """Whether `new` continues `old` (or is it)."""
        return is_ancestor(self._git, old, new)
