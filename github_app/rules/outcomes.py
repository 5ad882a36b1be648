"""What became of a promotion after its merge, said once on its pull request. Pure.

Comments are written and never believed: of our own the first line is looked for, so that nothing is
said twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from github_app.actions import Say
from github_app.ledger import Asked, Note, StageNotes, Way
from github_app.ledger_times import time_text
from github_app.markdown import code, plain
from github_app.picture import LinePicture, ProjectPicture, PullRequest, Stay
from github_app.rules.deployments import promotion_of
from github_app.rules.overview import upstreams_of
from github_app.rules.verifying import proof_of, trial_of
from plugin import holding as holdings
from plugin.freight import alias_of
from plugin.head import head_of
from plugin.pipeline import Line, Stage

NEWS_FOR = timedelta(days=1)
"""How long an outcome is worth a comment: older ones were told, or nobody waits for them."""


@dataclass(frozen=True, slots=True)
class AsPromoted:
    """The stage holds what the promotion said."""


@dataclass(frozen=True, slots=True)
class Differs:
    """What was merged is not what the promotion said; each reason says where."""

    reasons: tuple[str, ...]


def read_back(line: LinePicture) -> AsPromoted | Differs:
    """Whether the tree that a merge made holds what its pull request carried.

    What it carried is not known where the branch is gone and nobody has its commit; then pins and
    record must agree.
    """
    match line.holding:
        case holdings.Managed(record):
            carried = line.last_freight
            if carried is None or carried == record.freight.id:
                return AsPromoted()
            there = alias_of(record.freight.id)
            return Differs((f"{alias_of(carried)} was carried, and {there} is there",))
        case holdings.Unmanaged(details=details):
            return Differs(details)
        case holdings.Unreadable(reasons):
            return Differs(reasons)
        case holdings.Adopted() | holdings.Empty():
            return Differs(("its record is not there",))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of what one line of one stage holds, at one moment.

    `picture` is the project's, `notes` the stage's with this round's news; `repository` is the
    address of the repository's page.
    """

    picture: ProjectPicture
    stage: Stage
    line: LinePicture
    notes: StageNotes
    repository: str
    now: datetime

    def actions(self) -> Iterator[Say]:
        """The comment that is due on the pull request, if any."""
        brought = promotion_of(self.line)
        if brought is None:
            return
        pull, stay = brought
        for key, body in self._news(stay):
            marker = f"<!-- towline: {key} -->"
            if not any(text.lstrip().startswith(marker) for text in self.line.told):
                yield Say(pull.node, f"{marker}\n{body}")

    def _news(self, stay: Stay) -> Iterator[tuple[str, str]]:
        match read_back(self.line):
            case Differs(reasons) if self._is_news(stay.since):
                yield f"differs {stay.commit}", self._differs(reasons)
            case _:
                pass
        proof, failure = self._proof(stay), self._failure(stay)
        if proof is not None:
            yield f"verified {time_text(proof.at)}", self._verified(proof, stay)
        elif failure is not None:
            yield f"failed {time_text(failure.at)}", self._failed(failure)

    def _is_news(self, at: datetime) -> bool:
        return self.now - at <= NEWS_FOR

    def _proof(self, stay: Stay) -> Note | None:
        """Freight that was proved at an earlier stay needs no word at this one."""
        proof = proof_of(self.notes, stay.freight) if self.stage.verify else None
        return proof if proof and proof.at >= stay.since and self._is_news(proof.at) else None

    def _failure(self, stay: Stay) -> Note | None:
        begun = trial_of(self.notes, stay, self.now).begun
        return next(
            (
                one
                for one in reversed(self.notes.failed)
                if one.freight == stay.freight and one.at >= begun and self._is_news(one.at)
            ),
            None,
        )

    def _differs(self, reasons: tuple[str, ...]) -> str:
        said = "; ".join(map(plain, reasons))
        return (
            f"**{self._here()} does not hold what this promotion said**: {said}.\n"
            "Nothing goes on from here until somebody mends it."
        )

    def _verified(self, proof: Note, stay: Stay) -> str:
        proved = f"**Verified in {self._here()}** at {time_text(proof.at)} by {plain(proof.who)}"
        here = f"{alias_of(stay.freight)} is here since {time_text(stay.since)}"
        return "\n".join([f"{proved}; {here}.", *map(self._next, self._following())])

    def _failed(self, failure: Note) -> str:
        alias = alias_of(failure.freight)
        text = (
            f"**Failed in {self._here()}** at {time_text(failure.at)}: {plain(failure.why)}.\n"
            f"{alias} goes no further. Once the same is reported as a success, it does."
        )
        asked = self._way_back(failure)
        if asked is None:
            return text
        promotion = self._promotion(self.stage.name, f"taken back to {alias_of(asked.freight)}")
        hold = f"The line is held until somebody says {code('/towline resume')}."
        return f"{text}\n{self._here()} is {promotion}. {hold}"

    def _way_back(self, failure: Note) -> Asked | None:
        return next(
            (
                one
                for one in self.notes.asked
                if (one.warehouse, one.way, one.at)
                == (self.line.warehouse, Way.ROLLBACK, failure.at)
            ),
            None,
        )

    def _here(self) -> str:
        return plain(self.stage.name)

    def _following(self) -> Iterator[Stage]:
        for stage in self.picture.project.stages:
            line = stage.line(self.line.warehouse)
            if line is not None and stage.place is not None and self._follows(line):
                yield stage

    def _follows(self, line: Line) -> bool:
        return any(one.stage == self.stage.name for one in upstreams_of(line))

    def _next(self, stage: Stage) -> str:
        return f"Next: {self._promotion(stage.name, plain(stage.name))}."

    def _promotion(self, stage: str, words: str) -> str:
        """A link to the promotion of a stage, which this very round may open."""
        pull = self._open(stage)
        if pull is not None:
            return f"[{words}]({pull.url})"
        head = head_of(self.picture.project.name, stage, self.line.warehouse)
        return f"[{words}]({self.repository}/pulls?q=is%3Apr+head%3A{head})"

    def _open(self, stage: str) -> PullRequest | None:
        line = self.picture.lines.get((stage, self.line.warehouse))
        return line.open if line else None
