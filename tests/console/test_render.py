"""What `towline render` prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_app.cli import main
from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.kustomize.build import Kustomize
from plugin.record import Record, write_record
from plugin.render import Renderer
from plugin.sidecar.application import render
from plugin.stage_policy import Write
from tests.console.conftest import DEPLOYMENT, SHOP, Checkout
from tests.story.registries import digest


@pytest.fixture(autouse=True)
def _binary(kustomize: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOWLINE_KUSTOMIZE", str(kustomize))


def test_a_stage_is_rendered(checkout: Checkout, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["render", "staging", "--path", str(checkout())]) == 0
    assert b"image: ghcr.io/acme/web:0.9.0" in capfdbinary.readouterr().out


def test_its_time_is_what_the_sidecars_would_be(
    checkout: Checkout,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec /bin/sleep 300\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setenv("TOWLINE_KUSTOMIZE", str(slow))
    asked = ["render", "dev", "--path", str(checkout())]
    monkeypatch.setenv("TOWLINE_TIMEOUT", "0.2")
    assert main(asked) == 1
    said = capsys.readouterr().err
    assert said.startswith("stages/dev: kustomize was stopped after 0.2 seconds")
    assert "TOWLINE_TIMEOUT" in said
    monkeypatch.setenv("TOWLINE_TIMEOUT", "soon")
    assert main(asked) == 1
    assert capsys.readouterr().err.startswith("TOWLINE_TIMEOUT is 'soon', which is not a number")


def test_an_unknown_stage_is_refused_with_those_there_are(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", "live", "--path", str(checkout())]) == 1
    assert capsys.readouterr().err == (
        "there is no stage 'live' here; there are: dev, staging, prod\n"
    )


def test_an_unknown_project_is_refused_with_those_there_are(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(checkout())
    assert main(["render", "dev", "--project", "nope", "--path", root]) == 1
    assert main(["render", "nope", "--project", "shop", "--path", root]) == 1
    assert capsys.readouterr().err == (
        "there is no project 'nope' here; there are: shop\n"
        "there is no stage 'nope' in project 'shop'; there are: dev, staging, prod\n"
    )


def test_the_pipeline_file_may_be_above(
    checkout: Checkout,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    root = checkout()
    assert main(["render", "dev", "--path", str(root)]) == 0
    expected = capfd.readouterr().out
    for folder in ("stages/dev", "base"):
        monkeypatch.chdir(root / folder)
        assert main(["render", "dev"]) == 0
        assert capfd.readouterr().out == expected
    # Never out of the repository.
    (tmp_path / "towline.yaml").write_text("")
    (root / "towline.yaml").unlink()
    assert main(["render", "dev"]) == 1
    assert "there is no towline.yaml here or below" in capfd.readouterr().err


def test_an_address_of_github_that_is_none_is_refused(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOWLINE_GITHUB_URL", "github.acme.io")
    assert main(["render", "dev", "--path", str(checkout())]) == 1
    assert capsys.readouterr().err == (
        "TOWLINE_GITHUB_URL is 'github.acme.io', which is not an address such as "
        "https://github.example.com\n"
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


OTHER = f"ghcr.io/acme/web=1.1.0@{digest(2)}"
RECORD = Record(
    Freight("web", (Image(Repository("ghcr.io", "acme/web"), "1.0.0", digest(1)),)),
    "acme/shop",
    "towline/shop/prod/web",
    write=Write.RECORD,
)


def with_record(*words: str) -> dict[str, str]:
    """A shop whose prod has a record that is applied, on what all stages share."""
    pipeline = SHOP["towline.yaml"].replace(
        "path: stages/prod", ", ".join(("path: stages/prod, write: record", *words))
    )
    return SHOP | {
        "towline.yaml": pipeline,
        "base/deployment.yaml": DEPLOYMENT.replace("image: web", "image: ghcr.io/acme/web"),
        "stages/prod/kustomization.yaml": "resources: [../../base]\n",
        "stages/prod/.freight/web.yaml": write_record(RECORD),
    }


def test_a_record_is_applied_and_links_lead_to_our_github(
    checkout: Checkout,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    kustomize: Path,
) -> None:
    monkeypatch.setenv("TOWLINE_GITHUB_URL", "https://github.example.com")
    root = checkout(with_record())
    assert main(["render", "prod", "--path", str(root)]) == 0
    printed = capfdbinary.readouterr().out
    assert f"image: ghcr.io/acme/web:1.0.0@{digest(1)}".encode() in printed
    assert b"https://github.example.com/acme/shop/pulls?q=" in printed
    renderer = Renderer(Kustomize((str(kustomize), "build")), "https://github.example.com")
    assert render(root, "stages/prod", renderer) == printed


def test_other_artifacts_are_rendered_where_the_stage_allows_it(
    checkout: Checkout, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    root = str(checkout(with_record("overrides: true")))
    assert main(["render", "prod", "--path", root, "--artifact", OTHER]) == 0
    assert f"image: ghcr.io/acme/web:1.1.0@{digest(2)}".encode() in capfdbinary.readouterr().out


@pytest.mark.parametrize(
    ("allowed", "artifacts", "reason"),
    [
        (False, (OTHER,), "stages/prod: stage 'prod' does not allow --artifact to override artifa"),
        (True, ("ghcr.io/acme/api=1@x",), "stages/prod: --artifact: 'ghcr.io/acme/api' is in no "),
        (True, ("ghcr.io/acme/web",), "'ghcr.io/acme/web' is not REPOSITORY=TAG@DIGEST"),
        (True, (OTHER, OTHER), "--artifact ghcr.io/acme/web stands there twice"),
    ],
)
def test_what_may_not_be_rendered_is_refused(
    allowed: bool,
    artifacts: tuple[str, ...],
    reason: str,
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = str(checkout(with_record(*(("overrides: true",) if allowed else ()))))
    options = [word for one in artifacts for word in ("--artifact", one)]
    assert main(["render", "prod", "--path", root, *options]) == 1
    assert reason in capsys.readouterr().err
