"""What each publisher's documents list, and where they are."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from github_app.warehouse.disk_index.formats import (
    centos,
    debian,
    fedora,
    fedora_coreos,
    flatcar,
    talos,
    ubuntu,
)
from github_app.warehouse.disk_index.listed import Listed, ListedImage, ListedVersion, day
from plugin.artifact import DiskFamily
from plugin.errors import Refusal
from tests.warehouse.disk_index import documents
from tests.warehouse.disk_index.documents import QCOW2, RAW, sha256


def images(listed: tuple[Listed, ...]) -> dict[str, str | None]:
    """File names to checksums."""
    return {
        one.path.rpartition("/")[2]: one.checksum for one in listed if isinstance(one, ListedImage)
    }


def versions(listed: tuple[Listed, ...]) -> list[str]:
    return [one.version for one in listed if isinstance(one, ListedVersion)]


def test_ubuntu_lists_the_disk_images_of_every_product() -> None:
    listed = ubuntu.listed(documents.simplestream({"20260705": sha256(1), "20260705.1": None}))
    assert len(listed) == 4
    first, second = (one for one in listed if "amd64" in getattr(one, "path", ""))
    path = "server/releases/noble/release-{}/ubuntu-24.04-server-cloudimg-amd64.img"
    july = datetime(2026, 7, 5, tzinfo=UTC)
    assert first == ListedImage(path.format("20260705"), f"sha256:{sha256(1)}", july)
    assert second == ListedImage(path.format("20260705.1"), None, july)


def test_debian_has_several_uploads_of_one_build() -> None:
    listed = debian.listed(documents.debian_build("20260712-2537"))
    assert images(listed) == {
        "debian-12-generic-amd64-20260712-2537.raw": f"sha512:{RAW.hex()}",
        "debian-12-generic-amd64-20260712-2537.qcow2": f"sha512:{QCOW2.hex()}",
    }


def test_fedora_lists_links_with_and_without_checksum() -> None:
    found = images(fedora.listed(documents.fedora_releases()))
    assert found["Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2"] == f"sha256:{sha256(43)}"
    assert found["Fedora-Cloud-Base-Generic-44_Beta-1.2.x86_64.qcow2"] is None
    assert len(found) == 5


def test_a_beta_that_does_not_say_so_in_its_link_does_not_count() -> None:
    hidden = documents.fedora_image("44", "Fedora-Cloud-Base-Generic-44-1.2.x86_64.qcow2", None)
    assert isinstance(hidden, dict)
    assert len(fedora.listed(json.dumps([hidden]))) == 1
    assert fedora.listed(json.dumps([hidden | {"version": "44 Beta"}])) == ()


def test_fedora_coreos_has_one_release_for_many_platforms() -> None:
    listed = fedora_coreos.listed(documents.coreos_stream("44.20260801.3.0"))
    assert images(listed) == {
        "fedora-coreos-44.20260801.3.0-qemu.x86_64.qcow2.xz": f"sha256:{sha256(10)}",
        "fedora-coreos-44.20260801.3.0-openstack.x86_64.qcow2.xz": f"sha256:{sha256(20)}",
    }
    assert listed[0].created == datetime(2026, 8, 18, 14, 18, 43, tzinfo=UTC)


def test_a_time_that_no_clock_shows_leaves_fedora_coreos_without_one() -> None:
    stream = documents.coreos_stream("44.20260801.3.0")
    odd = stream.replace("2026-08-18T14:18:43Z", "9999-12-31T23:59:59-01:00")
    assert odd != stream
    assert {one.created for one in fedora_coreos.listed(odd)} == {None}


def test_centos_lists_composes_and_the_newest_twice() -> None:
    found = images(centos.listed(documents.CENTOS))
    assert len(found) == 6
    assert found["CentOS-Stream-GenericCloud-9-latest.x86_64.qcow2"] == f"sha256:{sha256(4)}"


def test_flatcar_says_its_current_version_or_all() -> None:
    july, august = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 11, tzinfo=UTC)
    assert flatcar.listed(documents.FLATCAR) == (ListedVersion("4593.2.5", august),)
    listed = flatcar.listed(documents.FLATCAR_RELEASES)
    assert versions(listed) == ["4593.2.5", "4459.2.10", "4459.2.9"]
    assert listed[1].created == july


def test_talos_leaves_broken_versions_out() -> None:
    everything = ["1.9.5", "1.13.9", "1.13.10", "1.14.0-beta.1", "1.13.11"]
    assert versions(talos.listed(documents.TALOS)) == everything
    assert versions(talos.listed(documents.TALOS, "null")) == everything
    broken = json.dumps(["v1.13.11", "v1.2.3"])
    assert versions(talos.listed(documents.TALOS, broken)) == everything[:-1]


def test_a_factory_that_does_not_know_the_question_for_broken_versions_answers_with_all() -> None:
    assert len(talos.listed(documents.TALOS, documents.TALOS)) == 5


UBUNTU = "https://cloud-images.ubuntu.com"
STREAM = "streams/v1/com.ubuntu.cloud:{}:download.json"
SCHEMATIC = "0" * 64


@pytest.mark.parametrize(
    ("index", "address", "place"),
    [
        (
            ubuntu.index,
            f"{UBUNTU}/releases/noble/release-20260705/ubuntu-24.04-server-cloudimg-amd64.img",
            f"{UBUNTU}/releases/{STREAM.format('released')}",
        ),
        (
            ubuntu.index,
            f"{UBUNTU}/minimal/releases/noble/release-20260705/ubuntu-24.04-minimal-cloudimg-a.img",
            f"{UBUNTU}/minimal/releases/{STREAM.format('released')}",
        ),
        (
            ubuntu.index,
            f"{UBUNTU}/noble/20260705/noble-server-cloudimg-amd64.img",
            f"{UBUNTU}/daily/{STREAM.format('daily')}",
        ),
        (
            ubuntu.index,
            f"{UBUNTU}/minimal/daily/noble/20260705/noble-minimal-cloudimg-amd64.img",
            f"{UBUNTU}/minimal/daily/{STREAM.format('daily')}",
        ),
        (
            debian.index,
            "https://x.io/cloud/bookworm/20260712-2537/debian-12-generic-amd64-20260712-2537.qcow2",
            "https://x.io/cloud/bookworm/latest/debian-12-generic-amd64.json",
        ),
        (
            debian.index,
            "https://x.io/trixie/daily/20260712-1/debian-13-nocloud-arm64-daily-20260712-1.raw",
            "https://x.io/trixie/daily/latest/debian-13-nocloud-arm64-daily.json",
        ),
        (debian.index, "https://x.io/images/debian-12-20260712.qcow2", None),
        (
            fedora.index,
            "https://mirror.lan/x-43.1.qcow2",
            "https://fedoraproject.org/releases.json",
        ),
        (
            fedora_coreos.index,
            "https://x.io/prod/streams/next/builds/44.1.1.0/x86_64/fedora-coreos-44.1.1.0-qemu.raw",
            "https://x.io/streams/next.json",
        ),
        (fedora_coreos.index, "https://x.io/fcos/44.1.1.0/fedora-coreos-44.1.1.0.raw", None),
        (
            centos.index,
            "https://x.io/9-stream/x86_64/images/CentOS-Stream-GenericCloud-9-20260720.0.x.qcow2",
            "https://x.io/9-stream/x86_64/images/CHECKSUM",
        ),
        (
            flatcar.index,
            "https://beta.release.flatcar-linux.net/arm64-usr/4593.1.0/flatcar_production_x.img",
            "https://beta.release.flatcar-linux.net/arm64-usr/current/version.txt",
        ),
        (flatcar.index, "https://x.io/images/flatcar-4593.1.0.img", None),
        (
            talos.index,
            f"https://factory.talos.dev/image/{SCHEMATIC}/v1.13.9/nocloud-amd64.raw.xz",
            "https://factory.talos.dev/versions",
        ),
        (
            talos.index,
            f"https://x.io:8443/factory/image/{SCHEMATIC}/1.13.9/nocloud-amd64.raw.xz",
            "https://x.io:8443/factory/versions",
        ),
        (talos.index, "https://x.io/talos/v1.13.9/nocloud-amd64.raw.xz", None),
    ],
)
def test_where_the_list_is(index: object, address: str, place: str | None) -> None:
    assert callable(index)
    assert index(DiskFamily.parse(address).pattern) == place


def test_fedoras_checksum_file_is_named_after_the_release() -> None:
    base = "https://x.io/releases/43/Cloud/x86_64/images/"
    names = {"Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2", "Fedora-Cloud-Base-43-1.6.x.raw.xz"}
    for name in names:
        assert fedora.sums(base + name) == ("Fedora-Cloud-43-1.6-x86_64-CHECKSUM",)
    assert fedora.sums("https://x.io/a.qcow2") == ()


@pytest.mark.parametrize(
    ("read", "text", "problem"),
    [
        (ubuntu.listed, "{", "it is no JSON"),
        (ubuntu.listed, "[]", "it is no JSON object"),
        (ubuntu.listed, '{"format": "index:1.0"}', "a stream of products"),
        (ubuntu.listed, '{"format": "products:1.0"}', "'products' is no JSON object"),
        (ubuntu.listed, '{"format": "products:1.0", "products": {"a": 1}}', "'a' in 'products'"),
        (debian.listed, "{}", "'items' is no JSON array"),
        (debian.listed, '{"items": []}', "no item of it is an Upload"),
        (debian.listed, '{"items": [{"kind": "Upload", "apiVersion": "v1"}]}', "is not of cloud"),
        (fedora.listed, "{}", "it is no JSON array"),
        (fedora.listed, "[{}]", "'link' is missing"),
        (fedora.listed, '[{"link": "a.raw"}]', "'version' is missing"),
        (
            fedora.listed,
            '[{"link": "a.raw", "version": "43", "sha256": "x"}]',
            "sha256 'x' is none",
        ),
        (fedora.listed, '[{"link": "a.raw", "version": "43", "sha256": 5}]', "sha256 '5' is none"),
        (fedora_coreos.listed, "{}", "'architectures' is no JSON object"),
        (centos.listed, "<html>", "no line of it"),
        (flatcar.listed, "COREOS_VERSION=1", "FLATCAR_VERSION is missing"),
        (flatcar.listed, "FLATCAR_VERSION=../..", "no version: '../..'"),
        (flatcar.listed, '{"current": {}}', "none of its keys is a version"),
        (talos.listed, "[]", "lists no version"),
        (talos.listed, "{}", "lists no version"),
        (talos.listed, '{"a": 1}', "no JSON array"),
        (talos.listed, '["v1.2.3", 4]', "'4' is no version"),
        (talos.listed, '["v1.2.3/../.."]', "is no version"),
    ],
)
def test_what_is_missing_is_said(read: object, text: str, problem: str) -> None:
    assert callable(read)
    with pytest.raises(Refusal, match=problem):
        read(text)


@pytest.mark.parametrize("digest", ["sha512:AAAA", "md5:AAAA", "sha512:!", "", "sha512:é", "x"])
def test_debians_digest_must_be_one(digest: str) -> None:
    build = json.loads(documents.debian_build("20260712-2537"))
    build["items"][2]["metadata"]["annotations"]["cloud.debian.org/digest"] = digest
    with pytest.raises(Refusal, match="of an Upload is none"):
        debian.listed(json.dumps(build))


def test_debian_may_say_no_digest() -> None:
    build = json.loads(documents.debian_build("20260712-2537"))
    for item in build["items"][1:]:
        del item["metadata"]["annotations"]
    assert set(images(debian.listed(json.dumps(build))).values()) == {None}


@pytest.mark.parametrize("text", ["20261305", "20260231", "2026", "x", "120260705"])
def test_what_is_no_day(text: str) -> None:
    assert day(text) is None
