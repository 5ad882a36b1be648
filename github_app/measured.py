"""Rounds with their duration and outcome measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from github_app.events import Told
from github_app.metrics import Metrics
from github_app.rounds import Place, Report, Rounds
from plugin.errors import Refusal, Temporary


@dataclass(frozen=True, slots=True)
class MeasuredRounds(Rounds):
    """`seconds` is a clock that only ever goes forward."""

    metrics: Metrics
    seconds: Callable[[], float]

    def run(self, place: Place, posts: tuple[Told, ...] = ()) -> Report:
        """Bring one repository to where its pipeline files want it; count how that ended."""
        started = self.seconds()
        outcome = "failed"
        try:
            report = Rounds.run(self, place, posts)
            outcome = "done"
        except Temporary:
            outcome = "retried"
            raise
        except Refusal:
            outcome = "refused"
            raise
        finally:
            self.metrics.round(outcome)
            self.metrics.took("round", self.seconds() - started)
        return report
