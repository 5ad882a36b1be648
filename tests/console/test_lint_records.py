"""What `towline lint` says of stages whose record is applied, and of who renders them."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_app.cli import main
from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.record import Record, write_record
from plugin.stage_policy import Write
from tests.console.conftest import SHOP, Checkout
from tests.story.disks import DISKS, FEDORA, FIRST, MACHINE, NEWEST, OLD, SECOND, THIRD
from tests.story.world import digest

RECORDS = SHOP | {
    "towline.yaml": SHOP["towline.yaml"].replace(
        "path: stages/prod", "path: stages/prod, write: record"
    ),
    "stages/prod/kustomization.yaml": "resources: [../../base]\n",
}


def application(source: str, kind: str = "Application") -> str:
    spec = f"  source: {source}\n" if kind == "Application" else source
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata: {{name: shop}}\n"
        f"spec:\n  project: default\n{spec}"
    )


def of_set(path: str, generators: str) -> str:
    template = f"  template: {{spec: {{source: {{repoURL: r, path: '{path}'}}}}}}\n"
    return application(f"  generators: {generators}\n{template}", "ApplicationSet")


FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop}
spec:
  path: ./stages/prod
"""
REPO = "repoURL: https://github.com/acme/shop"
SEEN = {
    "plain": (application(f"{{{REPO}, path: stages/prod}}"), 6),
    "other plugin": (application(f"{{{REPO}, path: ./stages/prod/, plugin: {{name: avp}}}}"), 6),
    "discovered plugin": (application(f"{{{REPO}, path: stages/prod, plugin: {{}}}}"), 6),
    "several sources": (
        application(f"[{{{REPO}, path: x}},\n   {{{REPO}, path: stages/prod}}]").replace(
            "source:", "sources:"
        ),
        7,
    ),
    "set of names": (of_set("stages/{{.stage}}", "[{list: {elements: [{stage: prod}]}}]"), 7),
    "set of directories": (of_set("{{path}}", "[{git: {directories: [{path: stages/*}]}}]"), 7),
    "set in a matrix": (
        of_set(
            "{{.path.path}}",
            "[{matrix: {generators: [{git: {directories: [{path: stages/*}]}}, {clusters: {}}]}}]",
        ),
        7,
    ),
    "flux": (FLUX, 5),
    "behind another document": ("kind: List\n---\n" + FLUX, 7),
}
FINE = {
    "sidecar": application(f"{{{REPO}, path: stages/prod, plugin: {{name: towline-v1}}}}"),
    "sidecar in a version that is filled in": of_set(
        "stages/{{s}}", "[{list: {elements: [{s: prod, v: v1}]}}]"
    ).replace("repoURL: r", "plugin: {name: 'towline-{{v}}'}, repoURL: r"),
    "project's root": application(
        f"{{{REPO}, path: ., plugin: {{name: towline-v1, "
        "parameters: [{name: stage, string: prod}]}}"
    ),
    "environment": application(
        f"{{{REPO}, plugin: {{name: towline-v1, env: [{{name: TOWLINE_STAGE, value: prod}}]}}}}"
    ),
}
ELSEWHERE = {
    "nothing": "a: b\n",
    "another stage": application(f"{{{REPO}, path: stages/dev}}"),
    "a chart": application(f"{{{REPO}, chart: web, path: stages/prod}}"),
    "other directories": of_set("{{path}}", "[{git: {directories: [{path: apps/*}]}}]"),
    "a template": "{{ if .Values.x }}\napiVersion: argoproj.io/v1alpha1\n",
    "another stage at the root": FINE["project's root"].replace("string: prod", "string: dev"),
}


def said(capsys: pytest.CaptureFixture[str], root: object) -> list[str]:
    assert main(["lint", str(root)]) == 0
    return [
        line
        for line in capsys.readouterr().out.splitlines()
        if "sidecar" in line or line.startswith("towline.yaml: note")
    ]


