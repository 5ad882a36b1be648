"""The stand-in's GraphQL schema is a part of GitHub's: same types, nullability and inputs."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_schema

import github_app.sandbox
from tests.contracts.recording import contracts
from tests.contracts.subset import differences

OURS = Path(github_app.sandbox.__file__).with_name("schema.graphql")


@pytest.mark.usefixtures("published")
def test_the_stand_ins_schema_is_a_part_of_githubs() -> None:
    ours, githubs = build_schema(OURS.read_text()), contracts().documents.schema
    assert differences(ours, githubs) == []
    assert len(ours.type_map) > 50
