"""What an ApplicationSet fills into the fields of its template, as far as its generators say it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from plugin.pins.nodes import Mapping as MappingNode
from plugin.pins.nodes import Node, Scalar
from plugin.pins.reading import mapping, scalar_of, sequence, word

Element = Mapping[str, str]
# `{{path}}`, `{{.stage}}`, `{{ index . "stage" }}`: only names are looked up.
_FILLED = re.compile(r"\{\{.*?\}\}")
_NAME = re.compile(r"\{\{\s*\.?([A-Za-z0-9_-]+)\s*\}\}")


def may_be(said: str, meant: str) -> bool:
    """Whether `said` is `meant`, or becomes it when its parts are filled in."""
    if "{{" not in said:
        return said == meant
    parts = [re.escape(one) for one in _FILLED.split(said)]
    return re.fullmatch(".+".join(parts), meant) is not None


def is_open(said: str) -> bool:
    """Whether nothing of `said` is known before it is filled in."""
    return _FILLED.fullmatch(said) is not None


def filled(said: str, element: Element) -> str:
    """`said` with what an element of a list has; other names stay as they are."""
    return _NAME.sub(lambda found: element.get(found[1], found[0]), said)


def normal(path: str) -> str:
    """A directory as it is compared; what is filled in may have slashes of its own."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def elements_of(one: MappingNode) -> tuple[Element, ...]:
    """The elements of a set that has nothing but lists; else one that fills in nothing."""
    generators = [mapping(item) for item in _generators(one)]
    lists = [mapping(generator.get("list")) for generator in generators]
    if not lists or any(found.get("elements") is None for found in lists):
        return ({},)
    if any(found.get("elementsYaml") is not None for found in lists):
        return ({},)
    return tuple(_element(mapping(item)) for found in lists for item in _elements(found))


def _elements(found: MappingNode) -> Sequence[Node]:
    return sequence(found.get("elements")).items


def _element(item: MappingNode) -> Element:
    return {key.value: value.value for key, value in item.named() if isinstance(value, Scalar)}


def _generators(one: MappingNode) -> Sequence[Node]:
    return sequence(mapping(one.get("spec")).get("generators")).items


def globs_of(one: MappingNode) -> Iterator[str]:
    """The directories that Git generators of a set go through, at any depth."""
    waiting: list[Node] = list(_generators(one))
    while waiting:
        node = waiting.pop()
        waiting += sequence(node).items
        for key, value in mapping(node).named():
            if key.value == "directories":
                yield from _paths(sequence(value).items)
            waiting.append(value)


def _paths(items: Sequence[Node]) -> Iterator[str]:
    for item in items:
        if word(mapping(item).get("exclude")) != "true":
            path = scalar_of(mapping(item).get("path"))
            yield normal(path.value if path else "")
