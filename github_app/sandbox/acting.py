"""What people do in the stand-in, by login, under the rules of the APIs; refusals are `Refused`."""

from __future__ import annotations

from collections.abc import Mapping

from github_app.sandbox import people
from github_app.sandbox.merge_queue import expire
from github_app.sandbox.state import Comment, MergeMethod, Review
from github_app.sandbox.world import World


class Acting:
    """Every method is one thing a person does; a repository is named `owner/name`."""

    _world: World

    def merge(self, repository: str, number: int, actor: str, method: MergeMethod = "merge") -> str:
        """The id of the commit that merged it."""
        with self._world.lock:
            return people.merge(self._world, repository, number, actor, method)

    def enqueue(self, repository: str, number: int, actor: str, *, jump: bool = False) -> None:
        """Put a pull request into the merge queue of its base."""
        with self._world.lock:
            people.enqueue(self._world, repository, number, actor, jump)

    def dequeue(self, repository: str, number: int, actor: str) -> None:
        """Take a pull request out of the merge queue."""
        with self._world.lock:
            people.dequeue(self._world, repository, number, actor)

    def expire_queues(self) -> None:
        """Remove from merge queues what waited too long for its checks."""
        with self._world.lock:
            expire(self._world)

    def close(self, repository: str, number: int, actor: str) -> None:
        """Close a pull request."""
        with self._world.lock:
            people.close(self._world, repository, number, actor)

    def reopen(self, repository: str, number: int, actor: str) -> None:
        """Open a closed one again."""
        with self._world.lock:
            people.reopen(self._world, repository, number, actor)

    def comment(self, repository: str, number: int, actor: str, body: str) -> Comment:
        """Say something below a pull request."""
        with self._world.lock:
            return people.comment(self._world, repository, number, actor, body)

    def review(
        self, repository: str, number: int, actor: str, state: str = "APPROVED", body: str = ""
    ) -> Review:
        """`state`: APPROVED, CHANGES_REQUESTED or COMMENTED."""
        with self._world.lock:
            return people.review(self._world, repository, number, actor, state, body)

    def dismiss(
        self, repository: str, number: int, actor: str, review: int, message: str
    ) -> Review:
        """Dismiss a review (its id), so that it decides nothing any more."""
        with self._world.lock:
            return people.dismiss(self._world, repository, number, actor, review, message)

    def edit_comment(self, repository: str, comment: int, actor: str, body: str) -> Comment:
        """Change the text of a comment (its id)."""
        with self._world.lock:
            return people.edit_comment(self._world, repository, comment, actor, body)

    def commit(
        self,
        repository: str,
        branch: str,
        files: Mapping[str, bytes | str | None],
        message: str,
        actor: str,
    ) -> str:
        """The id of a commit pushed by a person; None removes a file."""
        with self._world.lock:
            return people.commit(self._world, repository, branch, files, message, actor)

    def delete_branch(self, repository: str, branch: str, actor: str) -> None:
        """Delete a branch, as with the button below a pull request."""
        with self._world.lock:
            people.delete_branch(self._world, repository, branch, actor)

    def restore_branch(self, repository: str, number: int, actor: str) -> None:
        """Make the deleted head of a closed pull request again, as it was."""
        with self._world.lock:
            people.restore_branch(self._world, repository, number, actor)

    def press(self, repository: str, run: int, actor: str, identifier: str = "") -> None:
        """Press a button of a check run (its identifier), or *Re-run*."""
        with self._world.lock:
            people.press(self._world, repository, run, actor, identifier)

    def package_published(self, repository: str, name: str, tag: str, digest: str) -> None:
        """Tell of a container image, as GitHub's registry does in two events."""
        with self._world.lock:
            people.package_published(self._world, repository, name, tag, digest)

    def merge_group(self, repository: str, number: int) -> str:
        """The id of a merge group's commit for a pull request; the App is asked to check it."""
        with self._world.lock:
            return people.merge_group(self._world, repository, number)
