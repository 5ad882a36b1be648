"""A scalar that somebody declares to be a pin, and the form in which it holds a version."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass

from plugin.artifact import DiskFamily, is_checksum, is_digest, is_tag
from plugin.errors import Refusal
from plugin.pins.nodes import Refused, Scalar, Tree
from plugin.pins.pin import Field, Kind, Named, Part, Pin, Present
from plugin.pins.reading import is_null, raw, reference_of, unwritable

# `WEB_IMAGE=ghcr.io/acme/web:1.0`, `--image=...`: what literals and arguments put before a value.
_ASSIGNED = re.compile(r"-{0,2}[A-Za-z_][A-Za-z0-9_.-]*=")
_VERSION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}")


class Holds(enum.Enum):
    """What a declared scalar holds, by the word that people write."""

    TAG = "tag"
    DIGEST = "digest"
    IMAGE = "image"
    VERSION = "version"
    URL = "url"
    CHECKSUM = "checksum"


@dataclass(frozen=True, slots=True)
class _Form:
    """How the version stands in the scalar: `spelling` is what precedes it and stays."""

    field: Field
    tag: str | None = None
    digest: str | None = None
    spelling: str = ""


def declared(
    file: str, tree: Tree, scalar: Scalar, subject: Named, holds: Holds | None
) -> Pin | Refused:
    """The pin at `scalar`, or why there is none; without `holds`, what stands there decides."""
    value = "" if is_null(scalar) else scalar.value
    found = _ASSIGNED.match(value)
    assigned = found.group() if found else ""
    core = value.removeprefix(assigned)
    holds = holds or _evident(core)
    form = unwritable(tree, scalar) or _FORMS[holds](core)
    if isinstance(form, str) and holds is Holds.TAG and _is_whole(core):
        form = f"'{core[:120]}' is a whole image; write {subject}:image for it"
    if isinstance(form, str):
        return Refused(file, scalar.line, scalar.column, form, value or "?")
    part = Part(Present(scalar), form.field, before=assigned + form.spelling)
    written = raw(tree, scalar) if core else ""
    return Pin(
        file,
        scalar.line,
        scalar.column,
        Kind.MARKER,
        subject,
        form.tag,
        form.digest,
        written,
        (part,),
        spelling=form.spelling,
    )


def _evident(core: str) -> Holds:
    if is_digest(core):
        return Holds.DIGEST
    if "://" in core:
        return Holds.URL
    name = core.partition("@")[0]
    return Holds.IMAGE if "/" in name or ":" in name else Holds.TAG


def _is_whole(core: str) -> bool:
    """Whether a text is an image with its version, and no version alone."""
    reference = reference_of(core)
    return reference is not None and bool(reference.tag or reference.digest)


def _tag(core: str) -> _Form | str:
    tag, at, digest = core.partition("@")
    if not core:
        return _Form(Field.TAG)
    if not is_tag(tag) or (at and not is_digest(digest)):
        return f"'{core[:120]}' is not a tag"
    return _Form(Field.TAG_DIGEST, tag, digest) if at else _Form(Field.TAG, tag)


def _version(core: str) -> _Form | str:
    if core and not _VERSION.fullmatch(core):
        return f"'{core[:120]}' is not one exact version"
    return _Form(Field.TAG, core or None)


def _digest(core: str) -> _Form | str:
    if core and not is_digest(core):
        return f"'{core[:120]}' is not a digest such as sha256: and 64 digits"
    return _Form(Field.DIGEST, digest=core or None)


def _checksum(core: str) -> _Form | str:
    if core and not is_checksum(core):
        return f"'{core[:120]}' is not a checksum such as sha256: and 64 digits"
    return _Form(Field.CHECKSUM, digest=core or None)


def _image(core: str) -> _Form | str:
    reference = reference_of(core)
    if reference is None:
        return f"'{core[:120]}' is not an image reference such as ghcr.io/acme/web:1.0"
    name = core.partition("@")[0]
    spelling = name.removesuffix(f":{reference.tag}")
    field = Field.SUFFIX if reference.tag or not reference.digest else Field.DIGEST_SUFFIX
    return _Form(field, reference.tag, reference.digest, spelling)


def _url(core: str) -> _Form | str:
    try:
        DiskFamily.parse(core)
    except Refusal as refusal:
        return str(refusal)
    return _Form(Field.ADDRESS)


_FORMS: dict[Holds, Callable[[str], _Form | str]] = {
    Holds.TAG: _tag,
    Holds.DIGEST: _digest,
    Holds.IMAGE: _image,
    Holds.VERSION: _version,
    Holds.URL: _url,
    Holds.CHECKSUM: _checksum,
}
