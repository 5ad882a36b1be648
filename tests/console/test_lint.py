"""What `towline lint` says."""

from __future__ import annotations

import json

import pytest

from github_app.cli import main
from tests.console.conftest import SHOP, Checkout, git


def test_a_good_file_is_summed_up(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(checkout())]) == 0
    out = capsys.readouterr().out
    assert "towline.yaml: project shop: 1 warehouse, 3 stages" in out
    assert out.endswith("no errors\n")


def test_every_mistake_is_told_with_its_place(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = (
        SHOP["towline.yaml"]
        .replace("after: [dev]", "after: [dve]")
        .replace("path: stages/prod", "pth: stages/prod")
    )
    assert main(["lint", str(checkout(SHOP | {"towline.yaml": pipeline}))]) == 1
    out = capsys.readouterr().out
    assert "towline.yaml:7:" in out
    assert "did you mean 'dev'" in out
    assert "towline.yaml:8:" in out
    assert "2 mistakes" in out


def test_a_stage_without_its_directory_is_an_error(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {name: text for name, text in SHOP.items() if "prod" not in name}
    assert main(["lint", str(checkout(files))]) == 1
    assert "'stages/prod' of stage prod does not exist" in capsys.readouterr().out


def test_a_marker_of_nobodys_subscription_is_told_with_its_line(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "a: '1'  # towline: web:tag\nb: '1'  # towline: wbe:tag\n"
    files = SHOP | {"stages/prod/values.yaml": text, "base/values.yaml": text}
    assert main(["lint", str(checkout(files))]) == 0
    out = capsys.readouterr().out
    assert "stages/prod/values.yaml:2: warning: the marker names 'wbe', which nobody has" in out
    assert "(subscriptions here: web)" in out
    assert out.count("the marker names") == 1


def test_a_stage_of_another_project_that_is_not_there_is_told(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = "project: desk\nwarehouses: {w: [stage: shop/prd], v: [stage: shop/prod]}\nstages:\n"
    pipeline += "  dev: {warehouses: [w, v], path: dev}\n"
    files = SHOP | {"desk/towline.yaml": pipeline, "desk/dev/kustomization.yaml": "{}\n"}
    main(["lint", str(checkout(files))])
    out = capsys.readouterr().out
    assert "project 'shop' has no stage called 'prd'; did you mean 'prod'?" in out
    assert "warehouse v" not in out


@pytest.mark.parametrize(
    ("watched", "todo"),
    [
        ("{image: ghcr.io/acme/api}", "ghcr.io/acme/api; add an 'images' entry with 'name: "),
        ("{chart: web, repository: 'https://charts.acme.io'}", "name the chart with its version"),
        ("{git: https://github.com/acme/config}", "name a tag or a commit of it in a target"),
        ("{custom: model, name: llm}", "mark its version with a comment, '# towline: llm:tag'"),
    ],
)
def test_a_stage_without_a_pin_says_where_to_write_one_by_kind(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], watched: str, todo: str
) -> None:
    pipeline = f"project: shop\nwarehouses: {{w: [{watched}]}}\nstages:\n"
    pipeline += "  dev: {warehouses: [w], path: stages/dev}\n"
    root = checkout(SHOP | {"towline.yaml": pipeline})
    assert main(["lint", str(root)]) == 0
    out = capsys.readouterr().out
    assert "stages/dev: warning: stages/dev holds no pin of " in out
    assert todo in out


def test_an_empty_watched_directory_misses_no_pin(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = "project: shop\nwarehouses: {w: [path: held]}\nstages:\n"
    pipeline += "  dev: {warehouses: [w], path: stages/dev}\n"
    files = SHOP | {"towline.yaml": pipeline, "held/readme.txt": "nothing\n"}
    assert main(["lint", str(checkout(files))]) == 0
    assert "no pin of" not in capsys.readouterr().out


def test_findings_as_json(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    files = {name: text for name, text in SHOP.items() if "prod" not in name}
    assert main(["lint", "--json", str(checkout(files))]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(one["level"], one["where"]) for one in found][-1] == ("error", "towline.yaml")
    assert {one["level"] for one in found[:-1]} <= {"warning"}


def test_a_place_without_a_pipeline_file_is_refused(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", str(tmp_path_factory.mktemp("empty"))]) == 1
    assert "there is no towline.yaml here or below" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_refused(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    root = checkout()
    (root / "towline.yaml").unlink()
    (root / "towline.yaml").symlink_to("nowhere")
    assert main(["lint", str(root)]) == 1
    assert "towline.yaml: cannot be read: No such file" in capsys.readouterr().err


WAREHOUSE = """\
project: shop
warehouses:
  web:
    criteria: {criteria}
    subscriptions: [{subscriptions}]
stages:
  prod: {{warehouses: [web], path: stages/prod}}
"""


def test_criteria_that_can_never_be_told_are_an_error(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = WAREHOUSE.format(
        criteria="web.tga == '1.0'", subscriptions="{image: ghcr.io/acme/web}"
    )
    assert main(["lint", str(checkout(SHOP | {"towline.yaml": pipeline}))]) == 1
    out = capsys.readouterr().out
    assert "towline.yaml: error: warehouse web: the criteria" in out
    assert "ask for 'web.tga': a version has tag," in out


@pytest.mark.parametrize(
    ("criteria", "subscriptions", "said"),
    [
        ("web.major", "{image: ghcr.io/acme/web}", "'web.major' give 1, neither true nor false"),
        ("web.tag", "{custom: model, name: web}", "'web.tag' give '1.0.0', neither true nor"),
        ("web.tag != ''", "{git: acme/web, include: ['glob:[']}", "web: 'glob:[' is not a pattern"),
    ],
)
def test_what_discovery_would_refuse_is_an_error(
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    criteria: str,
    subscriptions: str,
    said: str,
) -> None:
    pipeline = WAREHOUSE.format(criteria=criteria, subscriptions=subscriptions)
    assert main(["lint", str(checkout(SHOP | {"towline.yaml": pipeline}))]) == 1
    assert said in capsys.readouterr().out


def test_a_watched_directory_that_holds_no_freight_is_told(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = WAREHOUSE.replace("    criteria: {criteria}\n", "").format(
        subscriptions="{path: stages/trial}"
    )
    assert main(["lint", str(checkout(SHOP | {"towline.yaml": pipeline}))]) == 0
    assert "warehouse web has no freight: 'stages/trial' is not there" in capsys.readouterr().out


def test_a_git_subscription_that_sees_its_own_promotions_is_told(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = WAREHOUSE.replace("    criteria: {criteria}\n", "").format(
        subscriptions="{git: acme/shop}"
    )
    root = checkout(SHOP | {"towline.yaml": pipeline})
    git(root, "remote", "add", "origin", "git@github.com:acme/shop.git")
    main(["lint", str(root)])
    assert "include" in capsys.readouterr().out
