"""How one part of a pin is written for a version: the splice, or why the version does not fit."""

from __future__ import annotations

from typing import assert_never
from urllib.parse import quote

from plugin.artifact import DiskImage, Image, Revision, Tagged, Untied, Wanted
from plugin.artifact.git import is_commit
from plugin.pins.nodes import Event, Scalar, Tree
from plugin.pins.pin import Field, Fixed, Missing, Part, Present
from plugin.pins.reading import BLOCK, block_line
from plugin.pins.scalar import reads_as_text
from plugin.pins.splice import Splice

_IN_ADDRESS = frozenset({Field.REVISION_IN_ADDRESS, Field.TAG_IN_ADDRESS})


def text_of(field: Field, wanted: Wanted) -> str:
    """What a scalar of `field` says of `wanted`; '' where the version has no such part."""
    match field:
        case (
            Field.TAG
            | Field.NUMBER
            | Field.MINOR
            | Field.OCI_TAG
            | Field.REVISION_IN_ADDRESS
            | Field.TAG_IN_ADDRESS
        ):
            return _spelled(field, wanted.tag)
        case Field.DIGEST | Field.CHECKSUM | Field.HEX:
            prefix = "sha256:" if field is Field.HEX else ""
            return (wanted.digest or "").removeprefix(prefix)
        case Field.TAG_DIGEST:
            return "@".join(one for one in (wanted.tag, wanted.digest) if one)
        case Field.SUFFIX:
            return f":{wanted.tag}@{wanted.digest}" if wanted.digest else f":{wanted.tag}"
        case Field.DIGEST_SUFFIX:
            return f"@{wanted.digest}" if wanted.digest else f":{wanted.tag}"
        case Field.ADDRESS:
            return wanted.address if isinstance(wanted, DiskImage) else ""
        case _:
            assert_never(field)


def _spelled(field: Field, tag: str) -> str:
    match field:
        case Field.NUMBER:
            return tag.removeprefix("v")
        case Field.MINOR:
            return ".".join(tag.split(".")[:2])
        case Field.OCI_TAG:
            # OCI tags know no plus (https://helm.sh/docs/topics/registries/).
            return tag.replace("+", "_")
        case Field.REVISION_IN_ADDRESS | Field.TAG_IN_ADDRESS:
            return quote(tag)
        case _:
            return tag


def splices_of(tree: Tree, part: Part, wanted: Wanted) -> tuple[Splice, ...]:
    """The splice that makes `part` say `wanted`; none where it says nothing and need not."""
    said = text_of(part.field, wanted)
    value = f"{part.before}{said}{part.after}" if said else ""
    match part.slot:
        case Present(scalar):
            return (replaced(tree, scalar, value),)
        case Missing():
            return (_created(part.slot, value),) if value else ()
        case Fixed(at, after, text, events):
            return (Splice(at, at, text, after + 1, after + 1, events),)
        case _:
            assert_never(part.slot)


def replaced(tree: Tree, scalar: Scalar, value: str) -> Splice:
    """`value` in the scalar's quotes; quotes are added where some reader would see no text."""
    line = block_line(tree, scalar) if scalar.style in BLOCK else None
    if line is not None:
        return Splice(*line, value, scalar.event, scalar.event + 1, (_said(tree, scalar, value),))
    style = scalar.style or ("" if reads_as_text(value) else '"')
    text = f"{style}{value}{style}"
    if scalar.start == scalar.end and tree.text[scalar.start - 1 : scalar.start] == ":":
        text = f" {text}"
    event = _said(tree, scalar._replace(style=style), value)
    return Splice(scalar.start, scalar.end, text, scalar.event, scalar.event + 1, (event,))


def _said(tree: Tree, scalar: Scalar, value: str) -> Event:
    _, anchor, tag, _, _ = tree.events[scalar.event]
    return "ScalarEvent", anchor, tag, value, scalar.style or None


def _created(slot: Missing, value: str) -> Splice:
    quotes = slot.key_style or ('"' if slot.quotes or not reads_as_text(value) else "")
    key = f"{slot.key_style}{slot.key}{slot.key_style}"
    text = f"{slot.before}{key}: {quotes}{value}{quotes}"
    events: tuple[Event, ...] = (
        ("ScalarEvent", None, None, slot.key, slot.key_style or None),
        ("ScalarEvent", None, None, value, quotes or None),
    )
    return Splice(slot.at, slot.at, text, slot.after + 1, slot.after + 1, events)


def unfit(parts: tuple[Part, ...], wanted: Wanted) -> str | None:
    """Why a place written in `parts` cannot say `wanted`, or None."""
    fields = {one.field for one in parts if isinstance(one.slot, Present)}
    match wanted:
        case Tagged():
            tied = {one.field for one in parts if _holds_digest(one)}
            if tied:
                return (
                    "names a digest, which would keep running the old image; give the digest of "
                    f"{wanted.tag} too ({wanted.subject}={wanted.tag}@sha256:...), or say that it "
                    f"goes ({wanted.subject}={wanted.tag}@)"
                )
        case Image() | Untied():
            if Field.ADDRESS in fields:
                return "holds the address of a disk image, not an image"
        case Revision():
            return _unfit_address(parts, wanted.tag)
        case _:
            pass
    return None


def _unfit_address(parts: tuple[Part, ...], revision: str) -> str | None:
    fields = {one.field for one in parts}
    if Field.TAG_IN_ADDRESS in fields and is_commit(revision):
        return "holds an address that has a tag and no commit id; give a tag"
    in_path = fields & _IN_ADDRESS and any(one.after.startswith("/") for one in parts)
    if in_path and "/" in revision:
        return f"holds an address in whose path '{revision[:120]}' would be two directories"
    return None


def _holds_digest(part: Part) -> bool:
    if not isinstance(part.slot, Present):
        return False
    return "@" in part.slot.scalar.value or (
        part.field in (Field.DIGEST, Field.HEX) and part.slot.scalar.value != ""
    )
