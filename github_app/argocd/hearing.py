"""What Argo CD says of the commits that stages hold, as results of their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeAlias

from github_app.events import ApplicationReported
from github_app.ledger import Ledger
from github_app.notes import Reported
from github_app.picture import Base, LinePicture
from github_app.ports import Objects
from github_app.results import Result, ResultKind, ResultState
from github_app.rules.stays import current
from github_app.rules.verifying import proof_of
from plugin.pipeline import Project, Stage
from plugin.verification import ArgocdSucceeds

Lines: TypeAlias = Mapping[tuple[str, str], LinePicture]


class Applications(Protocol):
    """Argo CD's Applications, asked for now."""

    def report(self, application: str) -> ApplicationReported | None:
        """How it stands; None if there is none, or nobody answers."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A project's lines with what Argo CD says of them.

    `reported` is by stage what the ledger shall know, and `polled` says that somebody must ask
    again, because Argo CD does not tell by itself.
    """

    lines: Lines
    reported: Mapping[str, tuple[Reported, ...]] = field(default_factory=dict)
    polled: bool = False


@dataclass(frozen=True, slots=True)
class Hearing:
    """One round's ear for Argo CD: what it told since the last one, or who can ask it."""

    objects: Objects
    told: Sequence[ApplicationReported]
    applications: Applications | None
    now: datetime

    def heard(self, project: Project, lines: Lines, ledger: Ledger) -> Heard:
        """The lines with results; only those that wait for Argo CD cost anything."""
        after, reported, polled = dict(lines), dict[str, tuple[Reported, ...]](), False
        for stage in project.stages:
            names = [one.application for one in stage.verify if isinstance(one, ArgocdSucceeds)]
            waiting = list(_waiting(stage, lines, ledger)) if names else []
            fresh = tuple(self._fresh(names, asks=bool(waiting)))
            if fresh and self.applications is None:
                reported[stage.name] = fresh
            polled |= bool(waiting) and self.applications is not None
            known = () if self.applications else ledger.notes(stage.name).reported
            for line in waiting:
                results = self._results(line, names, (*known, *fresh))
                said = replace(line, results=(*line.results, *results))
                after[line.stage, line.warehouse] = said
        return Heard(after, reported, polled)

    def _fresh(self, names: Sequence[str], *, asks: bool) -> Iterator[Reported]:
        if self.applications is None:
            yield from (self._reported(one) for one in self.told if one.application in names)
            return
        for name in names if asks else ():
            found = self.applications.report(name)
            if found is not None:
                yield replace(self._reported(found), at=self.now)

    def _reported(self, told: ApplicationReported) -> Reported:
        """With the commit of ours, where it has several sources."""
        ours = (one for one in told.revisions if self.objects.has(one))
        revision = next(ours, told.revisions[0])
        return Reported(told.application, revision, told.state, self._moment(told.at), told.said)

    def _moment(self, text: str) -> datetime:
        """When Argo CD looked: never later than now, which is also what it is if nobody says."""
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return self.now
        return min(found, self.now) if found.tzinfo else self.now

    def _results(
        self, line: LinePicture, names: Sequence[str], reported: Sequence[Reported]
    ) -> Iterator[Result]:
        for name in dict.fromkeys(names):
            mine = [one for one in reported if one.application == name]
            last = max(reversed(mine), key=lambda one: one.at, default=None)
            if last is not None and self._is_about(line, last.revision):
                yield Result(ResultKind.ARGOCD, name, ResultState(last.state), last.at)

    def _is_about(self, line: LinePicture, revision: str) -> bool:
        """Whether the commit contains what brought the freight, and the stage's branch has it."""
        stay = current(line.stays)
        if stay is None or not isinstance(line.base, Base) or not self.objects.has(revision):
            return False
        contains = self.objects.merge_base(stay.commit, revision) == stay.commit
        return contains and self.objects.merge_base(revision, line.base.oid) == revision


def _waiting(stage: Stage, lines: Lines, ledger: Ledger) -> Iterator[LinePicture]:
    """The stage's lines that hold something which is not verified yet."""
    for one in stage.lines:
        line = lines.get((stage.name, one.warehouse))
        stay = current(line.stays) if line else None
        if line and stay and proof_of(ledger.notes(stage.name), stay.freight) is None:
            yield line
