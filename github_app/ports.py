"""What observe and apply need of the world, in few verbs; the composition root has the adaptors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from github_app.actions import Deploy
from github_app.arrivals import NO_ARRIVALS, Arrivals
from github_app.discovery import Discovery
from github_app.github.facts import RepositoryFacts
from github_app.github.writing import Mutation
from github_app.ledger import Seen
from github_app.picture import Person, Spoken
from plugin.artifact import Artifact
from plugin.freight import Freight
from plugin.pipeline import Warehouse


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A file in a Git tree; links and submodules are not `plain` and never edited.

    `executable` files are plain, but cannot be made through GitHub's API.
    """

    path: str
    oid: str
    plain: bool
    executable: bool = False


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One commit on a branch's first-parent line that changed a record; no blob: deleted."""

    commit: str
    at: datetime
    path: str
    blob: str | None


class Objects(Protocol):
    """One repository's Git objects, read from a bare mirror; no call costs API budget."""

    def fetch(self) -> str | None:
        """Bring every branch up to date; the reason if the ledger was rewound, else None."""

    def default_branch(self) -> str:
        """The branch that HEAD names, as last fetched."""

    def branch(self, name: str) -> str | None:
        """The tip of a branch as last fetched."""

    def has(self, oid: str) -> bool:
        """Whether the object is here."""

    def fetch_pull(self, number: int) -> None:
        """Bring the head of a pull request, wherever it comes from."""

    def files(self, commit: str, under: str) -> Sequence[TreeEntry]:
        """Every file of the commit's tree below a directory ('' is the root)."""

    def directories(self, commit: str, paths: Iterable[str]) -> Mapping[str, str]:
        """The tree ids of those of these directories that the commit has ('' is the root)."""

    def find(
        self, wanted: Mapping[str, Iterable[str]], words: Sequence[str] = ()
    ) -> Iterator[Mapping[str, Sequence[TreeEntry]]]:
        """The files, by tree, that stand at its wanted paths or whose bytes hold one of the words.

        Trees come in parts: the search goes on while the caller works on one. Paths are relative
        to their tree. Of links, only those at wanted paths are told.
        """

    def blobs(self, oids: Iterable[str]) -> Mapping[str, bytes]:
        """The contents of these blobs, without those that are too large to be read."""

    def changed(self, old: str, new: str) -> Mapping[str, str | None]:
        """The paths that differ between two commits, with the blob in the new one."""

    def merge_base(self, one: str, other: str) -> str | None:
        """The commit where two histories parted."""

    def merged_tree(self, one: str, other: str) -> str | None:
        """The tree of a clean three-way merge of two commits, None on conflict."""

    def tree(self, commit: str) -> str:
        """The commit's tree."""

    def parents(self, commit: str) -> Sequence[str]:
        """The commit's parents, first parent first."""

    def records(self, tip: str) -> Sequence[RecordChange]:
        """Every change of a record on the branch's first-parent line, oldest first."""

    def author(self, tip: str, path: str) -> str:
        """Who changed `path` last, as the commit says."""


@dataclass(frozen=True, slots=True)
class Done:
    """What GitHub answered to one mutation."""

    answer: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Failed:
    """Why GitHub refused one mutation: its error's type and message."""

    kind: str
    message: str


class GitHub(Protocol):
    """One repository on GitHub, asked and told in few large documents."""

    def look(
        self,
        repository: str,
        branches: Sequence[str],
        heads: Sequence[str],
        people: Sequence[str] = (),
    ) -> RepositoryFacts | None:
        """One question: everything that bears on promotions; None if there is no repository."""

    def comments(self, repository: str, ids: Sequence[str]) -> Sequence[Spoken]:
        """The comments with these node ids that are on pull requests of ours."""

    def people(
        self, repository: str, logins: Sequence[str], *, teams: bool
    ) -> Mapping[str, Person]:
        """What these people may do there now, by login in lower case; with their `teams` or not."""

    def write(self, mutations: Sequence[Mutation]) -> Sequence[Done | Failed]:
        """One document, run in order, nothing undone; Temporary if its outcome is unknown."""

    def deploy(self, repository: str, deploy: Deploy) -> Done | Failed:
        """A new deployment of a commit; its node id is answered as `deployment.id`."""

    def root_commit(self, repository: str, message: str, files: Mapping[str, str]) -> str:
        """A commit of ours without parents that holds `files`, on no branch yet."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger remembers of a warehouse: its freight, the newest last, and its arrivals."""

    seen: tuple[Seen, ...] = ()
    arrivals: Arrivals = NO_ARRIVALS

    @property
    def last(self) -> Freight | None:
        """The freight that became the newest last."""
        return self.seen[-1].freight if self.seen else None

    def has_taken(self, artifact: Artifact) -> bool:
        """Whether some freight had the artifact, by whatever subscription it came."""
        wanted = (artifact.subject.plain, artifact.tag, artifact.content)
        return any(
            (had.subject.plain, had.tag, had.content) == wanted
            for one in self.seen
            for had in one.freight.artifacts
        )


class Registries(Protocol):
    """Everything the warehouses of the pipeline files watch: registries, Git, publishers."""

    def discover(self, warehouse: Warehouse, known: Known, now: datetime) -> Discovery:
        """The warehouse's newest freight, from a fresh read."""

    def assemble(
        self, warehouse: Warehouse, versions: Mapping[str, str], known: Known, now: datetime
    ) -> Discovery:
        """Freight of these versions, by the names of the warehouse's subscriptions.

        Raises Refusal and Temporary.
        """
