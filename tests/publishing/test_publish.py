"""When something is pushed, and when nothing is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from github_app.publishing.image import ContainerDisk, top
from github_app.publishing.progress import Silent
from github_app.publishing.publish import Checksum, Outcome, Publication, Wanted, publish
from github_app.publishing.published import Published
from github_app.publishing.uploads import Pushed
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.publishing.disks import WRITTEN, qcow2, raw, written

DEBIAN = Repository("ghcr.io", "acme/vm/debian")
THEN = datetime.fromtimestamp(WRITTEN, UTC)


@dataclass
class Shelf:
    """A registry as a table of tags; `told` is what it was asked and given."""

    tags: dict[str, Published] = field(default_factory=dict)
    pushed: dict[str, tuple[ContainerDisk, ...]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def published(self, tag: str) -> Published | None:
        self.told.append(f"published {tag}")
        return self.tags.get(tag)

    def push(self, disks: Sequence[ContainerDisk], tag: str, before: Published | None) -> Pushed:
        self.told.append(f"push {tag}")
        assert before == self.tags.get(tag)
        created = datetime.fromisoformat(disks[0].labels["org.opencontainers.image.created"])
        manifests = {one.config.digest: one.manifest.digest for one in disks}
        self.tags[tag] = Published(top(disks).digest, manifests, created)
        self.pushed[tag] = tuple(disks)
        by_architecture = {one.architecture: one.manifest.digest for one in disks}
        return Pushed(top(disks).digest, by_architecture, 1, 0)


def asked(*disks: Wanted, tag: str = "12") -> Publication:
    return Publication(DEBIAN, tag, disks)


def done(publication: Publication, shelf: Shelf) -> Outcome:
    return publish(publication, shelf, Silent())


def refusal(publication: Publication, shelf: Shelf) -> str:
    with pytest.raises(Refusal) as caught:
        done(publication, shelf)
    assert not any(one.startswith("push ") for one in shelf.told)
    return str(caught.value)


@pytest.fixture
def disk(tmp_path: Path) -> Wanted:
    return Wanted("amd64", qcow2(tmp_path / "debian-12.qcow2"))


def test_the_image_says_where_its_disk_comes_from(disk: Wanted) -> None:
    shelf = Shelf()
    said = replace(asked(disk), source="https://cloud.debian.org", labels={"team": "vm"})
    outcome = done(said, shelf)
    (pushed,) = shelf.pushed["12"]
    digits = hashlib.sha256(disk.path.read_bytes()).hexdigest()
    assert pushed.labels == {
        "shasum": digits,
        "org.opencontainers.image.title": "debian-12.qcow2",
        "org.opencontainers.image.version": "12",
        "org.opencontainers.image.source": "https://cloud.debian.org",
        "org.opencontainers.image.created": "2026-01-02T03:04:05Z",
        "team": "vm",
    }
    assert str(outcome.image) == f"{DEBIAN}:12@{pushed.manifest.digest}"
    assert outcome.checksums == {"amd64": Checksum("sha256", digits)}


def test_labels_said_in_so_many_words_win(disk: Wanted) -> None:
    shelf = Shelf()
    done(replace(asked(disk), labels={"org.opencontainers.image.version": "13"}), shelf)
    assert shelf.pushed["12"][0].labels["org.opencontainers.image.version"] == "13"


def test_the_publisher_s_own_checksum_is_the_label(disk: Wanted) -> None:
    shelf = Shelf()
    digits = hashlib.sha512(disk.path.read_bytes()).hexdigest()
    done(asked(replace(disk, checksum=Checksum("sha512", digits))), shelf)
    assert shelf.pushed["12"][0].labels["shasum"] == digits


def test_another_checksum_pushes_nothing(disk: Wanted, tmp_path: Path) -> None:
    wrong = Wanted("arm64", raw(tmp_path / "b.img"), Checksum("sha256", "ab" * 32))
    text = refusal(asked(disk, wrong), Shelf())
    assert f"{wrong.path} is not the disk that --checksum names: it is sha256:" in text
    assert f"not sha256:{'ab' * 32}. Nothing was pushed" in text


def test_a_file_that_is_no_disk_is_found_before_anybody_is_asked(
    disk: Wanted, tmp_path: Path
) -> None:
    shelf = Shelf()
    refusal(asked(disk, Wanted("arm64", written(tmp_path / "b.img", b"no disk"))), shelf)
    assert shelf.told == []


def test_the_same_disk_again_is_nothing_to_do(disk: Wanted, tmp_path: Path) -> None:
    shelf = Shelf()
    other = Wanted("arm64", raw(tmp_path / "b.img"))
    first = done(asked(disk, other), shelf)
    shelf.told.clear()
    again = done(asked(other, disk), shelf)
    assert shelf.told == ["published 12"]
    assert again.pushed is None
    assert (again.image, again.manifests) == (first.image, first.manifests)


def test_a_file_that_was_only_written_again_is_the_same_disk(disk: Wanted) -> None:
    shelf = Shelf()
    first = done(asked(disk), shelf)
    os.utime(disk.path, (WRITTEN + 60, WRITTEN + 60))
    assert done(asked(disk), shelf).image == first.image
    later = datetime(2026, 5, 5, tzinfo=UTC)
    assert "holds something else" in refusal(
        replace(asked(disk), created=later), Shelf(tags=shelf.tags)
    )


def test_a_tag_with_another_disk_is_moved_only_when_asked(disk: Wanted, tmp_path: Path) -> None:
    shelf = Shelf()
    first = done(asked(disk), shelf)
    other = asked(Wanted("amd64", raw(tmp_path / "b.img")))
    text = refusal(other, Shelf(tags=shelf.tags))
    assert (
        f"{DEBIAN}:12 holds something else already: {first.image.digest}, made 2026-01-02" in text
    )
    assert "--move-tag" in text
    moved = done(replace(other, move_tag=True), shelf)
    assert moved.image.digest != first.image.digest
    assert shelf.tags["12"].created == THEN


def test_one_architecture_more_is_something_else(disk: Wanted, tmp_path: Path) -> None:
    shelf = Shelf()
    done(asked(disk), shelf)
    more = asked(disk, Wanted("arm64", raw(tmp_path / "b.img")))
    assert "holds something else" in refusal(more, Shelf(tags=shelf.tags))


def test_the_youngest_disk_dates_the_image_unless_that_is_said(
    disk: Wanted, tmp_path: Path
) -> None:
    other = Wanted("arm64", raw(tmp_path / "b.img"))
    os.utime(other.path, (WRITTEN + 60, WRITTEN + 60))
    shelf = Shelf()
    done(asked(disk, other), shelf)
    created = {one.labels["org.opencontainers.image.created"] for one in shelf.pushed["12"]}
    assert created == {"2026-01-02T03:05:05Z"}
    said = datetime(2025, 2, 10, 20, 19, tzinfo=UTC)
    done(replace(asked(disk, tag="13"), created=said), shelf)
    assert shelf.tags["13"].created == said


def test_a_raw_file_with_holes_is_advised_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    from github_app.publishing.progress import Lines

    path = raw(tmp_path / "b.img", 1 << 20)
    publish(asked(Wanted("amd64", path)), Shelf(), Lines(sys.stderr))
    assert f"{path} is raw: 1.0 MiB are pushed, of which 4.0 KiB" in capsys.readouterr().err
