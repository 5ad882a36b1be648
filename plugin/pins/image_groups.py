"""Images in maps: one scalar, or a repository, tag and digest beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plugin.artifact import Repository, is_digest, is_tag
from plugin.pins import nodes
from plugin.pins.nodes import Alias, Node, Refused, Scalar, Tree
from plugin.pins.pin import Field, Part, Present
from plugin.pins.reading import (
    is_placeholder,
    reference_of,
    repository_of,
    scalar_of,
    text_of,
    unwritable,
)

_REGISTRIES = ("registry", "imageRegistry", "hub")
_REPOSITORIES = ("repository", "imageRepository")
# Words of many meanings: they name a repository below an `image` key only.
_BELOW_IMAGE = ("repo", "name")
_TAGS = ("tag", "imageTag")
_DIGESTS = ("digest", "sha")
_VERSIONS = frozenset((*_TAGS, *_DIGESTS))
IMAGE_KEYS = ("image", "Image", "IMAGE")
_HEX = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Place:
    """A mapping in values: its fields, the key it stands below, the registry around it.

    `fields` has those of merge keys, too. `registry` is what `global` says, '' for nothing.
    """

    file: str
    tree: Tree
    key: str
    fields: Mapping[str, Node]
    registry: str

    def refused(self, node: Node, reason: str, subject: Repository | None = None) -> Refused:
        """The look-alike at `node`, with what stands there."""
        text = text_of(node)
        if isinstance(node, nodes.Mapping):
            text = self.tree.text[node.start : node.end]
        return Refused(self.file, node.line, node.column, reason, text or "?", subject)


@dataclass(frozen=True, slots=True)
class Group:
    """A version in values: its image, and the scalars that say it.

    Each part comes with its node: the scalar itself, or an alias of it.
    """

    place: Place
    repository: Repository
    spelling: str
    tag: str | None
    digest: str | None
    parts: tuple[tuple[Scalar | Alias, Part], ...]


def versions_in(place: Place) -> Iterator[Group | Refused]:
    """The images that one mapping names directly: as a group, and as one scalar each."""
    yield from group_in(place)
    for key, node in place.fields.items():
        if is_image_key(key):
            yield from _single(place, key, node)


def group_in(place: Place) -> Iterator[Group | Refused]:
    """The image that the fields of a mapping name together."""
    if _VERSIONS.isdisjoint(place.fields):
        return
    repository, image = _names(place)
    tag = _first(place, _TAGS)
    if repository is not None and image is not None:
        reason = "stands beside 'repository', and charts disagree what both mean; keep one"
        name = f"{text_of(repository)}/{text_of(image)}"
        yield Refused(place.file, image.line, image.column, reason, name)
    elif repository is not None or image is not None:
        yield from _named(place, text_of(repository or image))
    elif tag is not None and _is_for_default(place, tag):
        reason = "has a tag and no repository; write the image's repository beside it"
        yield place.refused(tag, reason)


def is_image_key(key: str) -> bool:
    """Whether a key's name says that an image stands behind it."""
    return key.endswith(IMAGE_KEYS)


def _names(place: Place) -> tuple[Node | None, Node | None]:
    """Where a group's repository stands: in a key of its own, in `image` beside a tag, or both."""
    repository = _first(place, _REPOSITORIES)
    if repository is None and is_image_key(place.key):
        repository = _first(place, _BELOW_IMAGE)
    image = place.fields.get("image")
    beside_tag = _first(place, _TAGS) is not None and _lacks_version(text_of(image))
    return (repository if text_of(repository) else None), (image if beside_tag else None)


def _first(place: Place, keys: tuple[str, ...]) -> Node | None:
    """The first of `keys` that says something, or else that is there at all."""
    there = [place.fields[key] for key in keys if key in place.fields]
    return next((one for one in there if text_of(one)), there[0] if there else None)


def _lacks_version(text: str) -> bool:
    reference = reference_of(text)
    return reference is not None and not reference.tag and not reference.digest


def _is_for_default(place: Place, tag: Node) -> bool:
    """Whether a lone tag is for an image of the chart or operator, which nobody sees here."""
    sure = is_image_key(place.key) or "imageTag" in place.fields
    return sure and is_tag(text_of(tag).partition("@")[0])


def _single(place: Place, key: str, node: Node) -> Iterator[Group | Refused]:
    """An image in one scalar, where it says a version."""
    scalar, text = scalar_of(node), text_of(node)
    reference = reference_of(text)
    if _is_template(place.tree, node):
        yield place.refused(node, _filled_in(place.tree, node))
    elif scalar is None or not isinstance(node, Scalar | Alias) or not text:
        return
    elif reference is None:
        if key == "image" or is_placeholder(text):
            problem = unwritable(place.tree, scalar)
            yield place.refused(node, problem or f"'{text[:120]}' is not an image reference")
    elif reference.tag or reference.digest:
        problem = unwritable(place.tree, scalar)
        if problem is not None:
            yield place.refused(node, problem)
            return
        spelling = text.partition("@")[0].removesuffix(f":{reference.tag}")
        field = Field.SUFFIX if reference.tag else Field.DIGEST_SUFFIX
        parts = ((node, Part(Present(scalar), field, before=spelling)),)
        name = reference.repository
        yield Group(place, name, spelling, reference.tag, reference.digest, parts)


