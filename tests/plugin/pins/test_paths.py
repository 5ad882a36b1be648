"""Paths into YAML: what they lead to, and which texts are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.errors import Refusal
from plugin.pins.nodes import Scalar, Tree
from plugin.pins.paths import FieldPath, Index, Key, Where
from plugin.pins.tree import read

FILE = """
kind: VirtualMachine
metadata: {name: web}
spec:
  volumes:
    - {name: root, containerDisk: {image: a}}
    - {name: data.x, containerDisk: {image: b}}
---
kind: ConfigMap
metadata: {name: web}
data:
  web.url: c
  matrix: [[d, e], [f]]
---
kind: Deployment
metadata: {name: web}
spec: {volumes: [{name: root, containerDisk: {image: g}}]}
"""


def tree(text: str) -> Tree:
    answer = read("a.yaml", text)
    assert isinstance(answer, Tree)
    return answer


def found(path: str, text: str = FILE) -> list[str]:
    nodes = FieldPath.parse(path).find(tree(text))
    return [node.value for node in nodes if isinstance(node, Scalar)]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ('data."web.url"', ["c"]),
        (r"data.web\.url", ["c"]),
        ("data.matrix[0][1]", ["e"]),
        ("data.matrix.[1].[0]", ["f"]),
        ("data.matrix[2][0]", []),
        ("spec.volumes[name=root].containerDisk.image", ["a", "g"]),
        ("[kind=VirtualMachine].spec.volumes[name=root].containerDisk.image", ["a"]),
        ("[kind=Deployment,metadata.name=web].spec.volumes[0].containerDisk.image", ["g"]),
        ('spec.volumes[name="data.x"].containerDisk.image', ["b"]),
        ("spec.volumes[name=data.x].containerDisk.image", ["b"]),
        ("spec.volumes[containerDisk.image=b].name", ["data.x"]),
        ("spec.volumes[name=other].containerDisk.image", []),
        ("spec.volumes.name", []),
        ("data.matrix[name=x]", []),
        ("metadata[name=web]", []),
        ("nothing", []),
    ],
)
def test_a_path_leads_to_values(path: str, values: list[str]) -> None:
    assert found(path) == values


def test_a_file_may_be_a_list_itself() -> None:
    text = "- {name: a, tag: 1}\n- {name: b, tag: 2}\n"
    assert found("[name=b].tag", text) == found("[1].tag", text) == ["2"]


def test_a_value_behind_an_alias_is_not_reached() -> None:
    assert found("b.c", "a: &a {c: 1}\nb: *a\n") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected a key, found nothing"),
        ("a.", "expected a key, found nothing"),
        (".a", "expected a key, found '.a'"),
        ("a..b", "expected a key, found '.b'"),
        ("a[", "expected a key, found nothing"),
        ("a[]", "expected a key, found ']'"),
        ("a[b]", "expected '=', found ']'"),
        ("a[b=c", "expected ']', found nothing"),
        ("a[b=c]d", "expected '.' or '[', found 'd'"),
        ("a b", "expected '.' or '[', found ' b'"),
        ('a."b', "expected a key, found '\"b'"),
        ("[0]", "names no key"),
        ("a[00]", "expected '=', found ']'"),
    ],
)
def test_what_is_no_path_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        FieldPath.parse(text)
    assert reason in str(caught.value)


words = st.text(min_size=1, max_size=8)
wheres = st.lists(
    st.tuples(st.lists(words, min_size=1, max_size=3).map(tuple), st.text(max_size=8)),
    min_size=1,
    max_size=3,
).map(lambda conditions: Where(tuple(conditions)))
steps = words.map(Key) | st.integers(0, 99999).map(Index) | wheres
paths = st.lists(steps, min_size=1, max_size=6).map(lambda steps: FieldPath((*steps, Key("end"))))


@given(paths)
def test_a_path_is_what_it_prints(path: FieldPath) -> None:
    assert FieldPath.parse(str(path)) == path


@given(st.text(max_size=20) | st.text('ab.[]=",\\ 01', max_size=20))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    try:
        path = FieldPath.parse(text)
    except Refusal:
        return
    assert FieldPath.parse(str(path)) == path
    assert isinstance(path.find(tree(FILE)), tuple)
