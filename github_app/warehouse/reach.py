"""Which addresses a registry may send us to: never further into our network than it stands."""

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


class Zone(enum.IntEnum):
    """Where an address lies, from the world inwards; nobody is sent to `FORBIDDEN` ones."""

    PUBLIC = 0
    PRIVATE = 1
    LOOPBACK = 2
    FORBIDDEN = 3


class Reach:
    """Who may be asked on behalf of a registry.

    Plain HTTP is spoken only to loopback addresses and to the hosts in `insecure`. `addresses`
    tells a name's addresses; of a name that has none nothing is known, and it is nobody's harm.
    """

    def __init__(self, insecure: frozenset[str] = frozenset(), addresses: Addresses | None = None):
        self._insecure = insecure
        self._addresses = addresses or addresses_of

    def is_plain(self, place: str) -> bool:
        """Whether plain HTTP is spoken to `host` or `host:port`."""
        host = urlsplit(f"//{place}").hostname or ""
        literal = _literal(host)
        return place in self._insecure or host == "localhost" or zone(literal) is Zone.LOOPBACK

    def check(self, origin: str, url: str) -> None:
        """Nothing, if the registry at `origin` may have us ask `url`; raises Refusal.

        Encrypted, unless plain HTTP is spoken there, and in no zone deeper than the registry's: a
        public one may not send us to 10.0.0.1, a private one may.
        """
        parts = _parts(url)
        host, place = parts.hostname or "", parts.netloc
        if not host or "@" in place:
            raise Refusal(f"{origin} sends us to '{url[:200]}', which is no address")
        if parts.scheme != "https" and not (parts.scheme == "http" and self.is_plain(place)):
            raise Refusal(f"{origin} sends us to '{url[:200]}', without encryption")
        deepest = zone(_literal(host)) if place == origin else self._zone(host)
        allowed = Zone.LOOPBACK
        if place != origin and deepest is not Zone.PUBLIC:
            allowed = min(self._zone(_parts(f"//{origin}").hostname or ""), allowed)
        if deepest > allowed:
            raise Refusal(f"{origin} sends us to {host}, which lies inside our own network")

    def _zone(self, host: str) -> Zone:
        literal = _literal(host)
        found = [literal] if literal is not None else self._addresses(host)
        return max((zone(one) for one in found), default=Zone.PUBLIC)


def zone(address: IpAddress | None) -> Zone:
    """Where an address lies; nobody knows of None, and it counts as public."""
    address = getattr(address, "ipv4_mapped", None) or address
    if address is None:
        return Zone.PUBLIC
    if address.is_link_local or address.is_unspecified or address.is_multicast:
        return Zone.FORBIDDEN
    if address in _METADATA:
        return Zone.FORBIDDEN
    if address.is_loopback:
        return Zone.LOOPBACK
    return Zone.PUBLIC if address.is_global else Zone.PRIVATE


def addresses_of(host: str) -> Iterable[IpAddress]:
    """The addresses the resolver knows a name by, none where it knows none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]


def _literal(host: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.partition("%")[0])
    except ValueError:
        return None


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 only asked for says whether it is a number
    except ValueError:
        raise Refusal(f"'{url[:200]}' is no address") from None
    return parts
