"""Real public manifests: every disk in them is found or refused, and moves alone."""

from __future__ import annotations

import collections
import difflib
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from plugin.artifact import DiskFamily, DiskImage, Image, Repository
from plugin.bumping import bumps
from plugin.disks.policy import Consent, Terms
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Kind, Pin
from plugin.pins.sources import Sources
from plugin.pins.tree import decode
from tests.plugin.addresses import another
from tests.plugin.disks.stages import NEW

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "data" / "vm-corpus.tar.gz"
DISKS = (Kind.CONTAINER_DISK, Kind.DATA_VOLUME, Kind.DATA_VOLUME_TEMPLATE)
# Sources that hold a disk image with versions, by where they stand in an object.
PLACES = (
    ("containerDisk", "image"),
    ("container", "image"),
    ("registry", "url"),
    ("http", "url"),
)
USER = """apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: user, annotations: {{towline.dev/disk-policy: replace}}}}
spec: {{template: {{spec: {{volumes: [{volumes}]}}}}}}
"""


def files() -> Iterator[tuple[str, str]]:
    if not CORPUS.exists():
        pytest.skip(f"{CORPUS} is missing: the corpus of VM manifests is not checked")
    with tarfile.open(CORPUS) as tar:
        for member in tar:
            stream = tar.extractfile(member)
            if stream is not None and member.name.endswith((".yaml", ".yml")):
                text = decode(member.name, stream.read())
                if not isinstance(text, Refused):
                    yield member.name, text


def documents(text: str) -> list[Any]:
    """The objects of KubeVirt and CDI, as another reader loads them; none where it cannot."""
    try:
        found = [one for one in yaml.safe_load_all(text) if isinstance(one, dict)]
    except yaml.YAMLError:
        return []
    return [one for one in found if "kubevirt.io/" in str(one.get("apiVersion"))]


def images(node: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if (*path[-1:], key) in PLACES and isinstance(value, str):
                yield value
            yield from images(value, (*path, key))
    elif isinstance(node, list):
        for item in node:
            yield from images(item, path)


def test_every_image_of_a_disk_is_a_pin_or_refused_with_a_reason() -> None:
    counted = 0
    for name, text in files():
        found = pins_in(name, text)
        pins = [pin for pin in found.pins if pin.kind in DISKS]
        for image in (one for document in documents(text) for one in images(document)):
            pin = any(image in (one.value.strip("\"'"), one.spelling) for one in pins)
            refused = any(image in one.text for one in found.refused)
            assert pin or refused, f"{name}: {image}"
            counted += pin
    assert counted >= 29


def wanted(pins: list[Pin]) -> list[Image | DiskImage]:
    found: list[Image | DiskImage] = []
    for subject in dict.fromkeys(pin.subject for pin in pins):
        if isinstance(subject, Repository):
            found.append(Image(subject, "9.9.9", NEW))
        else:
            assert isinstance(subject, DiskFamily)
            found.append(DiskImage(subject, "9", another(subject), NEW))
    return found


def consents(text: str) -> frozenset[Consent]:
    """A person's word for every volume of every machine."""
    found = set()
    for one in documents(text):
        spec = one.get("spec", {}).get("template", {}).get("spec", {})
        for volume in spec.get("volumes", ()):
            found.add(Consent(one["metadata"].get("name", ""), volume["name"], NEW))
    return frozenset(found)


def test_every_disk_of_a_real_file_moves_and_nothing_else_changes() -> None:
    moved: collections.Counter[Kind] = collections.Counter()
    for name, text in files():
        pins = [pin for pin in pins_in(name, text).pins if pin.kind in DISKS]
        if not pins:
            continue
        names = [one["metadata"]["name"] for one in documents(text) if one["kind"] == "DataVolume"]
        volumes = ", ".join(f"{{name: {one}, dataVolume: {{name: {one}}}}}" for one in names)
        stage = {name: text, "user.yaml": USER.format(volumes=volumes)}
        terms = Terms(consents=consents(text))
        done = bumps(Sources(stage), wanted(pins), terms=terms)
        if any("is an exported object" in str(one) for one in done.refused):
            assert "\nstatus:" in text, name
            continue
        assert done.refused == (), name
        moved += collections.Counter(change.pin.kind for change in done.changes)
        check(text, done.files[name])
        again = bumps(Sources({**stage, **done.files}), wanted(pins), terms=terms)
        assert (again.files, again.refused) == ({}, ()), name
    assert set(moved) == set(DISKS)


def check(before: str, after: str) -> None:
    """Lines that go name a disk or its version; lines that come say the new one, or are a copy."""
    old, new = before.splitlines(), after.splitlines()
    changes = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
    gone = [line for line in changes if line[0] == "-"]
    assert all(any(key in line for key in ("image:", "url:", "name:")) for line in gone), gone
    new_words = (NEW[7:19], "url: http")
    came = [one for one in changes if one[0] == "+" and not any(word in one for word in new_words)]
    disks = [one for one in documents(before) if one["kind"] == "DataVolume"]
    assert all(one in documents(after) for one in disks)
    assert not came or disks, came
