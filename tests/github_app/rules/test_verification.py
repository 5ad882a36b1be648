"""Whether a stage's conditions were met, out of what others said of its commits."""

from __future__ import annotations

import pytest

from github_app.results import Result, ResultKind, ResultState
from github_app.rules.verification import Disproved, Proved, Unproved, Verdict, verdict
from plugin.verification import (
    ArgocdSucceeds,
    CheckSucceeds,
    DeploymentSucceeds,
    StatusSucceeds,
    Verification,
    WorkflowSucceeds,
)

OK, RUNNING, BAD = ResultState.SUCCESS, ResultState.PENDING, ResultState.FAILURE
CONDITIONS: tuple[tuple[Verification, ResultKind, str, str], ...] = (
    (CheckSucceeds("smoke"), ResultKind.CHECK, "smoke", "check smoke"),
    (StatusSucceeds("ci/e2e"), ResultKind.STATUS, "ci/e2e", "status ci/e2e"),
    (WorkflowSucceeds("e2e.yaml"), ResultKind.WORKFLOW, "e2e.yaml", "workflow e2e.yaml"),
    (DeploymentSucceeds(), ResultKind.DEPLOYMENT, "dev", "deployment"),
    (
        ArgocdSucceeds("shop-dev"),
        ResultKind.STATUS,
        "continuous-delivery/shop-dev",
        "Argo CD's shop-dev",
    ),
)


@pytest.mark.parametrize(("condition", "kind", "name", "words"), CONDITIONS)
def test_each_kind_of_condition(
    condition: Verification, kind: ResultKind, name: str, words: str
) -> None:
    def said(*states: ResultState) -> Verdict:
        return verdict([condition], [Result(kind, name, one) for one in states], "dev")

    assert said() == Unproved(words)
    assert said(RUNNING) == Unproved(words)
    assert said(OK) == Proved(words)
    assert said(BAD) == Disproved(words)


@pytest.mark.parametrize(("condition", "kind", "name", "words"), CONDITIONS)
def test_other_names_and_other_kinds_do_not_count(
    condition: Verification, kind: ResultKind, name: str, words: str
) -> None:
    others = [Result(one, name, OK) for one in ResultKind if one is not kind]
    assert verdict([condition], [*others, Result(kind, "other", OK)], "dev") == Unproved(words)


def test_a_deployment_counts_in_the_stage_s_own_environment() -> None:
    results = [Result(ResultKind.DEPLOYMENT, "prod", OK)]
    assert verdict([DeploymentSucceeds()], results, "dev") == Unproved("deployment")


def test_one_success_on_any_of_the_commits_is_enough() -> None:
    smoke = [Result(ResultKind.CHECK, "smoke", one) for one in (BAD, OK)]
    assert verdict([CheckSucceeds("smoke")], smoke, "dev") == Proved("check smoke")


def test_a_check_that_runs_again_is_waited_for() -> None:
    smoke = [Result(ResultKind.CHECK, "smoke", one) for one in (BAD, RUNNING)]
    assert verdict([CheckSucceeds("smoke")], smoke, "dev") == Unproved("check smoke")


@pytest.mark.parametrize(
    ("jobs", "answer"),
    [
        ((OK, OK), Proved("workflow e2e.yaml")),
        ((OK, RUNNING), Unproved("workflow e2e.yaml")),
        ((OK, BAD), Disproved("workflow e2e.yaml")),
        ((RUNNING, BAD), Disproved("workflow e2e.yaml")),
    ],
)
def test_every_job_of_a_workflow_must_succeed(
    jobs: tuple[ResultState, ...], answer: Verdict
) -> None:
    results = [Result(ResultKind.WORKFLOW, "e2e.yaml", one) for one in jobs]
    assert verdict([WorkflowSucceeds("e2e.yaml")], results, "dev") == answer


def test_all_conditions_count_and_failures_are_said_first() -> None:
    asked: list[Verification] = [
        CheckSucceeds("smoke"),
        StatusSucceeds("e2e"),
        CheckSucceeds("load"),
    ]
    results = [
        Result(ResultKind.CHECK, "smoke", OK),
        Result(ResultKind.STATUS, "e2e", BAD),
    ]
    assert verdict(asked, results, "dev") == Disproved("status e2e")
    assert verdict(asked, results[:1], "dev") == Unproved("status e2e, check load")
