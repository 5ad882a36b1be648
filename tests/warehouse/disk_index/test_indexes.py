"""From a publisher's server to the disk a machine gets: version, address and checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests

from github_app.warehouse.candidate import Candidate
from github_app.warehouse.disk_index.background import InBackground
from github_app.warehouse.disk_index.fetching import HttpWeb
from github_app.warehouse.disk_index.indexes import DiskIndexes
from plugin.artifact import DiskFamily, DiskImage
from plugin.artifact.disk import Publisher, publisher_of
from plugin.bumping import bumps
from plugin.errors import Refusal, Temporary
from plugin.pins.sources import Sources
from plugin.subscriptions import DiskSubscription
from tests.clocks import Clock
from tests.warehouse.disk_index import documents
from tests.warehouse.disk_index.documents import QCOW2, sha256
from tests.warehouse.disk_index.site import Reply, Site, site

DISK = b"disk" * 1000
SUM = f"sha256:{hashlib.sha256(DISK).hexdigest()}"
SCHEMATIC = "376567988ad370138ad8b269" + "2" * 40

NOBLE = "/releases/noble/release-{}/ubuntu-24.04-server-cloudimg-amd64.img"
BOOKWORM = "/images/cloud/bookworm/{0}/debian-12-generic-amd64-{0}.qcow2"
FEDORA = (
    "/fedora/linux/releases/{0}/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-{0}-{1}.x86_64.qcow2"
)
COREOS = "/prod/streams/stable/builds/{0}/x86_64/fedora-coreos-{0}-qemu.x86_64.qcow2.xz"
CENTOS = "/centos/9-stream/x86_64/images/CentOS-Stream-GenericCloud-9-{}.x86_64.qcow2"
FLATCAR = "/amd64-usr/{}/flatcar_production_kubevirt_image.qcow2"
TALOS = f"/image/{SCHEMATIC}/v{{}}/nocloud-amd64.raw.xz"


@pytest.fixture
def server() -> Iterator[Site]:
    with site() as running:
        stream = documents.simplestream({"20260629": sha256(1), "20260705": sha256(2)})
        running.put("/releases/streams/v1/com.ubuntu.cloud:released:download.json", stream)
        running.put(
            "/images/cloud/bookworm/latest/debian-12-generic-amd64.json",
            documents.debian_build("20260712-2537"),
        )
        running.put("/releases.json", documents.fedora_releases())
        running.put("/streams/stable.json", documents.coreos_stream("44.20260801.3.0"))
        running.put("/centos/9-stream/x86_64/images/CHECKSUM", documents.CENTOS)
        running.put("/amd64-usr/current/version.txt", documents.FLATCAR)
        running.put(f"{FLATCAR.format('4593.2.5')}.DIGESTS", documents.DIGESTS)
        running.put("/versions", documents.TALOS)
        running.put("/versions?broken=true", "null")
        running.files[f"{TALOS.format('1.13.11')}.sha256"] = Reply(b"for customers", 402)
        running.put(TALOS.format("1.13.11"), DISK)
        yield running


def watching(address: str, index: str | None = None, **more: object) -> DiskSubscription:
    publisher = publisher_of(address)
    assert publisher is not None
    family = DiskFamily.parse(address)
    return DiskSubscription("disk", family, publisher, index, **more)  # type: ignore[arg-type]  # a test's words


def indexes(clock: Clock | None = None) -> DiskIndexes:
    known = clock or Clock()
    return DiskIndexes(HttpWeb(requests.Session(), known), known)


def best(subscription: DiskSubscription) -> DiskImage:
    artifact = indexes().candidates(subscription)[0].artifact
    assert isinstance(artifact, DiskImage)
    return artifact


@pytest.mark.parametrize(
    ("old", "version", "new", "checksum"),
    [
        (NOBLE.format("20240423"), "20260705", NOBLE.format("20260705"), f"sha256:{sha256(2)}"),
        (NOBLE.format("*"), "20260705", NOBLE.format("20260705"), f"sha256:{sha256(2)}"),
        (
            BOOKWORM.format("20250210-2019"),
            "20260712-2537",
            BOOKWORM.format("20260712-2537"),
            f"sha512:{QCOW2.hex()}",
        ),
        (
            COREOS.format("42.20250101.3.0"),
            "44.20260801.3.0",
            COREOS.format("44.20260801.3.0"),
            f"sha256:{sha256(10)}",
        ),
        (
            CENTOS.format("20240101.0"),
            "20260720.10",
            CENTOS.format("20260720.10"),
            f"sha256:{sha256(4)}",
        ),
        (FLATCAR.format("4081.2.1"), "4593.2.5", FLATCAR.format("4593.2.5"), f"sha512:{'c' * 128}"),
        (TALOS.format("1.9.0"), "1.13.11", TALOS.format("1.13.11"), SUM),
    ],
)
def test_the_newest_disk_of_each_publisher(
    server: Site, old: str, version: str, new: str, checksum: str
) -> None:
    subscription = watching(server.url + old)
    found = best(subscription)
    assert found == DiskImage(subscription.family, version, server.url + new, checksum)


def test_fedoras_list_is_one_for_all_mirrors(server: Site) -> None:
    address = f"{server.url}{FEDORA.format('42', '1.1')}"
    found = best(watching(address, f"{server.url}/releases.json"))
    assert found.address == f"{server.url}{FEDORA.format('43', '1.6')}"
    assert (found.tag, found.digest) == ("43-1.6", f"sha256:{sha256(43)}")


def test_a_mirror_that_hides_its_publisher(server: Site) -> None:
    mirror = "https://mirror.lan/vms/9-stream/CentOS-Stream-GenericCloud-9-{}.x86_64.qcow2"
    address = mirror.format("20240101.0")
    assert publisher_of(address) is None
    index = f"{server.url}/centos/9-stream/x86_64/images/CHECKSUM"
    family = DiskFamily.parse(address)
    found = best(DiskSubscription("disk", family, Publisher.CENTOS, index))
    assert found.address == mirror.format("20260720.10")


def test_candidates_are_best_first_with_their_time(server: Site) -> None:
    subscription = watching(server.url + NOBLE.format("*"))
    first, second = indexes().candidates(subscription)
    assert (first.artifact.tag, second.artifact.tag) == ("20260705", "20260629")
    assert first.created == datetime(2026, 7, 5, tzinfo=UTC)
    assert len(indexes().candidates(replace(subscription, limit=1))) == 1


def test_the_named_subscription_stays_in_the_subject(server: Site) -> None:
    subscription = watching(server.url + NOBLE.format("*"))
    family = replace(subscription.family, subscription="lts")
    assert best(replace(subscription, family=family)).subject == family


def test_only_the_best_one_is_read_where_no_list_says_a_checksum(server: Site) -> None:
    clock = Clock()
    subscription = watching(server.url + TALOS.format("1.9.0"))
    one = indexes(clock)
    (found,) = one.candidates(subscription)
    assert isinstance(found, Candidate)
    read = [path for path in server.since() if path.startswith("/image/")]
    assert read == [f"{TALOS.format('1.13.11')}.sha256", TALOS.format("1.13.11")]
    for _ in range(3):
        clock.passes(minutes=2)
        assert one.candidates(subscription) == (found,)
        assert server.since() == ["/versions ?"]


@pytest.mark.parametrize(
    "path", [NOBLE, BOOKWORM, COREOS, CENTOS, FLATCAR, TALOS.replace("v{}", "v{0}")]
)
def test_an_unchanged_disk_costs_one_conditional_request(server: Site, path: str) -> None:
    clock = Clock()
    one = indexes(clock)
    subscription = watching(server.url + path.format("*"))
    found = one.candidates(subscription)
    server.since()
    for _ in range(2):
        clock.passes(minutes=2)
        assert one.candidates(subscription) == found
        (asked,) = server.since()
        assert asked.endswith(" ?")


def test_many_subscriptions_to_one_list_read_it_once(server: Site) -> None:
    one = indexes()
    for name in ("a", "b", "c"):
        one.candidates(replace(watching(server.url + NOBLE.format("*")), name=name))
    assert len(server.since()) == 1


def test_what_is_filtered_and_by_which_rule(server: Site) -> None:
    subscription = watching(server.url + TALOS.format("*"), constraint="~1.13", limit=1)
    out = {one.tag: one.rule for one in indexes().filtered(subscription)}
    assert out == {
        "1.9.5": "outside ~1.13",
        "1.13.9": "beyond the limit of 1",
        "1.13.10": "beyond the limit of 1",
        "1.14.0-beta.1": "a pre-release, and ~1.13 names none",
    }


def test_a_version_may_be_asked_for_by_its_name(server: Site) -> None:
    server.put(TALOS.format("1.13.9"), b"older")
    one = indexes()
    subscription = watching(server.url + TALOS.format("*"), ignore=("9",))
    found = one.exact(subscription, "v1.13.9")
    assert found is not None
    assert found.artifact == DiskImage(
        subscription.family,
        "1.13.9",
        server.url + TALOS.format("1.13.9"),
        f"sha256:{hashlib.sha256(b'older').hexdigest()}",
    )
    assert one.exact(subscription, "1.2.3") is None


def test_nothing_is_offered_while_the_newest_is_read_beside_the_worker(server: Site) -> None:
    clock = Clock()
    web = HttpWeb(requests.Session(), clock)
    sums = InBackground(web, clock)
    one = DiskIndexes(web, clock, sums).asked_by("acme")
    subscription = watching(server.url + TALOS.format("*"))
    with pytest.raises(Temporary, match="is being read to compute its checksum"):
        one.candidates(subscription)
    sums.wait()
    (first,) = one.candidates(subscription)
    assert first.artifact.content == SUM

    server.put("/versions", '["v1.13.11", "v1.13.12"]')
    server.put(TALOS.format("1.13.12"), b"newer")
    clock.passes(minutes=2)
    with pytest.raises(Temporary, match=r"v1\.13\.12/.* is being read"):
        one.candidates(subscription)
    sums.wait()
    newer, older = one.candidates(subscription)
    assert newer.artifact.content == f"sha256:{hashlib.sha256(b'newer').hexdigest()}"
    assert older == first, "known already: who finds the newest too young has this one"
    one.close()


def test_no_older_disk_takes_the_place_of_one_whose_checksum_nobody_knows(server: Site) -> None:
    clock = Clock()
    one = indexes(clock)
    subscription = watching(server.url + TALOS.format("*"))
    (first,) = one.candidates(subscription)
    server.put("/versions", '["v1.13.11", "v1.13.12", "v1.13.13"]')
    server.put(TALOS.format("1.13.13"), b"newest")
    clock.passes(minutes=2)
    (newest,) = one.candidates(subscription)
    assert (newest.artifact.tag, first.artifact.tag) == ("1.13.13", "1.13.11")


def test_nothing_that_passes_is_an_answer(server: Site) -> None:
    assert indexes().candidates(watching(server.url + NOBLE.format("*"), allow=("^2027",))) == ()


@pytest.mark.parametrize(
    ("path", "publisher", "problem"),
    [
        (
            "/releases/noble/release/ubuntu-24.04-server-cloudimg-amd64.img",
            Publisher.UBUNTU,
            "is whatever is newest",
        ),
        (
            "/images/cloud/bookworm/latest/debian-12-generic-amd64.qcow2",
            Publisher.DEBIAN,
            "write the address of one version, or a star",
        ),
        (
            "/amd64-usr/current/flatcar_production_kubevirt_image.qcow2",
            Publisher.FLATCAR,
            "is whatever is newest",
        ),
        (
            CENTOS.format("latest"),
            Publisher.CENTOS,
            "is whatever is newest",
        ),
        ("/vms/debian-12-20250210.qcow2", Publisher.DEBIAN, "say it with 'index'"),
        (
            NOBLE.format("20260705").replace("24.04", "22.04"),
            Publisher.UBUNTU,
            "lists no version of .*ubuntu-22.04-server-cloudimg-amd64.img",
        ),
        (BOOKWORM.replace("bookworm", "trixie").format("20260101-1"), Publisher.DEBIAN, r"\(404\)"),
    ],
)
def test_what_cannot_be_found_says_what_to_write(
    server: Site, path: str, publisher: Publisher, problem: str
) -> None:
    family = DiskFamily.parse(server.url + path)
    with pytest.raises(Refusal, match=problem):
        indexes().candidates(DiskSubscription("disk", family, publisher))


MANIFEST = """\
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata:
  name: noble-{old_suffix}
spec:
  source:
    http:
      url: {url}
      checksum: {checksum}
  storage: {{resources: {{requests: {{storage: 10Gi}}}}}}
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: web
  annotations: {{towline.dev/disk-policy: replace}}
spec:
  runStrategy: Always
  template:
    spec:
      domain: {{devices: {{}}}}
      volumes:
        - name: root
          dataVolume: {{name: noble-{old_suffix}}}
"""


def test_name_address_and_checksum_of_a_disk_move_together(server: Site) -> None:
    old, new = f"sha256:{sha256(9)[::-1]}", f"sha256:{sha256(2)}"
    address = server.url + NOBLE.format("20240423")
    before = MANIFEST.format(old_suffix=old[7:19], url=address, checksum=old)
    done = bumps(Sources({"vm.yaml": before}), [best(watching(address))])
    assert done.refused == ()
    after = done.files["vm.yaml"]
    url = server.url + NOBLE.format("20260705")
    assert f"url: {url}\n      checksum: {new}\n" in after
    assert f"  name: noble-{new[7:19]}\nspec:" in after
    assert f"dataVolume: {{name: noble-{new[7:19]}}}" in after
    # The disk before stays, so that going back imports nothing.
    assert after.count(old) == 1
