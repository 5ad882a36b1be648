"""What a container disk's layer holds, and that it is always the same."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from github_app.publishing.disk_file import disk_file
from github_app.publishing.layer import Layer, examined, layer_of
from plugin.errors import Refusal
from tests.publishing.disks import SECTOR, qcow2, raw, written

QEMU = 107


def layer(path: Path) -> Layer:
    return layer_of(disk_file(path))


def test_it_is_the_disk_as_kubevirt_wants_it(tmp_path: Path) -> None:
    path = qcow2(tmp_path / "debian-12-amd64.qcow2")
    made = layer(path)
    archive = b"".join(made.blocks())
    assert len(archive) == made.size
    with tarfile.open(fileobj=io.BytesIO(archive)) as read:
        folder, file = read.getmembers()
        content = read.extractfile(file)
        assert content is not None
        assert content.read() == path.read_bytes()
    assert (folder.name, folder.isdir(), oct(folder.mode)) == ("disk", True, "0o555")
    assert (file.name, oct(file.mode)) == ("disk/debian-12-amd64.qcow2", "0o440")
    assert {one.uid for one in (folder, file)} == {one.gid for one in (folder, file)} == {QEMU}
    assert {one.mtime for one in (folder, file)} == {0}


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("noble.img", "noble.qcow2"),
        ("a.b.qcow2", "a.b.qcow2"),
        ("fedora-43-1.6", "fedora-43-1.6.qcow2"),
    ],
)
def test_the_name_inside_says_the_format(tmp_path: Path, name: str, inside: str) -> None:
    assert f"disk/{inside}".encode() in layer(qcow2(tmp_path / name)).head


def test_a_raw_file_of_any_length_is_padded(tmp_path: Path) -> None:
    for sectors in (3, 64):
        archive = b"".join(layer(raw(tmp_path / "a.img", sectors * SECTOR)).blocks())
        with tarfile.open(fileobj=io.BytesIO(archive)) as read:
            assert read.getmembers()[1].size == sectors * SECTOR


def test_a_file_beyond_what_old_tar_can_say_keeps_its_size(tmp_path: Path) -> None:
    size = 9 << 30
    made = layer(raw(tmp_path / "large.img", size))
    head = made.head + b"\0" * 2 * SECTOR
    with tarfile.open(fileobj=io.BytesIO(head), ignore_zeros=True) as read:
        read.next()
        entry = read.next()
    assert entry is not None
    assert (entry.name, entry.size) == ("disk/large.raw", size)


def test_the_same_file_is_the_same_layer_whenever_it_was_written(tmp_path: Path) -> None:
    path = qcow2(tmp_path / "a.qcow2")
    first = examined(layer(path), ("sha256",), lambda count: None)
    path.chmod(0o600)
    os.utime(path, (1, 1))
    assert examined(layer(path), ("sha256",), lambda count: None).digest == first.digest
    written(path, path.read_bytes()[:-1] + b"x")
    assert examined(layer(path), ("sha256",), lambda count: None).digest != first.digest


def test_one_pass_finds_the_digest_and_the_checksums(tmp_path: Path) -> None:
    path = qcow2(tmp_path / "a.qcow2")
    read: list[int] = []
    found = examined(layer(path), ("sha256", "sha512"), read.append)
    content = path.read_bytes()
    assert found.checksums == {
        "sha256": hashlib.sha256(content).hexdigest(),
        "sha512": hashlib.sha512(content).hexdigest(),
    }
    archive = b"".join(found.layer.blocks())
    assert found.digest == f"sha256:{hashlib.sha256(archive).hexdigest()}"
    assert sum(read) == len(content)
    assert (found.blob().size, found.blob().digest) == (len(archive), found.digest)


def test_a_file_that_shrinks_meanwhile_is_refused(tmp_path: Path) -> None:
    path = qcow2(tmp_path / "a.qcow2")
    made = layer(path)
    os.truncate(path, 1000)
    with pytest.raises(Refusal, match="became shorter"):
        list(made.blocks())
