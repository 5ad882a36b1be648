"""Each way to start the sidecar."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from plugin.errors import Refusal, Temporary
from plugin.inputs.cache import Cache
from plugin.settings import slots_directory
from plugin.sidecar.calls import discover, generate
from plugin.sidecar.slots import Slot
from tests.plugin.shop import ROOT, installed, write

MANIFEST = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    return write(tmp_path / "prod", {"pod.yaml": MANIFEST})


def started(
    stage: Path, kustomize: Path, *command: str | Path
) -> subprocess.CompletedProcess[bytes]:
    environ = {"TOWLINE_KUSTOMIZE": str(kustomize), "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=stage, env=environ, capture_output=True, check=False)


def test_as_a_directory_without_site_packages(stage: Path, tmp_path: Path, kustomize: Path) -> None:
    script = installed(tmp_path / "image")
    library = tmp_path / "image" / "towline"
    for command in (
        [sys.executable, "-I", "-S", library / "plugin", "generate"],
        [sys.executable, "-I", "-S", f"{library}/plugin/", "generate"],
        [script, "generate"],
    ):
        done = started(stage, kustomize, *command)
        assert (done.stdout, done.stderr) == (f"---\n{MANIFEST}".encode(), b"")
    relative = started(library, kustomize, sys.executable, "-I", "-S", "plugin", "discover")
    assert (relative.returncode, relative.stdout, relative.stderr) == (0, b"", b"")


def test_as_a_module_and_as_an_installed_script(stage: Path, kustomize: Path) -> None:
    commands: Sequence[Sequence[str | Path]] = (
        [sys.executable, "-m", "plugin", "generate"],
        [Path(sys.executable).parent / "towline-plugin", "generate"],
    )
    for command in commands:
        done = started(stage, kustomize, *command)
        assert (done.stdout, done.stderr) == (f"---\n{MANIFEST}".encode(), b"")


def test_a_library_that_is_missing_is_named(stage: Path, tmp_path: Path, kustomize: Path) -> None:
    script = installed(tmp_path / "image")
    (tmp_path / "image/towline/yaml").unlink()
    done = started(stage, kustomize, script, "generate")
    said = b"towline-plugin: 'yaml' is not installed; repair the installation\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('cd x && rmdir ../x && exec "$@"', "No such file or directory"),
        ('exec "$@" >/dev/full', "No space left on device"),
    ],
)
def test_what_the_system_does_not_give_is_one_line(
    stage: Path, kustomize: Path, line: str, said: str
) -> None:
    (stage / "x").mkdir()
    plugin = (sys.executable, "-m", "plugin", "generate")
    done = started(stage, kustomize, "/bin/sh", "-c", line, "sh", *plugin)
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"towline-plugin: cli.py:")
    assert done.stderr.endswith(f": {said}\n".encode())
    assert done.stderr.count(b"\n") == 1


def test_time_spent_before_kustomize_counts(stage: Path, tmp_path: Path) -> None:
    slow = tmp_path / "kustomize"
    slow.write_text("#!/bin/sh\nexec /bin/sleep 300\n", encoding="utf-8")
    slow.chmod(0o755)
    write(stage, {"kustomization.yaml": "resources: [pod.yaml]\n"})
    ticks = iter([0.0])
    environ = {"TOWLINE_KUSTOMIZE": str(slow), "TOWLINE_SLOTS": "2", "TOWLINE_TIMEOUT": "4"}
    said = r"kustomize was stopped after 0\.3 seconds; .* TOWLINE_TIMEOUT"
    with pytest.raises(Refusal, match=said):
        generate(environ, str(stage), lambda: next(ticks, 3.5))


@pytest.fixture
def alone(stage: Path, tmp_path: Path, kustomize: Path) -> dict[str, str]:
    """An environment with one slot and a cache, for a stage that kustomize renders."""
    write(stage, {"kustomization.yaml": "resources: [pod.yaml]\n"})
    cache = str(tmp_path / "cache")
    said = {"TOWLINE_KUSTOMIZE": str(kustomize), "TOWLINE_CACHE": cache}
    return {**said, "TOWLINE_SLOTS": "1", "TOWLINE_TIMEOUT": "30"}


def test_too_little_time_for_a_render_is_blamed_on_the_slots(
    stage: Path, alone: dict[str, str]
) -> None:
    said = "no render could start for 0 seconds: all slots, 1, were busy; .* TOWLINE_SLOTS"
    with Slot(slots_directory(alone), 1, 0), pytest.raises(Temporary, match=said):
        generate(alone, str(stage), iter([0.0, 27.5]).__next__)


@pytest.mark.parametrize("wait", [False, True], ids=["at once", "after waiting"])
def test_only_who_waited_for_a_slot_asks_the_cache_again(
    stage: Path, alone: dict[str, str], monkeypatch: pytest.MonkeyPatch, wait: bool
) -> None:
    asked, found = [], Cache.found

    def counted(cache: Cache, *of: str) -> bytes | None:
        asked.append(of)
        return found(cache, *of)

    monkeypatch.setattr(Cache, "found", counted)
    with Slot(slots_directory(alone), 1, 0) as slot:
        if wait:
            threading.Timer(0.2, slot.__exit__).start()
        else:
            slot.__exit__()
        assert generate(alone, str(stage), time.monotonic)
    assert len(asked) == 1 + wait


def test_our_own_work_is_bounded_too(stage: Path, tmp_path: Path, kustomize: Path) -> None:
    endless = tmp_path / "endless"
    write(endless, {"yaml/__init__.py": "while True:\n    pass\n"})
    environ = {
        "TOWLINE_KUSTOMIZE": str(kustomize),
        "TOWLINE_TIMEOUT": "0.5",
        "PYTHONPATH": f"{endless}:{ROOT}",
    }
    command = [sys.executable, "-m", "plugin", "generate"]
    done = subprocess.run(command, cwd=stage, env=environ, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    said = "stopped after 0.5 seconds, all that TOWLINE_TIMEOUT allows; make the stage smaller, "
    assert done.stderr.decode().startswith(said)


def test_discovery_without_a_sign_reads_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a/b/x.yaml": MANIFEST, ".git/HEAD": ""})
    assert discover({}, str(tmp_path / "a/b")) == b""
    write(tmp_path, {"a/b/.freight/web.yaml": "broken"})
    assert discover({}, str(tmp_path / "a/b")) == b"a/b\n"
    assert discover({}, str(tmp_path / "a")) == b""
