"""`kargo_index.yaml` names the tests that prove what Kargo does and its users ask for."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent
INDEX: dict[str, dict[Any, Any]] = yaml.safe_load((ROOT / "kargo_index.yaml").read_text("utf-8"))
ENTRIES = [(part, key) for part, entries in INDEX.items() for key in entries]


@cache
def proofs_in(file: str) -> frozenset[str]:
    """The names of the tests in a file of this directory, without `test_`."""
    tree = ast.parse((ROOT / f"{file}.py").read_text("utf-8"))
    found = (one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))
    return frozenset(name.removeprefix("test_") for name in found if name.startswith("test_"))


@pytest.mark.parametrize(("part", "key"), ENTRIES)
def test_what_is_claimed_is_tested(part: str, key: int | str) -> None:
    entry = INDEX[part][key]
    assert entry["tests"], entry["says"]
    for file, names in entry["tests"].items():
        assert not set(names) - proofs_in(file), f"{entry['says']}: {file}"


def test_each_number_has_its_place() -> None:
    assert list(INDEX["parity"]) == list(range(1, 21))
