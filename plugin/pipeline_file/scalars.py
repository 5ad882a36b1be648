"""Text -> names, numbers, words: readers for one value each, in the project's words."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection
from typing import TypeVar

from plugin.pipeline_file.fields import Reader, wrong
from plugin.pipeline_file.mistakes import Mistakes, shown, similar
from plugin.pipeline_file.nodes import Node, Text

E = TypeVar("E", bound=enum.Enum)

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NAMED = {"a stage": "dev", "a project": "shop"}
_LONGEST_TEXT = 1000
PLACEHOLDER = re.compile(r"\$\{([A-Za-z][A-Za-z0-9_]*)\}")


def text(expected: str, example: str) -> Reader[str]:
    """Reads one line of text as it is written; `${name}` must have been replaced before."""

    def read(node: Node, mistakes: Mistakes) -> str | None:
        value = _line(node, mistakes, expected, example)
        return value if value is None or _is_filled(value, node, mistakes) else None

    return read


def long_text(expected: str, example: str, longest: int) -> Reader[str]:
    """Reads text of one or several lines; `${name}` must have been replaced before."""

    def read(node: Node, mistakes: Mistakes) -> str | None:
        value = _written(node, mistakes, expected, example, longest)
        return value if value is None or _is_filled(value, node, mistakes) else None

    return read


def _is_filled(value: str, node: Node, mistakes: Mistakes) -> bool:
    if "${" not in value:
        return True
    name = PLACEHOLDER.search(value)
    mistakes.add(
        node.at,
        f"{shown(name.group() if name else '${')} stands for nothing here",
        f"declare it: matrix: {{{name.group(1) if name else 'name'}: [a, b]}}",
    )
    return False


def template(expected: str, example: str, words: Collection[str]) -> Reader[str]:
    """Reads one line of text in which `${word}` stands for one of `words`."""

    def read(node: Node, mistakes: Mistakes) -> str | None:
        value = _line(node, mistakes, expected, example)
        strange = [one for one in PLACEHOLDER.findall(value or "") if one not in words]
        if not strange:
            return value
        choice = ", ".join(f"${{{word}}}" for word in sorted(words))
        mistakes.add(node.at, f"'${{{strange[0]}}}' stands for nothing here", f"use {choice}")
        return None

    return read


def _line(node: Node, mistakes: Mistakes, expected: str, example: str) -> str | None:
    value = _written(node, mistakes, expected, example, _LONGEST_TEXT)
    if value is None or value.isprintable():
        return value
    what = f"{shown(value)} has a line break or an invisible character"
    mistakes.add(node.at, what, f"write one line of visible text, such as {example}")
    return None


def _written(
    node: Node, mistakes: Mistakes, expected: str, example: str, longest: int
) -> str | None:
    if not isinstance(node, Text) or node.is_nothing or not node.text.strip():
        wrong(node, mistakes, expected, f"write {example}")
        return None
    if len(node.text) > longest:
        what = f"{shown(node.text)} is longer than {longest} characters"
        mistakes.add(node.at, what, "write less")
        return None
    return node.text


def name(of: str) -> Reader[str]:
    """Reads a DNS label (https://www.rfc-editor.org/rfc/rfc1123#section-2.1), in lower case."""

    def read(node: Node, mistakes: Mistakes) -> str | None:
        value = text(f"the name of {of}", f"a name such as {_NAMED.get(of, 'web')}")(node, mistakes)
        if value is None or _NAME.fullmatch(value):
            return value
        mistakes.add(
            node.at,
            f"{shown(value)} cannot be the name of {of}",
            f"write lower-case letters, digits and '-', at most 63, such as '{_slug(value)}'",
        )
        return None

    return read


def _slug(value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", value.lower())[:63].strip("-") or "web"


def boolean(node: Node, mistakes: Mistakes) -> bool | None:
    """Reads true or false, and none of YAML's other spellings."""
    if isinstance(node, Text) and not node.quoted and node.text in ("true", "false"):
        return node.text == "true"
    said = node.text.lower() if isinstance(node, Text) else ""
    meant = {"yes": "true", "on": "true", "y": "true", "true": "true"}
    refused = {"no": "false", "off": "false", "n": "false", "false": "false"}
    instead = (meant | refused).get(said, "true or false")
    wrong(node, mistakes, "true or false", f"write {instead}, without quotes")
    return None


def only_true(node: Node, mistakes: Mistakes) -> bool | None:
    """Reads true where false would say nothing."""
    if isinstance(node, Text) and not node.quoted and node.text == "true":
        return True
    wrong(node, mistakes, "true", "write true, or remove the key")
    return None


def whole_number(low: int, high: int, usual: int | None = None) -> Reader[int]:
    """Reads a number from `low` to `high`; `usual` is what to advise instead of no number."""

    def read(node: Node, mistakes: Mistakes) -> int | None:
        plain = node.text if isinstance(node, Text) and not node.quoted else ""
        digits = re.fullmatch(r"0|[1-9][0-9]{0,8}", plain)
        if digits and low <= int(plain) <= high:
            return int(plain)
        near = usual or low
        if digits:
            near = high if int(plain) > high else low
        wrong(node, mistakes, f"a number from {low} to {high}", f"write {near}")
        return None

    return read


def word(*words: str) -> Reader[str]:
    """Reads one of `words`."""

    def read(node: Node, mistakes: Mistakes) -> str | None:
        if isinstance(node, Text) and node.text in words:
            return node.text
        said = node.text.lower() if isinstance(node, Text) else ""
        meant = next((one for one in words if said.startswith(one)), similar(said, words))
        every = " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]
        instead = meant or (every if len(words) <= 2 else "one of these")
        wrong(node, mistakes, every, f"write {instead}")
        return None

    return read


def choice(kinds: type[E]) -> Reader[E]:
    """Reads one of an enumeration's values."""

    def read(node: Node, mistakes: Mistakes) -> E | None:
        value = word(*(one.value for one in kinds))(node, mistakes)
        return None if value is None else kinds(value)

    return read


def matching(pattern: str, expected: str, example: str) -> Reader[str]:
    """Reads text that matches the whole of `pattern`."""
    compiled = re.compile(pattern)

    def read(node: Node, mistakes: Mistakes) -> str | None:
        value = text(expected, example)(node, mistakes)
        if value is None or compiled.fullmatch(value):
            return value
        wrong(node, mistakes, expected, f"write {example}")
        return None

    return read
