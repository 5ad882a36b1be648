"""What `towline render` prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_app.cli import main
from tests.console.conftest import SHOP, Checkout


@pytest.fixture(autouse=True)
def _binary(kustomize: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOWLINE_KUSTOMIZE", str(kustomize))


def test_a_stage_is_rendered(checkout: Checkout, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["render", "staging", "--path", str(checkout())]) == 0
    assert b"image: ghcr.io/acme/web:0.9.0" in capfdbinary.readouterr().out


def test_an_unknown_stage_is_refused_with_those_there_are(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", "live", "--path", str(checkout())]) == 1
    assert capsys.readouterr().err == (
        "there is no stage 'live' here; there are: dev, staging, prod\n"
    )


def test_a_stage_on_a_branch_says_where_to_render_it(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = SHOP["towline.yaml"].replace("path: stages/prod", "branch: live")
    root = checkout(SHOP | {"towline.yaml": pipeline})
    assert main(["render", "prod", "--path", str(root)]) == 1
    assert "lives on branch live" in capsys.readouterr().err


def test_a_stage_of_several_projects_must_be_told_apart(
    checkout: Checkout, capfd: pytest.CaptureFixture[str]
) -> None:
    other = SHOP["towline.yaml"].replace("project: shop", "project: other")
    files = SHOP | {"other/towline.yaml": other}
    files |= {f"other/{name}": text for name, text in SHOP.items() if name != "towline.yaml"}
    root = str(checkout(files))
    assert main(["render", "dev", "--path", root]) == 1
    assert "say --project, one of" in capfd.readouterr().err
    assert main(["render", "dev", "--project", "other", "--path", root]) == 0
