"""How a promotion is shown as a deployment: once, and until other freight is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.actions import Deploy, SetDeployment
from github_app.notes import Note, StageNotes
from github_app.picture import LinePicture, Stay
from github_app.pulls import PullState
from github_app.results import Deployed, Result, ResultKind, ResultState
from github_app.rules.deployments import RECENT, Deploying
from plugin.holding import Unmanaged
from plugin.pipeline import Stage
from plugin.verification import CheckSucceeds
from tests.github_app.shop import A, B, after, at, line, project, pull, stage

COMMIT, EARLIER = "b" * 40, "a" * 40
DEV = stage("dev")
TESTED = replace(DEV, verify=(CheckSucceeds("smoke"),))
NOTHING = StageNotes()
PROVED = StageNotes(verified=(Note(B.id, at(55), "check smoke", ""),))
FAILED = StageNotes(failed=(Note(B.id, at(55), "towline", "check smoke"),))


def promoted(*deployments: Deployed, results: tuple[Result, ...] = ()) -> LinePicture:
    """B was merged at minute 50, after A."""
    merged = replace(pull("dev", number=7), state=PullState.MERGED, merge_commit=COMMIT)
    return replace(
        line("dev", B, previous=A),
        stays=(Stay(A.id, at(0), EARLIER, at(50)), Stay(B.id, at(50), COMMIT)),
        last=merged,
        brought=merged,
        deployments=deployments,
        results=results,
    )


def shown(state: str, oid: str = COMMIT) -> Deployed:
    return Deployed(f"D_{oid[0]}", "dev", oid, state)


def actions(
    seen: LinePicture, of: Stage = DEV, notes: StageNotes = NOTHING, minute: float = 60
) -> list[Deploy | SetDeployment]:
    whole = project(of, stage("prod", after("dev")))
    return list(Deploying(whole, of, seen, notes, at(minute)).actions())


def test_a_promotion_is_deployed_with_all_that_people_need() -> None:
    links = (("App", "https://${stage}.example.com"), ("Other", "https://x"))
    (made,) = actions(promoted(), replace(DEV, links=links))
    assert isinstance(made, Deploy)
    assert (made.oid, made.environment, made.production) == (COMMIT, "dev", False)
    assert made.description == f"Promote shop/web {B.alias} to dev"
    assert made.payload["pullRequest"] == "7"
    status = made.status
    assert (status.state, status.address) == ("SUCCESS", "https://dev.example.com")
    assert status.log == "https://github.com/acme/shop/pull/7"


def test_an_address_that_names_a_version_is_none() -> None:
    (made,) = actions(promoted(), replace(DEV, links=(("Logs", "https://x/${version}"),)))
    assert isinstance(made, Deploy)
    assert made.status.address == ""


def test_what_is_shown_as_it_is_needs_nothing() -> None:
    assert actions(promoted(shown("SUCCESS"))) == []


@pytest.mark.parametrize("name", ["prod", "prod-eu", "eu-production", "live"])
def test_what_is_called_production_is(name: str) -> None:
    of = stage(name)
    seen = replace(promoted(), stage=name)
    (made,) = Deploying(project(of, stage("x", after(name))), of, seen, NOTHING, at(60)).actions()
    assert isinstance(made, Deploy)
    assert made.production


def test_the_last_stage_is_production_whatever_its_name() -> None:
    (made,) = Deploying(project(DEV), DEV, promoted(), NOTHING, at(60)).actions()
    assert isinstance(made, Deploy)
    assert made.production


RUNNING = Result(ResultKind.CHECK, "smoke", ResultState.PENDING, at(52))


@pytest.mark.parametrize(
    ("was", "notes", "results", "becomes"),
    [
        ("", NOTHING, (), "QUEUED"),
        ("QUEUED", NOTHING, (), None),
        ("QUEUED", NOTHING, (RUNNING,), "IN_PROGRESS"),
        ("IN_PROGRESS", PROVED, (RUNNING,), "SUCCESS"),
        ("IN_PROGRESS", FAILED, (), "FAILURE"),
        ("FAILURE", PROVED, (), "SUCCESS"),
        ("SUCCESS", FAILED, (), "FAILURE"),
        # A final word stands until another one, and what was retired stays so.
        ("SUCCESS", NOTHING, (RUNNING,), None),
        ("INACTIVE", PROVED, (), None),
    ],
)
def test_how_a_deployment_goes_on(
    was: str, notes: StageNotes, results: tuple[Result, ...], becomes: str | None
) -> None:
    found = actions(promoted(shown(was), results=results), TESTED, notes)
    states = [one.state for one in found if isinstance(one, SetDeployment)]
    assert states == ([becomes] if becomes else [])


def test_what_other_freight_took_the_place_of_is_inactive() -> None:
    seen = promoted(shown("SUCCESS", EARLIER), shown("FAILURE", EARLIER), shown("SUCCESS"))
    (retired,) = actions(seen)
    assert isinstance(retired, SetDeployment)
    assert (retired.deployment, retired.state) == ("D_a", "INACTIVE")


def test_what_a_person_reverted_is_inactive_and_nothing_takes_its_place() -> None:
    reverted = replace(promoted(shown("SUCCESS")), brought=None)
    assert [one.state for one in actions(reverted) if isinstance(one, SetDeployment)] == [
        "INACTIVE"
    ]


def test_what_was_merged_long_ago_is_not_deployed_afterwards() -> None:
    late = 50 + RECENT.total_seconds() / 60
    assert len(actions(promoted(), minute=late)) == 1
    assert actions(promoted(), minute=late + 1) == []


def test_what_is_not_what_was_promoted_has_failed() -> None:
    seen = replace(promoted(shown("QUEUED")), holding=Unmanaged(None, (), ("web.yaml: 9.9.9",)))
    assert [one.state for one in actions(seen) if isinstance(one, SetDeployment)] == ["FAILURE"]
