"""The sidecar's image as Argo CD runs it: read-only, without a network, as user 999.

`make image` builds it; where that was not done, or podman is missing, these tests skip.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from plugin.kustomize.build import Helm, Kustomize
from plugin.render import Renderer
from plugin.sidecar.application import render
from tests.conftest import tool
from tests.plugin.charts import kustomization, vendored

IMAGE = "localhost/towline-sidecar"
PODMAN = ("podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs")
FEW = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024")
CLOSED = ("--read-only", "--network", "none", "--cap-drop", "ALL", "--tmpfs", "/tmp")  # noqa: S108 - in it
STAGE = "stages/prod"
SENT = "/tmp/_cmp_server/0b8f5a3e-7a55-4f0e-9a42-8d3a6f1c2b47"  # noqa: S108 - in it
PLANT = """\
import os
found = []
for directory, _, files in os.walk("/"):
    if not directory.startswith(("/proc", "/sys", "/dev")):
        found += [os.path.join(directory, one) for one in files]
print("\\n".join(found))
"""
# The flag of a compiled file that never looks at its source again (PEP 552).
COMPILED = """\
import sys
sys.path.insert(0, "/opt/towline")
import plugin.render
specs = [getattr(one, "__spec__", None) for one in list(sys.modules.values())]
said = [one.cached for one in specs if one is not None]
files = [one for one in said if one]
print(len(files) > 10, {open(one, "rb").read(8)[4] for one in files})
"""


@pytest.fixture(scope="module", autouse=True)
def image() -> str:
    """The image, if it was built."""
    if shutil.which("podman") is None:
        pytest.skip("podman is missing: 'make image' needs it")
    if podman("image", "exists", IMAGE).returncode:
        pytest.skip(f"{IMAGE} is missing: run 'make image'")
    return IMAGE


def podman(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*PODMAN, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def run(
    program: str, *arguments: str, options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    flags = ("run", "--rm", *FEW, *CLOSED, "--security-opt", "no-new-privileges", *options)
    return podman(*flags, "--entrypoint", program, IMAGE, *arguments)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository's tree with one stage, readable for everybody, as Argo CD unpacks it."""
    root = tmp_path / "tree"
    stage = root / STAGE
    stage.mkdir(parents=True)
    (stage / "kustomization.yaml").write_text("resources: [web.yaml]\nnamePrefix: a-\n")
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n"
    (stage / "web.yaml").write_text(text)
    for one in (tmp_path.parent.parent, tmp_path.parent, tmp_path, *root.rglob("*"), root):
        one.chmod(0o755 if one.is_dir() else 0o644)
    return root


def generate(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    there = ("--volume", f"{tree}:{SENT}:ro", "--workdir")
    return run(
        "/usr/local/bin/towline-plugin",
        "generate",
        options=(*there, f"{SENT}/{STAGE}", *options),
    )


def test_it_renders_the_same_bytes(tree: Path, kustomize: Path) -> None:
    done = generate(tree)
    assert done.returncode == 0, done.stderr
    assert done.stdout.encode() == render(
        tree, STAGE, Renderer(Kustomize((str(kustomize), "build")))
    )


def test_it_renders_a_chart_where_the_operator_allows_it(tree: Path, kustomize: Path) -> None:
    shutil.rmtree(tree / STAGE)
    vendored(tree / STAGE / "charts")
    kustomization(tree / STAGE)
    how = Kustomize((str(kustomize), "build"), helm=Helm.OFFLINE, helm_command=str(tool("helm")))
    done = generate(tree, "--env", "TOWLINE_HELM=offline")
    assert done.returncode == 0, done.stderr
    assert done.stdout.encode() == render(tree, STAGE, Renderer(how))
    assert generate(tree).returncode == 1


def test_refusals_are_told_without_a_traceback(tree: Path) -> None:
    (tree / STAGE / "kustomization.yaml").write_text("resources: [gone.yaml]\n")
    done = generate(tree)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{STAGE}/kustomization.yaml:1: 'gone.yaml'" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_holds_no_shell_and_no_git() -> None:
    done = run("/usr/bin/python3.11", "-IS", "-c", PLANT)
    names = {one.rpartition("/")[2] for one in done.stdout.splitlines()}
    assert {"tini", "kustomize", "plugin.yaml"} <= names
    assert not names & {"sh", "bash", "dash", "busybox", "git", "perl", "apt-get", "dpkg", "pip"}
    for place in ("config", "discovery"):
        assert f"/home/argocd/cmp-server/{place}/plugin.yaml" in done.stdout


def test_no_module_waits_to_be_compiled() -> None:
    done = run("/usr/bin/python3.11", "-IS", "-c", COMPILED)
    assert done.stdout.strip() == "True {1}", done.stdout + done.stderr


def test_it_is_nobody_and_tini_starts_argocds_program() -> None:
    done = run("/usr/bin/python3.11", "-IS", "-c", "import os; print(os.getuid(), os.getgid())")
    assert done.stdout.split() == ["999", "999"]
    told = podman("image", "inspect", "--format", "{{json .Config.Entrypoint}}", IMAGE).stdout
    assert told.strip() == '["/usr/bin/tini","--","/var/run/argocd/argocd-cmp-server"]'


@pytest.mark.parametrize(
    "arguments",
    [(), ("--config-dir-path", "/home/argocd/cmp-server/discovery")],
    ids=["named", "discovered"],
)
def test_argo_cds_own_server_serves_the_plugin(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    argocd = tool("argocd")
    files, plugins = tmp_path / "var-files", tmp_path / "plugins"
    files.mkdir()
    plugins.mkdir()
    shutil.copy(argocd, files / "argocd-cmp-server")
    for one in (files / "argocd-cmp-server", files, tmp_path, tmp_path.parent):
        one.chmod(0o755)
    plugins.chmod(0o777)
    volumes = (f"{files}:/var/run/argocd:ro", f"{plugins}:/home/argocd/cmp-server/plugins")
    options = [word for one in volumes for word in ("--volume", one)]
    started = podman("run", "--detach", *FEW, *CLOSED, *options, IMAGE, *arguments)
    name = started.stdout.strip()
    try:
        for _ in range(100):
            if (plugins / "towline-v1.sock").exists():
                break
            time.sleep(0.1)
        assert (plugins / "towline-v1.sock").is_socket(), podman("logs", name).stderr
    finally:
        podman("rm", "--force", "--time", "2", name)
