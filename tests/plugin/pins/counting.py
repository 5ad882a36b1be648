"""A simple counter of image references in lines of text, which knows nothing of YAML.

It counts too much on purpose: comments, texts in texts, schemas. What the finders leave out of
that is explained line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAME = r"[a-z0-9][\w.-]*(?::[0-9]+/[\w.-]+)?(?:/[\w.-]+)*"
_VERSION = r"(?::[\w][\w.-]*(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})"
_BEFORE = r"(?:[&!]\S+[ \t]+)*[\"']?"
TEMPLATE = re.compile(r"\{\{|\$\{|\$\(|<[A-Za-z]")

# `image: a:b`, also behind a dash, a brace or a comma, and keys such as `sidecarImage`.
_FIELD = re.compile(
    rf"(?:^|[\s{{,])[\"']?[A-Za-z_-]*[iI]mage[\"']?:[ \t]+{_BEFORE}(?P<said>[^\s\"',}}]+)"
)
_ADDRESS = re.compile(rf"docker://(?P<said>{_NAME}{_VERSION})")
_NEW = re.compile(r"(?:^|[\s{,])[\"']?newTag[\"']?:[ \t]*[\"']?(?P<said>[^\s\"'#,}]+)")
_PAIR = re.compile(r"(?P<indent>[ \t-]*)(?P<key>repository|tag):[ \t]+[\"']?(?P<said>[^\s\"'#]+)")
_REFERENCE = re.compile(_NAME + _VERSION)
_TAG = re.compile(r"[\w][\w.-]*(?:@sha256:[0-9a-f]{64})?")
# How far a `tag` may stand from its `repository`.
_NEAR = 4


@dataclass(frozen=True, slots=True)
class Counted:
    """A line, from 1, with the reference in it and the shape it has."""

    line: int
    shape: str
    said: str


def counted(text: str) -> Iterator[Counted]:
    """Every line that looks as if it named an image at a version."""
    lines = text.removeprefix("\ufeff").splitlines()
    for number, line in enumerate(lines, 1):
        for shape, pattern in (("image", _FIELD), ("docker://", _ADDRESS), ("newTag", _NEW)):
            for found in pattern.finditer(line):
                if shape != "image" or _is_reference(found["said"]):
                    yield Counted(number, shape, found["said"])
    yield from _pairs(lines)


def _is_reference(said: str) -> bool:
    return _REFERENCE.fullmatch(said) is not None or (
        TEMPLATE.search(said) is not None and ":" in said
    )


def _pairs(lines: list[str]) -> Iterator[Counted]:
    """`repository` and `tag` near each other and equally far in."""
    last: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(lines, 1):
        found = _PAIR.match(line)
        if found is None:
            continue
        indent = len(found["indent"])
        last[found["key"]] = number, indent
        other = last.get("tag" if found["key"] == "repository" else "repository")
        if other and number - other[0] <= _NEAR and other[1] == indent:
            at = last["tag"][0]
            said = _PAIR.match(lines[at - 1])
            if said and (_TAG.fullmatch(said["said"]) or TEMPLATE.search(said["said"])):
                yield Counted(at, "repository and tag", said["said"])
            last.clear()
