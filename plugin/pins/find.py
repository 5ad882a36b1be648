"""The table of finders, and the quick look that spares most files a parse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from plugin.artifact import Repository
from plugin.pins import kustomize_images, manifest_images
from plugin.pins.nodes import Refused, Tree
from plugin.pins.pin import Found, Pin
from plugin.pins.reading import mapping
from plugin.pins.tree import read

Finder = Callable[[str, Tree], Iterator[Pin | Refused]]

FINDERS: tuple[Finder, ...] = (
    kustomize_images.find,
    manifest_images.find,
)


def pins_in(file: str, text: str) -> Found:
    """Every pin of `text` in the order of the text, and the look-alikes that were not taken.

    `file` is the path for messages; its last part tells kustomizations from other files.
    """
    tree = read(file, text)
    if isinstance(tree, Refused):
        return Found(refused=(tree,))
    return found_in(file, tree)


def found_in(file: str, tree: Tree) -> Found:
    """As `pins_in`, for a text that was read already."""
    encrypted = _encrypted(file, tree)
    if encrypted is not None:
        return Found(refused=(encrypted,))
    found = [one for finder in FINDERS for one in finder(file, tree)]
    found.sort(key=lambda one: (one.line, one.column))
    return Found(
        tuple(one for one in found if isinstance(one, Pin)),
        tuple(one for one in found if isinstance(one, Refused)),
    )


def mentions(text: str, repositories: Iterable[Repository]) -> bool:
    """Whether `text` can hold a pin of one of `repositories`: cheap, and wrong only towards yes."""
    return any(one.path.rpartition("/")[2] in text for one in repositories)


def concerns(refused: Refused, text: str, repository: Repository) -> bool:
    """Whether something refused may be a pin of `repository`, so that it can't be passed over."""
    path = repository.path.removeprefix("library/")
    if not refused.text:
        return path in text
    pieces = refused.text.replace("@", ":").replace("/", ":").split(":")
    return path.rpartition("/")[2] in [piece.strip("\"'{}[], \t\r\n") for piece in pieces]


def _encrypted(file: str, tree: Tree) -> Refused | None:
    """SOPS signs all values of a file, so any edit breaks its decryption."""
    for document in tree.documents:
        sops = mapping(document).get("sops")
        if sops is not None and mapping(sops).get("mac") is not None:
            reason = (
                "is encrypted with SOPS, whose checksum covers every value; keep pins elsewhere"
            )
            return Refused(file, sops.line, sops.column, reason)
    return None
