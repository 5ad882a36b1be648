"""Picture + now -> what to do and what to wait for: every promotion rule meets here. Pure.

A round first brings the ledger up to date with what it sees (new freight, verifications, a
person's rejection), then decides line by line, upstream stages first, on that new ledger. So one
round can see a verification and open the next stage's pull request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from github_app.actions import Action, ClosePromotion, DeleteBranch, PostCheck, WriteLedger
from github_app.brought import Need
from github_app.commands.hearing import heard
from github_app.difference.values import ToRender
from github_app.gates import Gate
from github_app.ledger import Ledger
from github_app.picture import ProjectPicture, RepositoryPicture
from github_app.rules.aftermath import aftermath
from github_app.rules.arrivals import awaited
from github_app.rules.availability import Rules
from github_app.rules.decision import Decision, Promote, UpToDate, Waiting
from github_app.rules.groups import GroupPlanner, members
from github_app.rules.ledger_write import ledger_write
from github_app.rules.line_rules import LineRules
from github_app.rules.news import brought_up_to_date
from github_app.rules.other_checks import other_checks, queue_checks
from github_app.rules.proposals import LinePlanner, Planned
from github_app.rules.verifying import timeouts
from plugin.pipeline import Mode, Stage


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What one line of one stage does now; in shadow mode its actions are only told.

    With `needs` nothing was decided: that is to be read or rendered first. `to_render` is what the
    promotion's difference is made of; without it there is none to show. `repository` is another one
    that the stage lives in, in lower case.
    """

    project: str
    stage: str
    warehouse: str
    decision: Decision
    gates: tuple[Gate, ...]
    actions: tuple[Action, ...]
    shadow: bool
    needs: tuple[Need, ...] = ()
    to_render: tuple[ToRender, ...] = ()
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one round does to one repository.

    `answers` are to those who commanded; `refresh` says that somebody wants all sources asked anew.
    `elsewhere` is, by repository, what is done in others besides promoting.
    """

    lines: tuple[LinePlan, ...]
    ledger: WriteLedger | None
    checks: tuple[PostCheck, ...]
    strays: tuple[Action, ...]
    wake_at: datetime | None
    answers: tuple[Action, ...] = ()
    refresh: bool = False
    elsewhere: Mapping[str, tuple[Action, ...]] = field(default_factory=dict)

    @property
    def to_render(self) -> tuple[ToRender, ...]:
        """What is to be rendered so that the next plan of the same picture can show it."""
        return tuple(one for repo in ("", *self.elsewhere) for one in self.to_render_in(repo))

    def to_render_in(self, repository: str) -> tuple[ToRender, ...]:
        """The part of it that stands in `repository`; '' is the pipeline files' own."""
        return tuple(one for line in self._live(repository) for one in line.to_render)

    def _live(self, repository: str) -> Iterator[LinePlan]:
        return (one for one in self.lines if not one.shadow and one.repository == repository)

    def actions(self, repository: str = "") -> tuple[Action, ...]:
        """Everything to carry out, the ledger first; nothing of stages in shadow mode."""
        lines = [one for line in self._live(repository) for one in line.actions]
        if repository:
            return (*lines, *self.elsewhere.get(repository, ()))
        ledger = (self.ledger,) if self.ledger else ()
        return (*ledger, *lines, *self.strays, *self.checks, *self.answers)


def plan(picture: RepositoryPicture, now: datetime) -> Plan:
    """What to do now in one repository, and when to look again if nothing else happens.

    A refused ledger stops every promotion: without it nobody knows what was rejected or held.
    """
    if picture.ledger_alarm is not None:
        return Plan((), None, tuple(other_checks(picture)), (), None)
    news = {one.project.name: brought_up_to_date(one, now) for one in picture.projects}
    said = heard(picture, news, now)
    ledgers = said.ledgers
    lines = tuple(
        line
        for one in picture.projects
        for line in _project_plan(picture, one, ledgers[one.project.name], now)
    )
    return Plan(
        lines,
        ledger_write(picture, ledgers),
        tuple(_checks(picture, _in(lines, ""))),
        tuple(_strays(picture)),
        min(
            (
                *(at for line in lines for at in _wake_times(line)),
                *(
                    at
                    for one in picture.projects
                    for of in (awaited, timeouts)
                    for at in of(one, ledgers[one.project.name], now)
                ),
            ),
            default=None,
        ),
        said.answers,
        said.refresh,
        {
            name: (*_strays(target), *_checks(target, _in(lines, name)))
            for name, target in picture.targets.items()
        },
    )


