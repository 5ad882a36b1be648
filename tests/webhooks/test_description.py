"""Every delivery GitHub describes is read: bodies made from its own description of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from github_app.events import Unknown
from tests.webhooks.samples import bodies, headers, names, read

DESCRIPTION = Path(__file__).parent.parent.parent / ".tools" / "contracts" / "webhooks.json"
TAUGHT = {name.partition(".")[0] for name in names("github")}
# GitHub marks these as optional, and sends them for every event we are taught but two.
ALWAYS = ("repository", "installation", "sender")

pytestmark = [
    pytest.mark.contracts,
    pytest.mark.skipif(
        not DESCRIPTION.exists(), reason="GitHub's description is missing: 'make setup' fetches it"
    ),
]


@cache
def description() -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text("utf-8"))
    return found


def described() -> Iterator[tuple[str, bytes]]:
    """The name of each webhook's event with a body that has all GitHub promises."""
    for webhook in description()["webhooks"].values():
        content = webhook["post"]["requestBody"]["content"]["application/json"]
        event = webhook["post"]["x-github"]["subcategory"].replace("-", "_")
        yield event, bodies(made(content["schema"], ALWAYS))


def made(schema: Mapping[str, Any], also: tuple[str, ...] = ()) -> Any:
    """A small value the schema allows, with optional properties only where they are named."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return made(description()["components"]["schemas"][name], also)
    for union in ("oneOf", "anyOf"):
        if union in schema:
            return made(schema[union][0], also)
    if "allOf" in schema:
        parts = [made(part, also) for part in schema["allOf"]]
        return {name: value for part in parts for name, value in part.items()}
    if "properties" in schema:
        return made_object(schema, also)
    return made_scalar(schema)


def made_object(schema: Mapping[str, Any], also: tuple[str, ...]) -> dict[str, Any]:
    wanted = {*schema.get("required", ()), *also} & schema["properties"].keys()
    return {name: made(schema["properties"][name]) for name in sorted(wanted)}


def made_scalar(schema: Mapping[str, Any]) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "null")
    kind = kinds if isinstance(kinds, str) else next(iter(kinds), "null")
    values = {"object": {}, "array": [], "integer": 7, "number": 7, "boolean": False}
    return {**values, "string": "acme/gitops"}.get(kind)


def test_every_event_we_are_taught_is_read_as_github_describes_it() -> None:
    seen = set()
    for event, body in described():
        if event in TAUGHT:
            reading = read("github", headers(event), body).reading
            assert not isinstance(reading, Unknown), event
            seen.add(event)
    assert seen == TAUGHT


def test_every_other_event_is_left_alone() -> None:
    unknown = set()
    for event, body in described():
        if event not in TAUGHT:
            reading = read("github", headers(event), body).reading
            if isinstance(reading, Unknown):
                unknown.add(event)
    assert {"issues", "release", "star"} <= unknown
