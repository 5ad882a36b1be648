"""A pool never loses all of its machines at once, and people read what becomes of them."""

from __future__ import annotations

import pytest

from tests.plugin.disks.stages import bumped, said

POOL = """apiVersion: pool.kubevirt.io/v1beta1
kind: VirtualMachinePool
metadata: {name: p, annotations: {towline.dev/disk-policy: replace}}
spec:
  %s
  virtualMachineTemplate:
    spec:
      dataVolumeTemplates:
      - metadata: {name: root}
        spec: {source: {registry: {url: "docker://harbor.lan/vm/fedora:1"}}}
      template:
        spec:
          volumes: [{name: root, dataVolume: {name: root}}]
"""


@pytest.mark.parametrize(
    "spec",
    [
        ("replicas: 1",),
        ("maxUnavailable: 1",),
        ("replicas: 1", "maxUnavailable: 50%"),
        ("replicas: 2", "maxUnavailable: 51%"),
        ("replicas: 3", "maxUnavailable: 100%"),
        ("replicas: 3", "maxUnavailable: 3"),
        ("replicas: 3", "updateStrategy: {proactive: {}}"),
    ],
)
def test_all_machines_at_once_are_refused(spec: tuple[str, ...]) -> None:
    done = bumped({"p.yaml": POOL % "\n  ".join(spec)})
    assert done.files == {}
    assert "would delete all of the pool's machines at once" in said(done)


@pytest.mark.parametrize(
    ("spec", "note"),
    [
        (("replicas: 2", "maxUnavailable: 50%"), "deletes its machines and makes new ones"),
        (("replicas: 3", "maxUnavailable: 2"), "deletes its machines and makes new ones"),
        (("updateStrategy: {opportunistic: {}}",), "leaves its machines as they are"),
        (("updateStrategy: {unmanaged: {}}",), "leaves its machines as they are"),
    ],
)
def test_a_person_reads_what_becomes_of_the_machines(spec: tuple[str, ...], note: str) -> None:
    (disk,) = bumped({"p.yaml": POOL % "\n  ".join(spec)}).disks
    assert any(note in one for one in disk.notes)
