"""Quoting, against what PyYAML and ruamel.yaml resolve and what kustomize accepts."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

from plugin.pins.scalar import quoted, reads_as_text, written

NEVER_PLAIN = (
    "1.10 1.0 10 0123 007 08 0o17 0x1F 0b101 1e3 1E3 12345e7 0e1 1.2e3 1_000 1__0 5. 0.0 12_3.4 "
    "0001e5 1234567 20240101 yes No ON off y N true False null NULL Null nan inf 2024-01-01"
).split()
ALWAYS_PLAIN = "1.2.3 v1.2.3 1.10-alpine latest sha-12e4567 e1 v1 3-abc abcdef0".split()
RESOLVERS = [VersionedResolver(version=version) for version in ((1, 1), (1, 2))]
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,11}", fullmatch=True)
NUMBER_LIKE = st.text("0123456789_.exoabfn-", min_size=1, max_size=9).filter(
    lambda text: text[0] not in ".-"
)


def is_text_everywhere(value: str) -> bool:
    kinds = [one.resolve(ScalarNode, value, (True, False)) for one in RESOLVERS]
    node = yaml.compose(value, Loader=yaml.SafeLoader)
    kinds.append(node.tag if node is not None else "")
    return all(str(kind) == "tag:yaml.org,2002:str" for kind in kinds)


@pytest.mark.parametrize("value", NEVER_PLAIN)
def test_what_some_reader_takes_for_a_number_or_a_word_is_quoted(value: str) -> None:
    assert written(value) == f'"{value}"'


@pytest.mark.parametrize("value", ALWAYS_PLAIN)
def test_ordinary_tags_stay_plain(value: str) -> None:
    assert written(value) == value


@given(TAGS | NUMBER_LIKE)
def test_a_plain_value_is_text_for_every_reader(value: str) -> None:
    if reads_as_text(value):
        assert is_text_everywhere(value), value


@pytest.mark.parametrize("value", ["", "a: b", "a #b", "- a", "a:", "&a", "*a", "é", "a\n", "{a}"])
def test_what_is_syntax_is_never_plain(value: str) -> None:
    assert not reads_as_text(value)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_quoted_value_reads_back(value: str) -> None:
    text = quoted(value)
    assert text.isascii()
    assert yaml.safe_load(text) == value
    if all(ord(char) <= 0xFFFF for char in value):
        assert json.loads(text) == value


def test_kustomize_takes_every_written_tag_for_text(tmp_path: Path, kustomize: Path) -> None:
    tags = [*NEVER_PLAIN, *ALWAYS_PLAIN]
    pods = "".join(
        f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}}}\n"
        f"spec: {{containers: [{{name: a, image: i{number}}}]}}\n"
        for number in range(len(tags))
    )
    entries = "".join(
        f"- name: i{number}\n  newTag: {written(tag)}\n" for number, tag in enumerate(tags)
    )
    (tmp_path / "pods.yaml").write_text(pods)
    (tmp_path / "kustomization.yaml").write_text(f"resources: [pods.yaml]\nimages:\n{entries}")
    done = subprocess.run(
        [kustomize, "build", tmp_path], capture_output=True, text=True, check=True
    )
    for number, tag in enumerate(tags):
        assert f"image: i{number}:{tag}\n" in done.stdout
