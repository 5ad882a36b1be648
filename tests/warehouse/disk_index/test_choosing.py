"""Which listed images are versions of a disk, and which of them a subscription takes."""

from __future__ import annotations

import pytest

from github_app.warehouse.disk_index.choosing import Offered, offered, rules_of, taken
from github_app.warehouse.disk_index.formats import centos, fedora, flatcar, talos, ubuntu
from github_app.warehouse.disk_index.listed import Listed, ListedImage, ListedVersion
from plugin.artifact import DiskFamily
from plugin.artifact.disk import Publisher
from plugin.errors import Refusal
from plugin.subscriptions import DiskSubscription
from tests.warehouse.disk_index import documents
from tests.warehouse.disk_index.documents import sha256

UBUNTU = DiskFamily.parse(
    "https://mirror.lan/ubuntu/releases/noble/release-*/ubuntu-24.04-server-cloudimg-amd64.img"
)
FEDORA = DiskFamily.parse(
    "https://mirror.lan/fedora/linux/releases/42/Cloud/x86_64/images/"
    "Fedora-Cloud-Base-Generic-42-1.1.x86_64.qcow2"
)
CENTOS = DiskFamily.parse(
    "https://cloud.centos.org/centos/9-stream/x86_64/images/"
    "CentOS-Stream-GenericCloud-9-20240101.0.x86_64.qcow2"
)
FLATCAR = DiskFamily.parse(
    "https://stable.release.flatcar-linux.net/amd64-usr/4081.2.1/flatcar_production_x.img"
)
TALOS = DiskFamily.parse(f"https://factory.talos.dev/image/{'0' * 64}/v1.9.0/nocloud-amd64.raw.xz")


def chosen(
    family: DiskFamily,
    publisher: Publisher,
    listed: tuple[Listed, ...],
    **rules: object,
) -> list[str]:
    subscription = DiskSubscription("disk", family, publisher, **rules)  # type: ignore[arg-type]  # a test's words
    return [one.version for one in taken(rules_of(subscription), offered(family, listed))]


def test_the_address_keeps_the_form_it_was_written_in() -> None:
    listed = ubuntu.listed(documents.simplestream({"20260705": sha256(1)}))
    (one,) = offered(UBUNTU, listed)
    assert one == Offered(
        "20260705",
        "https://mirror.lan/ubuntu/releases/noble/release-20260705/"
        "ubuntu-24.04-server-cloudimg-amd64.img",
        f"sha256:{sha256(1)}",
        listed[0].created,
    )


def test_both_numbers_of_fedoras_release_are_taken_from_its_link() -> None:
    found = offered(FEDORA, fedora.listed(documents.fedora_releases()))
    assert [one.version for one in found] == ["42-1.1", "43-1.6"]
    assert found[1].address == (
        "https://mirror.lan/fedora/linux/releases/43/Cloud/x86_64/images/"
        "Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2"
    )


def test_a_beta_is_a_version_of_a_betas_address_only() -> None:
    beta = DiskFamily.parse(
        "https://x.io/releases/test/44_Beta/Cloud/x86_64/images/"
        "Fedora-Cloud-Base-Generic-44_Beta-1.1.x86_64.qcow2"
    )
    listed = fedora.listed(documents.fedora_releases())
    assert chosen(beta, Publisher.FEDORA, listed) == ["1.2"]
    assert chosen(FEDORA, Publisher.FEDORA, listed) == ["43-1.6", "42-1.1"]


def test_what_is_called_latest_is_no_version_and_respins_are_numbers() -> None:
    assert chosen(CENTOS, Publisher.CENTOS, centos.listed(documents.CENTOS)) == [
        "20260720.10",
        "20260720.9",
        "20260720.0",
        "20260629.0",
    ]


def test_a_version_is_written_as_the_address_has_it() -> None:
    with_v = offered(TALOS, talos.listed(documents.TALOS))
    assert with_v[0].address.endswith("/v1.9.5/nocloud-amd64.raw.xz")
    without = DiskFamily.parse(TALOS.pattern.replace("v*", "1.9.0"))
    (first, *_) = offered(without, talos.listed(documents.TALOS))
    assert first.address.endswith("/1.9.5/nocloud-amd64.raw.xz")
    assert first.version == with_v[0].version == "1.9.5"


