"""Bytes to text and text to a tree, or why no careful editor touches it; never slow or large."""

from __future__ import annotations

import re

import yaml

from plugin.pins.compose import Composer, Unreadable
from plugin.pins.nodes import Refused, Tree

# Bundles of CRDs are the largest manifests people keep: 2 to 4 MB, 31 bytes a scalar. At these
# limits a text costs less than a second and 100 MB to read, or to refuse.
MAX_BYTES = 4 << 20
# Files in a file are read one by one.
MAX_TEXTS = 5_000
BOM = "\ufeff"

_HIDDEN_BREAK = re.compile("[\u0085\u2028\u2029]")
# What Python makes of a byte that is no UTF-8, so that it can be written back.
_NO_UTF8 = re.compile("[\ud800-\udfff]")


def read(file: str, text: str) -> Tree | Refused:
    """The tree of `text`, or why no careful editor touches it; never slow, never large."""
    hostile = _hostile(file, text)
    if hostile is not None:
        return hostile
    try:
        return Composer(file, text.removeprefix(BOM)).tree()
    except UnicodeEncodeError:
        found = _NO_UTF8.search(text)
        return _no_utf8(file, text.count("\n", 0, found.start() if found else 0) + 1)
    except Unreadable as unreadable:
        return unreadable.refused
    except yaml.YAMLError as error:
        return _not_yaml(file, text, error)


def decode(file: str, content: bytes) -> str | Refused:
    """`content` as text with its line ends and byte order mark kept, or why not."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _no_utf8(file, content.count(b"\n", 0, error.start) + 1)


def _no_utf8(file: str, line: int) -> Refused:
    return Refused(file, line, 1, "is not UTF-8; save the file as UTF-8")


def too_large(file: str) -> Refused:
    """What is said of a file of more than `MAX_BYTES`, which nobody need read to say it."""
    return Refused(file, 1, 1, f"is larger than {MAX_BYTES >> 20} MiB; split the file")


def too_many(file: str) -> Refused:
    """What is said of a file with more than `MAX_TEXTS` texts that may name images."""
    reason = f"holds more than {MAX_TEXTS} texts that may name images; split the file"
    return Refused(file, 1, 1, reason)


def _hostile(file: str, text: str) -> Refused | None:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return too_large(file)
    found = _HIDDEN_BREAK.search(text)
    if found is None:
        return None
    line = text.count("\n", 0, found.start()) + 1
    name = f"U+{ord(found.group()):04X}"
    reason = f"holds {name}, a line break that editors do not show; replace it by a space"
    return Refused(file, line, 1, reason)


def _not_yaml(file: str, text: str, error: yaml.YAMLError) -> Refused:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    if "{{" in text:
        reason = "is not YAML but a template; keep the version in the values it is filled with"
        return Refused(file, line, column, reason)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable"
    return Refused(file, line, column, f"is not YAML: {problem}")
