"""The story: two versions are pushed, and four pull requests pull them through three stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import requests

from github_app.sandbox.demo.checkout import Checkout
from github_app.sandbox.demo.gitops import PERSON, REPOSITORY, WAREHOUSE, image_of
from github_app.sandbox.demo.journal import Standing
from github_app.sandbox.demo.pulls import Pulls
from github_app.sandbox.demo.push import push
from github_app.sandbox.demo.report import Landed, Report
from github_app.sandbox.demo.screen import Screen
from github_app.sandbox.demo.servers import Servers
from github_app.sandbox.demo.waiting import Patience
from github_app.sandbox.state import PullRequest
from plugin.errors import Refusal
from plugin.freight import Freight

FIRST, SECOND = "1.0.0", "1.1.0"
BUDGET = 4
_TIMEOUT = 30
_SHOWN = 60


@dataclass(slots=True)
class Story:
    """Tells itself on `screen` and into `report`; `links` says whether addresses are shown.

    `costs` are the API requests, from the moment something was pushed or merged until the check
    stood on the pull request that followed, by what was promoted.
    """

    servers: Servers
    checkout: Checkout
    patience: Patience
    screen: Screen
    clock: Callable[[], datetime]
    links: bool = True
    report: Report = field(default_factory=Report)
    costs: dict[str, int] = field(default_factory=dict)
    _asked: int = 0

    def tell(self) -> None:
        """Fill the report; raises Refusal as soon as something expected does not happen."""
        try:
            first = self._pushed(FIRST)
            self._lands_by_itself("dev", first)
            staging = self._proposed("staging", first)
            second = self._pushed(SECOND)
            self._lands_by_itself("dev", second)
            self._updated("staging", staging, second)
            self._merged("staging", staging.number, second)
            prod = self._proposed("prod", second)
            self._merged("prod", prod.number, second)
            self._settle()
        finally:
            self.report.pull_requests = len(self._pulls.all())
            self.report.calls = self.servers.app.calls.calls()

    @property
    def _pulls(self) -> Pulls:
        return Pulls(self.servers.stand_in)

    def _pushed(self, version: str) -> Freight:
        """The freight of a new image, pushed while nothing else is under way."""
        self._settle()
        self._asked = len(self.servers.journal)
        with self._phase(f"push {version}") as took:
            freight = push(self.servers.image, version)
        self.report.freight = freight
        told = f"freight {freight.alias}, {image_of(freight).digest[:19]}..."
        self.screen.done(took[0], f"{WAREHOUSE} {version} is pushed to the registry", told)
        return freight

    def _lands_by_itself(self, stage: str, freight: Freight) -> None:
        """`merge: auto`: opened, checked and merged without anybody."""
        expected = f"the pull request that takes {freight.tags()} to {stage} merges by itself"
        with self._phase(f"{freight.tags()} in {stage}") as took:
            self.screen.waiting(expected)
            pull = self.patience.until(expected, lambda: self._pulls.merged(stage, freight))
            self._land(stage, pull, freight)
        text = f"#{pull.number} is opened and merges by itself: {stage} runs {freight.tags()}"
        self._tell(took[0], text, pull, f"{stage} {freight.tags()}")
        self._show_image(stage)
        self._asked += self._requests(lambda then: pull.number in then.merged)

    def _proposed(self, stage: str, freight: Freight) -> PullRequest:
        """A new open pull request with its check."""
        expected = f"a pull request that takes {freight.tags()} to {stage} opens"
        pull, took = self._ready(expected, stage, freight)
        text = f"#{pull.number} is opened: {freight.tags()} to {stage}"
        self._tell(took, text, pull, f"{stage} {freight.tags()}")
        return pull

    def _updated(self, stage: str, earlier: PullRequest, freight: Freight) -> None:
        """The pull request that was open carries newer freight; no second one is opened."""
        expected = f"#{earlier.number} is updated to take {freight.tags()} to {stage}"
        pull, took = self._ready(expected, stage, freight)
        if pull.number != earlier.number:
            raise Refusal(f"{expected}, was expected; #{pull.number} was opened instead")
        text = f"#{pull.number} is updated: {freight.tags()} to {stage}"
        self._tell(took, text, pull, f"{stage} {freight.tags()}")

    def _ready(self, expected: str, stage: str, freight: Freight) -> tuple[PullRequest, float]:
        with self._phase(f"{freight.tags()} proposed to {stage}") as took:
            self.screen.waiting(expected)
            pull = self.patience.until(expected, lambda: self._pulls.ready(stage, freight))
        return pull, took[0]

    def _merged(self, stage: str, number: int, freight: Freight) -> None:
        """A person merges, over REST as GitHub's own button does."""
        self._settle()
        self._asked = len(self.servers.journal)
        with self._phase(f"{freight.tags()} in {stage}") as took:
            self._press_merge(self.servers.stand_in.pull_request(REPOSITORY, number))
            pull = self.servers.stand_in.pull_request(REPOSITORY, number)
            self._land(stage, pull, freight)
        text = f"#{number} is merged by {PERSON}: {stage} runs {freight.tags()}"
        self.screen.done(took[0], text)
        self._show_image(stage)

    def _show_image(self, stage: str) -> None:
        """Where the version is in no file but the record: what the plugin made of it."""
        rendered = self.report.stages[stage].rendered
        if rendered.equals_pinned:
            self.screen.also(f"its record gives {rendered.image[:_SHOWN]}...,")
            self.screen.also("byte for byte the manifests that pinned files would give")

    def _press_merge(self, pull: PullRequest) -> None:
        """https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request."""
        with requests.Session() as session:
            session.trust_env = False
            answer = session.put(
                f"{self.servers.stand_in.url}/api/v3/repos/{REPOSITORY}/pulls/{pull.number}/merge",
                json={"sha": pull.head_sha},
                headers={"Authorization": f"Bearer {self.servers.token}"},
                timeout=_TIMEOUT,
            )
        if not answer.ok:
            raise Refusal(f"#{pull.number} could not be merged by {PERSON}: {answer.text}")

    def _land(self, stage: str, pull: PullRequest, freight: Freight) -> None:
        """Render the stage from the merged commit; Refusal unless it has the freight's digest."""
        if pull.merge_sha is None:
            raise Refusal(f"#{pull.number} was expected to be merged")
        self.screen.waiting(f"kustomize renders {stage}")
        self.checkout.at(pull.merge_sha)
        rendered = self.checkout.rendered(stage, self.report.scenario)
        self.report.stages[stage] = Landed(freight.id, pull.number, pull.merge_sha, rendered)
        digest = image_of(freight).digest
        if rendered.digest != digest:
            raise Refusal(
                f"{stage} renders {rendered.image} at {pull.merge_sha}, "
                f"but {digest} was expected there"
            )
        if rendered.equals_pinned is False:
            raise Refusal(f"{stage}: its record gives other manifests than pins would")

    def _tell(self, seconds: float, text: str, pull: PullRequest, what: str) -> None:
        """A line about a promotion, what it cost, and where to see it."""
        cost = self._requests(lambda then: pull.head_sha in then.checked)
        self.costs[what] = cost
        page = f"{self.servers.pull(pull.number)}, " if self.links else ""
        self.screen.done(seconds, text, f"{page}{cost} requests to GitHub's API")
        if cost > BUDGET:
            self.screen.warn(f"more than the {BUDGET} requests it should need")

    def _requests(self, reached: Callable[[Standing], bool]) -> int:
        """How many requests of the App it took; the last is noted a moment after its effect."""
        journal = self.servers.journal
        expected = "the App's requests to GitHub are counted"
        return self.patience.until(expected, lambda: journal.until(self._asked, reached))

    def _settle(self) -> None:
        """Wait until the App has nothing left to do, so that what follows is counted alone."""
        self.screen.waiting("the App finishes its work")
        expected = "the App has nothing left to do"
        self.patience.until(expected, lambda: self.servers.settled() or None)

    @contextmanager
    def _phase(self, name: str) -> Iterator[list[float]]:
        """Measures the block into the report; the list holds the seconds once it has ended."""
        began = self.clock()
        took: list[float] = []
        try:
            yield took
        finally:
            took.append((self.clock() - began).total_seconds())
            self.report.seconds[name] = took[0]
