"""An Application's overrides: allowed by the stage's declaration only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from plugin.errors import Refusal
from plugin.sidecar.application import manifests
from plugin.sidecar.screen import discovered, parameters
from plugin.sidecar.sent import PARAMETERS, STAGE
from tests.plugin.shop import DB, NEW, OLD, put, record, shop, write

ASKED = {"name": "artifacts", "map": {"ghcr.io/acme/web": f"2.4.0@{NEW.digest}"}}
ENVIRON = {PARAMETERS: json.dumps([ASKED])}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = shop(tmp_path / "repository")
    for stage in ("staging", "prod"):
        put(place, f"stages/{stage}", record(stage))
    return place


def rendered(root: Path, kustomize: Path, here: str, **environ: str) -> str:
    environment = {"TOWLINE_KUSTOMIZE": str(kustomize), **environ}
    return manifests(environment, str(root), here, 45).manifests.decode()


def test_overrides_count_where_the_stage_allows_them(root: Path, kustomize: Path) -> None:
    plain = rendered(root, kustomize, "stages/staging")
    assert f"image: ghcr.io/acme/web:2.3.0@{OLD.digest}\n" in plain
    other = rendered(root, kustomize, "stages/staging", **ENVIRON)
    assert f"image: ghcr.io/acme/web:2.4.0@{NEW.digest}\n" in other
    assert OLD.digest not in other


def test_an_override_is_shown_as_one_and_never_as_freight(root: Path, kustomize: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: both}\nspec:\n  containers:\n"
    pod += f"  - {{name: web, image: {OLD}}}\n  - {{name: db, image: {DB}}}\n"
    pod += f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: db}}\nspec: {{image: {DB}}}\n"
    write(root, {"base/pod.yaml": pod, "base/kustomization.yaml": "resources: [pod.yaml]\n"})
    freight = record("staging", OLD, DB)
    put(root, "stages/staging", freight)
    said = said_by(rendered(root, kustomize, "stages/staging", **ENVIRON))
    override = {"towline.dev/stage": "staging", "towline.dev/override": str(NEW)}
    of_freight = {
        "towline.dev/stage": "staging",
        "towline.dev/alias": freight.freight.alias,
        "towline.dev/freight": freight.freight.id,
    }
    assert said == {"both-staging": of_freight | override, "db-staging": of_freight}
    put(root, "stages/staging", record("staging"))
    said = said_by(rendered(root, kustomize, "stages/staging", **ENVIRON))
    assert said == {"both-staging": override, "db-staging": {}}
    environ = {PARAMETERS: json.dumps([ASKED])}
    shown = json.loads(parameters(environ, str(root), "stages/staging"))
    assert shown[2]["map"] == {"ghcr.io/acme/web": f"2.3.0@{OLD.digest}"}


def said_by(manifests: str) -> dict[str, dict[str, str]]:
    """Those of Towline by object, without links."""
    found = (one["metadata"] for one in yaml.safe_load_all(manifests))
    return {
        one["name"]: {
            key: value
            for key, value in one.get("annotations", {}).items()
            if key.startswith("towline.dev/")
        }
        for one in found
    }


def test_artifacts_that_are_not_asked_for_stay_pinned(root: Path, kustomize: Path) -> None:
    put(root, "stages/staging", record("staging", OLD, DB))
    other = rendered(root, kustomize, "stages/staging", **ENVIRON)
    assert f"image: ghcr.io/acme/web:2.4.0@{NEW.digest}\n" in other


def test_overrides_are_refused_elsewhere(root: Path, kustomize: Path) -> None:
    with pytest.raises(Refusal) as refused:
        rendered(root, kustomize, "stages/prod", **ENVIRON)
    assert str(refused.value).startswith(
        "stages/prod: stage 'prod' does not allow the Application to override artifacts: Argo CD's "
        "screen saves the versions that it showed, which a promotion has left behind since; remove "
        "the parameter 'artifacts' from the Application; or, if other versions "
    )
    assert str(refused.value).endswith("write 'overrides: true' at the stage in towline.yaml")
    (root / "towline.yaml").unlink()
    with pytest.raises(Refusal) as refused:
        rendered(root, kustomize, "stages/staging", **ENVIRON)
    assert str(refused.value).startswith("stages/staging: only a towline.yaml can allow")


def test_a_copy_on_the_stages_branch_allows_nothing(tmp_path: Path, kustomize: Path) -> None:
    own = shop(tmp_path / "branch")
    write(own, {"kustomization.yaml": "resources: [base]\n"})
    put(own, "", record("live"))
    with pytest.raises(Refusal, match="can allow the Application to override"):
        rendered(own, kustomize, "", **ENVIRON)
    copied = (own / "towline.yaml").read_text()
    write(own, {"towline.yaml": copied.replace("env/live", "env/live, overrides: true")})
    with pytest.raises(Refusal, match="no effect on a stage with a branch of its own"):
        rendered(own, kustomize, "", **ENVIRON)


def test_expected_freight_is_checked(root: Path, kustomize: Path) -> None:
    freight = json.dumps([{"name": "freight", "string": record("prod").freight.alias}])
    assert rendered(root, kustomize, "stages/prod", **{PARAMETERS: freight})
    other = json.dumps([{"name": "freight", "string": "sly-fox"}])
    with pytest.raises(Refusal, match=r"^stages/prod: the Application expects freight 'sly-fox'"):
        rendered(root, kustomize, "stages/prod", **{PARAMETERS: other})


def test_the_pipeline_file_is_not_read_without_need(root: Path, kustomize: Path) -> None:
    before = rendered(root, kustomize, "stages/prod")
    write(root, {"towline.yaml": "broken: ["})
    assert rendered(root, kustomize, "stages/prod") == before


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
