"""Fields that name an image as places for versions: pins that finders of pins do not know."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as Members

from plugin.artifact.image import Repository
from plugin.manifests.image_fields import Bare, Whole, describes, fields_of
from plugin.manifests.image_words import is_remark, may_name_image
from plugin.pins.group_pins import pins_of
from plugin.pins.image_groups import Group, Place, group_in
from plugin.pins.nodes import Mapping, Node, Refused, Sequence, Tree
from plugin.pins.pin import Field, Found, Kind, Part, Pin, Present
from plugin.pins.reading import raw, scalar_of, unwritable

_VERSIONS = ("tag", "digest", "sha", "imagetag", "imagedigest")


def places_in(
    file: str, tree: Tree, found: Found, repository: Repository
) -> Iterator[Pin | Refused]:
    """The fields of `repository` that no finder of pins knows, each as a pin.

    `found` is what they know, without remarks. Refused where a version can't be written, or would
    mean nothing.
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


def without_remarks(tree: Tree, found: Found) -> Found:
    """`found` without what nothing runs."""
    places = remarks_in(tree)
    if not places:
        return found
    pins = tuple(one for one in found.pins if (one.line, one.column) not in places)
    refused = tuple(one for one in found.refused if (one.line, one.column) not in places)
    return Found(pins, refused)


def remarks_in(tree: Tree) -> frozenset[tuple[int, int]]:
    """The line and column of everything that nothing runs.

    That is what stands in annotations and labels, and in objects that only describe images.
    """
    return frozenset(_remarks(tree))


def _remarks(tree: Tree) -> Iterator[tuple[int, int]]:
    waiting: list[tuple[bool, Node]] = [(False, one) for one in tree.documents]
    while waiting:
        inside, node = waiting.pop()
        if isinstance(node, Sequence):
            waiting += [(inside, item) for item in node.items]
        elif isinstance(node, Mapping):
            around = inside or describes(node)
            waiting += [(around or is_remark(key.value), value) for key, value in node.named()]
        elif inside:
            yield node.line, node.column


def pins_of_image(file: str, tree: Tree, found: Found, repository: Repository) -> tuple[Pin, ...]:
    """Every place that says which version of `repository` runs; `found` is what finders know."""
    known = without_remarks(tree, found)
    places = places_in(file, tree, known, repository)
    return (
        *(one for one in known.pins if one.subject == repository),
        *(one for one in places if isinstance(one, Pin)),
    )


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
    if all(may_name_image(key) for key in keys):
        return None
    return f"is used elsewhere through '*{anchor}'; write the other places out"
