"""A pull request's pages, and its buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import request
from werkzeug.wrappers import Response

from github_app.sandbox.pages.desk import Desk
from github_app.sandbox.pages.diff import rows
from github_app.sandbox.refused import Refused
from github_app.sandbox.state import (
    CheckRun,
    Comment,
    Event,
    MergeMethod,
    PullRequest,
    Repository,
    Review,
    Status,
)

_METHODS: dict[MergeMethod, str] = {
    "merge": "Create a merge commit",
    "squash": "Squash and merge",
    "rebase": "Rebase and merge",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a pull request's story; a comment or review is shown with what was said."""

    at: datetime
    author: str
    said: Comment | Review | None
    event: Event


class PullPages:
    """Views; each takes owner, repository and number out of the address."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stand_in = desk.stand_in

    def conversation(self, owner: str, repo: str, number: int) -> str:
        """Title, state, body, story, gates and the buttons."""
        return self._conversation(owner, repo, number, None)

    def commits(self, owner: str, repo: str, number: int) -> str:
        """The commits between base and head."""
        return self._page("pull_commits.html", owner, repo, number)

    def checks(self, owner: str, repo: str, number: int) -> str:
        """Every check of the head commit with what it says."""
        return self._page("pull_checks.html", owner, repo, number)

    def files(self, owner: str, repo: str, number: int) -> str:
        """The difference, file by file."""
        return self._page("pull_files.html", owner, repo, number, rows=rows)

    def merge(self, owner: str, repo: str, number: int) -> Response | tuple[str, int]:
        """The *Merge* button; refused if the head moved since the page was made."""

        def merge(repository: Repository, actor: str) -> None:
            pull = self._stand_in.pull_request(repository.full_name, number)
            if request.form.get("sha") != pull.head_sha:
                raise Refused(409, "Head branch was modified. Review and try the merge again.")
            method = _method(request.form.get("method", "merge"))
            self._stand_in.merge(repository.full_name, number, actor, method)

        return self.done(owner, repo, number, merge)

    def close(self, owner: str, repo: str, number: int) -> Response | tuple[str, int]:
        """The *Close* button."""

        def close(repository: Repository, actor: str) -> None:
            self._stand_in.close(repository.full_name, number, actor)

        return self.done(owner, repo, number, close)

    def reopen(self, owner: str, repo: str, number: int) -> Response | tuple[str, int]:
        """The *Reopen* button."""

        def reopen(repository: Repository, actor: str) -> None:
            self._stand_in.reopen(repository.full_name, number, actor)

        return self.done(owner, repo, number, reopen)

    def comment(self, owner: str, repo: str, number: int) -> Response | tuple[str, int]:
        """The *Comment* button."""

        def comment(repository: Repository, actor: str) -> None:
            body = request.form.get("body", "")
            self._stand_in.comment(repository.full_name, number, actor, body)

        return self.done(owner, repo, number, comment)

    def done(
        self, owner: str, repo: str, number: int, act: Callable[[Repository, str], None]
    ) -> Response | tuple[str, int]:
        """The page after a button; with GitHub's reason on it if it was refused."""
        repository = self._desk.repository(owner, repo)
        actor = self._desk.actor(repository)
        try:
            act(repository, actor)
        except Refused as refusal:
            return self._conversation(owner, repo, number, refusal), refusal.status
        return self._desk.back("conversation", owner=owner, repo=repo, number=number)

    def _conversation(self, owner: str, repo: str, number: int, refusal: Refused | None) -> str:
        name = self._desk.repository(owner, repo).full_name
        return self._page(
            "pull.html",
            owner,
            repo,
            number,
            refusal=refusal,
            story=self._story(name, number),
            deployments=self._deployments(name, number),
            opinions=self._stand_in.opinions(name, number),
            queued=self._stand_in.queued(name, number),
            reactions=self._stand_in.reactions(name, number),
            has_queue=self._has_queue(name, number),
            mergeability=self._stand_in.mergeability(name, number),
        )

    def _page(self, template: str, owner: str, repo: str, number: int, **values: object) -> str:
        repository = self._desk.repository(owner, repo)
        name, stand_in = repository.full_name, self._stand_in
        pull = stand_in.pull_request(name, number)
        return self._desk.page(
            template,
            repository,
            pull=pull,
            address=f"/{name}/pull/{number}",
            commits=stand_in.commits(name, number),
            files=stand_in.files(name, number),
            checks=self._checks(pull),
            statuses=self._statuses(pull),
            methods=_methods(repository),
            branches=stand_in.branches(name),
            **values,
        )

    def _checks(self, pull: PullRequest) -> tuple[CheckRun, ...]:
        return self._stand_in.checks(pull.repository, pull.head_sha)

    def _statuses(self, pull: PullRequest) -> tuple[Status, ...]:
        return self._stand_in.statuses(pull.repository, pull.head_sha)

    def _has_queue(self, name: str, number: int) -> bool:
        pull = self._stand_in.pull_request(name, number)
        return self._stand_in.has_queue(name, pull.base_ref)

    def _deployments(self, name: str, number: int) -> list[object]:
        pull = self._stand_in.pull_request(name, number)
        concerned = {pull.head_sha, pull.merge_sha}
        return [pair for pair in self._stand_in.deployments(name) if pair[0].sha in concerned]

    def _story(self, name: str, number: int) -> list[Entry]:
        """The timeline, with comments and reviews whole, in their places."""
        stand_in = self._stand_in
        comments = {str(one.id): one for one in stand_in.comments(name, number)}
        reviews = {str(one.id): one for one in stand_in.reviews(name, number)}
        merged = stand_in.pull_request(name, number).merged_at
        story = []
        for event in stand_in.timeline(name, number):
            said: Comment | Review | None = None
            if event.kind == "commented":
                said = comments.get(event.detail)
            elif event.kind == "reviewed":
                said = reviews.get(event.detail)
            gone = event.kind == "commented" and said is None
            if not gone and not (event.kind == "closed" and event.at == merged):
                story.append(Entry(event.at, event.actor, said, event))
        return story


def _method(word: str) -> MergeMethod:
    for method in _METHODS:
        if method == word:
            return method
    raise Refused(422, "Invalid merge method.")


def _methods(repository: Repository) -> dict[MergeMethod, str]:
    settings = repository.settings
    allowed: dict[MergeMethod, bool] = {
        "merge": settings.merge_commit,
        "squash": settings.squash,
        "rebase": settings.rebase,
    }
    return {method: label for method, label in _METHODS.items() if allowed[method]}
