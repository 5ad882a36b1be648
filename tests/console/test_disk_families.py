"""What `towline bump --set-disk` says of an address of another disk image."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_app.cli import main
from tests.plugin.disks.test_faults import CHECKSUM, DIGEST, root, vm, volume

CENTOS = (
    "https://cloud.centos.org/centos/{0}-stream/x86_64/images/"
    "CentOS-Stream-GenericCloud-{0}-{1}.0.x86_64.qcow2"
)
OLD, TEN = CENTOS.format(9, "20240101"), CENTOS.format(10, "20260101")
MACHINE = vm("web", root("a"), annotations="towline.dev/disk-policy: replace")


def bump(place: Path, asked: str) -> int:
    source = f"http: {{url: '{OLD}', checksum: '{CHECKSUM}'}}"
    (place / "vm.yaml").write_text(volume("a", source) + MACHINE)
    return main(["bump", "--set-disk", f"{asked}@{DIGEST}", str(place)])


def test_another_release_is_another_disk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = CENTOS.format(9, "20230101")
    assert bump(tmp_path, f"{earlier}={TEN}") == 1
    assert capsys.readouterr().err == (
        f"--set-disk: {TEN} is no version of {CENTOS.format(9, '*').replace('*.0', '*')}, which "
        f"{tmp_path}/vm.yaml:5 has: another release, architecture or platform is another disk; if "
        f"it is meant, write {OLD} before the '='\n"
    )
    assert TEN not in (tmp_path / "vm.yaml").read_text()


def test_a_version_of_the_same_image_and_an_address_that_is_there_are_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = CENTOS.format(9, "20260101")
    for asked, new in ((f"{newer}={newer}", newer), (f"{OLD}={TEN}", TEN)):
        assert bump(tmp_path, asked) == 0
        text = (tmp_path / "vm.yaml").read_text()
        assert (new in text, "dataVolume: {name: a-4f3c0a9b1d2e}" in text) == (True, True)
    assert capsys.readouterr().err == ""
