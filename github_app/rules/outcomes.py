"""What became of a promotion after its merge, said once on its pull request. Pure.

It is said in the round that learns of it, or, if that came to nothing, in the one that ends the
promotion's deployment: GitHub remembers that, so no comment has to be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from github_app.actions import Say
from github_app.ledger_times import time_text
from github_app.markdown import code, plain
from github_app.notes import Asked, Note, StageNotes, Way
from github_app.picture import LinePicture, ProjectPicture, RepositoryPicture, Stay
from github_app.pulls import PullRequest
from github_app.rules.adoption import led_to
from github_app.rules.overview import upstreams_of
from github_app.rules.reading_back import AsPromoted, Differs, promotion_of, read_back
from github_app.rules.verifying import READ_BACK, failure_of, proof_of
from plugin.freight import alias_of
from plugin.head import head_in
from plugin.pipeline import Line, Stage


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of what one line of one stage holds, at one moment.

    `picture` is the project's, `notes` the stage's with this round's news; `around` is the
    repository as it was seen. `news` are notes of this round, and `ends` says that a
    deployment ends with it.
    """

    picture: ProjectPicture
    stage: Stage
    line: LinePicture
    notes: StageNotes
    around: RepositoryPicture
    now: datetime
    news: frozenset[Note]
    ends: bool

    def actions(self) -> Iterator[Say]:
        """The comment that is due on the pull request, if any."""
        brought = promotion_of(self.line)
        body = self._news(brought[1]) if brought else None
        if brought is not None and body is not None:
            yield Say(brought[0].node, body)

    def _news(self, stay: Stay) -> str | None:
        match read_back(self.line):
            case Differs(reasons):
                return self._differs(reasons) if self._is_told(stay) else None
            case AsPromoted():
                pass
        proof = proof_of(self.notes, stay.freight) if self.stage.verify else None
        if proof is not None:
            # Freight that was proved at an earlier stay needs no word at this one.
            return self._verified(proof, stay) if self._is_news(proof, stay.since) else None
        failure = failure_of(self.notes, stay, self.now)
        told = failure is not None and (self.ends or failure in self.news)
        return self._failed(failure) if failure and told else None

    def _is_news(self, note: Note, since: datetime) -> bool:
        return note.at >= since and (self.ends or note in self.news)

    def _is_told(self, stay: Stay) -> bool:
        """Whether this round found out that what was merged differs."""
        found = {one.freight for one in self.news if one.who == READ_BACK}
        return self.ends or stay.freight in found

    def _differs(self, reasons: tuple[str, ...]) -> str:
        said = "; ".join(map(plain, reasons))
        return (
            f"**{self._here()} does not hold what this promotion said**: {said}.\n"
            "Nothing goes on from here until somebody mends it."
        )

    def _verified(self, proof: Note, stay: Stay) -> str:
        proved = f"**Verified in {self._here()}** at {time_text(proof.at)} by {plain(proof.who)}"
        here = f"{alias_of(stay.freight)} is here since {time_text(stay.since)}"
        following = [self.stage] if led_to(self.line.holding) else self._following()
        return "\n".join([f"{proved}; {here}.", *map(self._next, following)])

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
        project = self.picture.project
        head = head_in(project.name, project.stage(stage), self.line.warehouse)
        page = self.around.where(project.stage(stage)).url
        return f"[{words}]({page}/pulls?q=is%3Apr+head%3A{head})"

    def _open(self, stage: str) -> PullRequest | None:
        line = self.picture.lines.get((stage, self.line.warehouse))
        return line.open if line else None
