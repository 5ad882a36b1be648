"""What a webhook's address says behind its question mark."""

from __future__ import annotations

from collections.abc import Iterable

from plugin.artifact import Repository
from plugin.errors import Refusal

# Any name of an image: with it the place of images is read as images are.
_SOME = "/some/image"


def registry_in(query: Iterable[tuple[str, str]]) -> str:
    """`host[:port][/prefix]` of `?registry=` under its one name, '' without; raises Refusal.

    What stands there is not repeated: it may be a secret that somebody took for a parameter.
    """
    given = list(query)
    if not given:
        return ""
    if [name for name, _ in given] != ["registry"]:
        raise Refusal(
            "behind the ? of a webhook's address there may be registry=HOST[:PORT][/PREFIX], "
            "once, and nothing else: mend the address"
        )
    return _normalised(given[0][1].rstrip("/"))


def _normalised(written: str) -> str:
    try:
        found = Repository.parse(written + _SOME)
    except Refusal:
        found = None
    # Without a host that can be told from a word, images are Docker Hub's.
    if found is None or found.path == written + _SOME:
        raise Refusal(
            "?registry= in the webhook's address is not HOST[:PORT][/PREFIX]: write it as images "
            "are pulled from there, such as docker.example.com, without http://"
        )
    return str(found).removesuffix(_SOME)
