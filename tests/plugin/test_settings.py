"""What the operator of a sidecar decides."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from plugin.errors import Refusal
from plugin.settings import (
    CACHE,
    CACHE_SIZE,
    GITHUB_URL,
    MEMORY,
    RENDERER,
    SLOTS,
    TIMEOUT,
    cache_size,
    memory,
    seconds,
    slots,
    version,
)
from plugin.sidecar.calls import generate
from tests.plugin.cmp_server import Config
from tests.plugin.shop import ROOT, write


@pytest.mark.parametrize(("text", "allowed"), [(None, 45.0), ("", 45.0), ("0.5", 0.5), ("60", 60)])
def test_a_render_may_take_less_than_argo_cd_waits(text: str | None, allowed: float) -> None:
    assert seconds({} if text is None else {TIMEOUT: text}) == allowed


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "1m", "1e9"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match=f"{TIMEOUT} is '{text}', which is not a number of seconds"):
        seconds({TIMEOUT: text})


def test_numbers_have_defaults_and_bounds() -> None:
    assert slots({}) == len(os.sched_getaffinity(0))
    assert slots({SLOTS: "3"}) == 3
    assert cache_size({}) == 256 << 20
    assert memory({}) == 256 << 20
    assert memory({MEMORY: "512Mi"}) == memory({MEMORY: str(512 << 20)}) == 512 << 20
    assert (cache_size({CACHE_SIZE: "1Gi"}), cache_size({CACHE_SIZE: "8Ki"})) == (1 << 30, 8192)
    for text in ("0", "-1", "1.5", "many", "9" * 30, "²", "1M", "Mi", "2000Gi"):
        with pytest.raises(Refusal, match=f"{SLOTS} is '"):
            slots({SLOTS: text})
        with pytest.raises(Refusal, match=f"{CACHE_SIZE} is '"):
            cache_size({CACHE_SIZE: text})
        with pytest.raises(Refusal, match=f"{MEMORY} is '"):
            memory({MEMORY: text})
    with pytest.raises(Refusal, match="MEMORY is '512', which is not a size from 32Mi; set 256Mi"):
        memory({MEMORY: "512"})


@pytest.mark.parametrize(
    "wrong",
    [
        {SLOTS: "0"},
        {SLOTS: "x"},
        {CACHE_SIZE: "x"},
        {MEMORY: "1"},
        {TIMEOUT: "x"},
        {GITHUB_URL: "github.example"},
        {GITHUB_URL: "https://github.example\nx"},
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused_also_where_the_answer_is_known(
    tmp_path: Path, kustomize: Path, wrong: dict[str, str]
) -> None:
    stage = write(tmp_path / "prod", {"kustomization.yaml": "configMapGenerator: [{name: a}]\n"})
    environ = {"TOWLINE_KUSTOMIZE": str(kustomize), CACHE: str(tmp_path / "cache")}
    for _ in range(2):
        with pytest.raises(Refusal, match=f"^{next(iter(wrong))} is '"):
            generate({**environ, **wrong}, str(stage), time.monotonic)
        assert generate(environ, str(stage), time.monotonic)


@pytest.mark.parametrize("name", ["plugin.yaml", "plugin-discover.yaml"])
def test_applications_ask_again_when_the_renderer_changes(name: str) -> None:
    assert Config.read(ROOT / "plugin" / name).version == f"v{RENDERER}"


def test_what_decides_a_render_is_known_by_its_version(tmp_path: Path) -> None:
    program = tmp_path / "kustomize"
    program.write_text("one", encoding="utf-8")
    environ = {"PATH": str(tmp_path)}
    assert version(environ) == "", "what may not be run is not what is run"
    program.chmod(0o755)
    known = version(environ)
    assert known
    assert version({**environ, "HOSTNAME": "other"}) == known
    assert version({**environ, "TOWLINE_HELM": "offline"}) == "", "there is no helm"
    helm = {**environ, "TOWLINE_HELM": "offline", "TOWLINE_HELM_COMMAND": str(program)}
    assert version(helm) not in ("", known)
    assert version({**environ, "TOWLINE_GITHUB_URL": "https://github.example"}) != known
    program.write_text("another", encoding="utf-8")
    assert version(environ) != known
    program.unlink()
    assert version(environ) == "", "nothing may be remembered of what is not known"
