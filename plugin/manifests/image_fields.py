"""Fields of objects that name an image, in any kind of object.

Finders of pins know fields that have a version, by the keys and kinds that people use; a record is
for any field.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plugin.artifact.image import Reference, Repository
from plugin.manifests.image_words import (
    holds_image,
    is_remark,
    only_describes,
    without_transport,
)
from plugin.pins.nodes import Alias, Mapping, Node, Scalar, Sequence, Tree
from plugin.pins.reading import reference_of, scalar_of, text_of, word

_REGISTRIES = ("registry", "imageRegistry", "hub")
_REPOSITORIES = ("repository", "imageRepository")
_GROUPED = frozenset({"tag", "imageTag", "digest", "sha"})
_OF_GROUPS = frozenset({*_REGISTRIES, *_REPOSITORIES, "repo", "name", *_GROUPED})


@dataclass(frozen=True, slots=True)
class Whole:
    """A scalar that names an image: what it says, and where it stands.

    `node` is the scalar or an alias of it; `beside` the mapping it is a field of, None in a list.
    """

    key: str
    node: Scalar | Alias
    scalar: Scalar
    reference: Reference
    beside: Mapping | None

    @property
    def is_own(self) -> bool:
        """Whether it stands here itself, and is no alias."""
        return isinstance(self.node, Scalar)

    @property
    def versioned(self) -> bool:
        """Whether it says a version at all."""
        return bool(self.reference.tag or self.reference.digest)


@dataclass(frozen=True, slots=True)
class Bare:
    """A map that names a repository in its `field`, apart from the version; `key` is before it."""

    field: str
    key: str
    node: Mapping
    name: str


def fields_of(tree: Tree, repository: Repository) -> Iterator[Whole | Bare]:
    """Where objects name `repository`, in the order of the text.

    A name without a version counts behind keys that say image, as an item of a list behind one,
    and as the `reference` of a map behind one. A name with a version counts behind every key;
    there it has a slash, since `postgres:5432` is rather a host. Both may begin with `docker://`.
    Annotations and labels are none.
    """
    found = _fields(tree, repository)
    yield from sorted(found, key=lambda one: (one.node.line, one.node.column))


def _fields(tree: Tree, repository: Repository) -> Iterator[Whole | Bare]:
    name = repository.path.rpartition("/")[2]
    waiting: list[tuple[str, Node]] = [("", one) for one in tree.documents]
    while waiting:
        key, node = waiting.pop()
        if isinstance(node, Sequence):
            for item in node.items:
                yield from _whole(key, item, None, repository, name)
            waiting += [(key, item) for item in node.items if _is_deep(item)]
        elif isinstance(node, Mapping) and not describes(node):
            yield from _bare(key, node, repository)
            for field, value in node.named():
                if is_remark(field.value):
                    continue
                is_volume = field.value == "reference" and holds_image(key)
                said = key if is_volume else field.value
                yield from _whole(said, value, node, repository, name)
                if _is_deep(value):
                    waiting.append((field.value, value))


def _is_deep(node: Node) -> bool:
    return isinstance(node, Sequence | Mapping)


def describes(node: Mapping) -> bool:
    """Whether `node` is an object that names images without anything that runs them."""
    return only_describes(word(node.get("kind")), word(node.get("apiVersion")))


def _whole(
    key: str, node: Node, beside: Mapping | None, repository: Repository, name: str
) -> Iterator[Whole]:
    scalar = scalar_of(node)
    if scalar is None or not isinstance(node, Scalar | Alias) or name not in scalar.value:
        return
    text = without_transport(scalar.value)
    reference = reference_of(text)
    if reference is None or reference.repository != repository:
        return
    sure = "/" in text and (reference.tag or reference.digest)
    if sure or holds_image(key):
        yield Whole(key, node, scalar, reference, beside)


def _bare(key: str, node: Mapping, repository: Repository) -> Iterator[Bare]:
    """A group of registry and repository, with or without fields for its version."""
    said = [(one.value, text_of(value)) for one, value in node.named() if one.value in _OF_GROUPS]
    fields = {one: text for one, text in said if text}
    registry = next((fields[one] for one in _REGISTRIES if one in fields), "")
    for one in _names(key, grouped=not _GROUPED.isdisjoint(name for name, _ in said)):
        name = fields.get(one)
        spelled = reference_of(f"{registry}/{name}" if registry else name) if name else None
        if name and spelled == Reference(repository):
            yield Bare(one, key, node, name)
            return


def _names(key: str, *, grouped: bool) -> tuple[str, ...]:
    """The fields that name a repository in a map behind `key`; `grouped` with one for a version."""
    if key.lower().endswith("image"):
        return (*_REPOSITORIES, "repo", "name")
    return _REPOSITORIES if grouped or holds_image(key) else ("imageRepository",)
