"""Documents of publishers that are broken, or were broken into: refused, and nothing worse."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.warehouse.disk_index.choosing import offered
from github_app.warehouse.disk_index.formats import (
    centos,
    debian,
    fedora,
    fedora_coreos,
    flatcar,
    talos,
    ubuntu,
)
from github_app.warehouse.disk_index.listed import Listed
from plugin.artifact import DiskFamily, is_checksum
from plugin.errors import Refusal
from tests.warehouse.disk_index import documents
from tests.warehouse.disk_index.documents import sha256

Read = Callable[[str], tuple[Listed, ...]]

JSON: dict[str, tuple[Read, str]] = {
    "ubuntu": (ubuntu.listed, documents.simplestream({"20260705": sha256(1), "20260706": None})),
    "debian": (debian.listed, documents.debian_build("20260712-2537")),
    "fedora": (fedora.listed, documents.fedora_releases()),
    "fedora-coreos": (fedora_coreos.listed, documents.coreos_stream("44.20260801.3.0")),
    "flatcar releases": (flatcar.listed, documents.FLATCAR_RELEASES),
    "talos": (talos.listed, documents.TALOS),
}
TEXTS: dict[str, tuple[Read, str]] = JSON | {
    "centos": (centos.listed, documents.CENTOS),
    "flatcar": (flatcar.listed, documents.FLATCAR),
}
FAMILIES = [
    DiskFamily.parse(f"https://x.io/{path}")
    for path in (
        "releases/noble/release-*/ubuntu-24.04-server-cloudimg-amd64.img",
        "cloud/bookworm/*/debian-12-generic-amd64-*.qcow2",
        "releases/*/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-*.x86_64.qcow2",
        "streams/stable/builds/*/x86_64/fedora-coreos-*-qemu.x86_64.qcow2.xz",
        "9-stream/x86_64/images/CentOS-Stream-GenericCloud-9-*.x86_64.qcow2",
        "amd64-usr/*/flatcar_production_kubevirt_image.qcow2",
        f"image/{'0' * 64}/v*/nocloud-amd64.raw.xz",
    )
]
WRONG: list[object] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "../..",
    "*",
    "a" * 5000,
    [],
    {},
    [[]],
    {"": {}},
    "\ud800",
]


def harmless(read: Read, text: str) -> bool:
    """Whether the text was read; what it lists stays within the families, or it was refused."""
    listed, said = outcome(read, text)
    assert len(said) < 1000
    for family in FAMILIES:
        for one in offered(family, listed):
            assert DiskFamily.parse(one.address) == family
            assert one.checksum is None or is_checksum(one.checksum)
    return not said


def outcome(read: Read, text: str) -> tuple[tuple[Listed, ...], str]:
    """What is listed, or what a refusal says."""
    try:
        return read(text), ""
    except Refusal as refusal:
        return (), str(refusal) or "nothing"


def mutated(value: object, chance: random.Random) -> object:
    """The value with one wrong thing somewhere in it."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(sorted(value))
        if chance.random() < 0.1:
            return {name: one for name, one in value.items() if name != key}
        return value | {key: mutated(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        return [*value[:at], mutated(value[at], chance), *value[at + 1 :]]
    return chance.choice(WRONG)


@pytest.mark.parametrize("case", JSON)
def test_wrong_values_anywhere(case: str) -> None:
    read, text = JSON[case]
    chance, value = random.Random(case), json.loads(text)
    assert harmless(read, text)
    read_well = sum(harmless(read, json.dumps(mutated(value, chance))) for _ in range(2000))
    assert read_well < 2000


@pytest.mark.parametrize("case", TEXTS)
def test_cut_and_scrambled(case: str) -> None:
    read, text = TEXTS[case]
    chance = random.Random(case)
    for _ in range(500):
        at = chance.randrange(len(text))
        harmless(read, text[:at])
        harmless(read, text[:at] + chr(chance.randrange(1, 0x2FF)) + text[at + 1 :])
        harmless(read, text[:at] + text[chance.randrange(len(text)) :])


@pytest.mark.parametrize("case", TEXTS)
@given(text=st.text(max_size=60))
def test_anything_else(case: str, text: str) -> None:
    harmless(TEXTS[case][0], text)


@pytest.mark.parametrize("case", TEXTS)
@pytest.mark.parametrize(
    "text",
    [
        "[" * 900_000,
        '{"a":' * 900_000,
        "[" + "{}," * 5_000_000 + "{}]",
        "[" + "9" * 20_000 + "]",
        "A" * 30_000_000,
        " " * 30_000_000,
        "\n" * 30_000_000,
        "FLATCAR_VERSION=" * 1_000_000,
        "SHA256 (" + ") = " * 5_000_000,
        "a" * 64 + "  " + "/" * 10_000_000,
    ],
    ids=["arrays", "objects", "wide", "number", "letters", "spaces", "lines", "set", "bsd", "gnu"],
)
def test_monsters_are_refused_in_little_memory(case: str, text: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Refusal):
            TEXTS[case][0](text)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 128 * 1024 * 1024
