"""Which parts of a disk image's address are its version, by publisher."""

from __future__ import annotations

import re

_DATE = r"20\d{6}(?:[.-]\d+)*|20\d\d-\d\d-\d\d"
_DOTTED = r"\d+(?:\.\d+)+(?:-(?:alpha|beta|rc)\.?\d+)?"
_ARCH = r"[A-Za-z0-9_-]+"


def _shape(path: str) -> re.Pattern[str]:
    """The end of an address; `<...>` is what one version has and another has not.

    A family is an address too, so a star may stand for each.
    """
    return re.compile("(?:.*/)?" + path.replace("<", r"(\*|").replace(">", ")"))


# What is not in <> says which product it is: release, stream, channel, platform, architecture.
_SHAPES = (
    # https://cloud-images.ubuntu.com/releases/ and https://cloud-images.ubuntu.com/noble/
    _shape(rf"release-<{_DATE}>/ubuntu-[0-9.]+-[^/]+"),
    _shape(rf"[a-z]+/<{_DATE}>/[a-z]+-(?:server|minimal)-cloudimg-[^/]+"),
    # https://cloud.debian.org/images/cloud/: the build twice, behind the architecture or `daily`
    _shape(rf"<{_DATE}>/debian-[0-9]+-[a-z0-9-]+?-<{_DATE}>\.[^/]+"),
    # https://fedoraproject.org/releases.json: Fedora has no builds of one release, so the next
    # release is the next version. Its names were of three forms so far, each of its own family.
    _shape(
        rf"releases/<\d+>/[A-Za-z]+/{_ARCH}/images/"
        r"Fedora-[A-Za-z-]+(?:\.[a-z0-9_]+)?-<\d+-\d+(?:\.\d+)*>\.[^/]+"
    ),
    # https://builds.coreos.fedoraproject.org/streams/stable.json
    _shape(rf"streams/[a-z-]+/builds/<{_DOTTED}>/{_ARCH}/fedora-coreos-<{_DOTTED}>-[^/]+"),
    # https://www.flatcar.org/docs/latest/reference/developer-guides/sdk-building-production-images/
    _shape(rf"{_ARCH}-usr/<{_DOTTED}>/flatcar_production_[^/]+"),
    # https://cloud.centos.org/centos/
    _shape(rf"[0-9]+-stream/{_ARCH}/images/CentOS-Stream-[A-Za-z-]+-[0-9]+-<{_DATE}>\.[^/]+"),
    # https://dl.rockylinux.org/pub/rocky/: the major version is the product
    _shape(
        rf"rocky/<{_DOTTED}>/images/{_ARCH}/"
        rf"Rocky-[0-9]+-[A-Za-z-]+-<{_DOTTED}-(?:{_DATE})>\.[^/]+"
    ),
    # https://github.com/siderolabs/image-factory#get-imageschematicversionpath
    _shape(rf"image/[0-9a-f]{{64}}/v?<{_DOTTED}>/[^/]+"),
    # https://download.cirros-cloud.net/
    _shape(rf"<{_DOTTED}>/cirros-<{_DOTTED}>-[^/]+"),
)
# Ubuntu's and openSUSE's releases are products, in whatever mirror's address.
_SOME_VERSION = re.compile(rf"(?<![0-9.])(?:{_DATE}|(?<!ubuntu-)(?<!Leap[_-]){_DOTTED})(?![0-9])")
# The file, and the directories above it in which a version may stand.
_LAST = 3


def without_version(path: str) -> str:
    """`path` with stars for what its versions differ in.

    Of an unknown publisher's only dates and dotted numbers count, in the file's name and the two
    directories above, and never in the first one: it rather says whose image it is.
    """
    for shape in _SHAPES:
        found = shape.fullmatch(path)
        if found is not None:
            return _starred(path, found)
    head, *parts = path.split("/")
    if not parts:
        return _SOME_VERSION.sub("*", path)
    kept = len(parts) - _LAST
    changed = (part if at < kept else _SOME_VERSION.sub("*", part) for at, part in enumerate(parts))
    return "/".join((head, *changed))


def _starred(path: str, found: re.Match[str]) -> str:
    for group in range(found.re.groups, 0, -1):
        path = path[: found.start(group)] + "*" + path[found.end(group) :]
    return path
