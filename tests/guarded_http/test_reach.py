"""Every address lies in one zone, and names are known by where they lead."""

from __future__ import annotations

import ipaddress

import pytest

from github_app.guarded_http.reach import Reach, Zone, addresses_of, zone
from plugin.errors import Refusal


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("140.82.121.33", Zone.PUBLIC),
        ("2606:50c0:8000::154", Zone.PUBLIC),
        ("10.0.0.1", Zone.PRIVATE),
        ("172.16.0.1", Zone.PRIVATE),
        ("192.168.1.1", Zone.PRIVATE),
        ("100.64.0.1", Zone.PRIVATE),
        ("fd12::1", Zone.PRIVATE),
        ("127.0.0.1", Zone.LOOPBACK),
        ("::1", Zone.LOOPBACK),
        ("::ffff:127.0.0.1", Zone.LOOPBACK),
        ("::ffff:10.0.0.1", Zone.PRIVATE),
        ("169.254.169.254", Zone.FORBIDDEN),
        ("::ffff:169.254.169.254", Zone.FORBIDDEN),
        ("64:ff9b::169.254.169.254", Zone.FORBIDDEN),
        ("64:ff9b::140.82.121.33", Zone.PUBLIC),
        ("2002:a00:1::", Zone.PRIVATE),
        ("fd00:ec2::254", Zone.FORBIDDEN),
        ("fe80::1", Zone.FORBIDDEN),
        ("168.63.129.16", Zone.FORBIDDEN),
        ("100.100.100.200", Zone.FORBIDDEN),
        ("0.0.0.0", Zone.FORBIDDEN),  # noqa: S104 nothing is bound
        ("::", Zone.FORBIDDEN),
        ("224.0.0.1", Zone.FORBIDDEN),
    ],
)
def test_an_address_lies_in_one_zone(address: str, expected: Zone) -> None:
    assert zone(ipaddress.ip_address(address)) is expected


def test_a_name_is_known_by_its_deepest_address() -> None:
    several = [ipaddress.ip_address(one) for one in ("140.82.121.33", "169.254.169.254")]
    with pytest.raises(Refusal, match="inside our own network"):
        Reach(addresses=lambda host: several).check("ghcr.io", "https://cdn.example/")


def test_loopback_may_send_us_to_loopback() -> None:
    reach = Reach(addresses=addresses_of)
    reach.check("127.0.0.1:5000", "http://127.0.0.1:5001/token")
    reach.check("127.0.0.1:5000", "http://localhost:5001/token")
    with pytest.raises(Refusal):
        reach.check("10.0.0.1", "http://127.0.0.1:5001/token")


def test_numbers_in_other_forms_are_addresses_too() -> None:
    assert {zone(one) for one in addresses_of("2852039166")} == {Zone.FORBIDDEN}
    assert {zone(one) for one in addresses_of("0x7f.1")} == {Zone.LOOPBACK}


@pytest.mark.parametrize("host", ["", "a" * 70 + ".example", "\udcff"])
def test_what_is_no_name_has_no_address(host: str) -> None:
    assert [one for one in addresses_of(host) if zone(one) is not Zone.LOOPBACK] == []


def test_whose_zone_is_known_gains_nothing_by_its_name() -> None:
    """Whoever writes a name's addresses could say 10.0.0.1 as soon as it has sent us there."""
    reach = Reach(addresses=lambda host: [ipaddress.ip_address("10.0.0.1")])
    assert reach.check("ghcr.io", "https://10.0.0.7/") is Zone.PRIVATE
    with pytest.raises(Refusal, match="inside our own network"):
        reach.check("ghcr.io", "https://10.0.0.7/", Zone.PUBLIC)


def test_without_neighbours_only_who_is_named_may_be_private() -> None:
    reach = Reach(frozenset({"files.lan"}), addresses_of, neighbours=False)
    assert reach.check("10.0.0.1", "https://10.0.0.1:8443/") is Zone.LOOPBACK
    assert reach.check("10.0.0.1", "http://files.lan/") is Zone.LOOPBACK
    with pytest.raises(Refusal, match=r"sends us into a private network, to 10\.0\.0\.2"):
        reach.check("10.0.0.1", "https://10.0.0.2/")
