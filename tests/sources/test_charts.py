"""Helm charts: pushed to a registry that says so, or listed in an index that a sweep reads."""

from __future__ import annotations

import json

from github_app.sandbox.images import Blob, BuiltImage
from tests.sources.world import World, pipeline
from tests.warehouse.asked_registry import built
from tests.warehouse.chart_repository import ChartRepository, serving

STAGES = (
    "dev: {warehouses: [web], path: stages/dev}",
    "prod: {after: [dev], path: stages/prod}",
)


def packaged(version: str) -> BuiltImage:
    """A chart as Helm pushes it (https://helm.sh/docs/topics/registries/#helm-chart-manifest)."""
    about = json.dumps({"apiVersion": "v2", "name": "web", "version": version}).encode()
    config = Blob("application/vnd.cncf.helm.config.v1+json", about)
    content = Blob("application/vnd.cncf.helm.chart.content.v1.tar+gzip", b"chart " + about)
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config.descriptor(),
        "layers": [content.descriptor()],
        "annotations": {"org.opencontainers.image.created": "2026-11-20T09:00:00Z"},
    }
    whole = Blob("application/vnd.oci.image.manifest.v1+json", json.dumps(manifest).encode())
    return BuiltImage(whole, (config, content), "amd64")


def in_application(host: str) -> str:
    """An Application of a chart in a registry, which Argo CD names without `oci://`."""
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web}}
spec:
  source:
    repoURL: {host}/acme/charts
    chart: web
    targetRevision: 1.0.0  # what runs
"""


def in_kustomization(repository: str) -> str:
    return f"helmCharts:\n  - name: web\n    repo: {repository}\n    version: 1.0.0\n"


def in_chart(repository: str) -> str:
    return f"""\
apiVersion: v2
name: umbrella
version: 0.1.0
dependencies:
  - name: web
    repository: {repository}
    version: 1.0.0
"""


def test_a_chart_that_is_pushed_moves_every_place_that_names_it(world: World) -> None:
    world.push("acme/charts/web", "1.0.0", packaged("1.0.0"))
    address = f"oci://{world.image('acme/charts')}"
    mine = world.found(
        "oci-chart",
        {
            "towline.yaml": pipeline(f"web:\n  - {{chart: '{address}/web', constraint: ^1}}"),
            "stages/dev/app.yaml": in_application(world.registry.host),
            "stages/dev/kustomization.yaml": in_kustomization(address),
            "stages/dev/umbrella/Chart.yaml": in_chart(address),
        },
    )
    assert mine.open_pulls() == [], "dev holds it"
    for version in ("1.1.0", "2.0.0"):
        world.push("acme/charts/web", version, packaged(version))
    world.settle()
    assert mine.changed() == [
        "stages/dev/app.yaml",
        "stages/dev/kustomization.yaml",
        "stages/dev/umbrella/Chart.yaml",
    ]
    assert "targetRevision: 1.1.0  # what runs" in mine.proposed("stages/dev/app.yaml")
    assert "version: 1.1.0" in mine.proposed("stages/dev/kustomization.yaml")
    assert mine.proposed("stages/dev/umbrella/Chart.yaml") == in_chart(address).replace(
        "version: 1.0.0", "version: 1.1.0"
    )
    assert f"`{address}/web` | `1.0.0` | `1.1.0`" in mine.body()


def test_an_image_under_a_charts_name_is_no_version_of_it(world: World) -> None:
    world.push("acme/charts/api", "1.1.0", built("1"))
    address = f"oci://{world.image('acme/charts')}"
    mine = world.found(
        "no-chart",
        {
            "towline.yaml": pipeline(f"web:\n  - chart: '{address}/api'"),
            "stages/dev/kustomization.yaml": in_kustomization(address).replace("web", "api"),
        },
    )
    assert mine.pulls() == []
    world.push("acme/charts/api", "1.0.1", packaged("1.0.1"))
    world.settle()
    assert "version: 1.0.1" in mine.proposed("stages/dev/kustomization.yaml")


def test_an_index_that_gains_a_version_is_found_by_the_sweep(world: World) -> None:
    def index(*versions: str) -> bytes:
        listed = "".join(f"  - version: {one}\n    name: web\n" for one in versions)
        return f"apiVersion: v1\nentries:\n  web:\n{listed}".encode()

    with serving(ChartRepository({"/charts/index.yaml": index("1.0.0")})) as served:
        address = f"{served.url}/charts"
        mine = world.found(
            "http-chart",
            {
                "towline.yaml": pipeline(
                    f"web:\n  - {{chart: web, repository: '{address}'}}", *STAGES
                ),
                "stages/dev/Chart.yaml": in_chart(address),
                "stages/prod/Chart.yaml": in_chart(address),
            },
        )
        served.asked.clear()
        world.later()
        assert served.asked == ["/charts/index.yaml 304"], "one request, and nothing was sent"
        assert mine.pulls() == []
        served.files["/charts/index.yaml"] = index("1.1.0", "1.0.0")
        world.later()
        assert mine.proposed("stages/dev/Chart.yaml") == in_chart(address).replace(
            "version: 1.0.0", "version: 1.1.0"
        )
        mine.merge(mine.open_pull())
        assert "version: 1.1.0" in mine.proposed("stages/prod/Chart.yaml", "prod")
        served.files["/charts/index.yaml"] = index("1.0.0")
        world.later()
        (left,) = mine.open_pulls()
        assert "1.1.0 to prod" in left.title, "nothing goes back for what is listed no more"
