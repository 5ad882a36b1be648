"""The JSON Schema for editors says the same as the reader, as far as a schema can."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from plugin import pipeline_file
from plugin.pipeline_file import not_yet, vocabulary
from tests.plugin.pipeline_file.samples import BAD, GOOD, as_json, called

SCHEMA = json.loads(
    (Path(pipeline_file.__file__).parent.parent / "pipeline_schema.json").read_text("utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def bad(*groups: str) -> list[Path]:
    return [path for path in BAD if path.parent.name in groups]


def complaints(path: Path) -> list[str]:
    data = as_json(path.read_text(encoding="utf-8"))
    return [error.message for error in VALIDATOR.iter_errors(data)]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", GOOD, ids=called)
def test_what_the_reader_accepts_the_schema_accepts(path: Path) -> None:
    assert complaints(path) == []


@pytest.mark.parametrize("path", bad("structure"), ids=called)
def test_a_wrong_shape_is_wrong_for_both(path: Path) -> None:
    assert complaints(path) != []


@pytest.mark.parametrize("path", bad("meaning", "not-yet"), ids=called)
def test_a_wrong_meaning_is_the_readers_business_alone(path: Path) -> None:
    assert complaints(path) == []


@pytest.mark.parametrize(
    ("of", "where"), [("project file", SCHEMA), ("stage", SCHEMA["$defs"]["stage"])]
)
def test_both_know_the_same_keys(of: str, where: dict[str, dict[str, object]]) -> None:
    assert set(where["properties"]) == vocabulary.keys(of)


def test_both_know_the_same_kinds_of_subscription() -> None:
    kinds = SCHEMA["$defs"]["subscription"]["oneOf"]
    required = [kind["required"][0] for kind in kinds]
    assert required == ["image", "git", "chart", "disk", "path", "custom"]
    assert set(required) == {"image", *not_yet.KINDS}
    known = {"image": vocabulary.keys("image")}
    known |= {kind: frozenset(readers) for kind, readers in not_yet.KINDS.items()}
    assert {
        kind: frozenset(one["properties"]) for kind, one in zip(required, kinds, strict=True)
    } == known
