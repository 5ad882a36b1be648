"""Documents are told apart as kustomize and people divide them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.divided import BETWEEN, is_by_hand, printed_texts, texts_by_hand


@pytest.mark.parametrize(
    ("manifests", "texts"),
    [
        (b"", ()),
        (b"a: 1\n", ("a: 1\n",)),
        (b"a: 1\n---\nb: 2\n", ("a: 1\n", "b: 2\n")),
        (b"a: |\n  ---\n  x\n---\nb: 2", ("a: |\n  ---\n  x\n", "b: 2")),
        (b"a: 1\n---\n", ("a: 1\n",)),
    ],
)
def test_kustomize_divides_by_a_line_of_its_own(manifests: bytes, texts: tuple[str, ...]) -> None:
    assert printed_texts(manifests) == texts
    assert not is_by_hand(manifests)


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("---\na: 1\n--- # b\nb: 2\n", ("---\na: 1\n", "--- # b\nb: 2\n")),
        ("---\r\na: 1\r\n---\r\nb: 2", ("---\r\na: 1\r\n", "---\r\nb: 2")),
        ("---\na: |\n  ---\n  x\n", ("---\na: |\n  ---\n  x\n",)),
        ("---x: 1\n---\nb: 2\n", ("---x: 1\n", "---\nb: 2\n")),
    ],
)
def test_people_begin_documents_with_more_than_a_line(text: str, texts: tuple[str, ...]) -> None:
    assert texts_by_hand(text) == texts
    assert is_by_hand(text.encode())


@given(st.lists(st.sampled_from(("---\n", "--- |\n", "a: 1\n", "  ---\n", "\n", "---"))))
def test_nothing_is_lost_between_documents(lines: list[str]) -> None:
    text = "".join(lines)
    assert "".join(texts_by_hand(text)) == text
    printed = BETWEEN.join(printed_texts(text.encode()))
    assert text in (printed, printed + BETWEEN)
