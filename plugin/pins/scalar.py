"""How a value is written as a YAML scalar that every reader takes for text."""

from __future__ import annotations

import re

# PyYAML (YAML 1.1), ruamel.yaml (1.2) and go-yaml (a mixture) each take other plain words for
# numbers, dates, booleans or null; a value that any of them might is quoted. Tags and digests
# begin with a letter, a digit or an underscore, so signs and leading dots are left to `_SAFE`.
_WORDS = frozenset("y n yes no on off true false null nan inf none".split())
_NUMBER = re.compile(
    r"[0-9_]*\.?[0-9_]*"
    r"|0[xob][0-9a-f_]*"
    r"|[0-9_]+\.?[0-9_]*e[-+]?[0-9_.]*"
    r"|[0-9_]+(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*",
    re.IGNORECASE,
)
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./@+:?=&%~-]*")


def reads_as_text(value: str) -> bool:
    """Whether YAML 1.1, YAML 1.2 and go-yaml readers all take plain `value` for a string.

    Sources: https://yaml.org/type/, https://yaml.org/spec/1.2.2/#103-core-schema and the
    resolver of go.yaml.in/yaml/v3. On doubt the answer is no: quotes never hurt.
    """
    if not _SAFE.fullmatch(value) or value.endswith(":"):
        return False
    return value.lower() not in _WORDS and not _NUMBER.fullmatch(value)


def quoted(value: str) -> str:
    """`value` as a double-quoted scalar of printable ASCII; also valid JSON inside the BMP."""
    return '"' + "".join(_escaped(char) for char in value) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if " " <= char <= "~":
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def written(value: str) -> str:
    """`value` as a scalar: plain where that is safe, quoted otherwise."""
    return value if reads_as_text(value) else quoted(value)
