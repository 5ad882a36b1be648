"""The JSON Schema for editors says the same as the reader, as far as a schema can."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from plugin import pipeline_file
from plugin.artifact.disk import Publisher
from plugin.pipeline_file import vocabulary
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


@pytest.mark.parametrize("path", bad("meaning"), ids=called)
def test_a_wrong_meaning_is_the_readers_business_alone(path: Path) -> None:
    assert complaints(path) == []


WAREHOUSE = SCHEMA["$defs"]["warehouse"]["oneOf"][1]


@pytest.mark.parametrize(
    ("of", "where"),
    [
        ("project file", SCHEMA),
        ("stage", SCHEMA["$defs"]["stage"]),
        ("warehouse", WAREHOUSE),
        *(
            (vocabulary.of_kind(kind["required"][0]), kind)
            for kind in SCHEMA["$defs"]["subscription"]["oneOf"]
        ),
    ],
)
def test_both_know_the_same_keys(of: str, where: dict[str, dict[str, object]]) -> None:
    assert set(where["properties"]) == vocabulary.keys(of)


def test_both_know_the_same_kinds_of_subscription() -> None:
    kinds = SCHEMA["$defs"]["subscription"]["oneOf"]
    assert tuple(kind["required"][0] for kind in kinds) == vocabulary.KINDS


def test_both_know_the_same_publishers_of_disks() -> None:
    kinds = SCHEMA["$defs"]["subscription"]["oneOf"]
    disk = next(kind for kind in kinds if kind["required"] == ["disk"])
    assert disk["properties"]["publisher"]["enum"] == [one.value for one in Publisher]


def test_an_editor_says_what_every_key_of_a_subscription_means() -> None:
    for kind in SCHEMA["$defs"]["subscription"]["oneOf"]:
        for key, value in kind["properties"].items():
            assert "description" in value, (kind["required"], key)