def _in(lines: Iterable[LinePlan], repository: str) -> list[LinePlan]:
    return [one for one in lines if one.repository == repository]


def _checks(picture: RepositoryPicture, lines: Sequence[LinePlan]) -> Iterator[PostCheck]:
    """What is posted besides the promotions' own checks; `lines` are those that live there."""
    yield from other_checks(picture)
    yield from queue_checks(picture, _gates_by_number(picture, lines))


def _project_plan(
    picture: RepositoryPicture, project: ProjectPicture, ledger: Ledger, now: datetime
) -> Iterator[LinePlan]:
    rules = Rules.of(replace(project, ledger=ledger), now)
    for stage in project.project.stages:
        if stage.place is not None and stage.group:
            yield from _group_plans(picture, rules, stage)
        elif stage.place is not None:
            for line in stage.lines:
                mine = LineRules.of(rules, stage, line, picture.where(stage).name)
                planner = LinePlanner(mine, mine.decision(), picture.where(stage))
                yield _whole(picture, planner, planner.planned())


def _group_plans(picture: RepositoryPicture, rules: Rules, stage: Stage) -> Iterator[LinePlan]:
    """A plan for each line; that of the line that speaks for all has the gates and actions."""
    home = picture.where(stage)
    every = members(stage.lines, lambda line: LineRules.of(rules, stage, line, home.name))
    planner = GroupPlanner.of(every, home)
    planned = planner.planned()
    whole = _whole(picture, planner, planned)
    for one in every:
        after = tuple(aftermath(one.rules, planner.decision, planned[1], picture))
        if one.rules.line == planner.rules.line:
            yield replace(whole, decision=one.decision)
        else:
            yield replace(
                whole,
                warehouse=one.rules.line.warehouse,
                decision=one.decision,
                gates=(),
                actions=after,
                needs=(),
                to_render=(),
            )


def _whole(picture: RepositoryPicture, planner: LinePlanner, planned: Planned) -> LinePlan:
    """The plan of a line that has its pull request to itself, or speaks for all that share it."""
    rules, (gates, actions) = planner.rules, planned
    return LinePlan(
        rules.rules.picture.project.name,
        rules.stage.name,
        rules.line.warehouse,
        planner.decision,
        gates,
        (*actions, *aftermath(rules, planner.decision, actions, picture)),
        rules.stage.mode is Mode.SHADOW,
        planner.needs(),
        planner.to_render(),
        repository=_repository(picture, rules.stage),
    )


def _repository(picture: RepositoryPicture, stage: Stage) -> str:
    """The other repository that the stage lives in and that is to be had."""
    return "" if picture.where(stage) is picture else (stage.repo or "").lower()


def _wake_times(line: LinePlan) -> Iterator[datetime]:
    match line.decision:
        case Promote(later=later) | UpToDate(later=later):
            pending = later
        case Waiting(pending=pending):
            pass
        case _:
            pending = None
    if pending is not None and pending.until is not None:
        yield pending.until
    yield from (gate.until for gate in line.gates if gate.until is not None)


def _gates_by_number(
    picture: RepositoryPicture, lines: Iterable[LinePlan]
) -> Mapping[int, tuple[Gate, ...]]:
    """The gates of each open promotion, none where they are not known in this round."""
    projects = {one.project.name: one for one in picture.projects}
    found: dict[int, tuple[Gate, ...]] = {one.number: () for one in picture.strays}
    for line in lines:
        seen = projects[line.project].lines.get((line.stage, line.warehouse))
        pull = seen.open if seen else None
        if pull is not None:
            # The lines of a group share a pull request, and one of them speaks for all.
            found[pull.number] = found.get(pull.number) or line.gates
    return found


def _strays(picture: RepositoryPicture) -> Iterator[Action]:
    for pull in picture.strays:
        yield ClosePromotion(pull, "no stage of the pipeline file has this branch any more")
        if picture.leftovers.get(pull.head) == pull.head_oid:
            yield DeleteBranch(pull.head, pull.head_oid)
