"""What a DataVolume is imported from: the versions it can move between, or why it cannot."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.artifact import DiskFamily, Reference, Repository, is_checksum
from plugin.errors import Refusal
from plugin.pins.kubevirt_objects import below
from plugin.pins.nodes import Mapping, Node, Scalar, Tree
from plugin.pins.pin import Field, Missing, Part, Present, Slot
from plugin.pins.reading import is_null, is_placeholder, reference_of, unwritable, word

REGISTRY = "docker://"

# https://github.com/kubevirt/containerized-data-importer/blob/main/doc/datavolumes.md
_WITHOUT_VERSION = {
    "upload": "is filled by an upload and holds what somebody put there",
    "blank": "is an empty disk for data",
    "pvc": "is a copy of another disk; bump the disk it copies, or name an image here",
    "snapshot": "is a copy of a snapshot; name an image here to have it bumped",
    "s3": "comes from S3, where CDI checks no checksum; serve it by https or as an image",
    "gcs": "comes from GCS, where CDI checks no checksum; serve it by https or as an image",
    "vddk": "comes from VMware and has no versions; name an image here to have it bumped",
    "imageio": "comes from oVirt and has no versions; name an image here to have it bumped",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The source of a disk: what it is a version of, which one, and the parts that say so."""

    subject: Repository | DiskFamily
    tag: str | None
    digest: str | None
    url: Scalar
    parts: tuple[Part, ...]

    @property
    def version(self) -> str | None:
        """The version for people that the source says: its tag, or what its address is of."""
        if isinstance(self.subject, DiskFamily):
            return self.subject.version_in(self.url.value)
        return self.tag


@dataclass(frozen=True, slots=True)
class Fixed:
    """A source that no version can be written into: where, why, and what stands there."""

    line: int
    column: int
    reason: str
    text: str


def origin_of(tree: Tree, spec: Mapping) -> Origin | Fixed | None:
    """What the DataVolume of `spec` is imported from; None where `spec` names no source."""
    source = spec.get("source")
    if not isinstance(source, Mapping):
        return None
    named = [(key, value) for key, value in source.named() if not _empty(value)]
    if len(named) != 1:
        reason = "has several sources; keep one" if named else "has a source that says nothing"
        return Fixed(source.line, source.column, reason, "?")
    (key, value), place = named[0], named[0][0]
    if key.value == "registry":
        return _registry(tree, value)
    if key.value == "http":
        return _http(tree, value)
    known = _WITHOUT_VERSION.get(key.value, "has a source that Towline does not know")
    url = word(below(source, key.value).get("url"))
    return Fixed(place.line, place.column, known, url or "?")


def subject_at(url: str) -> Repository | DiskFamily | None:
    """What a url of an image or a disk is a version of; None where it does not say."""
    if is_placeholder(url):
        return None
    if url.startswith(("http://", "https://")):
        try:
            return DiskFamily.parse(url)
        except Refusal:
            return None
    reference = reference_of(url.removeprefix(REGISTRY))
    return reference.repository if reference else None


def _empty(value: Node) -> bool:
    return isinstance(value, Scalar) and is_null(value)


def _registry(tree: Tree, node: Node) -> Origin | Fixed:
    url = _url(node)
    if isinstance(url, Fixed):
        return url
    return registry_origin(tree, url, by_node=word(below(node).get("pullMethod")) == "node")


def registry_origin(tree: Tree, url: Scalar, *, by_node: bool) -> Origin | Fixed:
    """The image that `url` names, pulled by the importer's pod or by the node's runtime."""
    reference = reference_of(url.value.removeprefix(REGISTRY))
    problem = unwritable(tree, url) or _foreign(url.value)
    if problem is None and reference is None:
        problem = f"'{url.value[:120]}' is not an image reference"
    if problem is not None or reference is None:
        return Fixed(url.line, url.column, problem or "", url.value)
    # The importer pod takes a digest or a tag, never both; the node's runtime takes both.
    field = Field.SUFFIX if by_node else Field.DIGEST_SUFFIX
    part = Part(Present(url), field, before=_spelling(url.value, reference))
    return Origin(reference.repository, reference.tag, reference.digest, url, (part,))


def _foreign(url: str) -> str | None:
    if url.startswith(REGISTRY):
        return None
    if url.startswith("oci-archive:"):
        return "is an archive inside the cluster; name an image by docker:// to have it bumped"
    return f"'{url[:120]}' has no scheme, which CDI refuses; write docker:// before the image"


def _spelling(url: str, reference: Reference) -> str:
    return url.partition("@")[0].removesuffix(f":{reference.tag}")


def _url(node: Node) -> Scalar | Fixed:
    url = below(node).get("url")
    if isinstance(url, Scalar) and url.value:
        return url
    reason = "names no url in place; write the image's url here"
    if below(node).get("imageStream") is not None:
        reason = "names an image stream, which moves by itself; write the image's url instead"
    return Fixed(node.line, node.column, reason, "?")


def _http(tree: Tree, node: Node) -> Origin | Fixed:
    url = _url(node)
    if isinstance(url, Fixed):
        return url
    slot = _checksum(tree, below(node), url)
    if slot is None:
        reason = "has a checksum that is not one; write sha256: and 64 digits"
        return Fixed(url.line, url.column, unwritable(tree, url) or reason, url.value)
    return http_origin(tree, url, slot)


def http_origin(tree: Tree, url: Scalar, checksum: Slot | None) -> Origin | Fixed:
    """The disk image at the address `url`, with the place of its checksum."""
    problem = unwritable(tree, url)
    try:
        family = DiskFamily.parse(url.value)
    except Refusal as refusal:
        return Fixed(url.line, url.column, problem or str(refusal), url.value)
    if problem is not None:
        return Fixed(url.line, url.column, problem, url.value)
    said = checksum.scalar.value if isinstance(checksum, Present) else ""
    address = Part(Present(url), Field.ADDRESS)
    parts = (address, Part(checksum, Field.CHECKSUM)) if checksum else (address,)
    return Origin(family, None, said or None, url, parts)


def _checksum(tree: Tree, http: Mapping, url: Scalar) -> Slot | None:
    """The checksum, or the line for one behind the url; CDI reads it since v1.65."""
    value = http.get("checksum")
    if isinstance(value, Scalar):
        known = is_checksum(value.value) or is_null(value) or not value.value
        return Present(value) if known and unwritable(tree, value) is None else None
    if value is not None:
        return None
    key = next(key for key, one in http.named() if one is url)
    if http.flow:
        return Missing(url.end, url.event, ", ", "checksum", key.style, quotes=bool(url.style))
    at, line_end = _end_of_line(tree.text, url.end)
    before = line_end + " " * (key.column - 1)
    return Missing(at, url.event, before, "checksum", key.style, quotes=False)


def _end_of_line(text: str, position: int) -> tuple[int, str]:
    found = re.compile(r"\r\n|\r|\n").search(text, position)
    if found is not None:
        return found.start(), found.group()
    before = re.search(r"\r\n|\r|\n", text)
    return len(text), before.group() if before else "\n"
