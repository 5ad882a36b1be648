"""Disks that are called the same are one disk only if the same volumes take them."""

from __future__ import annotations

import pytest

from tests.plugin.disks.stages import NEW, OLD, bumped, fedora, said

THIRD = "sha256:999aaabbbccc" + "1" * 52
DISK = """apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {{name: {name}}}
spec:
  source: {{registry: {{url: "docker://harbor.lan/vm/fedora@{digest}"}}}}
  storage: {{resources: {{requests: {{storage: {size}}}}}}}
"""
MACHINE = """apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: {name}, annotations: {{towline.dev/disk-policy: {policy}}}}}
spec:
  template:
    spec:
      volumes:
"""
VOLUME = "      - {{name: {name}, dataVolume: {{name: {disk}}}}}\n"


def disk(name: str, digest: str, size: str = "20Gi") -> str:
    return DISK.format(name=name, digest=digest, size=size)


def machine(name: str, policy: str = "replace", **volumes: str) -> str:
    text = MACHINE.format(name=name, policy=policy)
    return text + "".join(VOLUME.format(name=one, disk=to) for one, to in volumes.items())


def joined(*documents: str) -> str:
    return "---\n".join(documents)


@pytest.mark.parametrize(
    ("disks", "machines"),
    [
        (
            [disk("root-999aaabbbccc", THIRD), disk("root-0d1e2f3a4b5c", OLD)],
            [machine("blue", root="root-999aaabbbccc"), machine("green", root="root-0d1e2f3a4b5c")],
        ),
        (
            [disk("root-4f3c0a9b1d2e", NEW), disk("root-0d1e2f3a4b5c", OLD)],
            [
                machine("blue", root="root-4f3c0a9b1d2e"),
                machine("green", "stateful", root="root-0d1e2f3a4b5c"),
            ],
        ),
        (
            [disk("a-999aaabbbccc", THIRD), disk("a-0d1e2f3a4b5c", OLD)],
            [machine("web", root="a-0d1e2f3a4b5c", data="a-999aaabbbccc")],
        ),
    ],
)
def test_disks_of_two_volumes_never_become_one(disks: list[str], machines: list[str]) -> None:
    done = bumped({"disks.yaml": joined(*disks), "vm.yaml": joined(*machines)})
    assert (done.files, done.disks) == ({}, ())
    assert "at one version both would be one disk" in said(done)
    assert "give the disk of each a name of its own" in said(done)


def test_machines_that_only_read_may_share_the_new_version() -> None:
    reads = machine("b", root="x").replace(
        "dataVolume: {name: x}",
        "ephemeral: {persistentVolumeClaim: {claimName: root-0d1e2f3a4b5c}}",
    )
    other = reads.replace("name: b,", "name: a,").replace("0d1e2f3a4b5c", "4f3c0a9b1d2e")
    files = {
        "d.yaml": joined(disk("root-4f3c0a9b1d2e", NEW), disk("root-0d1e2f3a4b5c", OLD)),
        "v.yaml": joined(reads, other),
    }
    (moved,) = bumped(files).disks
    assert (moved.vm, moved.new, moved.imported) == ("b", "root-4f3c0a9b1d2e", False)


def test_the_previous_disk_of_another_machine_stays() -> None:
    disks = [
        disk("root-4f3c0a9b1d2e", NEW),
        disk("root-999aaabbbccc", THIRD),
        disk("root-0d1e2f3a4b5c", OLD),
    ]
    machines = [
        machine("blue", root="root-4f3c0a9b1d2e"),
        machine("green", root="root-0d1e2f3a4b5c"),
    ]
    assert bumped({"d.yaml": joined(*disks), "v.yaml": joined(*machines)}).files == {}


def test_a_long_name_is_one_disk_with_its_short_successors() -> None:
    name = "root-" + "a" * 40
    files = {"d.yaml": disk(name, OLD), "v.yaml": machine("web", root=name)}
    for digest in (NEW, THIRD):
        files |= bumped(files, fedora(digest)).files
    assert files["d.yaml"].count("kind: DataVolume") == 2
    assert f"name: {name}}}" not in files["d.yaml"]
