"""Charts in kustomizations and Flux's objects."""

from __future__ import annotations

import pytest

from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.pin import Bumped
from tests.plugin.pins.bumps import blocked, chart, found, new_lines, reasons

KUSTOMIZATION = """\
helmCharts:
- name: web
  repo: https://charts.acme.io
  version: 1.2.3  # keep
  releaseName: web
- {name: api, repo: "oci://ghcr.io/acme/charts", version: "2.0.0"}
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  chart:
    spec:
      chart: %s
      version: %s
      sourceRef: {kind: %s, name: acme}
  values:
    image: {repository: ghcr.io/acme/web}
"""
STORED = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: web}
spec:
  url: oci://ghcr.io/acme/charts/web
  ref: %s
"""


def release(version: str, name: str = "web", source: str = "HelmRepository") -> str:
    return RELEASE % (name, version, source)


def test_charts_of_a_kustomization() -> None:
    assert found("kustomization.yaml", KUSTOMIZATION) == [
        "chart https://charts.acme.io/web 1.2.3",
        "chart oci://ghcr.io/acme/charts/api 2.0.0",
    ]
    wanted = chart("https://charts.acme.io/web 1.3.0")
    assert new_lines("kustomization.yaml", KUSTOMIZATION, wanted) == ["  version: 1.3.0  # keep"]
    wanted = chart("oci://ghcr.io/acme/charts/api 2.1.0+b1")
    assert new_lines("kustomization.yaml", KUSTOMIZATION, wanted) == [
        '- {name: api, repo: "oci://ghcr.io/acme/charts", version: "2.1.0+b1"}'
    ]


def test_line_ends_and_byte_order_marks_stay() -> None:
    text = "\ufeff" + KUSTOMIZATION.replace("\n", "\r\n").removesuffix("\r\n")
    answer = bump("kustomization.yaml", text, [chart("web 1.3.0")])
    assert isinstance(answer, Bumped)
    assert answer.text == text.replace("1.2.3", "1.3.0")


def test_a_chart_of_another_repository_is_another_chart() -> None:
    assert not new_lines("kustomization.yaml", KUSTOMIZATION, chart("https://a.io/web 1.3.0"))
    assert new_lines("kustomization.yaml", KUSTOMIZATION, chart("web 1.3.0"))


def test_charts_from_a_directory_have_no_version_to_choose() -> None:
    text = "helmCharts:\n- {name: web, version: 1.2.3}\nhelmGlobals: {chartHome: charts}\n"
    assert not found("kustomization.yaml", text)
    assert not found("r.yaml", release("1.2.3", "./charts/web", "GitRepository"))


def test_a_helm_releases_chart_is_known_by_its_name_alone() -> None:
    text = release('"1.2.3"')
    assert found("r.yaml", text) == ["chart web 1.2.3"]
    assert new_lines("r.yaml", text, chart("web 1.3.0")) == ['      version: "1.3.0"']


@pytest.mark.parametrize("version", ["'>=1.0.0 <2.0.0'", "1.x", "~1.2.3", "'*'", "1.2", "^1.2.3"])
def test_a_range_is_refused(version: str) -> None:
    reason = blocked("r.yaml", release(version), chart("web 1.3.0"))
    assert "is a range: the newest is chosen when it is rendered; write one version" in reason


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("", "names no version"),
        ("null", "names no version"),
        ("${WEB_VERSION}", "is filled in by a template"),
        ("'{{ .version }}'", "is filled in by a template"),
        ("[1.2.3]", "names no single version"),
        ("*v", "'*v' is an alias"),
        ("&v 1.2.3", "is used elsewhere through '*v'"),
    ],
)
def test_what_cannot_be_bumped_is_refused(version: str, why: str) -> None:
    uses = {"*v": "x: &v 1.2.3\n", "&v 1.2.3": ""}.get(version, "")
    text = uses + release(version) + ("y: *v\n" if version.startswith("&v") else "")
    assert why in blocked("r.yaml", text, chart("web 1.3.0"))


def test_a_range_blocks_its_own_chart_only() -> None:
    text = release("1.x") + "---\n" + release("2.0.0", "api")
    assert new_lines("r.yaml", text, chart("api 2.1.0")) == ["      version: 2.1.0"]


def test_a_template_in_place_of_the_name_is_told() -> None:
    assert reasons("r.yaml", release("1.2.3", "'{{ chart }}'")) == [
        "'{{ chart }}' is filled in by a template; bump its source"
    ]


def test_the_tag_of_an_oci_repository() -> None:
    text = STORED % "{tag: 1.2.3_b5}"
    assert found("o.yaml", text) == ["chart oci://ghcr.io/acme/charts/web 1.2.3+b5"]
    wanted = chart("oci://ghcr.io/acme/charts/web 1.3.0+b6")
    assert new_lines("o.yaml", text, wanted) == ["  ref: {tag: 1.3.0_b6}"]


@pytest.mark.parametrize(
    ("ref", "why"),
    [
        ("{tag: latest}", "follows the tag 'latest'"),
        ("{}", "follows the tag 'latest'"),
        ("{semver: '>=1.0.0'}", "'semver' decides"),
        ("{tag: 1.2.3, digest: 'sha256:%s'}" % ("0" * 64), "'digest' decides"),
    ],
)
def test_an_oci_repository_that_follows_something_else(ref: str, why: str) -> None:
    wanted = chart("oci://ghcr.io/acme/charts/web 1.3.0")
    assert why in blocked("o.yaml", STORED % ref, wanted)


def test_a_helm_chart_of_flux_is_its_releases_chart() -> None:
    text = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\nspec:\n"
        "  {chart: web, version: 1.2.3, sourceRef: {kind: %s, name: acme}}\n"
    )
    assert found("c.yaml", text % "HelmRepository") == ["chart web 1.2.3"]
    assert not found("c.yaml", text % "GitRepository")


K3S = "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec:\n  {%s, version: 1.2.3}\n"


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ("chart: web, repo: https://charts.acme.io", ["chart https://charts.acme.io/web 1.2.3"]),
        ("chart: oci://ghcr.io/acme/web", ["chart oci://ghcr.io/acme/web 1.2.3"]),
        ("chart: web", ["chart web 1.2.3"]),
        ("chart: 'https://a.io/web-1.2.3.tgz'", []),
        ("chartContent: aGk=", []),
    ],
)
def test_charts_of_k3s(fields: str, names: list[str]) -> None:
    assert found("c.yaml", K3S % fields) == names
    changed = new_lines("c.yaml", K3S % fields, chart("web 1.3.0"))
    assert changed == ([f"  {{{fields}, version: 1.3.0}}"] if names else [])


def test_a_chart_of_k3s_without_a_version_follows_the_newest() -> None:
    text = (K3S % "chart: web").replace(", version: 1.2.3", "")
    assert "names no version" in blocked("c.yaml", text, chart("web 1.3.0"))


def test_objects_in_a_list_are_found_and_others_are_not() -> None:
    inner = "".join(f"  {line}\n" for line in release("1.2.3").splitlines())
    text = f"apiVersion: v1\nkind: List\nitems:\n- {inner.removeprefix('  ')}"
    assert found("l.yaml", text) == ["chart web 1.2.3"]
    assert not pins_in("l.yaml", text.replace("helm.toolkit.fluxcd.io", "acme.io")).pins
