"""Artifacts of every kind as records and the ledger say them, and their line in freight's id."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.artifact import (
    Artifact,
    Chart,
    ChartName,
    Custom,
    CustomName,
    DiskFamily,
    DiskImage,
    GitRepository,
    Image,
    Repository,
    Revision,
)
from plugin.artifact.entries import artifact_of, entry_of, id_line
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.record import Record, read_record, write_record

COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIGEST = f"sha256:{'5' * 64}"
ADDRESS = "https://cloud-images.ubuntu.com/releases/noble/release-20240701/ubuntu-24.04-amd64.img"
WEB = Repository("ghcr.io", "acme/web")
KINDS: tuple[tuple[Artifact, str], ...] = (
    (Image(WEB, "1.0", DIGEST), f"image ghcr.io/acme/web:1.0@{DIGEST}"),
    (
        Image(replace(WEB, subscription="web-next"), "2.0", DIGEST),
        f"image web-next=ghcr.io/acme/web:2.0@{DIGEST}",
    ),
    (
        Chart(ChartName("https://charts.acme.io", "web"), "1.2.3"),
        "chart https://charts.acme.io/web:1.2.3",
    ),
    (
        Chart(ChartName.parse("oci://ghcr.io/acme/charts/web"), "1.2.3+4", DIGEST),
        f"chart oci://ghcr.io/acme/charts/web:1.2.3+4@{DIGEST}",
    ),
    (
        Revision(GitRepository.parse("acme/config"), "v1.2.3", COMMIT),
        f"git https://github.com/acme/config:v1.2.3@{COMMIT}",
    ),
    (
        Revision(GitRepository.parse("acme/config"), COMMIT, COMMIT),
        f"git https://github.com/acme/config@{COMMIT}",
    ),
    (
        DiskImage(DiskFamily.parse(ADDRESS), "20240701", ADDRESS, DIGEST),
        f"disk {ADDRESS}@{DIGEST}",
    ),
    (Custom(CustomName("llm"), "2026-11-21"), "custom llm:2026-11-21"),
)


@pytest.mark.parametrize(("artifact", "line"), KINDS)
def test_every_kind_is_read_back_and_has_its_line(artifact: Artifact, line: str) -> None:
    assert artifact_of(entry_of(artifact)) == artifact
    assert id_line(artifact) == line
    expected = hashlib.sha256(f"warehouse web\n{line}".encode()).hexdigest()
    assert Freight("web", (artifact,)).id == expected


@given(st.permutations([artifact for artifact, _ in KINDS]), st.integers(1, len(KINDS)))
def test_a_record_of_any_kinds_is_read_back_in_any_order(kinds: list[Artifact], most: int) -> None:
    artifacts = {one.subject: one for one in kinds[:most]}
    record = Record(Freight("web", (*artifacts.values(),)), "acme/shop", "towline/shop/prod/web")
    text = write_record(record)
    assert read_record("prod/.freight/web.yaml", text) == record
    assert write_record(read_record("prod/.freight/web.yaml", text)) == text


def test_only_plain_images_are_said_in_the_first_format() -> None:
    for artifact, _ in KINDS:
        text = write_record(Record(Freight("web", (artifact,)), "acme/shop", "towline/a/b/c"))
        expected = 1 if artifact == KINDS[0][0] else 3
        assert f"format: {expected}\n" in text


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"picture": "x"}, "an artifact is one of image, chart, git, disk, custom"),
        ({"image": "ghcr.io/acme/web", "tag": "1"}, "key 'digest' is missing"),
        ({"custom": "llm", "version": "1", "commit": "x"}, "key 'commit' does not belong here"),
        ({"image": "nginx", "tag": "1", "digest": DIGEST}, "is not the normal name"),
        ({"git": "acme/config", "revision": "v1"}, "is not the normal name 'https://github.com"),
        ({"git": "https://github.com/acme/config", "revision": "v1", "commit": "12"}, "commit id"),
        ({"disk": ADDRESS, "version": "1", "checksum": "5"}, "is not a checksum"),
        ({"chart": "https://charts.acme.io/web", "version": "^1"}, "is not a version of chart"),
        ({"custom": "llm", "version": "-x"}, "is not a version of llm"),
    ],
)
def test_what_no_entry_of_ours_says_is_refused(entry: dict[str, str], reason: str) -> None:
    with pytest.raises(Refusal, match=re.escape(reason)):
        artifact_of(entry)


def test_two_subscriptions_to_one_repository_are_two_subjects() -> None:
    both = (KINDS[0][0], KINDS[1][0])
    assert len(Freight("web", both).artifacts) == 2
    with pytest.raises(Refusal, match="names a subject more than once"):
        Freight("web", (KINDS[0][0], Image(WEB, "2.0", DIGEST)))
