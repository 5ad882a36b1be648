"""The list of files that promotions brought: what it says, and what nobody can make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.brought_list import list_path, read_list, write_list
from plugin.errors import Refusal


def test_it_lies_with_the_records_and_is_none() -> None:
    assert list_path("stages/prod") == "stages/prod/.freight/files.json"
    assert list_path("") == ".freight/files.json"


@given(st.frozensets(st.text()))
def test_what_is_written_is_read(paths: frozenset[str]) -> None:
    text = write_list(paths)
    assert read_list("l", text) == paths
    assert write_list(sorted(paths, reverse=True)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is no JSON"),
        ("[]", "is not of format 1"),
        ('{"format": 2, "files": []}', "is not of format 1"),
        ('{"format": 1}', "names no files"),
        ('{"format": 1, "files": [1]}', "names no files"),
    ],
)
def test_a_list_that_somebody_broke_is_refused(text: str, why: str) -> None:
    with pytest.raises(Refusal, match=f"^l:1: {why}; restore it from Git"):
        read_list("l", text)
