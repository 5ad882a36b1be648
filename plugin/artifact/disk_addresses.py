"""Which parts of a disk image's address are its version, by publisher."""

from __future__ import annotations

import enum
import re
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]


class Publisher(enum.Enum):
    """Who publishes disk images with metadata that tells their versions."""

    UBUNTU = "ubuntu"
    DEBIAN = "debian"
    FEDORA = "fedora"
    FEDORA_COREOS = "fedora-coreos"
    FLATCAR = "flatcar"
    CENTOS = "centos"
    TALOS = "talos"


_DATE = r"20\d{6}(?:[.-]\d+)*|20\d\d-\d\d-\d\d"
_DOTTED = r"\d+(?:\.\d+)+(?:-(?:alpha|beta|rc)\.?\d+)?"
_ARCH = r"[A-Za-z0-9_-]+"


def _shape(path: str) -> re.Pattern[str]:
    """The end of an address; `<...>` is what one version has and another has not.

    A family is an address too, so a star may stand for each.
    """
    return re.compile("(?:.*/)?" + path.replace("<", r"(\*|").replace(">", ")"))


# What is not in <> says which product it is: release, stream, channel, platform, architecture.
_SHAPES: tuple[tuple[Publisher | None, re.Pattern[str]], ...] = (
    # https://cloud-images.ubuntu.com/releases/ and https://cloud-images.ubuntu.com/noble/
    (Publisher.UBUNTU, _shape(rf"release-<{_DATE}>/ubuntu-[0-9.]+-[^/]+")),
    (Publisher.UBUNTU, _shape(rf"[a-z]+/<{_DATE}>/[a-z]+-(?:server|minimal)-cloudimg-[^/]+")),
    # https://cloud.debian.org/images/cloud/: the build twice, behind the architecture or `daily`
    (Publisher.DEBIAN, _shape(rf"<{_DATE}>/debian-[0-9]+-[a-z0-9-]+?-<{_DATE}>\.[^/]+")),
    # https://fedoraproject.org/releases.json: Fedora has no builds of one release, so the next
    # release is the next version. Its names were of three forms so far, each of its own family.
    (
        Publisher.FEDORA,
        _shape(
            rf"releases/<\d+>/[A-Za-z]+/{_ARCH}/images/"
            r"Fedora-[A-Za-z-]+(?:\.[a-z0-9_]+)?-<\d+-\d+(?:\.\d+)*>\.[^/]+"
        ),
    ),
    # https://builds.coreos.fedoraproject.org/streams/stable.json
    (
        Publisher.FEDORA_COREOS,
        _shape(rf"streams/[a-z-]+/builds/<{_DOTTED}>/{_ARCH}/fedora-coreos-<{_DOTTED}>-[^/]+"),
    ),
    # https://www.flatcar.org/docs/latest/reference/developer-guides/sdk-building-production-images/
    (Publisher.FLATCAR, _shape(rf"{_ARCH}-usr/<{_DOTTED}>/flatcar_production_[^/]+")),
    # https://cloud.centos.org/centos/
    (
        Publisher.CENTOS,
        _shape(rf"[0-9]+-stream/{_ARCH}/images/CentOS-Stream-[A-Za-z-]+-[0-9]+-<{_DATE}>\.[^/]+"),
    ),
    # https://github.com/siderolabs/image-factory#get-imageschematicversionpath
    (Publisher.TALOS, _shape(rf"image/[0-9a-f]{{64}}/v?<{_DOTTED}>/[^/]+")),
    # https://dl.rockylinux.org/pub/rocky/: the major version is the product
    (
        None,
        _shape(
            rf"rocky/<{_DOTTED}>/images/{_ARCH}/"
            rf"Rocky-[0-9]+-[A-Za-z-]+-<{_DOTTED}-(?:{_DATE})>\.[^/]+"
        ),
    ),
    # https://download.cirros-cloud.net/
    (None, _shape(rf"<{_DOTTED}>/cirros-<{_DOTTED}>-[^/]+")),
)
_HOSTS = {
    "cloud-images.ubuntu.com": Publisher.UBUNTU,
    "cloud.debian.org": Publisher.DEBIAN,
    "download.fedoraproject.org": Publisher.FEDORA,
    "dl.fedoraproject.org": Publisher.FEDORA,
    "builds.coreos.fedoraproject.org": Publisher.FEDORA_COREOS,
    "cloud.centos.org": Publisher.CENTOS,
    "factory.talos.dev": Publisher.TALOS,
}
_FLATCAR = ".release.flatcar-linux.net"
# Ubuntu's and openSUSE's releases are products, in whatever mirror's address.
_SOME_VERSION = re.compile(rf"(?<![0-9.])(?:{_DATE}|(?<!ubuntu-)(?<!Leap[_-]){_DOTTED})(?![0-9])")
# The file, and the directories above it in which a version may stand.
_LAST = 3


def publisher_at(host: str, path: str) -> Publisher | None:
    """Whose image stands at `path` of `host`: the form of the path tells, on every mirror."""
    for publisher, shape in _SHAPES:
        if shape.fullmatch(path):
            return publisher
    name = host.partition(":")[0]
    return Publisher.FLATCAR if name.endswith(_FLATCAR) else _HOSTS.get(name)


def without_version(path: str) -> str:
    """`path` with stars for what its versions differ in."""
    for start, end in reversed(version_spans(path)):
        path = path[:start] + "*" + path[end:]
    return path


def version_spans(path: str) -> list[Span]:
    """Where in `path` its version stands, from left to right.

    Of an unknown publisher's only dates and dotted numbers count, in the file's name and the two
    directories above, and never in the first one: it rather says whose image it is.
    """
    for _, shape in _SHAPES:
        found = shape.fullmatch(path)
        if found is not None:
            return [found.span(group) for group in range(1, found.re.groups + 1)]
    directories = path.count("/")
    return [
        one.span()
        for one in _SOME_VERSION.finditer(path)
        if path.count("/", 0, one.start()) > max(0, directories - _LAST) or not directories
    ]
