"""Subscriptions' names in what was found become what the subscriptions watch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from plugin.artifact import DiskFamily, Repository, Subject
from plugin.pins.markers import named_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Field, Found, Named, Pin, Present
from plugin.pins.reading import repository_of

Names: TypeAlias = Mapping[str, Subject]
NOBODY: Names = MappingProxyType({})


def resolved(found: Found, names: Names) -> Found:
    """`found` with the subjects that `names` knows; other names stay, they are somebody else's."""
    if not names:
        return found
    answers = [_pin(one, names) for one in found.pins]
    # Ten thousand aliases of one long text are ten thousand times the same text.
    named = {text: named_in(text) for text in {one.text for one in found.refused}}
    return Found(
        tuple(one for one in answers if isinstance(one, Pin)),
        (
            *(_refused(one, named[one.text], names) for one in found.refused),
            *(one for one in answers if isinstance(one, Refused)),
        ),
    )


def subject_of(pin: Pin, names: Names) -> Subject | None:
    """What `pin` is a place for; a name nobody knows stands for the image written there, if any."""
    if not isinstance(pin.subject, Named):
        return pin.subject
    return names.get(pin.subject.subscription) or repository_of(pin.spelling)


def _pin(pin: Pin, names: Names) -> Pin | Refused:
    subject = names.get(pin.subject.subscription) if isinstance(pin.subject, Named) else None
    if subject is None:
        return pin
    written = repository_of(pin.spelling)
    if written is None or not isinstance(subject, Repository) or _mirrors(written, subject):
        return replace(pin, subject=subject, tag=pin.tag or _version(pin, subject))
    reason = (
        f"is an image of {written}, but '{pin.subject}' stands for {subject}; name the "
        f"subscription of this image (in bump: --set {written}=VERSION)"
    )
    return Refused(pin.file, pin.line, pin.column, reason, pin.value, subject)


def _version(pin: Pin, subject: Subject) -> str | None:
    """The version in the address of a disk image; a mirror's says nothing."""
    if not isinstance(subject, DiskFamily):
        return None
    addresses = (
        part.slot.scalar.value
        for part in pin.parts
        if part.field is Field.ADDRESS and isinstance(part.slot, Present)
    )
    return next((subject.plain.version_in(one) for one in addresses), None)


def _mirrors(written: Repository, subject: Repository) -> bool:
    """A mirror has another host and often another path, but the image's own name."""
    return written.path.rpartition("/")[2] == subject.path.rpartition("/")[2]


def _refused(refused: Refused, name: str | None, names: Names) -> Refused:
    return replace(refused, subject=names[name]) if name and name in names else refused