def _is_template(tree: Tree, node: Node | None) -> bool:
    """Whether unquoted braces of a template were read as a mapping."""
    return isinstance(node, nodes.Mapping) and tree.text.startswith("{{", node.start)


def _filled_in(tree: Tree, node: Node) -> str:
    text = tree.text[node.start : node.end] if isinstance(node, nodes.Mapping) else text_of(node)
    return f"'{text[:120]}' is filled in by a template; bump the template's source"


def _named(place: Place, name: str) -> Iterator[Group | Refused]:
    """The group of a repository that the values call `name`, where a version has its place."""
    tag, digest = _first(place, _TAGS), _first(place, _DIGESTS)
    node = tag or (digest if text_of(digest) else None)
    if node is None or "://" in name:
        return
    registry = text_of(_first(place, _REGISTRIES))
    spelling = "/".join(one for one in (registry or _around(place, name), name) if one)
    repository = repository_of(spelling)
    if repository is None:
        problem = f"'{spelling[:120]}' is not an image repository"
        if is_placeholder(spelling):
            problem = f"'{spelling[:120]}' is filled in by a template; bump the template's source"
        yield Refused(place.file, node.line, node.column, problem, spelling)
    elif registry and place.registry not in ("", registry):
        reason = (
            f"has registry '{registry}' below the global '{place.registry}', and charts "
            "disagree which one wins; write the same in both"
        )
        yield Refused(place.file, node.line, node.column, reason, spelling)
    else:
        yield _group(place, (repository, spelling), tag, digest)


def _around(place: Place, name: str) -> str:
    """The registry of all values, for a name that has no host itself."""
    first, slash, _ = name.partition("/")
    hosted = slash and ("." in first or ":" in first or first == "localhost")
    return "" if hosted else place.registry


def _group(
    place: Place, name: tuple[Repository, str], tag: Node | None, digest: Node | None
) -> Group | Refused:
    repository, spelling = name
    for node, problem in ((tag, _tag_problem), (digest, _digest_problem)):
        reason = _problem(place.tree, node) or problem(text_of(node))
        if node is not None and reason is not None:
            return place.refused(node, reason, repository)
    said, _, glued = text_of(tag).partition("@")
    beside = text_of(digest)
    if tag is not None and glued and beside:
        reason = "has a digest in its tag and another one beside it; keep one of them"
        return place.refused(tag, reason, repository)
    parts = tuple(_parts(place, tag, digest))
    full = beside if beside.startswith("sha") or not beside else f"sha256:{beside}"
    return Group(place, repository, spelling, said or None, glued or full or None, parts)


def _problem(tree: Tree, node: Node | None) -> str | None:
    """Why no version can be written in place of `node`, whatever version."""
    scalar = scalar_of(node)
    if scalar is not None:
        return unwritable(tree, scalar)
    if node is None:
        return None
    return _filled_in(tree, node) if _is_template(tree, node) else "is not a single value"


def _tag_problem(text: str) -> str | None:
    tag, at, digest = text.partition("@")
    if not text or (is_tag(tag) and (not at or is_digest(digest))):
        return None
    return f"'{text[:120]}' is not a tag"


def _digest_problem(text: str) -> str | None:
    if not text or is_digest(text) or _HEX.fullmatch(text):
        return None
    return f"'{text[:120]}' is not a digest (sha256: and 64 hex digits)"


def _parts(
    place: Place, tag: Node | None, digest: Node | None
) -> Iterator[tuple[Scalar | Alias, Part]]:
    """What a new version is written to: the form stays.

    An empty `digest` beside a tag is filled, because the chart knows what it means; that of an
    empty `sha` differs between charts. An empty tag beside a digest stays empty.
    """
    tag_scalar, digest_scalar = scalar_of(tag), scalar_of(digest)
    said, beside = text_of(tag), text_of(digest)
    if tag_scalar is not None and isinstance(tag, Scalar | Alias) and (said or not beside):
        field = Field.TAG_DIGEST if "@" in said else Field.TAG
        yield tag, Part(Present(tag_scalar), field)
    if digest_scalar is not None and isinstance(digest, Scalar | Alias):
        empty = digest_scalar.value == "" and digest is place.fields.get("digest")
        if beside or (empty and "@" not in said):
            field = Field.HEX if _HEX.fullmatch(beside) else Field.DIGEST
            yield digest, Part(Present(digest_scalar), field)
