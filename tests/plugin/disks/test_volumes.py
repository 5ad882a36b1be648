"""Files and printed manifests say the same of a machine's volumes, whoever reads them."""

from __future__ import annotations

import pytest

from plugin.disks.model import By, Machine, Name, Pointer
from plugin.disks.read import stage_of
from plugin.manifests.disk_objects import Use, items_of
from plugin.pins.sources import Sources

MACHINE = """apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: a, namespace: vms}}
spec:
  template:
    spec:
      domain: {{devices: {{disks: [{{name: root, {device}}}, {{name: data, disk: {{}}}}]}}}}
      volumes:
      - {{name: root, {volume}}}
      - {{name: data, dataVolume: {{name: other}}}}
"""
SOURCE = """apiVersion: cdi.kubevirt.io/v1beta1
kind: DataSource
metadata: {name: a, namespace: vms}
spec: {source: {pvc: {name: root, namespace: golden}}}
"""
CLONE = """apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {name: a, namespace: vms}
spec: {source: {pvc: {name: root, namespace: golden}}}
"""
DATA_VOLUME = "dataVolume: {name: root}"
CLAIM = "persistentVolumeClaim: {claimName: root}"


def pointer(text: str) -> Pointer:
    return stage_of(Sources({"a.yaml": text})).pointers[0]


def use(text: str) -> Use:
    return next(one for one in items_of([text]) if isinstance(one, Use))


def machine(text: str) -> Machine:
    (found,) = stage_of(Sources({"a.yaml": text})).machines
    return found


@pytest.mark.parametrize(
    ("device", "volume", "writes"),
    [
        ("disk: {}", DATA_VOLUME, True),
        ("disk: {readonly: true}", DATA_VOLUME, False),
        ("cdrom: {}", DATA_VOLUME, False),
        ("cdrom: {readonly: false}", DATA_VOLUME, True),
        ("lun: {}", DATA_VOLUME, True),
        ("lun: {readonly: true}", DATA_VOLUME, False),
        ("disk: {}", CLAIM, True),
        ("disk: {}", CLAIM.replace("}", ", readOnly: true}"), False),
        ("disk: {}", CLAIM.replace("}", ", readOnly: false}"), True),
    ],
)
def test_what_a_machine_only_reads(device: str, volume: str, writes: bool) -> None:
    text = MACHINE.format(device=device, volume=volume)
    assert (pointer(text).writable, use(text).writes) == (writes, writes)


@pytest.mark.parametrize(
    ("device", "volume", "boot"),
    [
        ("disk: {}", DATA_VOLUME, "root"),
        ("cdrom: {}", DATA_VOLUME, "data"),
        ("disk: {}", CLAIM.replace("}", ", readOnly: true}"), "root"),
    ],
)
def test_a_machine_boots_from_no_cd_but_from_a_claim_that_it_only_reads(
    device: str, volume: str, boot: str
) -> None:
    assert machine(MACHINE.format(device=device, volume=volume)).boot == boot


@pytest.mark.parametrize("volume", [DATA_VOLUME, CLAIM, f"ephemeral: {{{CLAIM}}}"])
def test_a_volume_is_of_the_namespace_of_its_machine(volume: str) -> None:
    named = volume.replace(": root", ": root, namespace: golden")
    text = MACHINE.format(device="disk: {}", volume=named)
    assert pointer(text).target == use(text).target == Name("root", "vms")


def test_a_source_and_what_is_copied_may_lie_in_another_namespace() -> None:
    assert pointer(SOURCE).target == use(SOURCE).target == Name("root", "golden")
    assert (pointer(CLONE).by, pointer(CLONE).target) == (By.CLONE, Name("root", "golden"))
