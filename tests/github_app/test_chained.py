"""A warehouse that watches another project's stage finds what is verified there, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.chained import chained, upstream_first
from github_app.ledger import EMPTY, Ledger
from github_app.picture import LinePicture, ProjectPicture
from github_app.results import Result, ResultKind, ResultState
from plugin.artifact import Artifact
from plugin.freight import Freight, alias_of
from plugin.pipeline import Project, Stage, Warehouse
from plugin.subscriptions import StageSubscription
from plugin.verification import CheckSucceeds
from tests.github_app.shop import (
    WEB,
    A,
    B,
    adopted,
    after,
    at,
    freight,
    gate,
    image,
    ledger,
    line,
    missing,
    shown,
    stage,
    warehouse,
)

SMOKE = (CheckSucceeds("smoke"),)


def of_stage(meant: str = "billing/prod", warehouse_name: str | None = None) -> StageSubscription:
    project, _, name = meant.partition("/")
    return StageSubscription("up", project, name, warehouse_name)


def watching(*subscriptions: StageSubscription, name: str = "shop") -> Project:
    house = Warehouse("from-there", subscriptions or (of_stage(),))
    taking = replace(stage("dev"), lines=(replace(stage("dev").lines[0], warehouse=house.name),))
    return Project(name, f"{name}/towline.yaml", (house,), (taking,))


def billing(*lines: LinePicture, prod: Stage | None = None, book: Ledger = EMPTY) -> ProjectPicture:
    prod = prod or replace(stage("prod", after("dev")), verify=SMOKE)
    of = Project(
        "billing", "billing/towline.yaml", (warehouse(), warehouse("api")), (stage("dev"), prod)
    )
    return shown(of, lines, book)


def holds(name: str, held: Freight, state: ResultState) -> LinePicture:
    return replace(line(name, held), results=(Result(ResultKind.CHECK, "smoke", state, at(1)),))


VERIFIED = holds("prod", A, ResultState.SUCCESS)


def found(picture: ProjectPicture, one: StageSubscription | None = None) -> StageSubscription:
    project = watching(one or of_stage())
    filled = chained(project, ["billing", "shop"], {"billing": picture}, at(10))
    (seen,) = filled.warehouses[0].subscriptions
    assert isinstance(seen, StageSubscription)
    return seen


def taken(picture: ProjectPicture, one: StageSubscription | None = None) -> tuple[Artifact, ...]:
    seen = found(picture, one)
    assert seen.problems == ()
    return seen.holds


def problem(picture: ProjectPicture, one: StageSubscription | None = None) -> str:
    (said,) = found(picture, one).problems
    return said


def test_what_is_verified_there_is_found() -> None:
    assert taken(billing(VERIFIED)) == A.artifacts


def test_what_waits_for_its_verification_is_known_and_not_taken() -> None:
    seen = found(billing(holds("prod", B, ResultState.PENDING)))
    assert seen.holds == B.artifacts
    assert seen.problems == (f"{alias_of(B.id)} is not verified in billing/prod yet",)


def test_where_nothing_is_asked_its_merge_is_enough() -> None:
    assert taken(billing(line("prod", A), prod=stage("prod", after("dev")))) == A.artifacts


def test_pins_without_a_record_are_what_they_say() -> None:
    pins = adopted("prod", image("1.0.0"))
    prod = stage("prod", after("dev"))
    assert taken(billing(pins, prod=prod, book=ledger(A))) == A.artifacts
    assert "nobody knows what 'prod' holds of 'web'" in problem(billing(pins, prod=prod))


def test_of_several_warehouses_all_are_taken_or_the_one_that_is_named() -> None:
    prod = stage("prod", after("dev"), warehouses=("web", "api"))
    api = freight("3.0.0", warehouse="api")
    picture = billing(line("prod", A), line("prod", api, of=warehouse("api")), prod=prod)
    assert set(taken(picture)) == {*A.artifacts, *api.artifacts}
    assert taken(picture, of_stage(warehouse_name="api")) == api.artifacts
    unknown = problem(picture, of_stage(warehouse_name="db"))
    assert unknown == "'billing/prod' takes no freight of 'db', but of web, api"


def test_one_thing_of_two_warehouses_must_be_told_apart() -> None:
    prod = stage("prod", after("dev"), warehouses=("web", "api"))
    other = Freight("api", (image("3.0.0", WEB),))
    of = warehouse("api", WEB)
    picture = billing(line("prod", A), line("prod", other, of=of), prod=prod)
    assert problem(picture) == (
        "'billing/prod' holds ghcr.io/acme/web of two warehouses; write warehouse: NAME"
    )


@pytest.mark.parametrize(
    ("meant", "said"),
    [
        ("biling/prod", "no project called 'biling'; did you mean 'billing'?"),
        ("payments/prod", "no project called 'payments'; a stage is watched in its own repository"),
        ("billing/prd", "no stage called 'prd'; did you mean 'prod'?"),
        ("billing/x", "no stage called 'x'; it has dev, prod"),
        ("billing/dev", "nobody knows what 'dev' holds of 'web'"),
    ],
)
def test_who_is_not_there_is_said(meant: str, said: str) -> None:
    assert said in problem(billing(VERIFIED), of_stage(meant))


def test_a_stage_that_holds_nothing_is_said() -> None:
    assert "it has no path and no branch" in problem(billing(prod=gate("prod", after("dev"))))
    assert "nobody knows" in problem(billing(missing("prod", "no branch")))


def test_projects_stand_behind_those_they_watch() -> None:
    first, last = watching(of_stage("mid/dev"), name="last"), watching(name="mid")
    alone = Project("billing", "billing/towline.yaml", (warehouse(),), (stage("prod"),))
    names = [one.name for one in upstream_first([first, last, alone])]
    assert names == ["billing", "mid", "last"]


def test_a_circle_is_said_and_stops_nobody_else() -> None:
    one = watching(of_stage("two/dev"), name="one")
    two = watching(of_stage("one/dev"), name="two")
    assert [each.name for each in upstream_first([one, two])] == ["one", "two"]
    filled = chained(one, ["one", "two"], {}, at(10))
    (seen,) = filled.warehouses[0].subscriptions
    assert isinstance(seen, StageSubscription)
    (said,) = seen.problems
    assert said.startswith("the projects 'one' and 'two' feed each other in a circle; ")


def test_a_stage_on_its_way_to_freight_gives_none_of_it() -> None:
    step = holds("prod", replace(B, towards=A.id), ResultState.SUCCESS)
    seen = found(billing(step))
    assert seen.holds == ()
    (problem,) = seen.problems
    assert problem == f"'prod' takes {A.alias} in steps; it is freight once that is done"
