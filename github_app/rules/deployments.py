"""Each promotion as a deployment in its stage's environment, and how that stands. Pure.

GitHub shows them beside the code (https://docs.github.com/rest/deployments/deployments). It retires
an environment's earlier deployments by itself, but not in production and not line by line, so that
is done here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from github_app.actions import Deploy, SetDeployment
from github_app.body.stage_links import address_of
from github_app.markdown import shortened
from github_app.notes import StageNotes
from github_app.picture import LinePicture, Stay
from github_app.pulls import PullRequest
from github_app.results import Deployed
from github_app.rules.overview import upstreams_of
from github_app.rules.reading_back import Differs, promotion_of, read_back
from github_app.rules.verification import reported
from github_app.rules.verifying import failure_of, proof_of
from plugin.freight import alias_of
from plugin.pipeline import Project, Stage

RECENT = timedelta(hours=1)
"""Older promotions are not deployed afterwards, where GitHub refused or the App is new."""
_PRODUCTION = re.compile(r"(?:^|[^a-z])prod(?:uction)?(?:$|[^a-z])|^live$")
# https://docs.github.com/rest/deployments/statuses#create-a-deployment-status
_MOST_SAID = 140
_FINAL = frozenset({"SUCCESS", "FAILURE", "ERROR", "INACTIVE"})
_WAITS = "waits for verification"
_OVER = frozenset({"FAILURE", "ERROR", "INACTIVE"})


@dataclass(frozen=True, slots=True)
class Deploying:
    """One line of one stage and its deployments, at one moment."""

    project: Project
    stage: Stage
    line: LinePicture
    notes: StageNotes
    now: datetime

    def actions(self) -> Iterator[Deploy | SetDeployment]:
        """What makes GitHub show what the stage holds; nothing where it does already."""
        brought = promotion_of(self.line)
        commit = brought[1].commit if brought else ""
        for one in self.line.deployments:
            if one.oid != commit and one.state not in _OVER:
                yield SetDeployment(one.node, "INACTIVE", "other freight is here now", "", "")
        if brought is None:
            return
        found = next((one for one in self.line.deployments if one.oid == commit), None)
        if found is not None:
            yield from self._brought_up_to_date(found, *brought)
        elif self.now - brought[1].since <= RECENT:
            yield self._deployed(*brought)

    def ends(self) -> bool:
        """Whether a deployment that was under way ends with this round, well or not."""
        said = [one for one in self.actions() if isinstance(one, SetDeployment)]
        return any(one.state in {"SUCCESS", "FAILURE"} for one in said)

    def _deployed(self, pull: PullRequest, stay: Stay) -> Deploy:
        name = f"{self.project.name}/{self.line.warehouse}"
        state, why = self._state(stay)
        return Deploy(
            oid=stay.commit,
            environment=self.stage.name,
            production=self._is_production(),
            description=shortened(
                f"Promote {name} {alias_of(stay.freight)} to {self.stage.name}", _MOST_SAID
            ),
            payload={
                "project": self.project.name,
                "stage": self.stage.name,
                "warehouse": self.line.warehouse,
                "freight": str(stay.freight),
                "pullRequest": str(pull.number),
            },
            status=SetDeployment("", state, why, self._address(), pull.url),
        )

    def _brought_up_to_date(
        self, found: Deployed, pull: PullRequest, stay: Stay
    ) -> Iterator[SetDeployment]:
        """A final word stands until another: GitHub, or another tool, may have retired it."""
        state, why = self._state(stay)
        settled = found.state == "INACTIVE" or (found.state in _FINAL and state not in _FINAL)
        if found.state != state and not settled:
            yield SetDeployment(found.node, state, why, self._address(), pull.url)

    def _state(self, stay: Stay) -> tuple[str, str]:
        """GitHub's word for how the promotion stands, and ours."""
        if isinstance(read_back(self.line), Differs):
            return "FAILURE", "what was merged is not what was promoted"
        if not self.stage.verify:
            return "SUCCESS", "merged"
        proof = proof_of(self.notes, stay.freight)
        if proof is not None:
            return "SUCCESS", shortened(f"verified by {proof.who}", _MOST_SAID)
        failure = failure_of(self.notes, stay, self.now)
        if failure is not None:
            return "FAILURE", shortened(f"{failure.why} failed", _MOST_SAID)
        running = reported(self.stage.verify, self.line.results, self.stage.name)
        return "IN_PROGRESS" if running else "QUEUED", _WAITS

    def _is_production(self) -> bool:
        """The last stages are, and those that are called so."""
        followed = any(
            one.stage == self.stage.name
            for stage in self.project.stages
            for line in stage.lines
            for one in upstreams_of(line)
        )
        return not followed or bool(_PRODUCTION.search(self.stage.name))

    def _address(self) -> str:
        """Where the stage can be seen: its first link, if that says no more than where that is."""
        words = {
            "project": self.project.name,
            "stage": self.stage.name,
            "warehouse": self.line.warehouse,
        }
        found = (address_of(template, words) for _, template in self.stage.links)
        return next((one for one in found if one and "$" not in one), "")
