"""Whether what a stage asks for was proved of the commit that holds its freight. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from github_app.picture import Result, ResultKind, ResultState
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
    """Some conditions have not been reported, or not to the end."""

    waiting: str


@dataclass(frozen=True, slots=True)
class Disproved:
    """Some conditions failed and none of their other reports succeeded."""

    failed: str


Verdict: TypeAlias = Proved | Unproved | Disproved


def verdict(conditions: Sequence[Verification], results: Sequence[Result], stage: str) -> Verdict:
    """What `results`, of the commits that hold the record, say of the stage's conditions."""
    states = {named(one): _state(one, results, stage) for one in conditions}
    failed = [name for name, state in states.items() if state is ResultState.FAILURE]
    if failed:
        return Disproved(", ".join(failed))
    waiting = [name for name, state in states.items() if state is not ResultState.SUCCESS]
    if waiting:
        return Unproved(", ".join(waiting))
    return Proved(", ".join(states))


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


def _state(condition: Verification, results: Sequence[Result], stage: str) -> ResultState:
    kind, name = _asked(condition, stage)
    found = [one.state for one in results if one.kind is kind and one.name == name]
    if kind is ResultKind.WORKFLOW:
        return _all_of(found)
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


def _asked(condition: Verification, stage: str) -> tuple[ResultKind, str]:
    match condition:
        case CheckSucceeds(name):
            return ResultKind.CHECK, name
        case StatusSucceeds(context):
            return ResultKind.STATUS, context
        case WorkflowSucceeds(file):
            return ResultKind.WORKFLOW, file
        case DeploymentSucceeds():
            return ResultKind.DEPLOYMENT, stage
        case ArgocdSucceeds():
            return ResultKind.STATUS, condition.context
        case _:
            assert_never(condition)
