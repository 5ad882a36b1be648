"""Which version of a chart a subscription takes: Kargo's rule C-1, from an index and a registry."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from github_app.sandbox.images import Pusher, image
from github_app.sandbox.registry import RunningRegistry
from github_app.warehouse.charts import Charts, newest_first
from github_app.warehouse.charts_http import ChartIndexes
from github_app.warehouse.charts_index import Listed
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.registry_http import RegistryHttp
from plugin.artifact import Chart, ChartName
from plugin.errors import Refusal
from plugin.subscriptions import ChartSubscription
from tests.conftest import tool

WEB = ChartName("https://charts.acme.io", "web")


@dataclass
class Shelf:
    """An index as a table."""

    charts: dict[ChartName, tuple[Listed, ...]] = field(default_factory=dict)

    def versions(self, chart: ChartName) -> tuple[Listed, ...]:
        return self.charts[chart]


def oci() -> OciRegistry:
    return OciRegistry(RegistryHttp(requests.Session(), lambda place: None))


def taken(*versions: str, constraint: str | None = None, limit: int = 20) -> list[str]:
    shelf = Shelf({WEB: tuple(map(Listed, versions))})
    subscription = ChartSubscription("web", WEB, constraint, limit)
    return [one.artifact.tag for one in Charts(shelf, oci()).versions(subscription)]


def test_c_1_newest_first_by_semantic_version() -> None:
    assert taken("1.9.0", "1.10.0", "v1.2.0", "1.10.0-rc.1") == [
        "1.10.0",
        "1.10.0-rc.1",
        "1.9.0",
        "v1.2.0",
    ]


def test_c_1_without_a_constraint_a_pre_release_may_win() -> None:
    assert taken("1.0.0", "2.0.0-rc.1")[0] == "2.0.0-rc.1"


def test_c_1_a_constraint_leaves_pre_releases_out_unless_it_names_one() -> None:
    assert taken("1.0.0", "1.1.0-rc.1", "2.0.0", constraint="^1") == ["1.0.0"]
    assert taken("1.0.0", "1.1.0-rc.1", constraint=">=1.0.0-0") == ["1.1.0-rc.1", "1.0.0"]


def test_c_1_versions_are_read_leniently() -> None:
    assert taken("01.2.3", "not-one", "", "1") == ["01.2.3"]


def test_c_1_equal_versions_by_name_descending() -> None:
    assert taken("1.0.0+a", "v1.0.0", "1.0.0+b", "1.0.0") == [
        "v1.0.0",
        "1.0.0+b",
        "1.0.0+a",
        "1.0.0",
    ]


def test_c_1_at_most_the_limit() -> None:
    many = [f"1.{minor}.0" for minor in range(30)]
    assert len(taken(*many)) == 20
    assert taken(*many, limit=2) == ["1.29.0", "1.28.0"]


def test_c_1_a_deprecated_version_is_taken_and_says_so() -> None:
    described = Listed(
        "1.1.0",
        datetime(2026, 1, 2, tzinfo=UTC),
        digest="abc",
        app_version="7",
        deprecated=True,
        sources=("https://a", "https://b"),
    )
    shelf = Shelf({WEB: (Listed("1.0.0"), described)})
    best, other = Charts(shelf, oci()).versions(ChartSubscription("web", WEB))
    assert best.artifact == Chart(WEB, "1.1.0")
    assert best.created == datetime(2026, 1, 2, tzinfo=UTC)
    assert dict(best.facts) == {
        "appVersion": "7",
        "digest": "abc",
        "deprecated": "true",
        "sources": "https://a https://b",
    }
    assert (other.created, other.facts) == (None, ())


def test_a_version_that_is_listed_twice_is_the_first_as_for_helm() -> None:
    shelf = Shelf({WEB: (Listed("1.0.0", digest="new"), Listed("1.0.0", digest="old"))})
    (only,) = Charts(shelf, oci()).versions(ChartSubscription("web", WEB))
    assert dict(only.facts)["digest"] == "new"


def test_one_version_whatever_the_rules_say() -> None:
    shelf = Shelf({WEB: (Listed("1.0.0", digest="abc"), Listed("1.2"))})
    subscription = ChartSubscription("web", WEB, "^2")
    found = Charts(shelf, oci()).exact(subscription, "1.0.0")
    assert found is not None
    assert (found.artifact, dict(found.facts)["digest"]) == (Chart(WEB, "1.0.0"), "abc")
    for version in ("1.0.1", "1.2", "", "^1"):
        assert Charts(shelf, oci()).exact(subscription, version) is None


def test_what_is_left_out_and_by_which_rule() -> None:
    listed = tuple(map(Listed, ("2.0.0", "1.2.0", "1.1.0", "1.1.1-rc.1", "1.2", "0.9.0")))
    subscription = ChartSubscription("web", WEB, "^1", limit=1)
    found = Charts(Shelf({WEB: listed}), oci()).filtered(subscription)
    assert {one.tag: one.rule for one in found} == {
        "1.2": "not a whole version, as charts have them",
        "2.0.0": "outside ^1",
        "1.1.0": "beyond the limit of 1",
        "1.1.1-rc.1": "a pre-release, and ^1 names none",
        "0.9.0": "outside ^1",
    }


def test_a_constraint_that_is_none_is_refused() -> None:
    with pytest.raises(Refusal, match="constraint"):
        taken("1.0.0", constraint="newest")


def test_a_range_is_no_version() -> None:
    assert newest_first(["1.2", "1", "1.2.3"], None) == ["1.2.3"]


@pytest.fixture(scope="module")
def pushed(running: RunningRegistry, tmp_path_factory: pytest.TempPathFactory) -> ChartName:
    """A chart as Helm itself pushes it, and an image beside it."""
    helm, place = tool("helm"), tmp_path_factory.mktemp("charts")
    for version in ("1.2.3", "1.3.0+build.7", "2.0.0-rc.1"):
        source = place / version
        (source / "templates").mkdir(parents=True)
        said = f"apiVersion: v2\nname: web\nversion: {version}\nsources: [https://github.com/acme/web]\n"
        (source / "Chart.yaml").write_text(said, encoding="utf-8")
        _run(helm, "package", str(source), "--destination", str(place))
        package = place / f"web-{version}.tgz"
        _run(helm, "push", str(package), f"oci://{running.host}/acme/charts", "--plain-http")
    Pusher(running.url).push_image("acme/charts/web", "9.0.0", image({"v": b"1"}))
    return ChartName(f"oci://{running.host}/acme/charts", "web")


def _run(helm: Path, *arguments: str) -> None:
    home = {"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([helm, *arguments], capture_output=True, env=home, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_c_1_charts_of_a_registry(pushed: ChartName) -> None:
    charts = Charts(ChartIndexes(requests.Session(), lambda place: None), oci())
    found = list(charts.versions(ChartSubscription("web", pushed, ">=1.0.0-0")))
    assert [one.artifact.tag for one in found] == ["2.0.0-rc.1", "1.3.0+build.7", "1.2.3"]
    assert found[0].artifact == Chart(pushed, "2.0.0-rc.1", dict(found[0].facts)["digest"])
    assert found[0].created is not None
    assert dict(found[0].facts)["digest"].startswith("sha256:")
    assert dict(found[0].facts)["org.opencontainers.image.source"] == "https://github.com/acme/web"


def test_what_is_no_chart_is_passed_over(pushed: ChartName) -> None:
    charts = Charts(ChartIndexes(requests.Session(), lambda place: None), oci())
    assert list(charts.versions(ChartSubscription("web", pushed, "^9"))) == []
    assert charts.exact(ChartSubscription("web", pushed), "9.0.0") is None


def test_one_version_of_a_registry(pushed: ChartName) -> None:
    charts = Charts(ChartIndexes(requests.Session(), lambda place: None), oci())
    subscription = ChartSubscription("web", pushed, "^9")
    found = charts.exact(subscription, "1.3.0+build.7")
    assert found is not None
    assert found.artifact == Chart(pushed, "1.3.0+build.7", dict(found.facts)["digest"])
    assert charts.exact(subscription, "1.3.0") is None
    assert {one.tag: one.rule for one in charts.filtered(subscription)} == {
        "1.2.3": "outside ^9",
        "1.3.0+build.7": "outside ^9",
        "2.0.0-rc.1": "a pre-release, and ^9 names none",
        "9.0.0": "no Helm chart",
    }
