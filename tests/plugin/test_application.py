"""An Application's overrides: allowed by the stage's declaration only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plugin.application import asked_of, discovered, parameters
from plugin.errors import Refusal
from plugin.sent import PARAMETERS, STAGE
from tests.plugin.shop import NEW, OLD, put, record, shop, write

ASKED = {"name": "artifacts", "map": {"ghcr.io/acme/web": f"2.4.0@{NEW.digest}"}}
ENVIRON = {PARAMETERS: json.dumps([ASKED])}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = shop(tmp_path / "repository")
    for stage in ("staging", "prod"):
        put(place, f"stages/{stage}", record(stage))
    return place


def test_overrides_count_where_the_stage_allows_them(root: Path) -> None:
    asked = asked_of(ENVIRON, str(root), "stages/staging")
    assert [one.freight.artifacts for one in asked.records] == [(NEW,)]
    assert [one.freight.artifacts for one in asked.stage.records] == [(OLD,)]
    assert "towline.yaml" in asked.looked_at


def test_overrides_are_refused_elsewhere(root: Path) -> None:
    with pytest.raises(Refusal) as refused:
        asked_of(ENVIRON, str(root), "stages/prod")
    assert str(refused.value).startswith("towline.yaml:1: stage 'prod' does not allow the Applica")
    (root / "towline.yaml").unlink()
    with pytest.raises(Refusal) as refused:
        asked_of(ENVIRON, str(root), "stages/staging")
    assert str(refused.value).startswith("stages/staging: only a towline.yaml can allow")


def test_the_pipeline_file_is_not_read_without_need(root: Path) -> None:
    write(root, {"towline.yaml": "broken: ["})
    assert asked_of({}, str(root), "stages/prod").looked_at == (
        "stages/prod/.freight",
        "stages/prod/.freight/web.yaml",
    )


@pytest.mark.parametrize("here", ["stages/prod", "stages/staging", "base", "", "nowhere"])
@pytest.mark.parametrize("environ", [{}, {STAGE: "prod"}, {PARAMETERS: "{"}, {STAGE: "nope"}])
@pytest.mark.parametrize(
    "broken", ["", "towline.yaml", "stages/prod/.freight/web.yaml", "stages/prod/.freight"]
)
def test_the_screen_and_discovery_never_fail(
    root: Path, here: str, environ: dict[str, str], broken: str
) -> None:
    if broken.endswith(".yaml"):
        write(root, {broken: "\x00: ["})
    elif broken:
        (root / broken / "web.yaml").unlink()
        (root / broken).rmdir()
        (root / broken).symlink_to("/etc")
    announced = json.loads(parameters(environ, str(root), here))
    assert [one["name"] for one in announced] == ["stage", "freight", "artifacts"]
    discovered(environ, str(root), here)
