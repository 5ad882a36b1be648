"""Everything there is, in memory and under one lock."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from github_app.sandbox.annals import Annals
from github_app.sandbox.git_store import GitStore
from github_app.sandbox.objects import Commit, Signature, commit_bytes, signed_commit_bytes
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.state import (
    Account,
    App,
    Event,
    Installation,
    PullRequest,
    Repository,
)
from github_app.sandbox.team import Team

GITHUB_NAME, GITHUB_EMAIL = "GitHub", "noreply@github.com"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is calling: an account, and for an App what its installation allows (None: a person)."""

    account: Account
    app: App | None = None
    installation: Installation | None = None
    permissions: Mapping[str, str] | None = None
    repositories: frozenset[int] | None = None

    @property
    def login(self) -> str:
        """The login shown on GitHub."""
        return self.account.login

    @property
    def budget(self) -> str:
        """Whose rate limits it spends: each installation has its own."""
        return f"installation {self.installation.id}" if self.installation else self.login


@dataclass(frozen=True, slots=True)
class Happening:
    """Something webhooks may tell of: event name, action, where, who, and the values concerned."""

    event: str
    action: str | None
    repository: int
    actor: Account
    subject: object = None
    detail: Mapping[str, object] = field(default_factory=dict)


class World:
    """The state of the stand-in; `lock` is held by whoever reads or changes it."""

    def __init__(self, root: Path, clock: Callable[[], datetime], random: Random) -> None:
        self.lock = threading.RLock()
        self.random = random
        self.url = "http://localhost"
        self.accounts: dict[str, Account] = {}
        self.apps: dict[str, App] = {}
        self.installations: dict[int, Installation] = {}
        self.repositories: dict[int, Repository] = {}
        self.teams: dict[str, Team] = {}
        self.annals: dict[int, Annals] = {}
        self.listeners: list[Callable[[Happening], None]] = []
        self.mergeable_at_first_look = True
        self._root = root
        self._clock = clock
        self._gits: dict[int, GitStore] = {}
        self._ids: dict[str, int] = {}
        self._key = random.randbytes(32)

    def now(self) -> datetime:
        """The time in whole seconds, as GitHub's answers have it."""
        return self._clock().astimezone(UTC).replace(microsecond=0)

    def new_id(self, kind: str) -> int:
        """The next id of a kind; small, and different between kinds that could be confused."""
        first = {"app": 1000, "installation": 50_000, "run": 900_000, "suite": 700_000}.get(kind, 1)
        self._ids[kind] = self._ids.get(kind, first - 1) + 1
        return self._ids[kind]

    def emit(self, happening: Happening) -> None:
        """Tell everyone who listens, in the order in which they asked."""
        for listener in self.listeners:
            listener(happening)

    # lookups

    def account(self, login: str) -> Account:
        """The account of a login, whatever its case; 404 if there is none."""
        found = self.accounts.get(login.lower())
        if found is None:
            raise not_found()
        return found

    def team(self, organization: str, slug: str) -> Team:
        """A team of an organization, whatever its case; 404 if there is none."""
        found = self.teams.get(f"{organization}/{slug}".lower())
        if found is None:
            raise not_found()
        return found

    def repository(self, full_name: str) -> Repository:
        """The repository `owner/name`, whatever its case; 404 if there is none."""
        wanted = full_name.lower()
        for repository in self.repositories.values():
            if repository.full_name.lower() == wanted:
                return repository
        raise not_found()

    def git(self, repository: Repository) -> GitStore:
        """Its bare repository."""
        if repository.id not in self._gits:
            path = self._root / repository.owner / f"{repository.name}.git"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._gits[repository.id] = GitStore(path, repository.default_branch)
        return self._gits[repository.id]

    def of(self, repository: Repository) -> Annals:
        """Its pull requests, checks and so on."""
        return self.annals.setdefault(repository.id, Annals())

    def pull(self, repository: Repository, number: int) -> PullRequest:
        """A pull request by number; 404 if there is none."""
        found = self.of(repository).pulls.get(number)
        if found is None:
            raise not_found()
        return found

    def pulls(self, repository: Repository) -> list[PullRequest]:
        """All pull requests, newest first."""
        return sorted(self.of(repository).pulls.values(), key=lambda pull: -pull.number)

    def app_of_bot(self, login: str) -> App | None:
        """The App whose bot this is."""
        return self.apps.get(login.removesuffix("[bot]")) if login.endswith("[bot]") else None

    def installations_for(self, repository: Repository) -> Iterator[Installation]:
        """Every installation that covers the repository."""
        for installation in self.installations.values():
            own = installation.account.lower() == repository.owner.lower()
            if own and covers(installation.repositories, repository):
                yield installation

    # changes

    def keep(self, repository: Repository) -> Repository:
        """Store a changed repository."""
        self.repositories[repository.id] = repository
        return repository

    def keep_pull(self, pull: PullRequest) -> PullRequest:
        """Store a changed pull request as changed now."""
        changed = replace(pull, updated_at=self.now())
        self.of(self.repository(pull.repository)).pulls[pull.number] = changed
        return changed

    def note(self, pull: PullRequest, kind: str, actor: str, detail: str = "") -> None:
        """Add a line to a pull request's timeline."""
        event = Event(self.new_id("event"), kind, actor, self.now(), detail)
        timelines = self.of(self.repository(pull.repository)).timelines
        timelines.setdefault(pull.number, []).append(event)

    # commits made by GitHub itself

    def signature(self, account: Account) -> Signature:
        """An account as author, now."""
        return Signature(account.name or account.login, account.commit_email, self.now())

    def github_signature(self) -> Signature:
        """GitHub as committer, now."""
        return Signature(GITHUB_NAME, GITHUB_EMAIL, self.now())

    def signed_commit(
        self, git: GitStore, tree: str, parents: tuple[str, ...], author: Signature, message: str
    ) -> str:
        """A commit made by GitHub in someone's name: committed by GitHub and signed by it.

        https://docs.github.com/authentication/managing-commit-signature-verification/about-commit-signature-verification
        """
        unsigned = commit_bytes(tree, parents, author, self.github_signature(), message)
        return git.write("commit", signed_commit_bytes(unsigned, self._sign(unsigned)))

    def verified(self, commit: Commit) -> bool:
        """Whether the commit carries this stand-in's own signature over exactly its content."""
        if commit.gpgsig is None:
            return False
        return hmac.compare_digest(commit.gpgsig, self._sign(commit.signed_part))

    def _sign(self, payload: bytes) -> str:
        mac = base64.b64encode(hmac.digest(self._key, payload, hashlib.sha256)).decode()
        return f"-----BEGIN PGP SIGNATURE-----\n\n{mac}\n-----END PGP SIGNATURE-----"

    def user_of(self, signature: Signature) -> Account | None:
        """The account of a commit's author or committer, found by address as on GitHub."""
        if signature.email == GITHUB_EMAIL:
            return self.accounts.get("web-flow")
        for account in self.accounts.values():
            if account.commit_email == signature.email:
                return account
        return None


def covers(repositories: frozenset[int] | None, repository: Repository) -> bool:
    """Whether a selection (None: all) holds the repository."""
    return repositories is None or repository.id in repositories


def sha_of(world: World, repository: Repository, ref: str) -> str:
    """The commit that a branch name, full ref or commit id names; 422 if none."""
    git = world.git(repository)
    refs = git.refs()
    for candidate in (ref, f"refs/{ref}", f"refs/heads/{ref}", f"refs/tags/{ref}"):
        if candidate in refs:
            return refs[candidate]
    if len(ref) == 40 and git.commit(ref):
        return ref
    raise Refused(422, f"No commit found for SHA: {ref}")
