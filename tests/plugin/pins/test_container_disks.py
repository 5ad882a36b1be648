"""Container disks and kernel boots: ordinary images that kustomize does not reach."""

from __future__ import annotations

import pytest

from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.pin import Bumped, Kind
from tests.plugin.pins.texts import NEW, image

VOLUMES = """volumes:
- {name: root, containerDisk: {image: "ghcr.io/acme/web:1.0"}}
- {name: init, cloudInitNoCloud: {userData: "image: ghcr.io/acme/web:1.0"}}
"""
KERNEL = """domain:
  firmware: {kernelBoot: {container: {image: ghcr.io/acme/web:1.0, kernelPath: /boot/vmlinuz}}}
"""
WAYS = {
    "VirtualMachine": ("spec", "template", "spec"),
    "VirtualMachineInstance": ("spec",),
    "VirtualMachineInstanceReplicaSet": ("spec", "template", "spec"),
    "VirtualMachinePool": ("spec", "virtualMachineTemplate", "spec", "template", "spec"),
    "VirtualMachineTemplate": ("spec", "virtualMachine", "spec", "template", "spec"),
}


def machine(kind: str, spec: str) -> str:
    text = f"apiVersion: x.kubevirt.io/v1\nkind: {kind}\nmetadata: {{name: web}}\n"
    for depth, key in enumerate(WAYS[kind]):
        text += f"{'  ' * depth}{key}:\n"
    indent = "  " * len(WAYS[kind])
    return text + "".join(f"{indent}{line}\n" for line in spec.splitlines())


@pytest.mark.parametrize("kind", WAYS)
def test_every_kind_of_machine_is_read(kind: str) -> None:
    text = machine(kind, VOLUMES + KERNEL)
    found = pins_in("a.yaml", text)
    assert [pin.kind for pin in found.pins] == [Kind.CONTAINER_DISK] * 2
    answer = bump("a.yaml", text, [image()])
    assert isinstance(answer, Bumped)
    assert answer.text.count(f"ghcr.io/acme/web:1.1.0@{NEW}") == 2
    assert 'userData: "image: ghcr.io/acme/web:1.0"' in answer.text


def test_one_without_a_version_waits_for_its_first() -> None:
    text = machine("VirtualMachine", VOLUMES.replace("web:1.0", "web"))
    (pin,) = pins_in("a.yaml", text).pins
    assert (pin.tag, pin.digest, pin.kind) == (None, None, Kind.CONTAINER_DISK)
    answer = bump("a.yaml", text, [image()])
    assert isinstance(answer, Bumped)
    assert f'image: "ghcr.io/acme/web:1.1.0@{NEW}"' in answer.text


def test_a_sidecar_of_another_kind_stays_an_image() -> None:
    pod = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: ghcr.io/acme/web:1.0}]}\n"
    found = pins_in("a.yaml", machine("VirtualMachine", VOLUMES) + "---\n" + pod)
    assert [pin.kind for pin in found.pins] == [Kind.CONTAINER_DISK, Kind.IMAGE]


IMMUTABLE = """apiVersion: {group}/v1
kind: {kind}
metadata: {{name: web}}
spec: {{template: {{spec: {{{field}: "ghcr.io/acme/web:1.0"}}}}}}
"""


@pytest.mark.parametrize(
    ("kind", "group", "field"),
    [
        ("KubevirtMachineTemplate", "infrastructure.cluster.x-k8s.io", "image"),
        ("Metal3MachineTemplate", "infrastructure.cluster.x-k8s.io", "url"),
        ("VirtualMachineImage", "harvesterhci.io", "url"),
        ("BackingImage", "longhorn.io", "url"),
    ],
)
def test_what_its_api_never_lets_change_is_refused(kind: str, group: str, field: str) -> None:
    found = pins_in("a.yaml", IMMUTABLE.format(kind=kind, group=group, field=field))
    assert found.pins == ()
    (refused,) = found.refused
    assert f"stands in a {kind}, which its API never lets change" in refused.reason
