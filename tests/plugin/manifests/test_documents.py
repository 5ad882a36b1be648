"""Printed manifests read as text say what a parser says, whatever texts they hold."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from plugin.manifests.documents import (
    Document,
    annotations_of,
    documents,
    field_of,
    unquoted,
    way_to,
)
from tests.plugin.printed_objects import (
    ANNOTATIONS,
    HOSTILE,
    KEYS,
    LIKE_IMAGES,
    VALUES,
    build,
    config,
    custom,
    named,
)

OBJECTS = st.lists(
    st.tuples(
        st.one_of(
            st.dictionaries(st.from_regex(r"[a-z]{1,4}", fullmatch=True), HOSTILE).map(config),
            st.dictionaries(KEYS, VALUES, max_size=4).map(custom),
        ),
        ANNOTATIONS,
        st.sampled_from(("", "shop")),
    ),
    min_size=1,
    max_size=10,
)


def printed(
    objects: list[tuple[dict[str, Any], dict[str, str] | None, str]],
    directory: Path,
    kustomize: Path,
) -> bytes:
    every = [named(one, f"n{at}", said, space) for at, (one, said, space) in enumerate(objects)]
    built = build(kustomize, directory, every)
    if built is None:
        reject()
    return built


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(OBJECTS)
def test_every_document_is_found_and_says_what_a_parser_says(
    kustomize: Path,
    tmp_path_factory: pytest.TempPathFactory,
    objects: list[tuple[dict[str, Any], dict[str, str] | None, str]],
) -> None:
    text = printed(objects, tmp_path_factory.mktemp("stage"), kustomize)
    found = list(documents(text))
    parsed = list(yaml.load_all(text, yaml.BaseLoader))
    assert b"---\n".join(one.body for one in found) == text
    assert [one.kind for one in found] == [one["kind"] for one in parsed]
    assert [one.api_version for one in found] == [one["apiVersion"] for one in parsed]
    assert [one.name for one in found] == [one["metadata"]["name"] for one in parsed]
    spaces = [one["metadata"].get("namespace", "") for one in parsed]
    assert [one.namespace for one in found] == spaces
    for document, one in zip(found, parsed, strict=True):
        block = annotations_of(document)
        assert block is not None
        keys = [key for key, _ in block.entries]
        assert keys == list(one["metadata"].get("annotations", {}))
        assert not block.entries or text[block.start : block.end] == b"  annotations:\n" + b"".join(
            lines for _, lines in block.entries
        )
        fields = sorted(fields_of(document))
        expected = sorted(ways(one, ()))
        assert set(fields) <= set(expected)
        assert [one for one in expected if reachable(one)] == [
            one for one in fields if reachable(one)
        ]


def fields_of(document: Document) -> Iterator[tuple[str, ...]]:
    start = document.start
    while start < document.end:
        way = way_to(document, start)
        if way is not None:
            yield way
        start = document.text.index(b"\n", start) + 1


def ways(node: Any, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*way, key)
            yield from ways(value, (*way, key))
    elif isinstance(node, list):
        for item in node:
            yield from ways(item, (*way, ""))


def reachable(way: tuple[str, ...]) -> bool:
    """Lists in lists, and keys too long for one line, hold no image that anybody writes."""
    lists = any(one == other == "" for one, other in itertools.pairwise(way))
    return not lists and not any(len(one) > 120 for one in way)


@pytest.mark.parametrize("text", LIKE_IMAGES)
def test_a_text_is_no_field(text: str, tmp_path: Path, kustomize: Path) -> None:
    built = build(kustomize, tmp_path, [named(config({"a": text, "b": "image: x"}), "n", None, "")])
    assert built is not None
    (document,) = documents(built)
    assert {way[-1] for way in fields_of(document)} == {
        *("apiVersion", "kind", "data", "a", "b", "metadata", "name", "labels", "app")
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"a: b", ("a", b"b", 0)),
        (b"  - a: b: c", ("a", b"b: c", 4)),
        (b"  - 'a: b'", None),
        (b'  - "a": b', ("a", b"b", 4)),
        (b"  - - a:", ("a", b"", 6)),
        (b"\"y\": 'it''s'", ("y", b"'it''s'", 0)),
        (b"a:b: c", ("a:b", b"c", 0)),
        (b"http://x", None),
        (b"- a", None),
        (b"", None),
    ],
)
def test_a_line_says_its_field(line: bytes, said: tuple[str, bytes, int] | None) -> None:
    field = field_of(line)
    assert (field and (field.key, field.value, field.column)) == said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it''s'", "it's"),
        ('"a\\tb\\u00e9\\"\\U0001F600"', 'a\tbé"😀'),
        ("plain", "plain"),
        ("'", "'"),
    ],
)
def test_a_scalar_says_its_value(text: str, value: str) -> None:
    assert unquoted(text.encode()) == value
