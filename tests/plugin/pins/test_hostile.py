"""Texts made to hurt whoever reads them: refused, whatever is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.artifact import Repository, Tagged
from plugin.pins.compose import MAX_DEPTH, MAX_NODES
from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, UpToDate
from plugin.pins.tree import MAX_BYTES, read

WANTED = [Tagged(Repository.parse("nginx"), "1.27")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a" * (MAX_BYTES + 1), "is larger than 4 MiB; split the file"),
        ("é" * (MAX_BYTES // 2 + 1), "is larger than 4 MiB; split the file"),
        (
            "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2),
            f"is nested deeper than {MAX_DEPTH} levels",
        ),
        ("- a\n" * MAX_NODES, f"holds more than {MAX_NODES} nodes; split the file"),
        ("{a: 1, a: 2}\n", "key 'a' stands twice; remove one"),
        ("? {b: 1, b: 2}\n: c\n", "key 'b' stands twice; remove one"),
        ("a: *b\n", "'*b' refers to an anchor that is not there"),
        ("a: &a [*a]\n", "'*a' refers to an anchor that is not there"),
        ("a: &b 1\n---\na: *b\n", "'*b' refers to an anchor that is not there"),
        ("a: \ud800\n", "is not UTF-8; save the file as UTF-8"),
        ("a: b\0c\n", "is not YAML: control characters are not allowed"),
        ("a: \x85 b\n", "holds U+0085"),
        ("# {{ a }}\na: [\n", "is not YAML but a template"),
        ("a: [\n", "is not YAML: "),
    ],
)
def test_what_is_refused_says_why(text: str, reason: str) -> None:
    answer = read("a.yaml", text)
    assert isinstance(answer, Refused)
    assert answer.reason.startswith(reason)


@pytest.mark.parametrize(
    "text",
    [
        "a" * MAX_BYTES,
        "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        "- a\n" * (MAX_NODES - 300),
        "a: &a 1\nb: *a\n",
        "a: 1\n---\na: 2\n",
        "",
    ],
)
def test_what_only_just_fits_is_read(text: str) -> None:
    assert not isinstance(read("a.yaml", text), Refused)


def test_a_bomb_that_just_fits_is_not_walked_again_and_again() -> None:
    text = "a0: &a0 [{image: nginx:1}, {image: redis:1}]\n" + "".join(
        f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}]\n" for number in range(1, 15)
    )
    found = pins_in("a.yaml", f"apiVersion: v1\nkind: Pod\n{text}")
    assert len(found.pins) + len(found.refused) <= 4


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="[]{}:-,?&*!|>'\"%@`# \t\r\n\ufeff\0abnginx\u2028é😀\ud800", max_size=60))
def test_no_text_is_a_bug(text: str) -> None:
    answer = bump("kustomization.yaml", f"{text}\nimages: [{{name: nginx, newTag: v1}}]\n", WANTED)
    assert isinstance(answer, Bumped | UpToDate | Refused)
    pins_in("values.yaml", text)
