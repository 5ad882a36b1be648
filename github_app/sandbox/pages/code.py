"""A repository's pages: what is in it, its branches, commits, pull requests and deployments."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from github_app.sandbox.pages.desk import Desk
from github_app.sandbox.pages.diff import rows
from github_app.sandbox.pages.search import matching
from github_app.sandbox.pages.tree import Place, listing, place
from github_app.sandbox.pages.visitor import COOKIE
from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.state import PullRequest, Repository

_SHOWN = 512 * 1024
_COMMITS = 100


class CodePages:
    """Views; each takes owner and repository out of the address."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stand_in = desk.stand_in

    def start(self) -> str:
        """Every repository there is."""
        repositories = self._stand_in.repositories()
        opened = {one.full_name: self._pulls(one, "open") for one in repositories}
        return self._desk.page("start.html", repositories=repositories, opened=opened)

    def owned(self, owner: str) -> str:
        """The repositories of a person or an organization."""
        login = self._stand_in.account(owner).login
        repositories = [one for one in self._stand_in.repositories() if one.owner == login]
        opened = {one.full_name: self._pulls(one, "open") for one in repositories}
        return self._desk.page("start.html", repositories=repositories, opened=opened)

    def avatar(self, number: int) -> Response:
        """A coloured tile for an account."""
        hue = number * 137 % 360
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">'
            f'<rect width="8" height="8" fill="hsl({hue} 45% 82%)"/>'
            f'<circle cx="4" cy="3" r="1.6" fill="hsl({hue} 45% 42%)"/>'
            f'<path d="M1 8a3 3 0 0 1 6 0z" fill="hsl({hue} 45% 42%)"/></svg>'
        )
        return Response(svg, content_type="image/svg+xml")

    def home(self, owner: str, repo: str) -> str:
        """Open pull requests, files of the default branch, branches, what was promoted last."""
        repository = self._desk.repository(owner, repo)
        name = repository.full_name
        branches = self._stand_in.branches(name)
        here = Place(repository.default_branch, "")
        return self._desk.page(
            "home.html",
            repository,
            opened=self._pulls(repository, "open"),
            closed=self._pulls(repository, "closed"),
            branches=branches,
            here=here,
            records=self._records(repository, branches),
            **self._listing(repository, here, branches),
        )

    def pulls(self, owner: str, repo: str) -> str:
        """Pull requests, open ones or `?state=closed`, or those of any state that `?q=` finds."""
        repository = self._desk.repository(owner, repo)
        query = request.args.get("q", "").strip()
        if query:
            found = matching(self._stand_in.pull_requests(repository.full_name), query)
            return self._desk.page("search.html", repository, found=found, query=query)
        state = "closed" if request.args.get("state") == "closed" else "open"
        both = {one: self._pulls(repository, one) for one in ("open", "closed")}
        return self._desk.page("pulls.html", repository, both=both, state=state)

    def branches(self, owner: str, repo: str) -> str:
        """Every branch with its newest commit and its pull request."""
        repository = self._desk.repository(owner, repo)
        name = repository.full_name
        tips = self._stand_in.branches(name)
        newest = {one: self._stand_in.history(name, sha, 1)[0] for one, sha in tips.items()}
        heads = {pull.head_ref: pull for pull in reversed(self._stand_in.pull_requests(name))}
        return self._desk.page("branches.html", repository, newest=newest, heads=heads)

    def deployments(self, owner: str, repo: str) -> str:
        """What was deployed where, newest first."""
        repository = self._desk.repository(owner, repo)
        made = sorted(
            self._stand_in.deployments(repository.full_name),
            key=lambda pair: pair[0].id,
            reverse=True,
        )
        return self._desk.page("deployments.html", repository, deployments=made)

    def tree(self, owner: str, repo: str, address: str) -> str:
        """A directory at a branch or commit."""
        repository = self._desk.repository(owner, repo)
        branches = self._stand_in.branches(repository.full_name)
        here = place(address, branches)
        values = self._listing(repository, here, branches)
        if here.path and not values["directories"] and not values["files"]:
            raise not_found()
        return self._desk.page("tree.html", repository, here=here, **values)

    def blob(self, owner: str, repo: str, address: str) -> str:
        """A file at a branch or commit, as text."""
        repository = self._desk.repository(owner, repo)
        name = repository.full_name
        here = place(address, self._stand_in.branches(name))
        data = self._stand_in.file(name, here.ref, here.path)
        if data is None:
            raise not_found()
        binary = b"\0" in data[:8000] or len(data) > _SHOWN
        lines = [] if binary else data.decode("utf-8", "replace").splitlines()
        return self._desk.page("blob.html", repository, here=here, lines=lines, size=len(data))

    def raw(self, owner: str, repo: str, address: str) -> Response:
        """The bytes of a file, never shown as anything but text."""
        repository = self._desk.repository(owner, repo)
        here = place(address, self._stand_in.branches(repository.full_name))
        data = self._stand_in.file(repository.full_name, here.ref, here.path)
        if data is None:
            raise not_found()
        return Response(data, content_type="text/plain; charset=utf-8")

    def history(self, owner: str, repo: str, address: str) -> str:
        """The newest commits of a branch."""
        repository = self._desk.repository(owner, repo)
        name = repository.full_name
        branches = self._stand_in.branches(name)
        here = place(address, branches)
        commits = self._stand_in.history(name, branches.get(here.ref, here.ref), _COMMITS)
        return self._desk.page("commits.html", repository, here=here, commits=commits)

    def commit(self, owner: str, repo: str, sha: str) -> str:
        """A commit with its message, checks and difference."""
        repository = self._desk.repository(owner, repo)
        name = repository.full_name
        try:
            (commit,) = self._stand_in.history(name, sha, 1)
        except Refused as refusal:
            raise not_found() from refusal
        return self._desk.page(
            "commit.html",
            repository,
            commit=commit,
            files=self._stand_in.changes(name, commit.sha),
            checks=self._stand_in.checks(name, commit.sha),
            statuses=self._stand_in.statuses(name, commit.sha),
            rows=rows,
        )

    def become(self, owner: str, repo: str) -> Response:
        """Go on as another person."""
        self._desk.demand_form()
        repository = self._desk.repository(owner, repo)
        picked = request.form.get("login", "")
        answer = redirect(f"/{repository.full_name}", 303)
        if picked in self._desk.visitor(repository).choices:
            answer.set_cookie(COOKIE, picked, httponly=True, samesite="Strict")
        return answer

    def _pulls(self, repository: Repository, state: str) -> list[PullRequest]:
        every = self._stand_in.pull_requests(repository.full_name)
        return [pull for pull in every if pull.state == state]

    def _records(self, repository: Repository, branches: dict[str, str]) -> dict[str, str]:
        """The directory of each stage with a record on the default branch, and the record."""
        if repository.default_branch not in branches:
            return {}
        paths = self._stand_in.paths(repository.full_name, repository.default_branch)
        return {path.partition("/.freight/")[0]: path for path in paths if "/.freight/" in path}

    def _listing(
        self, repository: Repository, here: Place, branches: dict[str, str]
    ) -> dict[str, object]:
        if here.ref == repository.default_branch and here.ref not in branches:
            return {"directories": [], "files": [], "newest": None}
        name = repository.full_name
        directories, files = listing(self._stand_in.paths(name, here.ref), here.path)
        newest = self._stand_in.history(name, branches.get(here.ref, here.ref), 1)[0]
        return {"directories": directories, "files": files, "newest": newest}
