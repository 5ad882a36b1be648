"""Charts through kustomize: vendored ones render, and nothing a repository says gets out."""

from __future__ import annotations

import functools
import json
import socket
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from plugin.errors import Refusal
from plugin.kustomize.build import Helm, Kustomize
from plugin.kustomize.helm import permitted
from tests.conftest import tool
from tests.plugin.charts import kustomization, vendored


@pytest.fixture(scope="session")
def helm() -> Path:
    """The helm binary."""
    return tool("helm")


@pytest.fixture
def charts(kustomize: Path, helm: Path, tmp_path: Path) -> Kustomize:
    """Kustomize with charts, none of which is fetched."""
    (tmp_path / "own").mkdir()
    return Kustomize(
        (str(kustomize), "build"),
        helm=Helm.OFFLINE,
        helm_command=str(helm),
        parent=str(tmp_path / "own"),
    )


@pytest.fixture
def witness() -> Iterator[socket.socket]:
    """A port on loopback that nobody may call; the test asks whether somebody did."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def called(witness: socket.socket) -> bool:
    try:
        witness.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def test_a_vendored_chart_renders_the_same_each_time(tmp_path: Path, charts: Kustomize) -> None:
    vendored(tmp_path / "tree" / "prod" / "charts")
    kustomization(tmp_path / "tree" / "prod", valuesInline="{replicas: 3}")
    printed = charts.build(tmp_path / "tree", "prod")
    found = yaml.safe_load(printed)
    assert (found["metadata"]["name"], found["spec"]["replicas"]) == ("shop-web", 3)
    assert found["metadata"]["namespace"] == "prod"
    assert charts.build(tmp_path / "tree", "prod") == printed
    assert not list((tmp_path / "own").iterdir())


def test_a_values_file_of_the_tree_is_read(tmp_path: Path, charts: Kustomize) -> None:
    vendored(tmp_path / "tree" / "charts")
    (tmp_path / "tree" / "more.yaml").write_text("replicas: 7\n")
    kustomization(tmp_path / "tree", additionalValuesFiles="[more.yaml]")
    assert b"replicas: 7" in charts.build(tmp_path / "tree", "")


def test_charts_are_off_unless_the_operator_says_so(tmp_path: Path, kustomize: Path) -> None:
    vendored(tmp_path / "charts")
    kustomization(tmp_path)
    with pytest.raises(Refusal, match="must specify --enable-helm"):
        Kustomize((str(kustomize), "build")).build(tmp_path, "")


@pytest.mark.parametrize("scheme", ["http", "oci"])
def test_a_missing_chart_is_not_fetched_and_one_reads_what_to_do(
    tmp_path: Path, charts: Kustomize, witness: socket.socket, scheme: str
) -> None:
    repo = f"{scheme}://localhost:{witness.getsockname()[1]}/charts"
    kustomization(tmp_path / "tree", repo=repo, version="1.2.3")
    with pytest.raises(Refusal) as caught:
        charts.build(tmp_path / "tree", "")
    assert not called(witness)
    said = str(caught.value)
    assert "is not in charts/web-1.2.3, and charts are not fetched; vendor it: helm pull" in said
    assert str(tmp_path) not in said


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[str]:
    """The URL of a chart repository with `web` in it; `plain.yaml` lies beside."""
    directory = tmp_path / "shelf"
    chart = vendored(tmp_path / "source")
    directory.mkdir()
    with tarfile.open(directory / "web-1.0.0.tgz", "w:gz") as archive:
        archive.add(chart, "web")
    entry = "{name: web, version: 1.0.0, apiVersion: v2, urls: [web-1.0.0.tgz]}"
    (directory / "index.yaml").write_text(f"apiVersion: v1\nentries: {{web: [{entry}]}}\n")
    (directory / "plain.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fetched}\n"
    )
    handler = functools.partial(Quiet, directory=str(directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


def test_a_chart_is_pulled_where_the_operator_allows_it(
    tmp_path: Path, charts: Kustomize, shelf: str
) -> None:
    kustomization(tmp_path / "tree", repo=shelf, version="1.0.0")
    with pytest.raises(Refusal, match="charts are not fetched"):
        charts.build(tmp_path / "tree", "")
    online = replace(charts, helm=Helm.ONLINE)
    assert b"name: shop-web" in online.build(tmp_path / "tree", "")
    assert (tmp_path / "tree" / "charts" / "web-1.0.0" / "web" / "Chart.yaml").is_file()


def test_resources_are_fetched_where_the_operator_allows_it(
    tmp_path: Path, kustomize: Path, shelf: str
) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "kustomization.yaml").write_text(f"resources: ['{shelf}/plain.yaml']\n")
    how = Kustomize((str(kustomize), "build"), path="/nonexistent")
    assert b"name: fetched" in how.build(tmp_path / "tree", "")
    with pytest.raises(Refusal, match="kustomize refused"):
        replace(how, path="").build(tmp_path / "tree", "")


def test_a_chart_without_its_dependencies_says_so(tmp_path: Path, charts: Kustomize) -> None:
    needs = f"\n  - {{name: redis, version: 1.0.0, repository: {'https://localhost:1/'}}}"
    vendored(tmp_path / "tree" / "charts", dependencies=needs)
    kustomization(tmp_path / "tree")
    with pytest.raises(
        Refusal, match=r"run 'helm dependency build'.*missing in charts/ directory: redis$"
    ):
        charts.build(tmp_path / "tree", "")


@pytest.mark.parametrize("place", ["http://localhost:{port}/schema.json", "file://{secret}"])
def test_a_schema_that_refers_elsewhere_is_not_followed(
    tmp_path: Path, charts: Kustomize, witness: socket.socket, place: str
) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("canary")
    place = place.format(port=witness.getsockname()[1], secret=secret)
    chart = vendored(tmp_path / "tree" / "charts")
    (chart / "values.schema.json").write_text(json.dumps({"$ref": place}))
    kustomization(tmp_path / "tree")
    assert b"kind: Deployment" in charts.build(tmp_path / "tree", "")
    assert not called(witness)


def test_a_chart_that_links_out_is_refused(tmp_path: Path, charts: Kustomize) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "canary").write_text("canary")
    chart = vendored(tmp_path / "tree" / "charts")
    (tmp_path / "tree" / "beside").mkdir()
    (chart / "beside").symlink_to("../../beside")
    (chart / "beside" / "loop").symlink_to("..")
    (tmp_path / "tree" / "beside" / "out").symlink_to(tmp_path / "secret")
    text = '\ndata: {{ (.Files.Get "beside/out/canary") | quote }}\n'
    (chart / "templates" / "deployment.yaml").write_text(text)
    kustomization(tmp_path / "tree")
    with pytest.raises(Refusal, match=r"link in a chart .* leads out of the repository"):
        charts.build(tmp_path / "tree", "")


def words(said: str, tmp_path: Path) -> list[str]:
    return said.replace("ROOT", str(tmp_path / "root")).replace("OWN", str(tmp_path)).split()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", "kustomize may not ask that"),
        ("env", "kustomize may not ask that"),
        ("version --short --kubeconfig /x", "kustomize may not ask that"),
        ("plugin install /x", "kustomize may not ask that"),
        ("template", "kustomize may not ask that"),
        ("template --generate-name ROOT/charts/web", "has no releaseName"),
        ("template --post-renderer=/bin/sh ROOT/charts/web", "no name for a release"),
        ("template -- ROOT/charts/web", "no name for a release"),
        ("template shop /etc", "chart '/etc': leads out of the repository"),
        ("template shop ROOT/../x", "leads out of the repository"),
        ("template shop oci://localhost/x", "leads out of the repository"),
        ("template shop ROOT/charts/web --post-renderer /x", "'--post-renderer' may not be said"),
        ("template shop ROOT/charts/web --name-template {{.}}", "'--name-template' may not be"),
        ("template shop ROOT/charts/web --set-file=a=/etc/passwd", "may not be said to helm"),
        ("template shop ROOT/charts/web word", "'word' may not be said to helm"),
        ("template shop ROOT/charts/web -f /etc/passwd", "values file '/etc/passwd': leads out"),
        ("template shop ROOT/charts/web -f http://localhost/x", "leads out of the repository"),
        ("template shop ROOT/charts/web -f ROOT/a,http://localhost/x", "reads it as several"),
        ("template shop ROOT/charts/web -f", "values file '': leads out"),
        ("pull web", "kustomize may not ask that"),
        ("pull --untar --untardir /tmp web", "chartHome '/tmp': leads out"),
        ("pull --untar --untardir ROOT/charts --ca-file /x web", "'--ca-file' may not be said"),
        ("pull --untar --untardir ROOT/charts web", "vendor it: helm pull --untar --untardir char"),
    ],
)
def test_what_helm_may_not_be_asked(tmp_path: Path, said: str, expected: str) -> None:
    vendored(tmp_path / "root" / "charts")
    with pytest.raises(Refusal) as caught:
        permitted(
            words(said, tmp_path), str(tmp_path / "root"), str(tmp_path / "own"), online=False
        )
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        "version --short",
        "template shop ROOT/charts/web --namespace --post-renderer --debug -f OWN/own/v.yaml",
        "pull --untar --untardir ROOT/charts oci://ghcr.io/acme/web --version 1.0.0 --devel",
        "pull --untar --untardir ROOT/charts --repo https://charts.acme.dev web",
    ],
)
def test_what_kustomize_asks_online_is_passed_on(tmp_path: Path, said: str) -> None:
    vendored(tmp_path / "root" / "charts")
    asked = words(said, tmp_path)
    answer = permitted(asked, str(tmp_path / "root"), str(tmp_path / "own"), online=True)
    assert answer == asked


@pytest.mark.parametrize("repo", ["file:///etc", "evil://x"])
def test_charts_come_from_two_kinds_of_repository(tmp_path: Path, repo: str) -> None:
    asked = words(f"pull --untar --untardir ROOT/charts --repo {repo} web", tmp_path)
    with pytest.raises(Refusal, match="charts come from https:// and oci://"):
        permitted(asked, str(tmp_path / "root"), str(tmp_path / "own"), online=True)
