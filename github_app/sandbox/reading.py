"""What can be read of the stand-in: frozen values, for pages, demos and tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from github_app.sandbox import merge_queue, protection
from github_app.sandbox.deployments import statuses_of
from github_app.sandbox.differences import FileChange
from github_app.sandbox.mergeability import Mergeability, mergeability
from github_app.sandbox.objects import Commit
from github_app.sandbox.queue_entry import QueueEntry
from github_app.sandbox.reacting import reactions_to
from github_app.sandbox.reaction import Reaction
from github_app.sandbox.refused import Refused
from github_app.sandbox.rest import pull_shapes
from github_app.sandbox.reviewing import opinionated
from github_app.sandbox.state import (
    Account,
    App,
    CheckRun,
    Comment,
    Deployment,
    DeploymentStatus,
    Event,
    PullRequest,
    Repository,
    Review,
    Status,
)
from github_app.sandbox.trees import entry_at, walk
from github_app.sandbox.world import World, sha_of


class Reading:
    """Every method answers for one moment; a repository is named `owner/name`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def account(self, login: str) -> Account:
        """The account of a login."""
        with self._world.lock:
            return self._world.account(login)

    def apps(self) -> tuple[App, ...]:
        """All Apps, oldest first."""
        with self._world.lock:
            return tuple(self._world.apps.values())

    def repositories(self) -> tuple[Repository, ...]:
        """All repositories, oldest first."""
        with self._world.lock:
            return tuple(self._world.repositories.values())

    def repository(self, repository: str) -> Repository:
        """One repository."""
        with self._world.lock:
            return self._world.repository(repository)

    def pull_requests(self, repository: str) -> tuple[PullRequest, ...]:
        """All pull requests in any state, newest first."""
        with self._world.lock:
            return tuple(self._world.pulls(self._world.repository(repository)))

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """One pull request."""
        with self._world.lock:
            return self._world.pull(self._world.repository(repository), number)

    def mergeability(self, repository: str, number: int) -> Mergeability:
        """Whether it can be merged now, and why not."""
        with self._world.lock:
            repo = self._world.repository(repository)
            return mergeability(self._world, repo, self._world.pull(repo, number))

    def files(self, repository: str, number: int) -> tuple[FileChange, ...]:
        """What the pull request changes."""
        with self._world.lock:
            repo = self._world.repository(repository)
            return pull_shapes.changed_files(self._world, repo, self._world.pull(repo, number))

    def commits(self, repository: str, number: int) -> tuple[Commit, ...]:
        """The commits of a pull request, oldest first."""
        with self._world.lock:
            repo = self._world.repository(repository)
            pull, git = self._world.pull(repo, number), self._world.git(repo)
            base = pull_shapes.base_of(self._world, repo, pull)
            return tuple(git.known_commit(sha) for sha in git.between(base, pull.head_sha))

    def checks(self, repository: str, sha: str) -> tuple[CheckRun, ...]:
        """The newest check run of each name and App on a commit."""
        with self._world.lock:
            repo = self._world.repository(repository)
            return tuple(protection.latest_runs(self._world, repo, sha))

    def statuses(self, repository: str, sha: str) -> tuple[Status, ...]:
        """The newest status of each context on a commit."""
        with self._world.lock:
            repo = self._world.repository(repository)
            return tuple(protection.latest_statuses(self._world, repo, sha))

    def comments(self, repository: str, number: int) -> tuple[Comment, ...]:
        """The comments below a pull request, oldest first."""
        with self._world.lock:
            found = self._world.of(self._world.repository(repository)).comments.values()
            return tuple(comment for comment in found if comment.number == number)

    def reviews(self, repository: str, number: int) -> tuple[Review, ...]:
        """The reviews of a pull request, oldest first."""
        with self._world.lock:
            found = self._world.of(self._world.repository(repository)).reviews.values()
            return tuple(review for review in found if review.number == number)

    def check(self, repository: str, run: int) -> CheckRun | None:
        """A check run by its id."""
        with self._world.lock:
            return self._world.of(self._world.repository(repository)).runs.get(run)

    def opinions(self, repository: str, number: int) -> tuple[Review, ...]:
        """The last decision of each person, as far as it was not dismissed."""
        with self._world.lock:
            return tuple(opinionated(self._world, self._world.repository(repository), number))

    def reactions(self, repository: str, number: int) -> Mapping[int, tuple[Reaction, ...]]:
        """Comment id -> the reactions to it, of all comments below a pull request."""
        with self._world.lock:
            repo = self._world.repository(repository)
            found = self._world.of(repo).comments.values()
            own = [comment for comment in found if comment.number == number]
            return {c.id: tuple(reactions_to(self._world, repo, c)) for c in own}

    def queued(self, repository: str, number: int) -> QueueEntry | None:
        """A pull request's place in the merge queue, None if it has none."""
        with self._world.lock:
            repo = self._world.repository(repository)
            return merge_queue.entry_of(self._world, repo, number)

    def has_queue(self, repository: str, branch: str) -> bool:
        """Whether merges into a branch go through a queue."""
        with self._world.lock:
            repo = self._world.repository(repository)
            return merge_queue.queue_rule(repo, branch) is not None

    def timeline(self, repository: str, number: int) -> tuple[Event, ...]:
        """What happened to a pull request, oldest first."""
        with self._world.lock:
            repo = self._world.repository(repository)
            return tuple(self._world.of(repo).timelines.get(number, ()))

    def deployments(
        self, repository: str
    ) -> tuple[tuple[Deployment, tuple[DeploymentStatus, ...]], ...]:
        """All deployments, oldest first, each with its statuses, newest first."""
        with self._world.lock:
            repo = self._world.repository(repository)
            found = self._world.of(repo).deployments.values()
            return tuple((d, tuple(statuses_of(self._world, repo, d))) for d in found)

    def queue(self, repository: str, branch: str) -> tuple[QueueEntry, ...]:
        """What waits in the merge queue of a branch, in order."""
        with self._world.lock:
            found = self._world.of(self._world.repository(repository)).queue
            return tuple(entry for entry in found if entry.branch == branch)

    def branches(self, repository: str) -> dict[str, str]:
        """Name and tip of every branch."""
        with self._world.lock:
            return self._world.git(self._world.repository(repository)).branches()

    def history(self, repository: str, ref: str, limit: int = 50) -> tuple[Commit, ...]:
        """The newest commits of a branch or commit, newest first."""
        with self._world.lock:
            repo = self._world.repository(repository)
            git = self._world.git(repo)
            found = git.history(sha_of(self._world, repo, ref), limit)
            return tuple(git.known_commit(sha) for sha in found)

    def changes(self, repository: str, sha: str) -> tuple[FileChange, ...]:
        """What a commit changed against its first parent."""
        with self._world.lock:
            git = self._world.git(self._world.repository(repository))
            parents = git.known_commit(sha).parents
            return git.changes(parents[0] if parents else git.write_tree([]), sha)

    def file(self, repository: str, ref: str, path: str) -> bytes | None:
        """The bytes of a file at a branch or commit, None if there is none."""
        with self._world.lock:
            repo = self._world.repository(repository)
            git = self._world.git(repo)
            try:
                tree = git.known_commit(sha_of(self._world, repo, ref)).tree
            except Refused:
                return None
            entry = entry_at(git, tree, path)
            return git.blob(entry.sha) if entry and not entry.is_tree else None

    def paths(self, repository: str, ref: str) -> tuple[str, ...]:
        """Every file at a branch or commit."""
        with self._world.lock:
            repo = self._world.repository(repository)
            git = self._world.git(repo)
            tree = git.known_commit(sha_of(self._world, repo, ref)).tree
            return tuple(path for path, entry in walk(git, tree) if not entry.is_tree)

    def git_dir(self, repository: str) -> Path:
        """The bare repository on disk."""
        with self._world.lock:
            return self._world.git(self._world.repository(repository)).path
