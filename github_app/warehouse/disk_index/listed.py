"""What publishers' documents list, and how they are read with bounds; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from plugin.errors import Refusal

# Ubuntu's largest has some 200,000 commas; a million nested objects are 100 MB of memory.
_MOST_MARKS = 1_000_000
_DAY = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")
# What CDI imports: https://github.com/kubevirt/containerized-data-importer/blob/main/doc/datavolumes.md
_IMAGE = re.compile(r".+\.(?:img|qcow2|raw|vmdk|vhdx?|vdi|iso|bin)(?:\.(?:gz|xz|bz2|zst))?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ListedImage:
    """An image: the end of its address, as much as its publisher says, and its checksum if said."""

    path: str
    checksum: str | None = None
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """A version of everything a publisher makes, without its files."""

    version: str
    created: datetime | None = None


Listed: TypeAlias = ListedImage | ListedVersion


def is_image(path: str) -> bool:
    """Whether a file's name says that it is a disk image."""
    return _IMAGE.fullmatch(path.rpartition("/")[2]) is not None


def day(text: str) -> datetime | None:
    """The first date in a version, such as 20260705.1 or 2026-07-05-0806; None if it has none."""
    found = _DAY.search(text)
    if found is None:
        return None
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
    except ValueError:
        return None


def document(text: str) -> object:
    """The JSON value `text` writes; raises Refusal if it is none, or too large to be held."""
    if sum(text.count(mark) for mark in "[{,") > _MOST_MARKS:
        raise Refusal(f"it has more than {_MOST_MARKS} entries")
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"it is no JSON: {error}") from error
    return value


def mapping(value: object, what: str) -> Mapping[str, object]:
    """The JSON object `value`; raises Refusal, which calls it `what`."""
    if not isinstance(value, dict):
        raise Refusal(f"{what} is no JSON object")
    return value


def sequence(value: object, what: str) -> list[object]:
    """The JSON array `value`; raises Refusal, which calls it `what`."""
    if not isinstance(value, list):
        raise Refusal(f"{what} is no JSON array")
    return value


def members(parent: Mapping[str, object], key: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The objects of the object at `key`, with their names; raises Refusal."""
    for name, value in mapping(parent.get(key), f"'{key}'").items():
        yield name, mapping(value, f"'{name[:80]}' in '{key}'")


def text_of(parent: Mapping[str, object], key: str) -> str:
    """The text at `key`; raises Refusal."""
    value = parent.get(key)
    if not isinstance(value, str):
        raise Refusal(f"'{key}' is missing or no text")
    return value


def sha256_of(parent: Mapping[str, object]) -> str | None:
    """The checksum at `sha256`, None if there is none; raises Refusal if it is no checksum."""
    value = parent.get("sha256")
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _SHA256.fullmatch(value.lower()):
        raise Refusal(f"the sha256 '{str(value)[:80]}' is none")
    return f"sha256:{value.lower()}"
