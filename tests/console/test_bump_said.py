"""What `towline bump` says beside its bumps: locks, disks that go, markers nobody asked for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from github_app.cli import main
from tests.console.test_bump import NEW, WEB, say
from tests.console.test_pins import DIGEST, POD, here, tree
from tests.plugin.pins.test_chart_lock import CHART, signed

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "disks"
DISK = "sha256:4f3c0a9b1d2e" + "7" * 52
CHARTS = ("--set-chart", "https://charts.acme.io/prometheus=17.1.0")
MARKED = (
    WEB + "configMapGenerator:\n- name: web\n  literals:\n"
    "  - VERSION=v1 # towline: web:version\n  - OTHER=v7 # towline: api:version\n"
)

__all__ = ["here"]


def test_a_chart_that_is_named_brings_its_lock(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"web/Chart.yaml": CHART, "web/Chart.lock": signed()})
    status, out = say(capsys, *CHARTS, "web/Chart.yaml")
    assert (status, out[1:]) == (0, ["web/Chart.lock: follows Chart.yaml", "1 bump in 2 files"])
    assert "version: 17.1.0" in (here / "web/Chart.lock").read_text()
    assert main(["pins", "web/Chart.yaml"]) == 0
    assert " of 1 file, " in capsys.readouterr().out


def test_the_old_form_of_a_chart_brings_its_lock(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"requirements.yaml": CHART, "requirements.lock": signed()})
    assert main(["bump", "--json", *CHARTS, "requirements.yaml"]) == 0
    assert json.loads(capsys.readouterr().out)["locks"] == ["requirements.lock"]
    assert "version: 17.1.0" in (here / "requirements.lock").read_text()


def test_a_chart_whose_lock_cannot_be_read_stays(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here.parent, {"Chart.lock": signed()})
    tree(here, {"Chart.yaml": CHART})
    (here / "Chart.lock").symlink_to("../Chart.lock")
    for path in ("Chart.yaml", "."):
        status, out = say(capsys, *CHARTS, path)
        assert status == 1
        assert out[0].startswith("Chart.lock:1:1: refused: is not what Helm writes")
        assert out[1].startswith("Chart.lock: not looked at: ")
        assert out[2] == "0 bumps in 0 files, 1 refused"
    assert (here / "Chart.yaml").read_text() == CHART


def test_a_lock_that_need_not_change_is_not_written(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chart = f"{CHART}appVersion: v1 # towline: web-app:version\n"
    tree(here, {"Chart.yaml": chart, "Chart.lock": signed()})
    before = (here / "Chart.lock").stat()
    status, out = say(capsys, "--set", "web-app=v2", ".")
    assert (status, out[-1]) == (0, "1 bump in 1 file")
    assert (here / "Chart.lock").stat().st_ino == before.st_ino


def test_a_previous_disk_is_not_dropped_in_silence(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(GOLDEN / "blue-green-third" / "before", here / "stage")
    asked = ("--set", f"harbor.lan/vm/fedora=43-1.6@{DISK}", "stage")
    status, out = say(capsys, "--check", *asked)
    assert (status, len(out)) == (0, 4)
    assert out[1].startswith("vm web: disk root goes from web-root-0d1e2f3a4b5c to ")
    assert out[2].startswith("  web-root-9a8b7c6d5e4f leaves Git and the cluster; ")
    assert main(["bump", "--json", *asked]) == 0
    (disk,) = json.loads(capsys.readouterr().out)["disks"]
    assert (disk["vm"], disk["namespace"], disk["disk"]) == ("web", None, "root")
    assert disk["notes"] == [out[2].strip()]


def test_markers_in_changed_files_that_nobody_asked_for_are_said(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"kustomization.yaml": MARKED, "b.yaml": "a: v1 # towline: web:version\n"})
    status, out = say(capsys, "--check", "--set", "ghcr.io/acme/web=v2", ".")
    assert (status, out[1:3]) == (
        0,
        [
            "left: kustomization.yaml:7: marker 'web' is not asked for; add --set web=v2",
            "left: kustomization.yaml:8: marker 'api' is not asked for; add --set api=VERSION",
        ],
    )
    asked = ("--set", f"ghcr.io/acme/web=v2@{NEW}", "--set", f"web=v2@{NEW}")
    status, out = say(capsys, *asked, "kustomization.yaml")
    assert status == 0
    assert [one for one in out if "'web'" in one] == []
    assert main(["bump", "--json", "--set", "ghcr.io/acme/web=v3@", "."]) == 0
    (left, _) = json.loads(capsys.readouterr().out)["left"]
    assert (left["file"], left["line"], left["marker"]) == ("kustomization.yaml", 8, "web")


def test_a_marker_that_is_there_already_is_not_left(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(here, {"kustomization.yaml": f"{WEB}x: v2 # towline: web:version\n"})
    status, out = say(capsys, "--set", "ghcr.io/acme/web=v2", ".")
    assert (status, out[1:]) == (0, ["1 bump in 1 file"])


def test_a_marker_for_a_digest_gets_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tied = f"{WEB}  digest: {DIGEST}\nx: {DIGEST} # towline: web:digest\n"
    tree(here, {"kustomization.yaml": tied})
    asked = ("--set", f"ghcr.io/acme/web=v2@{NEW}", ".")
    assert say(capsys, *asked)[1][1].endswith(f"; add --set web=v2@{NEW}")


def test_a_marker_is_called_by_its_own_name(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(here, {"env.yaml": "a: v1 # towline: nginx:tag\n", "pod.yaml": POD})
    status, out = say(capsys, "--set", "nginx=v2", "--check", ".")
    assert (status, out[:2]) == (
        0,
        ["env.yaml:1:4: nginx v1 -> v2", "pod.yaml:3:38: docker.io/library/nginx 1.25 -> v2"],
    )
    assert main(["bump", "--json", "--set", "nginx=v2", "."]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert [one["repository"] for one in changes] == ["nginx", "docker.io/library/nginx"]


def test_a_disk_that_needs_consent_says_the_option(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(GOLDEN / "stateful-consented" / "before", here / "stage")
    asked = ("--set", f"harbor.lan/vm/fedora=43-1.6@{DISK}", "stage")
    status, out = say(capsys, *asked)
    option = f"--allow-replace db:root@{DISK}"
    assert status == 1
    assert out[0].endswith(f"'. To consent by hand, add {option}")
    assert say(capsys, *option.split(), *asked)[0] == 0
