"""What `towline lint` says of gates that never open, and of gates that are none."""

from __future__ import annotations

import pytest

from github_app.cli import main
from tests.console.conftest import SHOP, Checkout, git

OWNERS = {"CODEOWNERS": "* @kim\n"}


def warned(
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    prod: str,
    more: dict[str, str] | None = None,
) -> list[str]:
    """The warnings for a stage prod with these keys."""
    pipeline = SHOP["towline.yaml"].replace("path: stages/prod", f"path: stages/prod, {prod}")
    pipeline = pipeline.replace("path: stages/staging", "path: stages/staging, verify: none")
    root = checkout(SHOP | {"towline.yaml": pipeline} | (more or {}))
    git(root, "remote", "add", "origin", "git@github.com:acme/shop.git")
    assert main(["lint", str(root)]) == 0
    return [line for line in capsys.readouterr().out.splitlines() if "warning: prod: " in line]


@pytest.mark.parametrize(
    "windows",
    [
        "{deny: FREQ=DAILY, for: 1d, zone: UTC}",
        "{allow: FREQ=DAILY;COUNT=3, for: 8h, zone: UTC, from: 2019-01-01T09:00}",
        "{allow: FREQ=WEEKLY;BYDAY=SA, for: 8h, zone: UTC}, {deny: FREQ=DAILY, for: 2d, zone: UTC}",
    ],
)
def test_windows_that_let_nothing_in_are_told(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], windows: str
) -> None:
    (warning,) = warned(checkout, capsys, f"windows: [{windows}]")
    assert "prod: its windows let nothing in: closed by " in warning
    assert "it opens no more" in warning


def test_windows_that_open_again_are_fine(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    weekend = "windows: [{deny: FREQ=WEEKLY;BYDAY=SA, for: 2d, zone: Europe/Berlin}]"
    assert warned(checkout, capsys, weekend) == []


def test_a_team_of_somebody_else_is_told(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    (warning,) = warned(checkout, capsys, "reviews: {count: 1, teams: [Acme/web, sre, other/sre]}")
    assert "prod: no review counts for other/sre" in warning
    assert "acme" in warning


def test_code_owners_are_asked_for_where_nobody_owns_anything(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    (warning,) = warned(checkout, capsys, "reviews: {codeowners: true}")
    assert "prod: codeowners: true asks nobody: there is no CODEOWNERS" in warning


def test_code_owners_that_are_there_are_fine(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert warned(checkout, capsys, "reviews: {codeowners: true}", OWNERS) == []


def test_a_draft_is_not_merged_by_itself(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    found = warned(checkout, capsys, "merge: auto, pullRequest: {draft: true}")
    assert any("prod: opens drafts" in one and "draft: waiting" in one for one in found)
