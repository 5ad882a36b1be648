"""CentOS Stream's directories: a checksum file that names every compose.

https://cloud.centos.org/centos/. The file called `latest` in it is one of them once more. Whoever
keeps such a list beside disk images, as openSUSE and many mirrors do, is read the same way.
"""

from __future__ import annotations

from github_app.warehouse.disk_index.checksum_list import checksums
from github_app.warehouse.disk_index.listed import Listed, ListedImage, day, is_image
from plugin.errors import Refusal


def index(pattern: str) -> str:
    """The checksum file of the image's own directory."""
    return f"{pattern.rpartition('/')[0]}/CHECKSUM"


def listed(text: str) -> tuple[Listed, ...]:
    """Every disk image of the directory; raises Refusal where no line is a checksum."""
    found = checksums(text)
    if not found:
        raise Refusal("no line of it is a SHA-256 or SHA-512 checksum")
    return tuple(
        ListedImage(name, checksum, day(name)) for name, checksum in found.items() if is_image(name)
    )
