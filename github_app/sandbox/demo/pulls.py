"""The promotions of the demo's repository, as anybody sees them on the stand-in."""

from __future__ import annotations

from dataclasses import dataclass

from github_app.sandbox.demo.gitops import REPOSITORY, WAREHOUSE, directory_of, head_of
from github_app.sandbox.demo.journal import Standing
from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import PullRequest
from plugin.freight import Freight
from plugin.record import read_record, record_path

CHECK = "towline"


@dataclass(frozen=True, slots=True)
class Pulls:
    """Reads the stand-in afresh with each question."""

    stand_in: StandIn

    def all(self) -> tuple[PullRequest, ...]:
        """Every pull request, newest first."""
        return self.stand_in.pull_requests(REPOSITORY)

    def into(self, stage: str, freight: Freight) -> PullRequest | None:
        """The newest pull request that carries this freight into the stage."""
        mine = [one for one in self.all() if one.head_ref == head_of(stage)]
        return next((one for one in mine if self._holds(one, stage, freight)), None)

    def merged(self, stage: str, freight: Freight) -> PullRequest | None:
        """The same, once it is merged."""
        pull = self.into(stage, freight)
        return pull if pull and pull.merged else None

    def ready(self, stage: str, freight: Freight) -> PullRequest | None:
        """The same, while it is open and its check has succeeded."""
        pull = self.into(stage, freight)
        return pull if pull and pull.open and self._green(pull) else None

    def standing(self) -> Standing:
        """What the journal notes after each request."""
        pulls = self.all()
        return Standing(
            frozenset(one.head_sha for one in pulls if self._checks(one)),
            frozenset(one.number for one in pulls if one.merged),
        )

    def _green(self, pull: PullRequest) -> bool:
        return "success" in self._checks(pull)

    def _checks(self, pull: PullRequest) -> list[str | None]:
        runs = self.stand_in.checks(REPOSITORY, pull.head_sha)
        return [one.conclusion for one in runs if one.name == CHECK]

    def _holds(self, pull: PullRequest, stage: str, freight: Freight) -> bool:
        """Whether the record on the head says so; a record we cannot read is a bug to be seen."""
        path = record_path(directory_of(stage), WAREHOUSE)
        text = self.stand_in.file(REPOSITORY, pull.head_sha, path)
        return text is not None and read_record(path, text.decode()).freight == freight
