"""A build that begins before everything is checked: when it may, and that nothing is left of it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from plugin.errors import Refusal
from plugin.kustomize.begun import Ahead
from plugin.kustomize.build import configured
from plugin.sidecar.ahead import started_ahead
from plugin.sidecar.calls import generate
from plugin.sidecar.sent import PARAMETERS, STAGE
from tests.plugin.shop import write

SLEEPS = "#!/bin/sh\necho $$ >> {pids}\nexec /bin/sleep 300\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    files = {"prod/kustomization.yaml": "resources:\n- pod.yaml\n", "prod/pod.yaml": "kind: Pod\n"}
    return write(tmp_path / "tree", files)


@pytest.fixture
def pids(tmp_path: Path) -> Path:
    """The file in which every build that is started says who it is."""
    return tmp_path / "pids"


@pytest.fixture
def environ(tmp_path: Path, pids: Path) -> dict[str, str]:
    sleeps = program(tmp_path, SLEEPS.format(pids=pids))
    return {"TOWLINE_KUSTOMIZE": str(sleeps), "TOWLINE_SLOTS": "2"}


def program(directory: Path, script: str) -> Path:
    path = directory / "kustomize"
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)
    return path


def first_of(pids: Path) -> int:
    """The build that was started first, as soon as it runs."""
    for _ in range(1000):
        if pids.exists() and (text := pids.read_text(encoding="utf-8")).endswith("\n"):
            return int(text.split()[0])
        time.sleep(0.01)
    raise AssertionError("no build was started")


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def is_ours(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


def test_what_is_stopped_is_gone(root: Path, environ: dict[str, str], pids: Path) -> None:
    ahead = started_ahead(environ, str(root), "prod", 30)
    assert ahead is not None
    pid = first_of(pids)
    assert is_ours(pid)
    before = descriptors()
    ahead.stop()
    ahead.stop()
    assert not is_ours(pid)
    assert descriptors() == before - 2


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({STAGE: "prod"}, ""),
        ({PARAMETERS: '[{"name": "stage", "string": "prod"}]'}, ""),
        ({"TOWLINE_HELM": "offline"}, ""),
        ({"TOWLINE_HELM": "nonsense"}, ""),
        ({"TOWLINE_REMOTE": "allow"}, ""),
        ({"TOWLINE_KUSTOMIZE": ""}, ""),
        ({"TOWLINE_KUSTOMIZE": "kustomize"}, ""),
        ({"TOWLINE_KUSTOMIZE": "/nonexistent/kustomize"}, ""),
        ({}, "resources: [pod.yaml]\n"),
        ({}, "resources:\n- https://example.com/pod.yaml\n"),
    ],
)
def test_in_doubt_nothing_begins(
    root: Path, environ: dict[str, str], more: dict[str, str], text: str
) -> None:
    if text:
        write(root, {"prod/kustomization.yaml": text})
    assert started_ahead({**environ, **more}, str(root), "prod", 30) is None


def test_it_is_taken_for_the_same_build_only(
    root: Path, environ: dict[str, str], pids: Path
) -> None:
    ahead = started_ahead(environ, str(root), "prod", 30)
    assert ahead is not None
    pid = first_of(pids)
    kustomize = configured(environ, 30, own_group=False, ahead=ahead)
    with kustomize.start(root, ""):
        assert is_ours(pid)
    assert is_ours(pid)
    with kustomize.start(root, "prod"):
        ahead.stop()
        assert is_ours(pid)
    assert not is_ours(pid)


def test_a_refusal_afterwards_ends_it_at_once(
    root: Path, environ: dict[str, str], pids: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    def started(*of: Any) -> Ahead | None:
        ahead = started_ahead(*of)
        begun.append(first_of(pids))
        return ahead

    monkeypatch.setattr("plugin.sidecar.ahead.started_ahead", started)
    write(root, {"prod/.freight/web.yaml": "format: 99\n"})
    with pytest.raises(Refusal, match=r"prod/\.freight/web\.yaml:1: "):
        generate(environ, str(root / "prod"), time.monotonic)
    assert [is_ours(pid) for pid in begun] == [False]


def test_whoever_takes_it_says_how_much_time_is_left(root: Path, environ: dict[str, str]) -> None:
    ahead = started_ahead(environ, str(root), "prod", 30)
    build = configured(environ, 0.2, own_group=False, ahead=ahead).start(root, "prod")
    with build, pytest.raises(Refusal, match=r"stopped after 0\.2 seconds"):
        build.finished()


def test_where_kustomize_refuses_the_file_and_line_are_told(root: Path, tmp_path: Path) -> None:
    refuses = program(tmp_path, "#!/bin/sh\necho 'yaml: line 3: oops' >&2\nexit 1\n")
    text = "namePrefix: a\nresources:\n- pod.yaml\nlabels:\n- a\n  b: c\n"
    write(root, {"prod/kustomization.yaml": text})
    environ = {"TOWLINE_KUSTOMIZE": str(refuses)}
    ahead = started_ahead(environ, str(root), "prod", 30)
    assert ahead is not None
    ahead.stop()
    with pytest.raises(Refusal, match=r"prod/kustomization\.yaml:6: is not YAML"):
        generate(environ, str(root / "prod"), time.monotonic)
