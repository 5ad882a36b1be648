"""Disk images behind addresses: a publisher lists a new build, and machines get it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sources.world import Shop, World, pipeline
from tests.warehouse.disk_index.documents import sha256
from tests.warehouse.disk_index.site import Site, site

DIRECTORY = "/9-stream/x86_64/images"
NAME = "CentOS-Stream-GenericCloud-9-{}.x86_64.qcow2"
OLD, NEW = "20260701.0", "20260720.0"
SUMS = {OLD: sha256(0xAA << 248 | 7), NEW: sha256(0xBB << 248 | 7)}


def checksums(*builds: str) -> str:
    lines = (f"SHA256 ({NAME.format(one)}) = {SUMS[one]}\n" for one in builds)
    return "".join(lines)


def volume(address: str, build: str) -> str:
    return f"""\
# the disks of db, newest first
---
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata:
  name: db-root-{SUMS[build][:12]}
spec:
  source:
    http:
      url: {address.format(build)}
      checksum: sha256:{SUMS[build]}
  storage: {{resources: {{requests: {{storage: 20Gi}}}}}}
---
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {{name: db-data}}
spec:
  source: {{blank: {{}}}}
  storage: {{resources: {{requests: {{storage: 50Gi}}}}}}
"""


def machine(build: str, policy: str = "") -> str:
    annotations = f"\n  annotations: {{{policy}}}" if policy else ""
    return f"""\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: db{annotations}
spec:
  runStrategy: Always
  template:
    spec:
      domain:
        devices:
          disks: [{{name: root, disk: {{bus: virtio}}}}, {{name: data, disk: {{bus: virtio}}}}]
        memory: {{guest: 1Gi}}
      volumes:
        - name: root
          dataVolume: {{name: db-root-{SUMS[build][:12]}}}
        - name: data
          dataVolume: {{name: db-data}}
"""


@pytest.fixture
def mirror() -> Iterator[Site]:
    """A mirror with one build."""
    with site() as found:
        found.put(f"{DIRECTORY}/CHECKSUM", checksums(OLD))
        yield found


def shop(world: World, mirror: Site, name: str, policy: str = "") -> Shop:
    address = f"{mirror.url}{DIRECTORY}/{NAME}"
    return world.found(
        name,
        {
            "towline.yaml": pipeline(
                f"vm:\n  - {{disk: '{address.format(OLD)}', name: stream, publisher: centos}}",
                "dev: {warehouses: [vm], path: stages/dev}",
            ),
            "stages/dev/kustomization.yaml": "resources: [disks.yaml, machine.yaml]\n",
            "stages/dev/disks.yaml": volume(address, OLD),
            "stages/dev/machine.yaml": machine(OLD, policy),
        },
    )


def test_a_new_build_moves_the_whole_disk_and_waits_for_consent(world: World, mirror: Site) -> None:
    mine = shop(world, mirror, "vm-stateful")
    assert mine.pulls() == [], "dev holds the one build there is"
    mirror.put(f"{DIRECTORY}/CHECKSUM", checksums(OLD, NEW))
    world.later()

    assert mine.changed() == ["stages/dev/disks.yaml", "stages/dev/machine.yaml"]
    disks = mine.proposed("stages/dev/disks.yaml")
    for written in (
        f"name: db-root-{SUMS[NEW][:12]}",
        f"{mirror.url}{DIRECTORY}/{NAME.format(NEW)}",
        f"checksum: sha256:{SUMS[NEW]}",
    ):
        assert written in disks
    assert volume(f"{mirror.url}{DIRECTORY}/{NAME}", OLD).partition("---\n")[2] in disks
    assert f"dataVolume: {{name: db-root-{SUMS[NEW][:12]}}}" in mine.proposed(
        "stages/dev/machine.yaml"
    )
    assert mine.check().conclusion == "action_required"
    assert "disks" in (mine.check().summary or "")

    consent = f"towline.dev/allow-replace: 'root@sha256:{SUMS[NEW]}'"
    mine.commit({"stages/dev/machine.yaml": machine(OLD, consent)})
    assert mine.ready()
    mine.merge(mine.open_pull())
    assert f"dataVolume: {{name: db-root-{SUMS[NEW][:12]}}}" in mine.text("stages/dev/machine.yaml")
    world.later()
    assert mine.open_pulls() == []


def test_a_build_that_is_listed_no_more_takes_no_machine_back(world: World, mirror: Site) -> None:
    """The disk before is still there, so going back would ask nobody."""
    mine = shop(world, mirror, "vm-withdrawn", "towline.dev/disk-policy: replace")
    mirror.put(f"{DIRECTORY}/CHECKSUM", checksums(OLD, NEW))
    world.later()
    mine.merge(mine.open_pull())
    mirror.put(f"{DIRECTORY}/CHECKSUM", checksums(OLD))
    world.later()
    assert mine.open_pulls() == []


def test_a_machine_that_may_lose_its_disk_waits_for_nobody(world: World, mirror: Site) -> None:
    mine = shop(world, mirror, "vm-stateless", "towline.dev/disk-policy: replace")
    mirror.put(f"{DIRECTORY}/CHECKSUM", checksums(OLD, NEW))
    world.later()
    assert mine.ready()


def test_an_idle_sweep_asks_a_publisher_once(world: World, mirror: Site) -> None:
    shop(world, mirror, "vm-idle")
    mirror.since()
    for _ in range(3):
        world.later()
        assert len(mirror.since()) <= 1
