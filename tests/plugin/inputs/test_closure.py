"""What a render reads: all of it lies in the repository, and nothing else decides its bytes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugin.errors import Refusal
from plugin.inputs.closure import Closure, Rules, closure_of
from plugin.kustomize.build import Helm


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def asked(closure: Closure) -> list[str]:
    return sorted(one.decode() for one in closure.questions)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("resources: ['https://example.com/a.yaml']", "is remote; copy it into the repository"),
        ("resources: ['http://127.0.0.1:1/a.yaml']", "is remote"),
        ("components: ['ssh://git@github.com/a/b']", "is remote"),
        ("bases: ['git::https://github.com/a/b']", "is remote"),
        ("resources: ['github.com/acme/web?ref=-x']", "is remote; copy it into"),
        ("resources: ['git@github.com:acme/web']", "is remote"),
        ("resources: [missing.yaml]", "'missing.yaml' is neither a file nor a directory"),
        ("resources: [/etc/passwd]", "'/etc/passwd' lies outside the repository"),
        ("resources: [../../../etc]", "'../../../etc' lies outside the repository"),
        ("resources: [link]", "stages/prod/link: leads out of the repository"),
        ("resources: [../../base]", "base/kustomization.yaml:1: 'http://b' is remote"),
        ("crds: ['http://x']", "'http://x' is remote"),
        ("openapi: {path: 'http://x'}", "'http://x' is remote"),
        ("patches: [{path: 'http://x'}]", "'http://x' is remote"),
        ("replacements: [{path: 'http://x'}]", "'http://x' is remote"),
        ("transformers: ['http://x']", "'http://x' is remote"),
        ("configMapGenerator: [{name: a, files: ['k=http://x']}]", "'http://x' is remote"),
        ("secretGenerator: [{name: a, envs: ['http://x']}]", "'http://x' is remote"),
        ("resources: ['http:x']", "is remote"),
        ("resources: ['GitHub.com/acme/web']", "is remote"),
        ("components: ['a@b.com/c/d']", "is remote"),
        ("RESOURCES: ['http://x']", "'http://x' is remote"),
        ("patches: [{PATH: 'http://x'}]", "'http://x' is remote"),
        ("x: &x ['http://x']\nresources: *x", "prod/kustomization.yaml:1: 'http://x' is remote"),
        ("<<: {resources: ['http://x']}", "'http://x' is remote"),
        ("resources: [!!binary aHR0cDovL3g=]", "prod/kustomization.yaml:1: hides a text behind"),
        ("resources: [../../..]", "'../../..' lies outside the repository"),
        ('resources: ["a\\0b"]', "is neither a file nor a directory"),
        (f"resources: [{'a' * 5000}]", "is neither a file nor a directory"),
    ],
)
def test_nothing_outside_the_repository_is_read(tmp_path: Path, line: str, reason: str) -> None:
    root = write(
        tmp_path / "root",
        {
            "stages/prod/kustomization.yaml": f"{line}\n",
            "base/kustomization.yaml": "resources: ['http://b']\n",
        },
    )
    (root / "stages/prod/link").symlink_to(write(tmp_path / "outside", {"a.yaml": "a: 1\n"}))
    with pytest.raises(Refusal, match=re.escape(reason)):
        closure_of(root, "stages/prod", Rules())


@pytest.mark.parametrize("way", ["../../..", "../../../..", "../../../../x"])
def test_a_text_that_only_looks_like_a_way_out_is_read_nowhere(tmp_path: Path, way: str) -> None:
    text = "patches:\n- patch: |-\n    kind: Pod\n    note: x"
    usual = write(tmp_path / "usual", {"prod/kustomization.yaml": text})
    root = write(tmp_path / "root", {"prod/kustomization.yaml": f"{text}/{way}\n"})
    found = closure_of(root, "prod", Rules())
    here = [one for one in asked(closure_of(usual, "prod", Rules())) if "note" not in one]
    assert (asked(found), found.certain) == (here, True)


def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [../more/a.yaml]\n",
            "more/a.yaml": "a: 1\n",
            "prod/kustomization.yaml": "resources: [linked, ../circle, '']\n",
            "circle/Kustomization": "resources: [../prod, ../base]\n",
        },
    )
    (root / "prod/linked").symlink_to("../base")
    closure_of(root, "prod", Rules())
    assert closure_of(root, "nothing/here", Rules()).questions == {b"fnothing"}


def test_every_field_that_reads_is_asked_about(tmp_path: Path) -> None:
    listed = (
        "resources: [r.yaml]\nbases: [../base]\ncomponents: [../part]\ncrds: [crd.yaml]\n"
        "configurations: [c.yaml]\nopenapi: {path: o.json}\nreplacements: [{path: v.yaml}]\n"
        "patches: [{path: p.yaml}, {patch: 'a: b'}]\npatchesJson6902: [{path: j.yaml}]\n"
        "patchesStrategicMerge: [s.yaml, '{\"a\": 1}']\nimages: [{name: x}]\n"
        "configMapGenerator: [{files: [k=f.txt, g.txt], envs: [e.env], literals: [a=no.txt]}]\n"
        "secretGenerator: [{env: d.env}]\nnamePrefix: no.yaml\n"
    )
    names = "r crd c v p j s".split()
    stage = {f"prod/{name}.yaml": "" for name in names} | {
        f"prod/{name}": "" for name in ("o.json", "f.txt", "g.txt", "e.env", "d.env", "no.txt")
    }
    root = write(
        tmp_path,
        stage
        | {
            "prod/kustomization.yaml": listed,
            "prod/.freight/web.yaml": "format: 1\n",
            "base/Kustomization": "resources: [b.yaml]\n",
            "base/b.yaml": "",
            "part/kustomization.yml": "kind: Component\n",
            "unread/a.yaml": "",
        },
    )
    closure = closure_of(root, "prod", Rules())
    assert asked(closure) == sorted(
        ["ebase", "epart", "eprod", "eprod/.freight", "fprod/.freight/web.yaml", "nprod/.freight"]
        + [f"f{name}" for name in stage if name != "prod/no.txt"]
        + [
            f"f{directory}/{name}"
            for directory in ("base", "part", "prod")
            for name in ("kustomization.yaml", "kustomization.yml", "Kustomization")
        ]
        + ["fbase/b.yaml", 'fprod/{"a": 1}']
    )
    assert closure.shape == b"\0".join(sorted(closure.questions))
    assert closure.also(root, "base/towline.yaml").questions == closure.questions | {
        b"fbase/towline.yaml"
    }
    assert closure.also(root, "base").questions == closure.questions | {b"nbase"}


def test_a_plain_directory_is_asked_for_its_names_and_manifests(tmp_path: Path) -> None:
    root = write(tmp_path, {"prod/a.yaml": "", "prod/b.txt": "", "prod/sub/c.yaml": ""})
    (root / "prod/z.json").symlink_to("../elsewhere")
    assert asked(closure_of(root, "prod", Rules())) == [
        "eprod",
        "eprod/z.json",
        "felsewhere",
        "fprod/.freight",
        "fprod/Kustomization",
        "fprod/a.yaml",
        "fprod/kustomization.yaml",
        "fprod/kustomization.yml",
        "nprod",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "generators: [g.yaml]",
        "transformers: [../parts]",
        'validators: [\'{"kind": "x"}\']',
        'transformers: ["kind: x\\nname: y"]',
        "ofTomorrow: [x]",
    ],
)
def test_what_is_not_known_for_sure_takes_the_whole_tree_in(tmp_path: Path, line: str) -> None:
    files = {"prod/g.yaml": "kind: x\n", "prod/kustomization.yaml": f"{line}\n"}
    root = write(tmp_path, files | {"parts/kustomization.yaml": "resources: [a.yaml]\n"})
    write(tmp_path, {"parts/a.yaml": "", "g.yaml": "", "kustomization.yaml": f"{line}\n"})
    closure = closure_of(root, "prod", Rules())
    assert b"a" in closure.questions
    assert closure.certain
    assert not closure_of(root, "prod", Rules(remote=True)).certain
    # In the root a plugin could read the repository's own files.
    if "../" not in line:
        assert closure_of(root, "", Rules()).shape == b""


def test_what_is_fetched_is_never_certain(tmp_path: Path) -> None:
    line = "resources: ['https://example.com/a.yaml', 'github.com/acme/web?ref=v1', a@b/c]\n"
    root = write(tmp_path, {"kustomization.yaml": line, "a@b/c": ""})
    assert not closure_of(root, "", Rules(remote=True)).certain
    with pytest.raises(Refusal, match=r"^b/Kustomization:1: 'missing' is neither a file"):
        closure_of(write(root, {"b/Kustomization": "resources: [missing]"}), "b", Rules(True))


def test_links_are_asked_for_where_they_lead(tmp_path: Path) -> None:
    root = write(tmp_path, {"base/kustomization.yaml": "resources: [a.yaml]\n", "real/a.yaml": ""})
    write(root, {"prod/kustomization.yaml": "resources: [../now, ../loop]\n"})
    (root / "now").symlink_to("./base")
    (root / "base/a.yaml").symlink_to(root / "real/a.yaml")
    (root / "loop").symlink_to("loop")
    with pytest.raises(Refusal, match=r"'../loop' is neither a file nor a directory"):
        closure_of(root, "prod", Rules())
    write(root, {"prod/kustomization.yaml": "resources: [../now]\n"})
    questions = asked(closure_of(root, "prod", Rules()))
    assert {"enow", "ebase", "ebase/a.yaml", "ereal", "freal/a.yaml"} <= set(questions)
    (root / "now").unlink()
    (root / "now").symlink_to("../base")
    with pytest.raises(Refusal, match=r"^now: leads out of the repository"):
        closure_of(root, "prod", Rules())


CHART = "helmCharts: [{name: web, valuesFile: v.yaml, additionalValuesFiles: [w.yaml]}]\n"


def test_a_chart_is_taken_in_whole(tmp_path: Path) -> None:
    root = write(tmp_path, {"prod/kustomization.yaml": CHART, "prod/v.yaml": "", "prod/w.yaml": ""})
    write(root, {"prod/charts/web/Chart.yaml": "", "common/x.tpl": ""})
    (root / "prod/charts/web/templates").symlink_to("../../../common")
    closure = closure_of(root, "prod", Rules(helm=Helm.OFFLINE))
    expected = {b"aprod/charts/web", b"eprod/charts/web/templates", b"acommon", b"fprod/v.yaml"}
    assert expected | {b"fprod/w.yaml"} <= closure.questions
    assert closure.certain
    (root / "common/out").symlink_to("/etc")
    with pytest.raises(Refusal, match="common/out: leads out of the repository"):
        closure_of(root, "prod", Rules(helm=Helm.OFFLINE))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("helmCharts: [{name: a}]", r"there is no chart in 'prod/charts/a'; 'helm pull"),
        ("helmCharts: [{name: a, version: 1, repo: b}]", r"no chart in 'prod/charts/a-1/a'"),
        ("helmCharts: [{name: ../../../a}]", "its chart lies outside the repository"),
        ("helmGlobals: {chartHome: /etc}\nhelmCharts: [{name: a}]", "its chart lies outside"),
        ("helmCharts: [{name: a, releaseName: --post-renderer=x}]", "would be an option of Helm"),
        ("helmGlobals: {configHome: x}", "brings its own configuration of Helm"),
        ("helmChartInflationGenerator: [{chartName: a, helmHome: x}]", "brings its own"),
        ("helmChartInflationGenerator: [{chartName: -a}]", "would be an option of Helm"),
        ("helmChartInflationGenerator: [{chartName: a, chartHome: h}]", "no chart in 'prod/h/a'"),
        ("helmCharts: [{name: a, Name: b}]", "says 'name' twice"),
        ("generators: [g.yaml]", "prod/kustomization.yaml:1: may run Helm"),
        ('generators: ["kind: HelmChartInflationGenerator\\n"]', "may run Helm"),
        ("generators: [../prod2]", "builds plugins, which may run Helm"),
    ],
)
def test_what_must_not_reach_helm_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    root = write(tmp_path, {"prod/kustomization.yaml": text, "prod2/Kustomization": ""})
    write(root, {"prod/g.yaml": "kind: List\nitems: [{kind: HelmChartInflationGenerator}]\n"})
    with pytest.raises(Refusal, match=reason):
        closure_of(root, "prod", Rules(helm=Helm.OFFLINE))


def test_charts_are_refused_without_helm_and_fetched_with_it_online(tmp_path: Path) -> None:
    text = "helmCharts: [{name: a, repo: 'https://charts.example.com', version: 1.2.3}]\n"
    root = write(tmp_path, {"kustomization.yaml": text})
    with pytest.raises(Refusal, match=r"^kustomization.yaml:1: asks for a Helm chart, and Helm is"):
        closure_of(root, "", Rules())
    assert not closure_of(root, "", Rules(helm=Helm.ONLINE)).certain
    write(root, {"charts/a-1.2.3/a/Chart.yaml": ""})
    assert closure_of(root, "", Rules(helm=Helm.ONLINE)).certain
