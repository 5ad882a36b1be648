"""Annotations on the resources that carry freight: which one, in which stage, where it came from.

They stand in `metadata` only: in a pod's template they would restart it. What kustomize printed is
changed as text, and to the same bytes as if kustomize itself had been told to annotate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cmp_to_key
from typing import TYPE_CHECKING

from plugin.divided import is_by_hand
from plugin.manifests.canonical import comes_before, scalar
from plugin.manifests.carriers import carriers
from plugin.manifests.documents import annotations_of, documents
from plugin.manifests.loads import Load, loads_of

if TYPE_CHECKING:
    from plugin.artifact.image import Image
    from plugin.record import Record

_FREIGHT = "towline.dev/freight"
_ALIAS = "towline.dev/alias"
_STAGE = "towline.dev/stage"
_OVERRIDE = "towline.dev/override"
# https://argo-cd.readthedocs.io/en/stable/user-guide/external-url/
_LINK = "link.argocd.argoproj.io/"

_INDENT = 4
_KEY_LENGTH = 63
_MARK = 8
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def annotated(
    manifests: bytes,
    records: tuple[Record, ...],
    stage: str,
    github_url: str,
    overrides: tuple[Image, ...] = (),
) -> bytes:
    """`manifests` with annotations on every object that carries an artifact of a record.

    `stage` is the stage's name and `github_url` GitHub's pages. `overrides` stand in place of the
    records' artifacts: they are no freight, and what carries one says so by itself. Documents of a
    plain directory, which begin with `---`, are annotated as people wrote them. All else stays
    byte for byte.
    """
    if not records or not manifests:
        return manifests
    loads = loads_of(records, overrides)

    def said(mine: Sequence[Load]) -> dict[str, str]:
        held = [one.record for one in mine if one.record is not None]
        others = [image for one in mine if one.record is None for image in one.artifacts]
        return annotations_for(held, stage, github_url, others)

    if is_by_hand(manifests):
        from plugin.manifests.handwritten import annotated_by_hand  # rare, and loads YAML

        return annotated_by_hand(manifests, loads, said)
    parts: list[bytes] = []
    position = 0
    lines: dict[tuple[Load, ...], Sequence[tuple[str, bytes]]] = {}
    for document, mine in carriers(tuple(documents(manifests)), loads):
        block = annotations_of(document)
        if block is None:
            continue
        if mine not in lines:
            lines[mine] = _lines(said(mine))
        parts += (manifests[position : block.start], _rewritten(block.entries, lines[mine]))
        position = block.end
    return b"".join([*parts, manifests[position:]])


def annotations_for(
    records: Sequence[Record], stage: str, github_url: str, overrides: Iterable[object] = ()
) -> dict[str, str]:
    """What is written on a resource that carries freight of `records`, or `overrides`.

    A stage without a name is not written.
    """
    ordered = sorted(records, key=lambda one: one.freight.warehouse)
    links = {
        _link_key(one.freight.warehouse if len(ordered) > 1 else ""): _address(one, github_url)
        for one in ordered
    }
    said = {
        _ALIAS: ", ".join(one.freight.alias for one in ordered),
        _FREIGHT: ", ".join(one.freight.id for one in ordered),
        _OVERRIDE: ", ".join(sorted(map(str, overrides))),
        _STAGE: stage,
    }
    return links | {key: value for key, value in said.items() if value}


def _link_key(warehouse: str) -> str:
    """A name of at most 63 characters; two warehouses never have the same.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set
    """
    name = f"towline-{warehouse}" if warehouse else "towline"
    if len(name) > _KEY_LENGTH:
        mark = hashlib.sha256(warehouse.encode()).hexdigest()[:_MARK]
        name = f"{name[: _KEY_LENGTH - _MARK - 1].rstrip('._-')}-{mark}"
    return _LINK + name


def _address(record: Record, github_url: str) -> str:
    """The page that lists the promotion's pull request, of any state, by its head branch.

    https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests#search-by-branch-name
    """
    head = "".join(
        chr(one) if one in _UNRESERVED else f"%{one:02X}" for one in record.head.encode()
    )
    return f"{github_url.rstrip('/')}/{record.repository}/pulls?q=is%3Apr+head%3A{head}"


def _lines(said: Mapping[str, str]) -> Sequence[tuple[str, bytes]]:
    """The annotations with their lines, in kustomize's order."""

    def order(one: str, other: str) -> int:
        return -1 if comes_before(one, other) else 1

    return [(key, _line(key, said[key])) for key in sorted(said, key=cmp_to_key(order))]


def _rewritten(entries: Iterable[tuple[str, bytes]], ours: Sequence[tuple[str, bytes]]) -> bytes:
    """The lines of annotations: those that were there and are not ours, and ours, in order."""
    own = {key for key, _ in ours}
    lines: list[bytes] = []
    at = 0
    for key, text in entries:
        if key in own:
            continue
        while at < len(ours) and comes_before(ours[at][0], key):
            lines.append(ours[at][1])
            at += 1
        lines.append(text)
    return b"".join([b"  annotations:\n", *lines, *(text for _, text in ours[at:])])


def _line(key: str, value: str) -> bytes:
    before = f"{' ' * _INDENT}{key}: "
    return f"{before}{scalar(value, _INDENT + 2, len(before))}\n".encode()
