"""A stage that holds two fields of a disk, while machine and disk stand in a base elsewhere."""

from __future__ import annotations

import pytest

from plugin.bumping import bumps
from plugin.disks.policy import Consent, Loss, Terms
from plugin.pins.pin import Kind
from plugin.pins.sources import Sources
from tests.plugin.disks.stages import NEW, OLD, bumped, fedora, said

DISKS = """apiVersion: v1
kind: ConfigMap
metadata:
  name: disks
  annotations: {{config.kubernetes.io/local-config: "true"{policy}}}
data:
  root.name: {name}
  root.url: {url}
"""
POLICY = ", towline.dev/disk-policy: replace, towline.dev/restart: auto"
ENTRY = """- source: {{kind: ConfigMap, name: disks, fieldPath: 'data.root\\.{field}'}}
  targets:
"""
TARGET = "  - select: {{kind: {kind}, name: {name}}}\n    fieldPaths: ['{path}']\n"


def target(kind: str, name: str, path: str) -> str:
    return TARGET.format(kind=kind, name=name, path=path)


NAME = ENTRY.format(field="name")
URL = ENTRY.format(field="url")
TO_DISK = target("DataVolume", "root", "metadata.name")
TO_VOLUME = target(
    "VirtualMachine", "web", "spec.template.spec.volumes.[name=root].dataVolume.name"
)
TO_URL = target("DataVolume", "root", "spec.source.registry.url")
TEMPLATE = "spec.dataVolumeTemplates.0"


def kustomization(*entries: str) -> str:
    return "resources: [../base, disks.yaml]\nreplacements:\n" + "".join(entries)


def stage(
    *entries: str, name: str = "web-root-0d1e2f3a4b5c", url: str = "", policy: str = POLICY
) -> dict[str, str]:
    url = url or f"docker://harbor.lan/vm/fedora@{OLD}"
    disks = DISKS.format(name=name, url=url, policy=policy)
    return {"prod/kustomization.yaml": kustomization(*entries), "prod/disks.yaml": disks}


WHOLE = (NAME + TO_DISK + TO_VOLUME, URL + TO_URL)


def test_both_fields_move_and_the_object_that_holds_them_speaks_for_the_machine() -> None:
    files = stage(*WHOLE)
    done = bumped(files)
    old = files["prod/disks.yaml"]
    new = old.replace(OLD, NEW).replace("0d1e2f3a4b5c\n", "4f3c0a9b1d2e\n")
    assert done.files == {"prod/disks.yaml": new}
    (disk,) = done.disks
    assert (disk.vm, disk.disk, disk.loss, disk.kept) == ("web", "root", Loss.ALLOWED, False)
    assert "the way back imports it anew" in disk.remarks[0]
    assert bumped({**files, **done.files}).files == {}


def test_the_field_is_a_pin() -> None:
    (pin,) = Sources(stage(*WHOLE)).found("prod/disks.yaml").pins
    assert (pin.kind, pin.digest, pin.line) == (Kind.DATA_VOLUME, OLD, 8)


def test_a_machine_that_nobody_sees_is_stateful() -> None:
    files = stage(*WHOLE, policy="")
    assert "vm web would start with a fresh disk" in said(bumped(files))
    terms = Terms(consents=frozenset({Consent("web", "root", NEW)}))
    (disk,) = bumps(Sources(files), [fedora()], terms=terms).disks
    assert disk.loss is Loss.CONSENTED


def test_a_template_of_a_machine_moves_as_well() -> None:
    entries = (
        NAME + target("VirtualMachine", "web", f"{TEMPLATE}.metadata.name") + TO_VOLUME,
        URL + target("VirtualMachine", "web", f"{TEMPLATE}.spec.source.registry.url"),
    )
    done = bumped(stage(*entries))
    (change,) = done.changes
    assert change.pin.kind is Kind.DATA_VOLUME_TEMPLATE
    assert "root.name: web-root-4f3c0a9b1d2e\n" in done.files["prod/disks.yaml"]


def test_a_node_that_pulls_is_given_the_tag_as_well() -> None:
    base = (
        "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\nmetadata: {name: root}\n"
        "spec: {source: {registry: {pullMethod: node, url: 'docker://x'}}}\n"
    )
    done = bumped({**stage(*WHOLE), "prod/base.yaml": base})
    assert f"fedora:43-1.6@{NEW}\n" in done.files["prod/disks.yaml"]


CLAIM = target("DataSource", "fedora", "spec.source.pvc.name")


def test_a_data_source_has_nothing_to_lose() -> None:
    done = bumped(stage(NAME + TO_DISK + CLAIM, URL + TO_URL, policy=""))
    (disk,) = done.disks
    assert (disk.vm, disk.disk, disk.loss) == ("", "fedora", Loss.NOTHING)


@pytest.mark.parametrize(
    ("entries", "change", "reason"),
    [
        ((URL + TO_URL,), {}, "the cluster would go on with the old disk"),
        ((NAME + TO_DISK, URL + TO_URL), {}, "the cluster would go on with the old disk"),
        ((NAME + TO_VOLUME, URL + TO_URL), {}, "the cluster would go on with the old disk"),
        (WHOLE, {"url": "harbor.lan/vm/fedora:1"}, "has no scheme"),
        (WHOLE, {"url": "docker://harbor.lan/vm/fedora:${TAG}"}, "filled in by a template"),
        (WHOLE, {"name": "web-root-ffffffffffff"}, "ends in the digits of another image"),
        (WHOLE, {"name": "${VM}-root"}, "is not a name"),
        (
            (
                NAME
                + target("VirtualMachinePool", "web", f"{TEMPLATE}.metadata.name")
                + target("VirtualMachinePool", "web", "spec.volumes.[name=a].dataVolume.name"),
                URL + target("VirtualMachinePool", "web", f"{TEMPLATE}.spec.source.registry.url"),
            ),
            {},
            "is copied into a pool",
        ),
    ],
)
def test_what_would_be_in_vain_or_too_much_is_refused(
    entries: tuple[str, ...], change: dict[str, str], reason: str
) -> None:
    done = bumped(stage(*entries, **change))
    assert done.files == {}
    assert reason in said(done)


BASE = target("VirtualMachine", "", "spec.template.spec.volumes.[name=root].dataVolume.name")
VM = """apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: web, annotations: {towline.dev/disk-policy: replace}}
spec:
  template: {spec: {volumes: [{name: root, dataVolume: {name: root}}]}}
"""


def test_a_machine_of_another_application_does_not_speak() -> None:
    files = stage(*WHOLE, policy="") | {"a/vm.yaml": VM}
    answer = bumped(files)
    assert answer.files == {}
    assert "vm web would start with a fresh disk" in said(answer)
    assert "the change deletes it from the cluster while the machine still runs" in said(answer)


def test_a_selector_without_a_name_is_refused() -> None:
    answer = bumped(stage(NAME + TO_DISK + BASE, URL + TO_URL) | {"prod/vm.yaml": VM})
    assert answer.files == {}
    assert "name the machine in 'select'" in said(answer)


def test_every_document_of_the_machine_is_asked() -> None:
    patch = VM.replace("spec:\n", "spec:\n  updateVolumesStrategy: Migration\n")
    files = stage(*WHOLE) | {"prod/vm.yaml": VM, "prod/z.yaml": patch}
    files["prod/kustomization.yaml"] = (
        files["prod/kustomization.yaml"].replace("../base", "vm.yaml")
        + "patches: [{path: z.yaml}]\n"
    )
    answer = bumped(files)
    assert answer.files == {}
    assert "has updateVolumesStrategy: Migration" in said(answer)
