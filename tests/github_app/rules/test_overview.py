"""Answers about a pipeline that do not depend on its size."""

from __future__ import annotations

from github_app.rules.overview import Overview
from plugin.pipeline import Stage
from tests.github_app.shop import PIPELINE, A, B, C, after, gate, ledger, project, soak, stage


def overview(*stages: Stage) -> Overview:
    return Overview.of(project(*stages), ledger(A, B))


def test_order_is_that_of_becoming_newest() -> None:
    found = overview(*PIPELINE)
    assert [found.order("web", one.id) for one in (A, B, C)] == [0, 1, -1]
    assert found.order("web", None) == -1
    assert found.order("api", A.id) == -1


def test_the_longest_soak_asked_for_goes_through_control_flow() -> None:
    found = overview(
        stage("dev"),
        stage("test", after("dev", soak=soak(10))),
        gate("hub", after("dev", soak=soak(5))),
        stage("prod", after("hub", soak=soak(30))),
    )
    assert found.wanted_soak("dev", "web") == soak(30)
    assert found.wanted_soak("test", "web") == soak(0)


def names(stages: tuple[Stage, ...]) -> list[str]:
    return [one.name for one in stages]


def test_a_small_pipeline_is_shown_whole() -> None:
    assert names(overview(*PIPELINE).around("prod", "web", 3)) == ["dev", "staging", "prod"]


def test_of_a_large_pipeline_the_neighbours_are_shown() -> None:
    many = [stage(f"eu-{number}", after("test")) for number in range(100)]
    last = stage("report", after("eu-42"))
    found = overview(stage("dev"), stage("test", after("dev")), *many, last)
    assert names(found.around("eu-42", "web", 10)) == ["dev", "test", "eu-42", "report"]
    around = names(found.around("test", "web", 5))
    assert around[:2] == ["dev", "test"]
    assert len(around) == 5
