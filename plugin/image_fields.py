"""Fields of objects that name an image as a whole, in any kind of object, and places for versions.

Finders of pins know fields that have a version, by the keys and kinds that people use; a record is
for any field.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as Members
from dataclasses import dataclass

from plugin.artifact.image import Reference, Repository
from plugin.image_words import holds_image, only_describes
from plugin.pins.group_pins import pins_of
from plugin.pins.image_groups import Group, Place, group_in
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.pins.pin import Field, Found, Kind, Part, Pin, Present
from plugin.pins.reading import raw, reference_of, scalar_of, text_of, unwritable, word

DOCKER = "docker://"
_REGISTRIES = ("registry", "imageRegistry", "hub")
_REPOSITORIES = ("repository", "imageRepository")
_GROUPED = frozenset({"tag", "imageTag", "digest", "sha"})
_OF_GROUPS = frozenset({*_REGISTRIES, *_REPOSITORIES, "repo", "name", *_GROUPED})
_VERSIONS = ("tag", "digest", "sha", "imagetag", "imagedigest")


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
        elif isinstance(node, Mapping) and not _describes(node):
            yield from _bare(key, node, repository)
            for field, value in node.named():
                is_volume = field.value == "reference" and holds_image(key)
                said = key if is_volume else field.value
                yield from _whole(said, value, node, repository, name)
                if _is_deep(value):
                    waiting.append((field.value, value))


def _is_deep(node: Node) -> bool:
    return isinstance(node, Sequence | Mapping)


def _describes(node: Mapping) -> bool:
    return only_describes(word(node.get("kind")), word(node.get("apiVersion")))


def _whole(
    key: str, node: Node, beside: Mapping | None, repository: Repository, name: str
) -> Iterator[Whole]:
    scalar = scalar_of(node)
    if scalar is None or not isinstance(node, Scalar | Alias) or name not in scalar.value:
        return
    text = scalar.value.removeprefix(DOCKER)
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


def places_in(
    file: str, tree: Tree, found: Found, repository: Repository
) -> Iterator[Pin | Refused]:
    """The fields of `repository` that no finder of pins knows, each as a pin.

    `found` is what they know. Refused where a version can't be written, or would mean nothing.
    """
    known, named = _known(found), list(fields_of(tree, repository))
    own = {one.scalar.event for one in named if isinstance(one, Whole) and one.is_own}
    taken: set[int] = set()
    for one in named:
        if isinstance(one, Bare):
            if not _is_known(one.node, known):
                yield from _group(file, tree, one)
        elif (one.scalar.line, one.scalar.column) not in known and one.scalar.event not in taken:
            taken.add(one.scalar.event)
            yield from _place(file, tree, one, known, own)


def _group(file: str, tree: Tree, one: Bare) -> Iterator[Pin | Refused]:
    """The version in fields beside a repository's name, as groups are read everywhere."""
    place = Place(file, tree, one.key, dict(_pairs(one.node)), "")
    groups = list(group_in(place))
    yield from (each for each in groups if isinstance(each, Refused))
    yield from pins_of(tree, [each for each in groups if isinstance(each, Group)], Kind.IMAGE)
    if not groups:
        yield Refused(file, one.node.line, one.node.column, _no_place(one), one.name)


def _pairs(node: Mapping) -> Iterator[tuple[str, Node]]:
    return ((key.value, value) for key, value in node.named())


def _known(found: Found) -> set[tuple[int, int]]:
    """Line and column of every scalar that a pin is written in, or that was refused."""
    slots = (part.slot for pin in found.pins for part in pin.parts)
    known = {(one.scalar.line, one.scalar.column) for one in slots if isinstance(one, Present)}
    known |= {(one.line, one.column) for one in found.pins}
    return known | {(one.line, one.column) for one in found.refused}


def _is_known(node: Mapping, known: Members[tuple[int, int]]) -> bool:
    scalars = (scalar_of(value) for _, value in node.pairs)
    return any(one is not None and (one.line, one.column) in known for one in scalars)


def _place(
    file: str, tree: Tree, one: Whole, known: Members[tuple[int, int]], own: Members[int]
) -> Iterator[Pin | Refused]:
    scalar, reference = one.scalar, one.reference
    beside = None if one.versioned else _version_beside(one)
    if beside is not None and one.beside is not None and _is_known(one.beside, known):
        return
    problem = unwritable(tree, scalar) or _shared(tree, one, own) or beside
    if problem is not None:
        yield Refused(file, one.node.line, one.node.column, problem, scalar.value)
        return
    name = scalar.value.partition("@")[0]
    before = name.removesuffix(f":{reference.tag}") if reference.tag else name
    alone = reference.digest and not reference.tag
    part = Part(Present(scalar), Field.DIGEST_SUFFIX if alone else Field.SUFFIX, before=before)
    version = (reference.repository, reference.tag, reference.digest)
    yield Pin(file, scalar.line, scalar.column, Kind.IMAGE, *version, raw(tree, scalar), (part,))


def _version_beside(one: Whole) -> str | None:
    """Why a name without a version stays one: its version has a field of its own."""
    stem = one.key.lower()
    stem = stem[: stem.rfind("image")]
    names = {*_VERSIONS, *(f"{stem}{word}" for word in _VERSIONS)}
    for key, _ in one.beside.named() if one.beside else ():
        if key.value.lower() in names:
            return (
                f"names '{one.scalar.value[:120]}' beside a field '{key.value}', and nobody knows "
                f"what both mean together; write the whole reference in '{one.key}', or "
                "'repository' and 'tag' in a map behind it"
            )
    return None


def _no_place(one: Bare) -> str:
    return (
        f"'{one.field}' names '{one.name[:120]}' without a field for its version; write "
        "'tag: \"\"' beside it, and 'digest: \"\"' where the chart or operator knows that, too"
    )


def _shared(tree: Tree, one: Whole, own: Members[int]) -> str | None:
    """An anchor that serves images alone may be changed for all of them; any other may not."""
    if one.scalar.event not in own:
        return "is an alias of something else than an image; write the image here"
    anchor = one.scalar.anchor
    keys = tree.aliases.get(anchor, frozenset()) if anchor else ()
    if all(key == "reference" or holds_image(key) for key in keys):
        return None
    return f"is used elsewhere through '*{anchor}'; write the other places out"