@pytest.mark.parametrize(
    ("rules", "versions"),
    [
        ({}, ["1.13.11", "1.13.10", "1.13.9", "1.9.5"]),
        ({"constraint": "~1.9"}, ["1.9.5"]),
        ({"constraint": ">=1.13.10-0"}, ["1.14.0-beta.1", "1.13.11", "1.13.10"]),
        ({"ignore": (r"^1\.13\.11$",)}, ["1.13.10", "1.13.9", "1.9.5"]),
        ({"allow": (r"^1\.13\.",), "limit": 2}, ["1.13.11", "1.13.10"]),
    ],
)
def test_talos(rules: dict[str, object], versions: list[str]) -> None:
    assert chosen(TALOS, Publisher.TALOS, talos.listed(documents.TALOS), **rules) == versions


def test_pre_releases_stand_before_their_release() -> None:
    names = ["1.14.0-rc.1", "1.14.0-beta.10", "1.14.0", "1.14.0-beta.9", "1.14.0-alpha.2"]
    listed = tuple(ListedVersion(one) for one in names)
    assert chosen(TALOS, Publisher.TALOS, listed, constraint=">=1.14.0-0") == [
        "1.14.0",
        "1.14.0-rc.1",
        "1.14.0-beta.10",
        "1.14.0-beta.9",
        "1.14.0-alpha.2",
    ]


def test_flatcars_older_releases_are_for_those_who_constrain() -> None:
    listed = flatcar.listed(documents.FLATCAR_RELEASES)
    assert chosen(FLATCAR, Publisher.FLATCAR, listed, constraint="~4459.2") == [
        "4459.2.10",
        "4459.2.9",
    ]


def test_fedora_may_stay_on_a_release() -> None:
    listed = fedora.listed(documents.fedora_releases())
    assert chosen(FEDORA, Publisher.FEDORA, listed, constraint="<43") == ["42-1.1"]


def test_coreos_has_four_numbers() -> None:
    place = "https://x.io/streams/stable/builds/{0}/x86_64/fedora-coreos-{0}-qemu.x86_64.raw"
    family = DiskFamily.parse(place.format("44.20260101.3.1"))
    versions = ["44.20260801.3.2", "44.20260801.3.10", "43.20260801.3.0"]
    listed = tuple(ListedImage(place.format(one)) for one in versions)
    assert chosen(family, Publisher.FEDORA_COREOS, listed) == [
        "44.20260801.3.10",
        "44.20260801.3.2",
        "43.20260801.3.0",
    ]
    found = chosen(family, Publisher.FEDORA_COREOS, listed, constraint="^43")
    assert found == ["43.20260801.3.0"]


def test_dates_are_not_constrained() -> None:
    with pytest.raises(Refusal, match=r"versions of ubuntu are dates: .* '\^2026'"):
        chosen(UBUNTU, Publisher.UBUNTU, (), constraint="^1")


@pytest.mark.parametrize(
    "path",
    [
        "server/releases/noble/release-20260705/../../x",
        "release-20260705/ubuntu-24.04-server-cloudimg-arm64.img",
        "ubuntu-24.04-server-cloudimg-amd64.img",
        "release-20260705/evil/ubuntu-24.04-server-cloudimg-amd64.img",
        "release-20260705?x=/ubuntu-24.04-server-cloudimg-amd64.img",
        "release-*/ubuntu-24.04-server-cloudimg-amd64.img",
        "release-20260705\n/ubuntu-24.04-server-cloudimg-amd64.img",
        f"release-{'20260705' * 1000}/ubuntu-24.04-server-cloudimg-amd64.img",
    ],
)
def test_what_is_listed_cannot_lead_elsewhere(path: str) -> None:
    assert offered(UBUNTU, (ListedImage(path),)) == ()


def test_a_link_to_another_host_counts_for_its_end_only() -> None:
    path = "https://evil.example/release-20260705/ubuntu-24.04-server-cloudimg-amd64.img"
    (one,) = offered(UBUNTU, (ListedImage(path),))
    assert one.address.startswith("https://mirror.lan/ubuntu/releases/noble/release-20260705/")


@pytest.mark.parametrize("text", ["latest", "1.9", "*", "../1.9.0", "1.9.0/x", "1.9.0-foo.1", ""])
def test_what_is_no_version_of_the_family(text: str) -> None:
    found = [one.version for one in offered(FLATCAR, (ListedVersion(text),))]
    assert found == (["1.9"] if text == "1.9" else [])
