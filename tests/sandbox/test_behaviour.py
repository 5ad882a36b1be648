"""Every row of the table of behaviours has its source and its test."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from github_app.sandbox.behaviour import TABLE, Behaviour

HERE = Path(__file__).parent


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.test)
def test_a_row_has_a_test(row: Behaviour) -> None:
    module, _, name = row.test.partition("::")
    tree = ast.parse((HERE / f"{module}.py").read_text())
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert name in tests


def test_rows_are_distinct_and_name_a_public_source() -> None:
    assert len({row.what for row in TABLE}) == len(TABLE)
    assert [row.what for row in TABLE if not row.source.startswith("https://")] == []
