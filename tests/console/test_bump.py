"""What `towline bump` does to files, and what it says."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from github_app.cli import main
from github_app.console.files import Place
from github_app.console.replacing import Rewrite, replace_all
from plugin.errors import Refusal
from tests.console.test_pins import DIGEST, POD, here, tree

NEW = "sha256:" + "cd" * 32
DISK = Path(__file__).resolve().parent.parent / "golden" / "disks" / "stateful-consented"
WEB = "images:\n- name: ghcr.io/acme/web\n  newTag: v1\n"

__all__ = ["here"]


def say(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    status = main(["bump", *arguments])
    return status, capsys.readouterr().out.splitlines()


def test_every_pin_is_bumped_and_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(here, {"a/kustomization.yaml": WEB, "b/kustomization.yaml": WEB, "pod.yaml": POD})
    status, out = say(capsys, "--set", f"ghcr.io/acme/web=v2@{NEW}", "--set", "nginx=1.27", ".")
    assert (status, out) == (
        0,
        [
            "a/kustomization.yaml:3:11: ghcr.io/acme/web v1 -> v2@sha256:cdcdcdcdcdcd",
            "b/kustomization.yaml:3:11: ghcr.io/acme/web v1 -> v2@sha256:cdcdcdcdcdcd",
            "pod.yaml:3:38: docker.io/library/nginx 1.25 -> 1.27",
            "3 bumps in 3 files",
        ],
    )
    assert (here / "pod.yaml").read_text() == POD.replace("1.25", "1.27")
    assert f"newTag: v2\n  digest: {NEW}\n" in (here / "a/kustomization.yaml").read_text()


def test_a_second_time_there_is_nothing_to_do(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"pod.yaml": POD})
    assert say(capsys, "--set", "nginx=1.27", ".")[0] == 0
    before = (here / "pod.yaml").stat()
    assert say(capsys, "--set", "nginx=1.27", ".") == (0, ["nothing to bump"])
    assert (here / "pod.yaml").stat().st_ino == before.st_ino


def test_check_says_the_same_and_changes_nothing(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"pod.yaml": POD})
    status, out = say(capsys, "--check", "--set", "nginx=1.27", ".")
    assert (status, out) == (
        0,
        [
            "pod.yaml:3:38: docker.io/library/nginx 1.25 -> 1.27",
            "1 bump in 1 file; nothing was written (--check)",
        ],
    )
    assert (here / "pod.yaml").read_text() == POD


def test_a_file_with_a_refusal_stays_and_the_others_are_done(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tied = POD.replace("1.25", f"1.25@{DIGEST}")
    tree(here, {"a.yaml": tied, "b.yaml": POD})
    status, out = say(capsys, "--set", "nginx=1.27", ".")
    assert status == 1
    assert out[0].startswith("b.yaml:3:38: ")
    assert out[1].startswith("a.yaml:3:38: refused: names a digest")
    assert out[2] == "1 bump in 1 file, 1 refused"
    assert (here / "a.yaml").read_text() == tied
    assert say(capsys, "--set", "nginx=1.27@", ".")[0] == 0
    assert (here / "a.yaml").read_text() == POD.replace("1.25", "1.27")


def test_a_word_that_is_no_image_says_what_to_ask_for(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"a.yaml": "image: nginx:1.26.2  # towline: stable:image\n"})
    status, out = say(capsys, "--set", "stable=1.27.0", ".")
    assert status == 1
    assert "but 'stable' stands for docker.io/library/stable; name the subscription" in out[0]
    assert "(in bump: --set docker.io/library/nginx=VERSION)" in out[0]
    assert say(capsys, "--set", "docker.io/library/nginx=1.27.0", ".")[0] == 0
    assert (here / "a.yaml").read_text().startswith("image: nginx:1.27.0 ")


def test_what_is_pinned_nowhere_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(here, {"pod.yaml": POD})
    status, out = say(capsys, "--set", "nginx=1.27", "--set", "redis=8", ".")
    assert status == 1
    assert out[1].startswith("refused: no pin of docker.io/library/redis is here; ")
    assert out[2] == "1 bump in 1 file, 1 refused"


def test_a_broken_file_that_mentions_it_is_refused_and_others_are_left_alone(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"a.yaml": "{{ if }} nginx\n", "b.yaml": "{{ if }} redis\n", "c.yaml": POD})
    (here / "latin.yaml").write_bytes(b"# nginx \xe9\n")
    (here / "other.yaml").write_bytes(b"# redis \xe9\n")
    status, out = say(capsys, "--set", "nginx=1.27", ".")
    assert status == 1
    assert [line.partition(":")[0] for line in out[:-1]] == ["c.yaml", "a.yaml", "latin.yaml"]
    assert out[-1] == "1 bump in 1 file, 2 refused"
    assert out[2].endswith("refused: is not UTF-8; save the file as UTF-8")


def test_a_byte_that_is_no_utf_8_is_found_where_pins_finds_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "latin.yaml").write_bytes("\ufeff".encode() + b"image: nginx\r\n\r\n# \xe9\n")
    said = "is not UTF-8; save the file as UTF-8"
    _, out = say(capsys, "--set", "nginx=1.27", "latin.yaml")
    assert out[0] == f"latin.yaml:3:1: refused: {said}"
    main(["pins", "latin.yaml"])
    assert capsys.readouterr().out.startswith(f"latin.yaml:3:1: not taken: {said}\n")


def test_a_path_that_was_named_and_cannot_be_read_is_an_error(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"a.yaml": POD})
    os.mkfifo(here / "pipe.yaml")
    status, out = say(capsys, "--set", "nginx=1.27", ".")
    assert (status, out[1]) == (0, "pipe.yaml: not looked at: is a pipe, not a file")
    status, out = say(capsys, "--set", "nginx=1.27", "a.yaml", "pipe.yaml")
    assert (status, out[-1]) == (1, "nothing to bump")


def test_marker_comments_follow_the_word_before_the_equals_sign(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"env.yaml": "version: v1 # towline: web:tag\nother: v1 # towline: api:tag\n"})
    status, _ = say(capsys, "--set", "web=v2", "env.yaml")
    assert status == 0
    expected = "version: v2 # towline: web:tag\nother: v1 # towline: api:tag\n"
    assert (here / "env.yaml").read_text() == expected


def test_charts_revisions_and_machines(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n"
        "    repoURL: https://github.com/acme/deploy\n    targetRevision: v1.0.0\n"
    )
    charts = "helmCharts:\n- name: web\n  repo: https://charts.acme.io\n  version: 1.0.0\n"
    talos = "talosVersion: v1.12.3\nkubernetesVersion: v1.30.0\nclusterName: a\nnodes: []\n"
    tree(here, {"app.yaml": application, "kustomization.yaml": charts, "talconfig.yaml": talos})
    wanted = ("--set-revision", "github.com/acme/deploy=v1.1.0", "--set-chart", "web=1.1.0")
    status, out = say(capsys, *wanted, "--set-version", "talos=v1.13.0", ".")
    assert (status, out[-1]) == (0, "3 bumps in 3 files")
    assert "targetRevision: v1.1.0" in (here / "app.yaml").read_text()
    assert "version: 1.1.0" in (here / "kustomization.yaml").read_text()
    assert "talosVersion: v1.13.0" in (here / "talconfig.yaml").read_text()


def test_a_disk_moves_over_its_files_with_consent(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(DISK / "before", here / "stage")
    version = "sha256:4f3c0a9b1d2e" + "7" * 52
    asked = ("--set", f"harbor.lan/vm/fedora=43-1.6@{version}", "stage")
    status, out = say(capsys, *asked)
    assert (status, out[-1]) == (1, "0 bumps in 0 files, 1 refused")
    assert "vm db would start with a fresh disk" in out[0]
    status, out = say(capsys, "--allow-replace", f"db:root@{version}", *asked)
    assert (status, out[-1]) == (0, "1 bump in 2 files")
    assert out[1].startswith("vm db: disk root goes from db-root to db-root-4f3c0a9b1d2e")
    for file in (DISK / "after").iterdir():
        assert (here / "stage" / file.name).read_bytes() == file.read_bytes()


def test_bytes_mode_and_links_stay(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = ("\ufeff" + POD.replace("\n", "\r\n")).encode().rstrip()
    tree(here, {"base/pod.yaml": ""})
    file = here / "base" / "pod.yaml"
    file.write_bytes(before)
    file.chmod(0o750)
    (here / "dev").mkdir()
    link = here / "dev" / "pod.yaml"
    link.symlink_to("../base/pod.yaml")
    status, out = say(capsys, "--set", "nginx=1.27", "dev")
    assert status == 0
    assert out[0].startswith("dev/pod.yaml:3:38: ")
    assert link.is_symlink()
    assert file.read_bytes() == before.replace(b"1.25", b"1.27")
    assert file.stat().st_mode & 0o7777 == 0o750
    assert sorted(one.name for one in file.parent.iterdir()) == ["pod.yaml"]


def test_json_has_changes_refusals_and_what_was_not_read(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"a.yaml": POD, "b.yaml": POD.replace("1.25", f"1.25@{DIGEST}")})
    os.mkfifo(here / "pipe.yaml")
    assert main(["bump", "--json", "--set", "nginx=1.27", "--set", "redis=8", "."]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["changes"] == [
        {
            "file": "a.yaml",
            "line": 3,
            "column": 38,
            "kind": "image",
            "repository": "docker.io/library/nginx",
            "from": {"tag": "1.25", "digest": None},
            "to": {"tag": "1.27", "digest": None},
        }
    ]
    assert [one["file"] for one in said["refused"]] == ["b.yaml", None]
    assert [one["file"] for one in said["unread"]] == ["pipe.yaml"]


def test_a_file_that_changed_meanwhile_is_refused_and_none_is_written(tmp_path: Path) -> None:
    tree(tmp_path, {"a.yaml": "one", "b.yaml": "changed"})
    rewrites = [
        Rewrite(Place(name, tmp_path / name), before, b"new")
        for name, before in (("a.yaml", b"one"), ("b.yaml", b"two"))
    ]
    with pytest.raises(Refusal, match=r"^b\.yaml: was changed while it was read; nothing was"):
        replace_all(rewrites)
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {
        "a.yaml": "one",
        "b.yaml": "changed",
    }


def test_a_directory_that_takes_no_files_stops_all(tmp_path: Path) -> None:
    tree(tmp_path, {"a.yaml": "one"})
    gone = Place("b/b.yaml", tmp_path / "b" / "b.yaml")
    rewrites = [Rewrite(Place("a.yaml", tmp_path / "a.yaml"), b"one", b"new")]
    with pytest.raises(Refusal, match=r"^b/b\.yaml: cannot be written: No such file"):
        replace_all([*rewrites, Rewrite(gone, b"two", b"new")])
    assert [one.read_text() for one in tmp_path.iterdir()] == ["one"]
