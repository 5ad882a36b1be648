"""Plans that ask for files: what they lack is read or rendered, then it is planned anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from github_app.blob_text import blob_text
from github_app.brought import Files, Found, Lacking, Need, ToBuild, ToRead
from github_app.picture import RepositoryPicture
from github_app.plan import Plan, plan
from github_app.ports import Objects, TreeEntry
from github_app.remembering import Remembered
from plugin.errors import Refusal
from plugin.rendered_files import resource_files
from plugin.stage_sources import MOST_FILES, files_below, source_files

# A stage's sources are read, then rendered; what comes of that needs nothing more.
_MOST_ROUNDS = 4
# Bytes of files, and of manifests with what they were made from.
_MOST = 64 << 20

Build: TypeAlias = Callable[[str, Mapping[str, str]], bytes]
"""The manifests of a directory in a tree of these files and no others; raises Refusal."""
Answers: TypeAlias = Callable[[Sequence[Need]], Mapping[Need, Found]]


def planned(
    picture: RepositoryPicture, now: datetime, found: Answers
) -> tuple[RepositoryPicture, Plan]:
    """The plan, and the picture with what it was `found` to need."""
    made = plan(picture, now)
    for _ in range(_MOST_ROUNDS):
        needs = tuple(dict.fromkeys(need for line in made.lines for need in line.needs))
        if not needs:
            break
        answers = found(needs)
        if not answers:
            break
        projects = tuple(
            replace(one, brought={**one.brought, **answers}) for one in picture.projects
        )
        picture = replace(picture, projects=projects)
        made = plan(picture, now)
    return picture, made


def with_files(picture: RepositoryPicture, objects: Objects, now: datetime) -> RepositoryPicture:
    """The picture with what its plan needs of commits; what must be rendered stays open."""
    reader = NeedReader()

    def found(needs: Sequence[Need]) -> Mapping[Need, Found]:
        reads = [one for one in needs if isinstance(one, ToRead)]
        return reader.found(picture.name, objects, nobody_builds, reads)

    return planned(picture, now, found)[0]


def nobody_builds(directory: str, files: Mapping[str, str]) -> bytes:
    """For places without a renderer."""
    raise Refusal(f"{directory}: {len(files)} files are to be rendered, and nothing renders here")


class NeedReader:
    """Answers needs, and remembers the answers: commits never change, nor what is made of them."""

    def __init__(self, most: int = _MOST) -> None:
        self._known: Remembered[tuple[str, Need], Found] = Remembered(most)

    def found(
        self, repository: str, objects: Objects, build: Build, needs: Sequence[Need]
    ) -> Mapping[Need, Found]:
        """An answer to each of the needs; Temporary passes through, and is not remembered.

        What one repository was told is no answer to another: it may not be its to read.
        """
        answers: dict[Need, Found] = {}
        listings: dict[str, Mapping[str, TreeEntry]] = {}
        for need in needs:
            key = (repository, need)
            if key in self._known:
                answers[need] = self._known[key]
                continue
            answer = _answer(objects, build, need, listings)
            # Who renders may be mended; what a commit says is said for good.
            final = isinstance(need, ToRead) or isinstance(answer, Files)
            answers[need] = answer
            if final:
                self._known.keep(key, answer, _weight(need, answer))
        return answers


def _weight(need: Need, answer: Found) -> int:
    made_of = sum(len(text) for _, text in need.files) if isinstance(need, ToBuild) else 0
    said = answer.files.values() if isinstance(answer, Files) else answer.reasons
    return 1000 + made_of + sum(map(len, said))


def _answer(
    objects: Objects, build: Build, need: Need, listings: dict[str, Mapping[str, TreeEntry]]
) -> Found:
    """One answer; `listings` are the commits that were listed for the others."""
    try:
        match need:
            case ToRead():
                return _Reading(objects, need, listings).files()
            case ToBuild(directory, files):
                return Files(resource_files(build(directory, dict(files))))
    except Refusal as refusal:
        return Lacking((str(refusal),))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One look at a commit."""

    objects: Objects
    need: ToRead
    listings: dict[str, Mapping[str, TreeEntry]]

    def files(self) -> Found:
        """The files that are asked for; Refusal and Lacking for what cannot travel."""
        place, commit = self.need.path, self.need.commit
        if not self.objects.has(commit):
            return Lacking((f"commit {commit[:12]} is not in the repository any more",))
        if commit not in self.listings:
            found = self.objects.files(commit, "")
            self.listings[commit] = {one.path: one for one in found}
        everything = self.listings[commit]
        paths = (
            source_files(place, everything, lambda path: self._text(everything.get(path)))
            if self.need.sources
            else tuple(files_below(place, sorted(everything)))
        )
        if not paths:
            return Lacking(
                (f"'{place}' is not in commit {commit[:12]}; create it, or mend its path",)
            )
        if len(paths) > MOST_FILES:
            return Lacking((f"{place}: holds more than {MOST_FILES} files",))
        return self._contents([everything[one] for one in paths])

    def _contents(self, entries: Sequence[TreeEntry]) -> Found:
        reasons = [reason for one in entries if (reason := _stays(one)) is not None]
        contents = self.objects.blobs(one.oid for one in entries if one.plain)
        reasons += [
            f"{one.path}: it is too large to be brought; make it smaller"
            for one in entries
            if one.plain and one.oid not in contents
        ]
        if reasons:
            return Lacking(tuple(reasons))
        decoded = {
            one.path: contents[one.oid].decode("utf-8", "surrogateescape") for one in entries
        }
        return Files(decoded)

    def _text(self, entry: TreeEntry | None) -> str | None:
        if entry is None or not entry.plain:
            return None
        return blob_text(self.objects.blobs([entry.oid]).get(entry.oid))


def _stays(entry: TreeEntry) -> str | None:
    """Why a file cannot be made through GitHub's API, which knows plain files only.

    https://docs.github.com/graphql/reference/input-objects#filechanges
    """
    if not entry.plain:
        what = "is a link or a submodule, which GitHub's API cannot write"
        return f"{entry.path}: {what}; put the file itself there"
    if entry.executable:
        return f"{entry.path}: is executable, which GitHub's API cannot write; 'chmod -x' it"
    try:
        entry.path.encode()
    except UnicodeEncodeError:
        return f"{entry.path!r}: its name is not UTF-8; rename it"
    return None
