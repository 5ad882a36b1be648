"""Whether what a stage asks for was proved of the commit that holds its freight. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from github_app.results import Result, ResultKind, ResultState
from plugin.verification import (
    ArgocdSucceeds,
    CheckSucceeds,
    DeploymentSucceeds,
    StatusSucceeds,
    Verification,
    WorkflowSucceeds,
)


@dataclass(frozen=True, slots=True)
class Proved:
    """Every condition succeeded."""

    by: str


@dataclass(frozen=True, slots=True)
class Unproved:
    """Some conditions have not been reported, or not to the end; `until`: then the first fails."""

    waiting: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Disproved:
    """Some conditions failed and none of their other reports succeeded; `at` is when, if known."""

    failed: str
    at: datetime | None = None


Verdict: TypeAlias = Proved | Unproved | Disproved


@dataclass(frozen=True, slots=True)
class Trial:
    """One attempt to verify freight: since when it runs, seen from `now`.

    `anew` says that somebody asked for it once more, so that nothing said before counts.
    """

    begun: datetime
    now: datetime
    anew: bool = False

    def counts(self, result: Result) -> bool:
        """Whether the result was reported in this trial.

        What Argo CD says is how it is until it says something else.
        """
        if not self.anew or result.kind is ResultKind.ARGOCD or result.at is None:
            return True
        return result.at > self.begun

    def ends(self, condition: Verification) -> datetime | None:
        """When the condition must have succeeded."""
        return None if condition.timeout is None else self.begun + condition.timeout


def verdict(
    conditions: Sequence[Verification],
    results: Sequence[Result],
    stage: str,
    trial: Trial | None = None,
) -> Verdict:
    """What `results`, of the commits that hold the record, say of the stage's conditions.

    A condition that is not met within its timeout has failed; a success that comes later still
    counts, so that people can mend what was only slow. Without a `trial` no time is looked at.
    """
    answers = {named(one): _answer(one, results, stage, trial) for one in conditions}
    failed = {name: one for name, one in answers.items() if one.state is ResultState.FAILURE}
    if failed:
        words = (f"{name}{'' if one.said else ' (not in time)'}" for name, one in failed.items())
        return Disproved(", ".join(words), _first(one.at for one in failed.values()))
    pending = {name: one for name, one in answers.items() if one.state is ResultState.PENDING}
    if pending:
        return Unproved(", ".join(pending), _first(one.at for one in pending.values()))
    return Proved(", ".join(answers))


def reported(conditions: Sequence[Verification], results: Sequence[Result], stage: str) -> bool:
    """Whether anything at all was said of one of the conditions."""
    return any(_about(one, results, stage) for one in conditions)


def named(condition: Verification) -> str:
    """The condition in the words of the pipeline file."""
    match condition:
        case CheckSucceeds(name):
            return f"check {name}"
        case StatusSucceeds(context):
            return f"status {context}"
        case WorkflowSucceeds(file):
            return f"workflow {file}"
        case DeploymentSucceeds():
            return "deployment"
        case ArgocdSucceeds(application):
            return f"Argo CD's {application}"
        case _:
            assert_never(condition)


@dataclass(frozen=True, slots=True)
class _Answer:
    """How a condition stands; `at` is when it failed, or will have where nobody `said` so."""

    state: ResultState
    at: datetime | None = None
    said: bool = True


def _answer(
    condition: Verification, results: Sequence[Result], stage: str, trial: Trial | None
) -> _Answer:
    found = [one for one in _about(condition, results, stage) if not trial or trial.counts(one)]
    state = _state(condition, [one.state for one in found])
    if state is ResultState.FAILURE:
        return _Answer(state, _last(one.at for one in found if one.state is state))
    ends = trial.ends(condition) if trial else None
    if state is ResultState.PENDING and trial and ends:
        return _Answer(ResultState.FAILURE if ends <= trial.now else state, ends, said=False)
    return _Answer(state)


def _about(condition: Verification, results: Sequence[Result], stage: str) -> list[Result]:
    asked = _asked(condition, stage)
    return [one for one in results if (one.kind, one.name) in asked]


def _state(condition: Verification, found: Sequence[ResultState]) -> ResultState:
    match condition:
        case WorkflowSucceeds():
            return _all_of(found)
        case _:
            return _any_of(found)


def _any_of(found: Sequence[ResultState]) -> ResultState:
    if ResultState.SUCCESS in found:
        return ResultState.SUCCESS
    if found and ResultState.PENDING not in found:
        return ResultState.FAILURE
    return ResultState.PENDING


def _all_of(found: Sequence[ResultState]) -> ResultState:
    """A workflow has a check per job; one report of each is enough, and none may fail."""
    if ResultState.FAILURE in found:
        return ResultState.FAILURE
    if not found or ResultState.PENDING in found:
        return ResultState.PENDING
    return ResultState.SUCCESS


def _asked(condition: Verification, stage: str) -> tuple[tuple[ResultKind, str], ...]:
    match condition:
        case CheckSucceeds(name):
            return ((ResultKind.CHECK, name),)
        case StatusSucceeds(context):
            return ((ResultKind.STATUS, context),)
        case WorkflowSucceeds(file):
            return ((ResultKind.WORKFLOW, file),)
        case DeploymentSucceeds():
            return ((ResultKind.DEPLOYMENT, stage),)
        case ArgocdSucceeds(application):
            return (
                (ResultKind.ARGOCD, application),
                (ResultKind.STATUS, condition.context),
            )
        case _:
            assert_never(condition)


def _first(times: Iterable[datetime | None]) -> datetime | None:
    return min((one for one in times if one is not None), default=None)


def _last(times: Iterable[datetime | None]) -> datetime | None:
    return max((one for one in times if one is not None), default=None)
