"""Addresses of disk images: which are versions of one image, and which are another product."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.artifact import DiskFamily, DiskImage, is_checksum
from plugin.artifact.disk import Publisher, publisher_of
from plugin.errors import Refusal
from tests.plugin.addresses import another

UBUNTU = "https://cloud-images.ubuntu.com/releases/{}/release-{}/ubuntu-{}-server-cloudimg-{}.img"
DEBIAN = "https://cloud.debian.org/images/cloud/{0}/{2}/debian-{1}-{3}-amd64-{2}.qcow2"
FEDORA = (
    "https://download.fedoraproject.org/pub/fedora/linux/releases/{0}/Cloud/{2}/images/"
    "Fedora-Cloud-Base-Generic-{0}-{1}.{2}.qcow2"
)
COREOS = (
    "https://builds.coreos.fedoraproject.org/prod/streams/{0}/builds/{1}/{2}/"
    "fedora-coreos-{1}-qemu.{2}.qcow2.xz"
)
FLATCAR = "https://{}.release.flatcar-linux.net/{}-usr/{}/flatcar_production_kubevirt_image.qcow2"
CENTOS = (
    "https://cloud.centos.org/centos/{0}-stream/{1}/images/"
    "CentOS-Stream-GenericCloud-{0}-{2}.{1}.qcow2"
)
ROCKY = (
    "https://dl.rockylinux.org/pub/rocky/{0}.{1}/images/x86_64/"
    "Rocky-{0}-GenericCloud-Base-{0}.{1}-{2}.0.x86_64.qcow2"
)
TALOS = "https://factory.talos.dev/image/{}/{}/{}-{}.raw.xz"
ONE, OTHER = "376567988ad370138ad8b269" + "2" * 40, "9" * 64

SAME = {
    "Ubuntu's serials": (
        UBUNTU.format("noble", "20260705", "24.04", "amd64"),
        UBUNTU.format("noble", "20270101.1", "24.04", "amd64"),
    ),
    "Debian's builds": (
        DEBIAN.format("trixie", "13", "20260712-2537", "genericcloud"),
        DEBIAN.format("trixie", "13", "20260815-2601", "genericcloud"),
    ),
    "Fedora's releases": (
        FEDORA.format("42", "1.1", "x86_64"),
        FEDORA.format("43", "1.6", "x86_64"),
    ),
    "Fedora CoreOS": (
        COREOS.format("stable", "33.20201201.3.0", "x86_64"),
        COREOS.format("stable", "44.20260101.3.1", "x86_64"),
    ),
    "Flatcar's versions": (
        FLATCAR.format("stable", "amd64", "4081.2.1"),
        FLATCAR.format("stable", "amd64", "4152.0.0"),
    ),
    "CentOS's composes": (
        CENTOS.format("9", "x86_64", "20240101.0"),
        CENTOS.format("9", "x86_64", "20260101.1"),
    ),
    "Rocky's minor versions": (
        ROCKY.format("9", "8", "20260525"),
        ROCKY.format("9", "10", "20270525"),
    ),
    "Talos": (
        TALOS.format(ONE, "v1.7.6", "nocloud", "amd64"),
        TALOS.format(ONE, "v1.8.0-beta.1", "nocloud", "amd64"),
    ),
    "somebody's dots": ("https://x.io/disk-1.0.qcow2", "https://x.io/disk-1.10.3.qcow2"),
    "somebody's dates": ("http://x/vms/a-2025-01-13.img", "http://x/vms/a-2026-02-14.img"),
    "somebody's directory": ("https://x.io/vms/1.0/a.raw", "https://x.io/vms/2.1/a.raw"),
}
APART = {
    "Ubuntu releases": (
        UBUNTU.format("22.04", "20260705", "22.04", "amd64"),
        UBUNTU.format("24.04", "20260705", "24.04", "amd64"),
    ),
    "Ubuntu releases of a mirror": (
        "http://x/vms/ubuntu-22.04.img",
        "http://x/vms/ubuntu-24.04.img",
    ),
    "Ubuntu architectures": (
        UBUNTU.format("noble", "20260705", "24.04", "amd64"),
        UBUNTU.format("noble", "20260705", "24.04", "arm64"),
    ),
    "Debian releases": (
        DEBIAN.format("bookworm", "12", "20260712-2537", "generic"),
        DEBIAN.format("trixie", "13", "20260712-2537", "generic"),
    ),
    "Debian's kinds": (
        DEBIAN.format("trixie", "13", "20260712-2537", "generic"),
        DEBIAN.format("trixie", "13", "20260712-2537", "nocloud"),
    ),
    "Fedora's architectures": (
        FEDORA.format("43", "1.6", "x86_64"),
        FEDORA.format("43", "1.6", "aarch64"),
    ),
    "Fedora CoreOS streams": (
        COREOS.format("stable", "44.20260101.3.1", "x86_64"),
        COREOS.format("testing", "44.20260101.3.1", "x86_64"),
    ),
    "Flatcar's channels": (
        FLATCAR.format("stable", "amd64", "4081.2.1"),
        FLATCAR.format("beta", "amd64", "4081.2.1"),
    ),
    "Flatcar's architectures": (
        FLATCAR.format("stable", "amd64", "4081.2.1"),
        FLATCAR.format("stable", "arm64", "4081.2.1"),
    ),
    "CentOS streams": (
        CENTOS.format("9", "x86_64", "20240101.0"),
        CENTOS.format("10", "x86_64", "20240101.0"),
    ),
    "Rocky's major versions": (
        ROCKY.format("9", "8", "20260525"),
        ROCKY.format("10", "8", "20260525"),
    ),
    "Talos schematics": (
        TALOS.format(ONE, "v1.8.0", "nocloud", "amd64"),
        TALOS.format(OTHER, "v1.8.0", "nocloud", "amd64"),
    ),
    "Talos platforms": (
        TALOS.format(ONE, "v1.8.0", "nocloud", "amd64"),
        TALOS.format(ONE, "v1.8.0", "metal", "amd64"),
    ),
    "Talos architectures": (
        TALOS.format(ONE, "v1.8.0", "nocloud", "amd64"),
        TALOS.format(ONE, "v1.8.0", "nocloud", "arm64"),
    ),
    "somebody's numbers": ("https://x.io/db-1.qcow2", "https://x.io/db-2.qcow2"),
    "somebody's first directory": ("https://x.io/1.0/a.qcow2", "https://x.io/2.0/a.qcow2"),
    "somebody's upper directories": (
        "https://x.io/a/1.0/b/c/d/a.qcow2",
        "https://x.io/a/2.0/b/c/d/a.qcow2",
    ),
    "hosts": ("https://x.io/a-1.0.raw", "https://y.io/a-1.0.raw"),
}


@pytest.mark.parametrize("case", SAME)
def test_addresses_of_one_disk_image(case: str) -> None:
    one, other = (DiskFamily.parse(address) for address in SAME[case])
    assert one == other
    assert one.pattern != SAME[case][0]


@pytest.mark.parametrize("case", APART)
def test_addresses_of_different_disk_images(case: str) -> None:
    one, other = (DiskFamily.parse(address) for address in APART[case])
    assert one != other


@pytest.mark.parametrize("case", [*SAME, *APART])
def test_a_family_is_an_address_of_itself(case: str) -> None:
    for address in (SAME | APART)[case]:
        family = DiskFamily.parse(address)
        assert DiskFamily.parse(str(family)) == family
        assert DiskFamily.parse(another(family)) == family


@pytest.mark.parametrize(
    ("address", "version"),
    [
        (UBUNTU.format("noble", "20270101.1", "24.04", "amd64"), "20270101.1"),
        (DEBIAN.format("trixie", "13", "20260712-2537", "genericcloud"), "20260712-2537"),
        (FEDORA.format("43", "1.6", "x86_64"), "43-1.6"),
        (COREOS.format("stable", "44.20260101.3.1", "x86_64"), "44.20260101.3.1"),
        (FLATCAR.format("stable", "amd64", "4152.0.0"), "4152.0.0"),
        (CENTOS.format("9", "x86_64", "20260101.1"), "20260101.1"),
        (TALOS.format(ONE, "v1.8.0-beta.1", "nocloud", "amd64"), "1.8.0-beta.1"),
        ("https://x.io/vms/1.0/a-20260101.raw", "20260101"),
        ("https://x.io/a.raw", None),
        ("https://x.io/vms/a-*.raw", None),
    ],
)
def test_the_version_of_an_address_is_what_the_last_star_stands_for(
    address: str, version: str | None
) -> None:
    assert DiskFamily.parse(address).version_in(address) == version
    assert DiskFamily.parse("https://x.io/b-1.0.raw").version_in(address) is None


def test_what_is_no_address_has_no_version() -> None:
    assert DiskFamily.parse("https://x.io/b-1.0.raw").version_in("b-1.0.raw") is None


MIRRORED = {
    Publisher.UBUNTU: UBUNTU.format("noble", "20270101.1", "24.04", "amd64"),
    Publisher.DEBIAN: DEBIAN.format("trixie", "13", "20260712-2537", "genericcloud"),
    Publisher.FEDORA: FEDORA.format("43", "1.6", "x86_64"),
    Publisher.FEDORA_COREOS: COREOS.format("stable", "44.20260101.3.1", "x86_64"),
    Publisher.FLATCAR: FLATCAR.format("stable", "amd64", "4152.0.0"),
    Publisher.CENTOS: CENTOS.format("9", "x86_64", "20260101.1"),
    Publisher.TALOS: TALOS.format(ONE, "v1.8.0", "nocloud", "amd64"),
}


@pytest.mark.parametrize("publisher", Publisher)
def test_a_publisher_is_known_by_its_path_and_by_its_host(publisher: Publisher) -> None:
    address = MIRRORED[publisher]
    host = address.split("/")[2]
    path = address.partition(host)[2]
    assert publisher_of(address) is publisher
    assert publisher_of(str(DiskFamily.parse(address))) is publisher
    assert publisher_of(f"https://mirror.lan:8443{path}") is publisher
    assert publisher_of(f"https://{host.upper()}/latest.img") is publisher


@pytest.mark.parametrize(
    "address", [ROCKY.format("9", "8", "20260525"), "https://x.io/a-1.0.raw", "http://x:1/a.raw"]
)
def test_an_unknown_publisher(address: str) -> None:
    assert publisher_of(address) is None


WORDS = st.sampled_from(
    ["a", "disk", "x86_64", "v1.2.3", "20260101", "9", "9-stream", "ubuntu-22.04", "release-1", "*"]
)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map("-".join)


@given(st.lists(NAMES, min_size=1, max_size=6))
def test_whatever_the_address_its_family_is_stable_and_keeps_the_first_directory(
    parts: list[str],
) -> None:
    address = f"https://x.io/{'/'.join(parts)}.img"
    family = DiskFamily.parse(address)
    assert DiskFamily.parse(str(family)) == family
    kept = family.pattern.removeprefix("https://x.io/").split("/")
    assert len(kept) == len(parts)
    assert len(parts) == 1 or kept[0] == parts[0]


@pytest.mark.parametrize(
    "address",
    ["ftp://x.io/a", "https://x.io/", "x.io/a.img", "https://u@x/a", f"http://x/{'1-' * 1000}a"],
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(Refusal, match="is not the address of a disk image"):
        DiskFamily.parse(address)


def test_a_disk_image_has_an_address_and_a_checksum() -> None:
    family, checksum = DiskFamily.parse("https://X.io/a-1.0.raw"), f"sha512:{'a' * 128}"
    image = DiskImage(family, "2.0", "https://x.io/a-2.0.raw", checksum)
    assert str(image) == f"https://x.io/a-2.0.raw {checksum}"
    assert not is_checksum("sha512:aa")
    with pytest.raises(Refusal, match="is not a checksum"):
        DiskImage(family, "2.0", "https://x.io/a-2.0.raw", "sha256:1")
    with pytest.raises(Refusal, match="is not the address"):
        DiskImage(family, "2.0", "a-2.0.raw", checksum)
