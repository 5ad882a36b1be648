"""The same data written in the many ways that people write YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar; `marker` is a comment that must stand behind it, so nothing around it is flow.

    `plain` where quotes may be left out.
    """

    text: str
    plain: bool = True
    marker: str = ""


Data: TypeAlias = "Leaf | str | Sequence[Data] | Mapping[str, Data]"

_COMMENTS = ("", "", "", "  # web:1.0", "  #\t😀 é", " #", "   # image: ghcr.io/acme/web:9")
_BETWEEN = ("", "   ", "# image: ghcr.io/acme/web:9", "   # ---", "#")
_PLAIN = re.compile(r"[A-Za-z0-9_/][\w./@+?=&:-]*[\w/]", re.ASCII)
NOISE: Mapping[str, Data] = {
    "x-text": Leaf("image: ghcr.io/acme/other:9\n  {{ not }} a: b\n", plain=False),
    "x-long": Leaf("é😀 ü " * 40, plain=False),
    "x-tab": Leaf("a\tb", plain=False),
    "x-empty": {},
    "x-list": ["one", Leaf("0123", plain=False), ["two"], {}],
    "on": Leaf("yes", plain=False),
}


@dataclass(slots=True)
class Writer:
    """Writes data, each time another way; every way reads as the same data."""

    random: Random
    anchors: int = 0

    def document(self, data: Mapping[str, Data]) -> str:
        """A text with one document of `data`, other documents around it where `data` allows."""
        return "".join(f"{line}\n" for line in self._map(data, 0))

    def _map(self, data: Mapping[str, Data], indent: int) -> list[str]:
        step = self.random.choice((1, 2, 4))
        lines: list[str] = []
        for key, value in data.items():
            if lines:
                lines += self._between()
            lines += self._pair(f"{' ' * indent}{self._key(key)}:", value, indent, step)
        return lines

    def _pair(self, key: str, value: Data, indent: int, step: int) -> list[str]:
        gap = self.random.choice((" ", " ", "   "))
        if isinstance(value, Leaf | str):
            if isinstance(value, Leaf) and "\n" in value.text:
                return [f"{key} |", *_block(value.text, indent + step)]
            return [f"{key}{gap}{self._properties()}{self._scalar(value)}{self._behind(value)}"]
        if not value or (not _holds_marker(value) and self.random.random() < 0.25):
            return [f"{key}{gap}{self._flow(value)}{self._behind()}"]
        anchor = f" {self._anchor()}" if self.random.random() < 0.1 else ""
        first = f"{key}{anchor}{self._behind()}"
        further = isinstance(value, Mapping) or self.random.random() < 0.5
        return [first, *self._nested(value, indent + step * further)]

    def _nested(self, data: Sequence[Data] | Mapping[str, Data], indent: int) -> list[str]:
        if isinstance(data, Mapping):
            return self._map(data, indent)
        return self._list(data, indent)

    def _list(self, data: Sequence[Data], indent: int) -> list[str]:
        lines: list[str] = []
        for value in data:
            dash = f"{' ' * indent}-{self.random.choice((' ', ' ', '   '))}"
            if lines:
                lines += self._between()
            if isinstance(value, Leaf | str):
                lines.append(
                    f"{dash}{self._properties()}{self._scalar(value)}{self._behind(value)}"
                )
            elif not value or (not _holds_marker(value) and self.random.random() < 0.25):
                lines.append(f"{dash}{self._flow(value)}{self._behind()}")
            else:
                first, *rest = self._nested(value, len(dash))
                lines += [dash + first.lstrip(" "), *rest]
        return lines

    def _flow(self, data: Data) -> str:
        comma, inside = self.random.choice(((", ", ""), (",  ", " "), (" , ", "")))
        if isinstance(data, Leaf | str):
            return self._scalar(data)
        if isinstance(data, Mapping):
            pairs = (f"{self._key(key)}: {self._flow(value)}" for key, value in data.items())
            return f"{{{inside}{comma.join(pairs)}{inside}}}"
        return f"[{inside}{comma.join(self._flow(one) for one in data)}{inside}]"

    def _scalar(self, value: Leaf | str) -> str:
        leaf = value if isinstance(value, Leaf) else Leaf(value)
        plain = leaf.plain and _PLAIN.fullmatch(leaf.text) is not None
        style = self.random.choice(("", "", "'", '"') if plain else ("'", '"'))
        if style == '"' or "\n" in leaf.text:
            escaped = leaf.text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return '"' + escaped.replace("\t", "\\t") + '"'
        return f"{style}{leaf.text}{style}"

    def _key(self, key: str) -> str:
        style = self.random.choice(("", "", "", '"', "'"))
        return f"{style}{key}{style}"

    def _properties(self) -> str:
        """An anchor that nobody refers to, a tag, or both."""
        several = ("", "", "", "", "!!str ", f"{self._anchor()} ", f"{self._anchor()} !!str ")
        return self.random.choice(several)

    def _anchor(self) -> str:
        self.anchors += 1
        return f"&a{self.anchors}"

    def _behind(self, value: Leaf | str = "") -> str:
        if isinstance(value, Leaf) and value.marker:
            return f"  {value.marker}"
        return self.random.choice(_COMMENTS)

    def _between(self) -> Iterator[str]:
        if self.random.random() < 0.2:
            yield self.random.choice(_BETWEEN)


def _block(text: str, indent: int) -> list[str]:
    return [f"{' ' * indent}{line}" for line in text.splitlines()]


def _holds_marker(data: Data) -> bool:
    if isinstance(data, Leaf):
        return bool(data.marker) or "\n" in data.text
    if isinstance(data, str):
        return False
    return any(_holds_marker(one) for one in (data.values() if isinstance(data, Mapping) else data))


def aliased(text: str) -> str:
    """The text with an anchor and its aliases in front, which concern no pin."""
    return f"x-anchor: &elsewhere ghcr.io/acme/other\nx-alias: [*elsewhere, *elsewhere]\n{text}"


def dressed(random: Random, text: str, *, several: bool) -> str:
    """The text as some editor saves it; `several` where other documents may stand around it."""
    other = "apiVersion: v1\nkind: ConfigMap\ndata: {image: 'é'}\n"
    if several and random.random() < 0.3:
        text = random.choice(
            (f"{other}---\n{text}", f"{text}---  # next\n{other}", f"---\n---\n{text}")
        )
    text = random.choice(("", "", "\ufeff", "---\n", "# 😀\n", "\n\n")) + text
    text = text if random.random() < 0.7 else text.rstrip("\n")
    return text.replace("\n", random.choice(("\n", "\n", "\r\n")))
