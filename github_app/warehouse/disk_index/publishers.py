"""The table of publishers: where each keeps its metadata, and what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from github_app.warehouse.disk_index.formats import (
    centos,
    debian,
    fedora,
    fedora_coreos,
    flatcar,
    talos,
    ubuntu,
)
from github_app.warehouse.disk_index.listed import Listed
from plugin.artifact.disk import Publisher

Names = Callable[[str], tuple[str, ...]]


def _none(address: str) -> tuple[str, ...]:
    del address
    return ()


def _named(*names: str) -> Names:
    """Files of these names, with the image's for `{}`."""
    return lambda address: tuple(one.format(address.rpartition("/")[2]) for one in names)


@dataclass(frozen=True, slots=True)
class Metadata:
    """How a publisher says what it has.

    `index` makes the metadata's address from a family's pattern, `beside` those of further
    documents that are read whenever the first has changed, `listed` reads them all in that order.
    `sums` says how checksum files next to an image may be called. `dotted` versions can be
    compared as semantic ones; the others are dates.
    """

    index: Callable[[str], str | None]
    listed: Callable[..., tuple[Listed, ...]]
    beside: Names = _none
    sums: Names = _none
    dotted: bool = False


PUBLISHERS: Mapping[Publisher, Metadata] = {
    Publisher.UBUNTU: Metadata(ubuntu.index, ubuntu.listed, sums=_named("SHA256SUMS")),
    Publisher.DEBIAN: Metadata(debian.index, debian.listed, sums=_named("SHA512SUMS")),
    Publisher.FEDORA: Metadata(fedora.index, fedora.listed, sums=fedora.sums, dotted=True),
    Publisher.FEDORA_COREOS: Metadata(
        fedora_coreos.index, fedora_coreos.listed, sums=_named("{}.sha256"), dotted=True
    ),
    Publisher.FLATCAR: Metadata(
        flatcar.index, flatcar.listed, sums=_named("{}.DIGESTS"), dotted=True
    ),
    Publisher.CENTOS: Metadata(centos.index, centos.listed, sums=_named("{}.SHA256SUM")),
    # Checksums are for those who pay for their factory; the public one answers 402.
    Publisher.TALOS: Metadata(
        talos.index, talos.listed, talos.beside, sums=_named("{}.sha256"), dotted=True
    ),
}
