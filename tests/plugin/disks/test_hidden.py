"""A disk that kustomize names, or changes by name, is not moved past it."""

from __future__ import annotations

import pytest

from tests.plugin.disks.stages import OLD, bumped, said
from tests.plugin.disks.test_owners import disk, machine

NAME = "web-root-0d1e2f3a4b5c"
STAGE = {"disks.yaml": disk(NAME, OLD), "vm.yaml": machine("web", root=NAME)}
LISTED = "resources: [disks.yaml, vm.yaml]\n"
POINTER = "spec.template.spec.volumes.[name={0}].dataVolume.name"
COPY = """replacements:
- source: {{kind: {0}, name: {1}, fieldPath: metadata.name}}
  targets: [{{select: {{kind: VirtualMachine, name: web}}, fieldPaths: ['{2}']}}]
"""
JSON = "- {op: replace, path: /spec/template/spec/volumes/0, value: {name: root, %s}}\n"
SIZE = """patches:
- target: {0}
  patch: |-
    - {{op: replace, path: {1}, value: 80Gi}}
"""
STORAGE = "/spec/storage/resources/requests/storage"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {
                "kustomization.yaml": LISTED
                + COPY.format("DataVolume", NAME, POINTER.format("root"))
            },
            f"disk '{NAME}' is named by a replacement in kustomization.yaml:3",
        ),
        (
            {
                "kustomization.yaml": LISTED + "replacements: [{path: r.yaml}]\n",
                "r.yaml": COPY.format("DataVolume", NAME, "a").replace("replacements:\n", ""),
            },
            f"disk '{NAME}' is named by a replacement in r.yaml:1",
        ),
        (
            {"kustomization.yaml": LISTED + COPY.format("Pod", "x", POINTER.format("root"))},
            "volume root of vm web is set by kustomization.yaml:3, whose source nobody moves",
        ),
        (
            {
                "kustomization.yaml": LISTED
                + "patches: [{path: p.yaml, target: {kind: VirtualMachine}}]\n",
                "p.yaml": JSON % f"dataVolume: {{name: {NAME}}}",
            },
            f"disk '{NAME}' is named by a patch in p.yaml:1",
        ),
        (
            {
                "kustomization.yaml": LISTED + "components: [c]\n",
                "c/kustomization.yaml": "kind: Component\npatches:\n"
                "- {path: p.json, target: {kind: VirtualMachine}}\n",
                "c/p.json": '[{"op": "add", "path": "/spec/template/spec/volumes/0/dataVolume",'
                f' "value": {{"name": "{NAME}"}}}}]',
            },
            "is named by a patch in c/p.json:1",
        ),
        *(
            (
                {"kustomization.yaml": LISTED + SIZE.format(target, STORAGE)},
                "is changed by a patch at kustomization.yaml:3, which would not change the new",
            )
            for target in (
                f"{{name: {NAME}}}",
                "{kind: DataVolume, name: web-root-0d1e2f3a.*}",
                "{kind: DataVolume, name: '(web|db)-root-.*'}",
            )
        ),
        (
            {
                "kustomization.yaml": LISTED
                + SIZE.format("{kind: DataVolume}", "/spec/source/registry/url")
            },
            "is changed by a patch at kustomization.yaml:3",
        ),
        (
            {"kustomization.yaml": "resources: [../b, vm.yaml]\npatches: [{path: disks.yaml}]\n"},
            f"disk '{NAME}' stands in a patch, kustomization.yaml:2",
        ),
    ],
)
def test_what_would_go_on_with_the_old_disk_is_refused(files: dict[str, str], reason: str) -> None:
    done = bumped(STAGE | files)
    assert (done.files, done.disks) == ({}, ())
    assert reason in said(done)


@pytest.mark.parametrize(
    "more",
    [
        SIZE.format("{kind: DataVolume}", STORAGE),
        SIZE.format("{kind: DataVolume, name: web-root-.*}", STORAGE),
        SIZE.format("{kind: DataVolume, name: db-root}", STORAGE),
        SIZE.format("{kind: DataVolume, labelSelector: a=b}", STORAGE),
        COPY.format("Pod", "x", POINTER.format("data")),
        COPY.format("Pod", "x", "metadata.labels.a"),
        f"namePrefix: {NAME}\n",
    ],
)
def test_what_means_both_disks_or_neither_does_not_matter(more: str) -> None:
    done = bumped(STAGE | {"kustomization.yaml": LISTED + more})
    assert done.refused == ()
    assert set(done.files) == {"disks.yaml", "vm.yaml"}
