"""What a file says of how, when and by whom freight is promoted, value by value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from plugin.pipeline import InBranch, InDirectory, Project, PullRequestForm, Stage
from plugin.pipeline_file import not_yet, read_project
from plugin.stage_policy import (
    At,
    Draft,
    Opening,
    Reviews,
    Rollout,
    Select,
    Window,
    WindowKind,
)
from tests.plugin.pipeline_file.samples import HERE

TEXT = (HERE / "policies.yaml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _everything_is_carried_out() -> Iterator[None]:
    """The values must be right before anybody carries them out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(not_yet, "KEYS", {})
        patch.setattr(not_yet, "MEANINGS", {})
        not_yet.withheld.cache_clear()
        yield
    not_yet.withheld.cache_clear()


@pytest.fixture
def project() -> Project:
    return read_project("apps/towline.yaml", TEXT)


@pytest.fixture
def staging(project: Project) -> Stage:
    return project.stage("staging")


def test_who_may_what_is_the_stages_before_the_projects(project: Project) -> None:
    assert project.may == {"approve": ("acme/sre", "maintain"), "rollback": ("octocat",)}
    assert project.stage("dev").may == project.may
    assert project.stage("prod-eu").may == {"approve": ("admin",), "rollback": ("octocat",)}


def test_a_stages_links_come_before_the_projects(project: Project) -> None:
    runbook = ("Runbook", "https://example.com/runbook")
    assert project.stage("dev").links == (runbook, ("Grafana", "https://example.com/all"))
    grafana = ("Grafana", "https://example.com/${stage}/us")
    assert project.stage("prod-us").links == (runbook, grafana)


def test_a_branch_with_sources(staging: Stage) -> None:
    assert staging.place == InBranch("env/staging", "apps/sources/staging")
    assert (staging.render, staging.at) == (True, At.TIP)
    assert staging.lines[0].select is Select.MATCH_UPSTREAM


def test_windows(staging: Stage) -> None:
    assert staging.windows == (
        Window(WindowKind.DENY, "FREQ=WEEKLY;BYDAY=SA,SU", timedelta(days=1), "Europe/Berlin"),
        Window(
            WindowKind.ALLOW,
            "FREQ=DAILY;INTERVAL=2",
            timedelta(hours=8, minutes=30),
            "UTC",
            datetime(2026, 1, 31, 9),  # noqa: DTZ001 the window says of which zone
        ),
    )


def test_reviews_and_people(staging: Stage, project: Project) -> None:
    assert staging.reviews == Reviews(1, ("sre", "acme/web"), codeowners=True)
    assert project.stage("prod-eu").reviews == Reviews(2)
    assert project.stage("dev").reviews is None
    assert staging.pull_request == PullRequestForm(
        draft=Draft.WAITING, reviewers=("octocat", "acme/sre"), assignees=("hub_acme",)
    )


def test_stages_of_a_matrix_know_their_family(project: Project) -> None:
    both = [project.stage(f"prod-{one}") for one in ("eu", "us")]
    assert {one.family for one in both} == {"prod-${region}"}
    assert both[0].rollout == Rollout(parallel=1, stop=False)
    assert both[0].opening is Opening.MANUAL
    assert project.stage("dev").family == ""


def test_copies(project: Project) -> None:
    assert project.stage("dev").copies == (("overlays/dev", "config"), ("base", "base"))


def test_another_repository(project: Project) -> None:
    elsewhere = project.stage("elsewhere")
    assert (elsewhere.place, elsewhere.repo) == (InDirectory("shop"), "acme/other")
    assert (elsewhere.group, elsewhere.unprotected) == (True, True)


@pytest.mark.parametrize(
    ("change", "taken_back"),
    [
        (("rollback: manual", "supersede: latest"), True),
        (("rollback: manual", "rollback: auto"), True),
        (("merge: auto\n    verify: [{check", "merge: manual\n    verify: [{check"), False),
    ],
)
def test_a_failure_is_taken_back_where_merging_is_automatic_and_verified(
    change: tuple[str, str], *, taken_back: bool
) -> None:
    read = read_project("towline.yaml", TEXT.replace(*change))
    assert read.stage("dev").rollback is taken_back
    assert not read.stage("elsewhere").rollback
