"""What a repository cannot make a render do: read outside, start programs, call, take all memory.

Every kustomization is tried twice: on the way every stage goes, and on kustomize alone as we run
it, as if nobody had looked at its files before.
"""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plugin.errors import Refusal
from plugin.kustomize.build import Helm, Kustomize
from plugin.printed import printed
from tests.conftest import tool
from tests.plugin.hostile_kustomizations import (
    CANARY,
    CHARTS,
    HEAVY,
    OUTSIDE,
    PROGRAMS,
    REMOTE,
    STAGE,
    Hostile,
)
from tests.plugin.memory import most_memory, own_memory

ALL = {
    f"{kind}/{name}": one
    for kind, group in {
        "programs": PROGRAMS,
        "remote": REMOTE,
        "outside": OUTSIDE,
        "heavy": HEAVY,
        "charts": CHARTS,
    }.items()
    for name, one in group.items()
}
# They ask for nothing that is not theirs; what they want is simply not there, or little enough.
HARMLESS = {
    "charts/environment",
    "charts/loop",
    "charts/resolver",
    "charts/schema",
    "charts/schema-file",
    "heavy/pipe-plain",
    "heavy/variables",
    "outside/environment-key",
}
MEMORY = 256 << 20


@pytest.fixture
def witness() -> Iterator[socket.socket]:
    """A port on loopback that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def through_the_plugin(root: Path, how: Kustomize) -> bytes:
    return printed(root, STAGE, how).manifests


def alone(root: Path, how: Kustomize) -> bytes:
    return how.build(root, STAGE)


def said(build: Callable[[Path, Kustomize], bytes], root: Path, how: Kustomize) -> tuple[bool, str]:
    try:
        return False, build(root, how).decode()
    except (Refusal, OSError) as refusal:
        return True, str(refusal)


@pytest.mark.parametrize("build", [through_the_plugin, alone])
@pytest.mark.parametrize("name", ALL)
def test_it_gets_nothing(
    tmp_path: Path,
    kustomize: Path,
    witness: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    build: Callable[[Path, Kustomize], bytes],
) -> None:
    monkeypatch.setenv("TOWLINE_CANARY", CANARY)
    hostile: Hostile = ALL[name]
    helm = str(tool("helm")) if hostile.helm else ""
    how = Kustomize(
        (str(kustomize), "build"),
        timeout=2,
        helm=Helm.OFFLINE if hostile.helm else Helm.OFF,
        helm_command=helm,
    )
    before = most_memory()
    root = hostile.write(tmp_path, witness.getsockname()[1])
    refused, text = said(build, root, how)
    assert CANARY not in text
    assert not (tmp_path / "ran").exists()
    with pytest.raises(BlockingIOError):
        witness.accept()
    assert most_memory() <= max(before, MEMORY >> 10, own_memory())
    assert refused or name in HARMLESS or build is alone
    assert len(text) < 5000 or not refused


def test_there_are_many() -> None:
    assert len(ALL) > 100
    assert set(ALL) >= HARMLESS
    files = itertools.chain.from_iterable(one.files for one in ALL.values())
    assert "kustomization.yaml" in set(files)
