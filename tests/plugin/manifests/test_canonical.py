"""Values and keys as kustomize's own writer prints them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from plugin.manifests.canonical import comes_before, scalar
from plugin.manifests.documents import annotations_of, documents
from tests.plugin.printed_objects import build, config, named

WORDS = (
    "y on Yes null ~ 1e3 1e999 12e3456789 0x1F 0x1ffffffffffffffff 0b11 0o7 017 089 1_000 +1 -0 "
    "18446744073709551615 18446744073709551616 1:20 1:20.5 .5 .inf . .. ... --- -a - ? ?a :a "
    "a: = << 2024-01-02 2024-13-1 2024-1-2T03:04:05Z 2024-1-2x !a &a *a |a >a %a @a `a {a} [a] a,b "
    "#a a#b it's \"a\" 'a' \\a é ü😀 true False 0 00 +.inf 1.5 1.5.6 1. 5e -1.e5"
).split()
VALUES = st.one_of(
    st.sampled_from(WORDS),
    st.text("0123456789eExXob_.:+-TZ ", min_size=1, max_size=12),
    st.text("ab: #'\"-?\\é😀,[", min_size=1, max_size=20),
    st.lists(st.text("ab'\":#, ", max_size=40), min_size=2, max_size=5).map(" ".join),
)
KEYS = st.text("abB019.-_/", min_size=1, max_size=8).map(lambda text: f"k{text}")


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(st.lists(VALUES, min_size=1, max_size=40))
def test_values_are_written_as_kustomize_writes_them(
    kustomize: Path, tmp_path_factory: pytest.TempPathFactory, values: list[str]
) -> None:
    said = {f"k{at:04}": one for at, one in enumerate(values)}
    printed = build(kustomize, tmp_path_factory.mktemp("s"), [named(config({}), "a", said, "")])
    if printed is None:
        reject()
    block = annotations_of(next(documents(printed)))
    assert block is not None
    for (key, lines), value in zip(block.entries, values, strict=True):
        before = f"    {key}: "
        assert lines.decode() == f"{before}{scalar(value, 6, len(before))}\n"


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(st.lists(KEYS, min_size=2, max_size=40, unique=True))
def test_keys_stand_in_kustomizes_order(
    kustomize: Path, tmp_path_factory: pytest.TempPathFactory, keys: list[str]
) -> None:
    objects = [named(config({}), "a", dict.fromkeys(keys, "x"), "")]
    printed = build(kustomize, tmp_path_factory.mktemp("s"), objects)
    if printed is None:
        reject()
    found = list(next(yaml.load_all(printed, yaml.BaseLoader))["metadata"]["annotations"])
    for at, one in enumerate(found[1:], 1):
        assert comes_before(found[at - 1], one)
        assert not comes_before(one, found[at - 1])
