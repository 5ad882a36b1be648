"""What the demo found, as its report file has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from github_app.github.calls import Calls
from github_app.sandbox.demo.checkout import Rendered
from github_app.sandbox.demo.gitops import STAGES, Scenario, image_of
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId


@dataclass(frozen=True, slots=True)
class Landed:
    """Freight that a merge brought into a stage, and what the stage renders since."""

    freight: FreightId
    pull_request: int
    merged_sha: str
    rendered: Rendered

    def as_json(self) -> Mapping[str, Any]:
        """The stage's entry; whether pins would give the same is in it where it was asked."""
        equal = self.rendered.equals_pinned
        return {
            "freight": self.freight,
            "pullRequest": self.pull_request,
            "mergedSha": self.merged_sha,
            "rendered": {"image": self.rendered.image, "digest": self.rendered.digest},
            **({} if equal is None else {"equalsPinned": equal}),
        }


@dataclass(slots=True)
class Report:
    """Grows while the story is told; `freight` is the one pushed last."""

    freight: Freight | None = None
    stages: dict[str, Landed] = field(default_factory=dict)
    pull_requests: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    calls: Calls = field(default_factory=Calls)
    scenario: Scenario = Scenario.PINS

    def shortcomings(self) -> tuple[str, ...]:
        """Why the last freight is not everywhere; nothing if it is."""
        if self.freight is None:
            return ("nothing was pushed",)
        digest = image_of(self.freight).digest
        return tuple(text for stage in STAGES if (text := self._shortcoming(stage, digest)))

    def _shortcoming(self, stage: str, digest: str) -> str:
        landed = self.stages.get(stage)
        if landed is None:
            return f"{stage}: no freight has landed"
        if landed.rendered.digest != digest:
            return f"{stage}: renders {landed.rendered.image}, but {digest} was pushed last"
        if landed.rendered.equals_pinned is False:
            return f"{stage}: its record gives other manifests than pins would"
        return ""

    def as_json(self) -> Mapping[str, Any]:
        """The report; what was not reached is missing from `stages`."""
        return {
            "scenario": self.scenario.value,
            "freight": self.freight.id if self.freight else None,
            "stages": {name: landed.as_json() for name, landed in self.stages.items()},
            "pullRequests": self.pull_requests,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "githubCalls": {
                "rest": self.calls.rest,
                "graphql": self.calls.graphql,
                "git": self.calls.git,
            },
        }

    def write(self, file: Path) -> None:
        """Write the report; raises Refusal if that cannot be done."""
        try:
            file.write_text(json.dumps(self.as_json(), indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise Refusal(f"the report cannot be written to {file}: {error.strerror}") from None
