"""Which addresses somebody may send us to: never further into our network than they stand."""

from __future__ import annotations

import enum
import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from plugin.errors import Refusal

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Addresses: TypeAlias = Callable[[str], Iterable[IpAddress]]

# Clouds tell machines their secrets at link-local addresses and at these
# (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html, Azure's
# wire server, Alibaba's and Oracle's metadata).
_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("fd00:ec2::254", "168.63.129.16", "100.100.100.200", "192.0.0.192"),
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Zone(enum.IntEnum):
    """Where an address lies, from the world inwards; nobody is sent to `FORBIDDEN` ones."""

    PUBLIC = 0
    PRIVATE = 1
    LOOPBACK = 2
    FORBIDDEN = 3


class Reach:
    """Who may be asked on behalf of a host that a person named.

    Plain HTTP is spoken only to loopback addresses and to the hosts in `insecure`. `addresses`
    tells a name's addresses; of a name that has none nothing is known, and it is nobody's harm.
    Without `neighbours` even a private host may send us no deeper than to public ones, but to
    itself and to the hosts in `insecure`.
    """

    def __init__(
        self,
        insecure: frozenset[str] = frozenset(),
        addresses: Addresses | None = None,
        *,
        neighbours: bool = True,
    ) -> None:
        self._insecure = insecure
        self._addresses = addresses or addresses_of
        self._neighbours = neighbours

    def is_plain(self, place: str) -> bool:
        """Whether plain HTTP is spoken to `host` or `host:port`."""
        host = urlsplit(f"//{place}").hostname or ""
        return place in self._insecure or Zone.LOOPBACK in map(zone, _literal(host))

    def check(self, origin: str, url: str, stands: Zone | None = None) -> Zone:
        """The deepest zone `url` may lie in when `origin` has us ask it; raises Refusal.

        Encrypted, unless plain HTTP is spoken there, and in no zone deeper than the origin's: a
        public one may not send us to 10.0.0.1, a private one may. `stands` is the origin's zone,
        where it is known better than from its name.
        """
        parts = place_of(url)
        host, place = parts.hostname or "", parts.netloc
        who = "we are sent" if place == origin else f"{origin} sends us"
        if not host or "@" in place:
            raise Refusal(f"{who} to '{url[:200]}', which is no address")
        if parts.scheme != "https" and not (parts.scheme == "http" and self.is_plain(place)):
            raise Refusal(
                f"{who} to '{url[:200]}', which is not encrypted: use https, or name {place} in "
                "TOWLINE_INSECURE_REGISTRIES to have it read without encryption"
            )
        named = place == origin or (not self._neighbours and self._is_named(origin, parts))
        found = _literal(host) or ([] if named else list(self._addresses(host)))
        deepest = max(map(zone, found), default=Zone.PUBLIC)
        allowed = Zone.LOOPBACK if named else self._allowed(origin, deepest, stands)
        if deepest > allowed:
            raise Refusal(
                f"{who} into a private network, to {host} ({max(found, key=zone)}): nobody leads "
                "us further inside our own network"
            )
        return allowed if named else deepest

    def _is_named(self, origin: str, parts: SplitResult) -> bool:
        return parts.netloc in self._insecure or parts.hostname == place_of(f"//{origin}").hostname

    def _allowed(self, origin: str, wanted: Zone, stands: Zone | None) -> Zone:
        """How deep strangers may lie; the origin is looked up only where that matters."""
        if wanted is Zone.PUBLIC or not self._neighbours:
            return Zone.PUBLIC
        if stands is None:
            host = place_of(f"//{origin}").hostname or ""
            found = _literal(host) or self._addresses(host)
            stands = max(map(zone, found), default=Zone.PUBLIC)
        return min(stands, Zone.LOOPBACK)


def zone(address: IpAddress) -> Zone:
    """Where an address lies, or the older one that it stands for."""
    address = _inner(address)
    if address.is_link_local or address.is_unspecified or address.is_multicast:
        return Zone.FORBIDDEN
    if address in _METADATA:
        return Zone.FORBIDDEN
    if address.is_loopback:
        return Zone.LOOPBACK
    return Zone.PUBLIC if address.is_global else Zone.PRIVATE


def _inner(address: IpAddress) -> IpAddress:
    """The IPv4 address in an IPv6 one: mapped, or behind a translator (RFC 4291, 3056, 6052)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    translated = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
    return address.ipv4_mapped or address.sixtofour or translated or address


def addresses_of(host: str) -> Iterable[IpAddress]:
    """The addresses the resolver knows a name by, none where it knows none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]


def place_of(url: str) -> SplitResult:
    """The parts of an address; raises Refusal where it has none."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 only asked for says whether it is a number
    except ValueError:
        raise Refusal(f"we are sent to '{url[:200]}', which is no address") from None
    return parts


def _literal(host: str) -> list[IpAddress]:
    """The address that a host's name is, none if it is a name indeed."""
    try:
        one = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.partition("%")[0])
    except ValueError:
        return []
    return [one]
