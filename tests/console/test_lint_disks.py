"""What `towline lint` says of disks and machines, and of what was changed."""

from __future__ import annotations

import json
import shutil

import pytest

from github_app.cli import main
from tests.console.conftest import SHOP, Checkout, git
from tests.plugin.disks.test_faults import HTTP, root, template, vm

BEFORE = vm("web", root("a"), more=template("a", HTTP))
AFTER = BEFORE.replace("1.0", "1.1")
FILES = SHOP | {"stages/dev/vm.yaml": BEFORE}
SILENT = (
    "stages/dev/vm.yaml:6: error: template 'a' of vm web has another source under the same name: "
    "KubeVirt accepts that and does nothing; give it a new name, and the same in the volume that "
    "names it"
)


def test_a_change_without_effect_is_an_error_before_it_is_committed(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    place = checkout(FILES)
    assert main(["lint", str(place)]) == 0
    assert "note: changes since commit " in capsys.readouterr().err
    (place / "stages/dev/vm.yaml").write_text(AFTER)
    assert main(["lint", str(place)]) == 1
    told = capsys.readouterr()
    assert SILENT in told.out
    assert "(the last one) are judged" in told.err


def test_a_branch_is_judged_since_it_left_the_remote(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    place = checkout(FILES)
    git(place, "update-ref", "refs/remotes/origin/main", "HEAD")
    (place / "stages/dev/vm.yaml").write_text(AFTER)
    git(place, "commit", "--quiet", "--all", "--message=Bump")
    git(place, "commit", "--quiet", "--allow-empty", "--message=Another")
    assert main(["lint", str(place)]) == 1
    told = capsys.readouterr()
    assert SILENT in told.out
    assert "(where this branch left origin/main) are judged" in told.err
    assert main(["lint", "--since", "HEAD", str(place)]) == 0
    assert "(HEAD) are judged" in capsys.readouterr().err


@pytest.mark.parametrize("since", ["v9", "--output=x"])
def test_a_commit_that_is_not_there_is_refused(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], since: str
) -> None:
    assert main(["lint", f"--since={since}", str(checkout(FILES))]) == 1
    assert f"Git knows no commit '{since}' here; name another" in capsys.readouterr().err


def test_without_git_only_what_is_there_is_judged(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    place = checkout(FILES | {"stages/prod/vm.yaml": vm("web", "{containerDisk: {image: a/b:1}}")})
    shutil.rmtree(place / ".git")
    assert main(["lint", "--json", str(place)]) == 0
    told = capsys.readouterr()
    (found,) = (one for one in json.loads(told.out) if one["where"].startswith("stages/prod/vm"))
    assert found == {
        "level": "warning",
        "where": "stages/prod/vm.yaml:8",
        "text": (
            "'a/b:1' is a moving tag: vm web may find another disk at any start; name its digest "
            "too (:1@sha256:...)"
        ),
    }
    assert told.err == ("note: there is no commit to compare with, so changes are not judged\n")


def test_machines_that_disagree_with_themselves(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "stages/dev/talconfig.yaml": "talosVersion: v1.13.1\nkubernetesVersion: v1.34.1\n",
        "stages/dev/ks.yaml": "talos_version: v1.12.0\nk8s_version: v1.34.1\n",
        "stages/dev/template.yaml": (
            "apiVersion: bootstrap.cluster.x-k8s.io/v1alpha3\nkind: TalosConfigTemplate\n"
            "spec: {template: {spec: {talosVersion: v1.12}}}\n"
        ),
    }
    assert main(["lint", str(checkout(SHOP | files))]) == 0
    out = capsys.readouterr().out
    assert (
        "stages/dev/talconfig.yaml:1: warning: talos is v1.13.1 here and v1.12.0 in "
        "stages/dev/ks.yaml:1; all its places move together, so make them agree"
    ) in out
    assert out.count("make them agree") == 1


def test_a_base_outside_the_stage_is_judged_with_it(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    files = SHOP | {
        "stages/dev/kustomization.yaml": (
            SHOP["stages/dev/kustomization.yaml"] + "components: [../../components/machine]\n"
        ),
        "components/machine/kustomization.yaml": "resources: [../../vms, https://acme.io/x]\n",
        "vms/kustomization.yaml": "resources: [vm.yaml]\n",
        "vms/vm.yaml": BEFORE,
        "vms/unlisted.yaml": BEFORE.replace("web", "db"),
    }
    place = checkout(files)
    assert main(["lint", str(place)]) == 0
    assert "vms/" not in capsys.readouterr().out
    for name in ("vm.yaml", "unlisted.yaml"):
        file = place / "vms" / name
        file.write_text(file.read_text().replace("1.0", "1.1"))
    git(place, "commit", "--quiet", "--all", "--message=Bump")
    assert main(["lint", "--since", "HEAD~1", str(place)]) == 1
    out = capsys.readouterr().out
    assert out.count(SILENT.replace("stages/dev/vm.yaml", "vms/vm.yaml")) == 1
    assert "unlisted" not in out


def test_a_base_that_leads_out_of_the_repository_is_passed_over(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    head = SHOP["stages/dev/kustomization.yaml"]
    listed = "components: [../../link, ../../../outside, /etc, ../../vms]\n"
    place = checkout(SHOP | {"stages/dev/kustomization.yaml": head + listed})
    outside = place.parent / "outside"
    outside.mkdir()
    (outside / "kustomization.yaml").write_text("resources: [vm.yaml]\n")
    (outside / "vm.yaml").write_text(vm("web", root("a"), more=template("a", "blank: {}")))
    (place / "link").symlink_to(outside)
    assert main(["lint", str(place)]) == 0
    assert "vm.yaml" not in capsys.readouterr().out
