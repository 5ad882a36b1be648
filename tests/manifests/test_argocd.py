"""The component against Argo CD's own manifests, and its health checks on KubeVirt's objects."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from plugin.kustomize.build import Kustomize

TMP = "/tmp"  # noqa: S108 - in the container
ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = ROOT / "manifests" / "bootstrap"
SETTING = re.compile(r'"(TOWLINE_[A-Z_]+)"')
HEALTH = COMPONENTS / "argocd" / "kubevirt" / "health.yaml"


def argocds_own() -> Path:
    """The manifests of the Argo CD that `make setup-argocd` fetched."""
    for stamp in sorted((ROOT / ".tools").glob("argocd-v*")):
        manifests = Path(stamp.read_text().strip()) / "manifests" / "install.yaml"
        if manifests.is_file():
            return manifests
    pytest.skip("Argo CD's manifests are missing: run 'make setup-argocd'")


def overlaid(tree: Path, kustomize: Path, *components: str) -> list[Any]:
    """The example overlay on Argo CD's manifests, which are fetched by Go, not by kustomize."""
    shutil.copytree(COMPONENTS, tree, dirs_exist_ok=True)
    shutil.copy(argocds_own(), tree / "example" / "install.yaml")
    overlay = tree / "example" / "kustomization.yaml"
    said = yaml.safe_load(overlay.read_text())
    said["resources"] = ["install.yaml"]
    said["components"] += components
    overlay.write_text(yaml.safe_dump(said))
    printed = Kustomize((str(kustomize), "build")).build(tree, "example")
    return list(yaml.load_all(printed, Loader=yaml.CSafeLoader))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, kustomize: Path) -> list[Any]:
    """The example overlay as it is."""
    return overlaid(tmp_path_factory.mktemp("tree"), kustomize)


def the(built: Iterable[Any], kind: str, name: str) -> Any:
    (found,) = (one for one in built if (one["kind"], one["metadata"]["name"]) == (kind, name))
    return found


def test_the_repo_server_gets_one_container_and_two_volumes(built: list[Any]) -> None:
    pod = the(built, "Deployment", "argocd-repo-server")["spec"]["template"]["spec"]
    own, sidecar = sorted(pod["containers"], key=lambda one: str(one["name"]))
    assert (own["name"], sidecar["name"]) == ("argocd-repo-server", "towline")
    assert sidecar["image"] == "registry.example.org/towline-sidecar:v1"
    assert sidecar["resources"]["limits"]["memory"]
    volumes = {one["name"]: one for one in pod["volumes"]}
    mounts = {one["mountPath"]: one["name"] for one in sidecar["volumeMounts"]}
    assert set(mounts.values()) <= set(volumes)
    assert mounts["/var/run/argocd"] == "var-files"
    assert mounts["/home/argocd/cmp-server/plugins"] == "plugins"
    assert volumes[mounts[TMP]]["emptyDir"] == {"medium": "Memory", "sizeLimit": "512Mi"}
    assert mounts[TMP] not in {one["name"] for one in own["volumeMounts"]}
    assert "gpg-keyring" in volumes


def test_the_sidecar_may_do_as_little_as_argo_cd_itself(built: list[Any]) -> None:
    pod = the(built, "Deployment", "argocd-repo-server")["spec"]["template"]["spec"]
    own, sidecar = sorted(pod["containers"], key=lambda one: str(one["name"]))
    assert sidecar["securityContext"].items() >= own["securityContext"].items()
    assert sidecar["securityContext"]["runAsUser"] == 999
    assert not pod.get("shareProcessNamespace")


def test_discovery_is_one_component_more(built: list[Any], tmp_path: Path, kustomize: Path) -> None:
    discovering = overlaid(tmp_path, kustomize, "../argocd/discovery")
    place = "/home/argocd/cmp-server/discovery"
    for said, arguments in ((built, None), (discovering, ["--config-dir-path", place])):
        pod = the(said, "Deployment", "argocd-repo-server")["spec"]["template"]["spec"]
        (sidecar,) = (one for one in pod["containers"] if one["name"] == "towline")
        assert sidecar.pop("args", None) == arguments
    assert discovering == built, "nothing else is changed"
    image = (ROOT / "plugin" / "Dockerfile").read_text()
    assert f"COPY plugin/plugin-discover.yaml /files{place}/plugin.yaml\n" in image


