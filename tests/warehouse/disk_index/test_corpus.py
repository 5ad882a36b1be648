"""Documents that publishers really served, from the archive of public files."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from github_app.warehouse.disk_index.checksum_list import checksums
from github_app.warehouse.disk_index.choosing import offered
from github_app.warehouse.disk_index.formats import centos, debian, fedora, fedora_coreos
from github_app.warehouse.disk_index.listed import Listed
from plugin.artifact import DiskFamily
from tests.plugin.pins.corpus import files

CASES: dict[str, tuple[Callable[[str], tuple[Listed, ...]], str, list[str]]] = {
    "fedora/testdata/releases.json": (
        fedora.listed,
        "https://mirror.lan/releases/*/Cloud/x86_64/images/Fedora-Cloud-Base-Generic.x86_64-*.qcow2",
        ["40-1.14"],
    ),
    "debian/testdata/debian-12-genericcloud-amd64.json": (
        debian.listed,
        "https://mirror.lan/bookworm/*/debian-12-genericcloud-amd64-*.qcow2",
        ["20250210-2019"],
    ),
    "stream/fixtures/fcos-stream.json": (
        fedora_coreos.listed,
        "https://mirror.lan/streams/stable/builds/*/x86_64/fedora-coreos-*-qemu.x86_64.qcow2.xz",
        ["33.20201201.3.0"],
    ),
    "centosstream/testdata/centos-stream9-x86_64.checksum": (
        centos.listed,
        "https://mirror.lan/9-stream/x86_64/images/CentOS-Stream-GenericCloud-9-*.x86_64.qcow2",
        ["20211222.0"],
    ),
    "tumbleweed/testdata/tumbleweed.SHA256SUM": (
        centos.listed,
        "https://mirror.lan/appliances/openSUSE-MicroOS.x86_64-*-OpenStack-Cloud-Snapshot*.qcow2",
        ["20240629"],
    ),
}


@pytest.fixture(scope="module")
def served() -> dict[str, str]:
    wanted = (*CASES, "ubuntu/testdata/SHA256SUM", "testdata/bsd.checksum", "testdata/gnu.checksum")
    return {
        end: content.decode()
        for name, content in files("vm-corpus.tar.gz")
        for end in wanted
        if name.endswith(end)
    }


@pytest.mark.parametrize("case", CASES)
def test_what_was_served_is_read(case: str, served: dict[str, str]) -> None:
    read, pattern, versions = CASES[case]
    found = offered(DiskFamily.parse(pattern), read(served[case]))
    assert [one.version for one in found] == versions
    assert all(one.checksum for one in found)


@pytest.mark.parametrize(
    ("case", "least"),
    [
        ("ubuntu/testdata/SHA256SUM", 20),
        ("testdata/bsd.checksum", 20),
        ("testdata/gnu.checksum", 20),
    ],
)
def test_checksum_files_are_read(case: str, least: int, served: dict[str, str]) -> None:
    text = served[case]
    lines = [one for one in text.splitlines() if one.strip() and not one.startswith("#")]
    found = checksums(text)
    assert len(found) == len(lines) >= least
