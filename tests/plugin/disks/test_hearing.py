"""A machine is asked in all of its documents, and in what kustomize makes of them."""

from __future__ import annotations

import pytest

from plugin.bumping import Bumps
from plugin.disks.policy import Loss
from tests.plugin.disks.stages import OLD, bumped, said
from tests.plugin.disks.test_owners import disk, machine

NAME = "web-root-0d1e2f3a4b5c"
STAGE = {"disks.yaml": disk(NAME, OLD), "vm.yaml": machine("web", root=NAME)}
LISTED = "resources: [disks.yaml, vm.yaml]\n"
PATCH = "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {{name: web{0}}}\n{1}"
STATEFUL = PATCH.format(", annotations: {towline.dev/disk-policy: stateful}", "")
MIGRATION = PATCH.format("", "spec: {updateVolumesStrategy: Migration}\n")
INLINE = LISTED + "patches:\n- target: {kind: VirtualMachine}\n  patch: |-\n    "


def done(**files: str) -> Bumps:
    return bumped(STAGE | {name.replace("__", "."): text for name, text in files.items()})


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"p__yaml": STATEFUL, "kustomization__yaml": LISTED + "patches: [{path: p.yaml}]\n"},
            "would start with a fresh disk",
        ),
        (
            {
                "kustomization__yaml": LISTED
                + "commonAnnotations: {towline.dev/disk-policy: stateful}\n"
            },
            "would start with a fresh disk",
        ),
        ({"p__yaml": MIGRATION}, "has updateVolumesStrategy: Migration"),
        (
            {"p__yaml": MIGRATION, "kustomization__yaml": LISTED + "patches: [{path: p.yaml}]\n"},
            "has updateVolumesStrategy: Migration",
        ),
        (
            {
                "p__yaml": MIGRATION.replace("name: web", "name: all"),
                "kustomization__yaml": LISTED
                + "patches: [{path: p.yaml, target: {kind: VirtualMachine}}]\n",
            },
            "a patch at kustomization.yaml:2 changes what vm web says of its disks",
        ),
        (
            {
                "kustomization__yaml": INLINE
                + "[{op: add, path: /spec/updateVolumesStrategy, value: Migration}]\n"
            },
            "a patch at kustomization.yaml:3 changes what vm web says",
        ),
        (
            {"kustomization__yaml": INLINE + "[{op: replace, path: /metadata/annotations}]\n"},
            "a patch at kustomization.yaml:3 changes what vm web says",
        ),
        (
            {"kustomization__yaml": LISTED + "patches: [{path: ../p.yaml, target: {name: web}}]\n"},
            "a patch at kustomization.yaml:2 changes what vm web says of its disks, or may",
        ),
        (
            {
                "kustomization__yaml": LISTED + "transformers: [t.yaml]\n",
                "t__yaml": "apiVersion: builtin\nkind: AnnotationsTransformer\n"
                "metadata: {name: a}\n"
                "annotations: {towline.dev/disk-policy: stateful}\n",
            },
            "t.yaml:4 says of machines how their disks are treated, in a way that is not followed",
        ),
        (
            {
                "vm__yaml": machine("web", root=NAME).replace(
                    "spec:\n  t", "spec:\n  <<: {updateVolumesStrategy: Migration}\n  t"
                )
            },
            "has an alias or a merge key at vm.yaml:5",
        ),
        (
            {
                "vm__yaml": machine("web", root=NAME)
                .replace("spec:\n  t", "spec:\n  updateVolumesStrategy: *m\n  t")
                .replace("{name: web,", "{name: web, labels: {a: &m Migration},")
            },
            "has updateVolumesStrategy: Migration",
        ),
    ],
)
def test_whatever_forbids_is_heard(files: dict[str, str], reason: str) -> None:
    answer = done(**files)
    assert (answer.files, answer.disks) == ({}, ())
    assert reason in said(answer)


@pytest.mark.parametrize(
    "patch",
    [
        "[{op: replace, path: /spec/template/spec/domain/memory/guest, value: 4Gi}]\n",
        "[{op: add, path: /metadata/annotations/team, value: web}]\n",
        "[{op: add, path: /spec/template/spec/volumes/-, value: {name: x, emptyDisk: {}}}]\n",
    ],
)
def test_a_patch_of_something_else_does_not_matter(patch: str) -> None:
    assert done(kustomization__yaml=INLINE + patch).refused == ()


def test_a_patch_that_names_the_disk_speaks_with_the_machine() -> None:
    bare = {
        "vm.yaml": machine("web", root="placeholder"),
        "p.yaml": machine("web", root=NAME).replace("towline.dev/disk-policy: replace", ""),
        "kustomization.yaml": LISTED + "patches: [{path: p.yaml}]\n",
    }
    (moved,) = bumped(STAGE | bare).disks
    assert moved.loss is Loss.ALLOWED


def test_another_stage_of_the_same_repository_does_not_speak() -> None:
    stages = {
        f"{one}/{name}": text.replace("policy: replace", f"policy: {policy}")
        for one, policy in (("dev", "replace"), ("prod", "stateful"))
        for name, text in {**STAGE, "kustomization.yaml": LISTED}.items()
    }
    assert set(bumped(stages).files) == {"dev/disks.yaml", "dev/vm.yaml"}


def test_one_of_two_overlays_that_keeps_its_disk_keeps_both() -> None:
    base = {f"base/{name}": text for name, text in STAGE.items()}
    base["base/vm.yaml"] = machine("web", root=NAME).replace("towline.dev/disk-policy: replace", "")
    base["base/kustomization.yaml"] = LISTED
    replaces = PATCH.format(", annotations: {towline.dev/disk-policy: replace}", "")
    dev = {
        "dev/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n",
        "dev/p.yaml": replaces,
    }
    assert bumped(base | dev).refused == ()
    prod = {"prod/kustomization.yaml": "resources: [../base]\n"}
    assert "would start with a fresh disk" in said(bumped(base | dev | prod))