def test_no_setting_of_the_sidecar_is_kept_from_the_operator() -> None:
    text = (ROOT / "manifests" / "README.md").read_text()
    sources = [ROOT / "plugin" / one for one in ("settings.py", "kustomize/build.py", "render.py")]
    names = {name for one in sources for name in SETTING.findall(one.read_text())}
    assert {"TOWLINE_MEMORY", "TOWLINE_HELM_COMMAND"} <= names
    assert [name for name in sorted(names) if f"| `{name}` |" not in text] == []


def test_every_setting_is_said_to_the_operator(built: list[Any]) -> None:
    pod = the(built, "Deployment", "argocd-repo-server")["spec"]["template"]["spec"]
    (sidecar,) = (one for one in pod["containers"] if one["name"] == "towline")
    said = {one["name"]: one["value"] for one in sidecar["env"]}
    ours = {name for name in said if name.startswith("TOWLINE_")}
    text = (ROOT / "manifests" / "README.md").read_text()
    assert ours
    assert all(f"`{name}`" in text for name in ours)
    assert (said["TOWLINE_HELM"], said["TOWLINE_REMOTE"]) == ("off", "refuse")


def test_other_settings_of_argocd_cm_stay(built: list[Any]) -> None:
    data = the(built, "ConfigMap", "argocd-cm")["data"]
    assert "resource.exclusions" in data
    assert "resource.customizations.health.kubevirt.io_VirtualMachine" in data


def machine(status: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"kind": "VirtualMachine", "spec": spec, "status": status}


def holds(*conditions: str, said: str = "Running") -> dict[str, Any]:
    found = [{"type": one, "status": "True", "message": f"is {one}"} for one in conditions]
    return {"printableStatus": said, "conditions": found}


def disk(phase: str, **running: str) -> dict[str, Any]:
    conditions = [{"type": "Running", **running}] if running else []
    return {"kind": "DataVolume", "status": {"phase": phase, "conditions": conditions}}


@pytest.mark.parametrize(
    ("subject", "health"),
    [
        ({"kind": "VirtualMachine"}, "Progressing"),
        (machine(holds(said="Starting")), "Progressing"),
        (machine(holds("Ready")), "Healthy"),
        (machine(holds("Ready", "RestartRequired")), "Healthy: restart required: is RestartRequ"),
        (machine(holds("Ready", "Paused")), "Suspended"),
        (machine(holds("ManualRecoveryRequired", "Ready")), "Degraded"),
        (machine(holds(said="DataVolumeError")), "Degraded: DataVolumeError"),
        (machine(holds(said="ImagePullBackOff")), "Degraded"),
        (machine(holds(said="Stopped"), runStrategy="Halted"), "Healthy"),
        (machine(holds(said="Stopped"), running=False), "Healthy"),
        (machine(holds(said="Stopped"), runStrategy="Always"), "Progressing"),
        ({"kind": "DataVolume"}, "Progressing"),
        (disk("Succeeded"), "Healthy"),
        (disk("WaitForFirstConsumer"), "Healthy"),
        (disk("PendingPopulation"), "Healthy"),
        (disk("ImportInProgress"), "Progressing: ImportInProgress"),
        (disk("ImportInProgress", status="False", reason="Error", message="no"), "Degraded: no"),
        (disk("ImportInProgress", status="False", reason="Completed"), "Progressing"),
        (disk("Failed"), "Degraded"),
        (disk("Paused"), "Suspended"),
    ],
)
def test_health_of_machines_and_disks(subject: dict[str, Any], health: str) -> None:
    lua = pytest.importorskip("lupa.lua51", reason="lupa is missing").LuaRuntime()
    group = "kubevirt.io" if subject["kind"] == "VirtualMachine" else "cdi.kubevirt.io"
    name = f"resource.customizations.health.{group}_{subject['kind']}"
    check = lua.execute(
        f"return function(obj) {yaml.safe_load(HEALTH.read_text())['data'][name]} end"
    )
    answer = check(lua.table_from(subject, recursive=True))
    assert f"{answer.status}: {answer.message}".startswith(health)
