"""What a person decides on a pull request's pages: reviews, the queue, buttons of checks."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from github_app.sandbox.pages.desk import Desk
from github_app.sandbox.pages.pull import PullPages
from github_app.sandbox.refused import not_found
from github_app.sandbox.state import CheckRun, Repository


class DecisionPages:
    """Views of forms; each takes owner, repository and a number out of the address."""

    def __init__(self, desk: Desk, pulls: PullPages) -> None:
        self._desk = desk
        self._stand_in = desk.stand_in
        self._pulls = pulls

    def review(self, owner: str, repo: str, number: int) -> Response | tuple[str, int]:
        """The buttons *Approve* and *Request changes*."""

        def review(repository: Repository, actor: str) -> None:
            state, body = request.form.get("state", ""), request.form.get("body", "")
            self._stand_in.review(repository.full_name, number, actor, state, body)

        return self._pulls.done(owner, repo, number, review)

    def dismiss(self, owner: str, repo: str, number: int) -> Response | tuple[str, int]:
        """The button *Dismiss* beside a review."""

        def dismiss(repository: Repository, actor: str) -> None:
            review, why = request.form.get("review", ""), request.form.get("message", "")
            known = int(review) if review.isdigit() else 0
            self._stand_in.dismiss(repository.full_name, number, actor, known, why)

        return self._pulls.done(owner, repo, number, dismiss)

    def enqueue(self, owner: str, repo: str, number: int) -> Response | tuple[str, int]:
        """The button *Merge when ready*, where there is a queue."""

        def enqueue(repository: Repository, actor: str) -> None:
            self._stand_in.enqueue(repository.full_name, number, actor)

        return self._pulls.done(owner, repo, number, enqueue)

    def dequeue(self, owner: str, repo: str, number: int) -> Response | tuple[str, int]:
        """The button *Remove from queue*."""

        def dequeue(repository: Repository, actor: str) -> None:
            self._stand_in.dequeue(repository.full_name, number, actor)

        return self._pulls.done(owner, repo, number, dequeue)

    def run(self, owner: str, repo: str, number: int) -> str:
        """A check run: everything it says, and its buttons."""
        repository = self._desk.repository(owner, repo)
        run = self._run(repository, number)
        every = self._stand_in.pull_requests(repository.full_name)
        pulls = [pull for pull in every if run.sha in (pull.head_sha, pull.merge_sha)]
        return self._desk.page("run.html", repository, run=run, pulls=pulls)

    def press(self, owner: str, repo: str, number: int) -> Response:
        """A button of a check run, or *Run again*."""
        repository = self._desk.repository(owner, repo)
        actor = self._desk.actor(repository)
        run, pressed = self._run(repository, number), request.form.get("action", "")
        self._stand_in.press(repository.full_name, run.id, actor, pressed)
        return self._desk.back("run", owner=owner, repo=repo, number=number)

    def _run(self, repository: Repository, number: int) -> CheckRun:
        found = self._stand_in.check(repository.full_name, number)
        if found is None:
            raise not_found()
        return found