@pytest.mark.parametrize("name", SEEN)
def test_whoever_renders_such_a_stage_without_the_sidecar_is_named(
    name: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    text, line = SEEN[name]
    (found,) = said(capsys, checkout(RECORDS | {"argocd/apps.yaml": text}))
    assert found.startswith(f"argocd/apps.yaml:{line}: warning: ")
    assert "renders stage prod without the sidecar, so its record is ignored" in found
    assert "'write: pins'" in found
    assert ("Flux" in found) is ("flux" in text)


@pytest.mark.parametrize("name", FINE)
def test_the_sidecar_is_what_such_a_stage_needs(
    name: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, checkout(RECORDS | {"argocd/apps.yaml": FINE[name]})) == []


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_stage_that_nothing_here_renders_is_noted(
    name: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = said(capsys, checkout(RECORDS | {"argocd/apps.yaml": ELSEWHERE[name]}))
    assert found.startswith("towline.yaml: note: stage prod writes its record alone, and nothing")
    assert "'plugin: {name: towline-v1}'" in found


UNFOUND = {
    "no version": application(f"{{{REPO}, path: stages/prod, plugin: {{name: towline}}}}"),
    "another version": FINE["project's root"].replace("towline-v1", "towline-v2"),
}


@pytest.mark.parametrize("name", UNFOUND)
def test_a_name_that_argo_cd_does_not_find_renders_nothing(
    name: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    warning, note = said(capsys, checkout(RECORDS | {"argocd/apps.yaml": UNFOUND[name]}))
    assert "shop renders stage prod with a plugin 'towline" in warning
    assert "write 'plugin: {name: towline-v1}'" in warning
    assert note.startswith("towline.yaml: note: stage prod writes its record alone, and nothing")
    pins = said(capsys, checkout(SHOP | {"argocd/apps.yaml": UNFOUND[name]}))
    assert pins == [warning]


def test_a_list_renders_what_its_elements_name(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    elements = "[{list: {elements: [{s: dev}, {s: staging}]}}]"
    for path in ("stages/{{s}}", "stages/{{ .s }}"):
        (found,) = said(capsys, checkout(RECORDS | {"argocd/apps.yaml": of_set(path, elements)}))
        assert "nothing in this repository renders it" in found
    both = elements.replace("staging", "prod")
    (found,) = said(capsys, checkout(RECORDS | {"argocd/apps.yaml": of_set("stages/{{s}}", both)}))
    assert "renders stage prod without the sidecar" in found
    unknown = "[{list: {elementsYaml: '{{ .x }}', elements: []}}]"
    files = RECORDS | {"argocd/apps.yaml": of_set("stages/{{s}}", unknown)}
    (found,) = said(capsys, checkout(files))
    assert "renders stage prod without the sidecar" in found


def test_an_application_that_asks_for_another_stage_than_its_path_is_named(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in (
        FINE["project's root"].replace("path: .", "path: stages/prod").replace("g: prod", "g: dev"),
        FINE["environment"]
        .replace("plugin:", "path: stages/prod, plugin:")
        .replace("e: prod", "e: dev"),
    ):
        (found,) = said(capsys, checkout(RECORDS | {"argocd/apps.yaml": wrong}))
        assert "asks for stage dev in the directory of stage prod, which the sidecar" in found
    right = FINE["project's root"].replace("path: .", "path: stages/prod")
    assert said(capsys, checkout(RECORDS | {"argocd/apps.yaml": right})) == []


def web_record(stage: str, write: Write = Write.RECORD, *, tag: str = "1.0.0") -> dict[str, str]:
    image = Image(Repository("ghcr.io", "acme/web"), tag, digest(1))
    head = f"towline/shop/{stage}/web"
    record = Record(Freight("web", (image,)), "acme/shop", head, write=write)
    return {"stages/prod/.freight/web.yaml": write_record(record)}


def of_record(capsys: pytest.CaptureFixture[str], root: Path) -> list[str]:
    main(["lint", str(root)])
    return [one for one in capsys.readouterr().out.splitlines() if ".freight/web.yaml: w" in one]


def test_a_record_that_came_with_a_copied_directory_is_named(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert of_record(capsys, checkout(RECORDS | web_record("prod"))) == []
    (found,) = of_record(capsys, checkout(RECORDS | web_record("staging")))
    assert "names the promotion towline/shop/staging/web of another stage" in found
    assert "write 'head: towline/shop/prod/web'" in found
    broken = {"stages/prod/.freight/web.yaml": "format: 9\n"}
    assert of_record(capsys, checkout(RECORDS | broken)) == []


def test_pins_that_went_before_the_record_is_applied_are_missed(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    pinned = web_record("prod", Write.PINS)
    (found,) = of_record(capsys, checkout(RECORDS | pinned))
    assert "so the sidecar does not apply it, and the files do not say its version" in found
    assert "keep the pins until then" in found
    name = "stages/prod/kustomization.yaml"
    still = SHOP[name].replace("newTag: 0.9.0", f"newTag: 1.0.0\n    digest: {digest(1)}")
    assert of_record(capsys, checkout(RECORDS | pinned | {name: still})) == []


def test_a_branch_is_rendered_by_who_follows_it(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = RECORDS["towline.yaml"].replace("path: stages/prod", "branch: env/prod")
    follows = application(f"{{{REPO}, targetRevision: env/prod}}")
    files = RECORDS | {"towline.yaml": pipeline, "argocd/apps.yaml": follows}
    (found,) = said(capsys, checkout(files))
    assert "Application shop renders stage prod without the sidecar" in found


def test_stages_with_pins_are_anybodys_to_render(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    files = SHOP | {"argocd/apps.yaml": SEEN["plain"][0]}
    assert said(capsys, checkout(files)) == []


def test_no_pin_is_asked_of_a_stage_that_writes_records(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", str(checkout(RECORDS))]) == 0
    out = capsys.readouterr().out
    assert "no pin" not in out
    assert "nothing here" not in out


def test_a_record_that_nothing_carries_is_foreseen(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    files = RECORDS | {"stages/prod/kustomization.yaml": "resources: []\n"}
    assert main(["lint", str(checkout(files))]) == 0
    found = "nothing here that stage prod is built with names ghcr.io/acme/web, and a record"
    assert f"stages/prod: warning: {found}" in capsys.readouterr().out


VM = {
    "towline.yaml": (
        "project: shop\nwarehouses: {vm: [{image: harbor.lan/vm/fedora, constraint: '*'}]}\n"
        "stages:\n  prod: {warehouses: [vm], path: stages/prod, write: record}\n"
    ),
    "stages/prod/kustomization.yaml": "resources: [disks.yaml, machine.yaml]\nnamespace: web\n",
    "stages/prod/disks.yaml": DISKS,
    "stages/prod/machine.yaml": MACHINE,
}


def vm_record(number: int, *previous: int) -> dict[str, str]:
    first, *rest = (
        Image(Repository.parse(FEDORA), "1.0.0", digest(one)) for one in (number, *previous)
    )
    record = Record(
        Freight("vm", (first,)), "acme/shop", "h", write=Write.RECORD, previous_disks=tuple(rest)
    )
    return {"stages/prod/.freight/vm.yaml": write_record(record)}


def faults(capsys: pytest.CaptureFixture[str], root: Path) -> list[str]:
    main(["lint", str(root)])
    return [one for one in capsys.readouterr().out.splitlines() if "error" in one][:-1]


def test_disks_are_judged_as_the_record_has_them(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    root = checkout(VM | vm_record(THIRD))
    assert faults(capsys, root) == []
    record = root / "stages/prod/.freight/vm.yaml"
    for previous, count in ((THIRD, 0), (FIRST, 1)):
        record.write_text(*vm_record(SECOND, previous).values())
        found = faults(capsys, root)
        assert len(found) == count
        assert all(f"DataVolume '{NEWEST}' is deleted in the change" in one for one in found)


def test_a_placeholder_may_become_another(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    root = checkout(VM | vm_record(SECOND))
    for name in ("disks.yaml", "machine.yaml"):
        file = root / "stages/prod" / name
        file.write_text(file.read_text().replace(OLD, NEWEST).replace(digest(FIRST), digest(THIRD)))
    assert faults(capsys, root) == []
