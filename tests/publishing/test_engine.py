"""Container disks through podman, by the API that it shares with Docker."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from docker import APIClient

from github_app.cli import main
from github_app.publishing.engine import ThroughEngine, engine
from github_app.publishing.progress import Silent
from github_app.publishing.publish import Outcome, Publication, Wanted, Way, publish
from github_app.publishing.uploads import Uploads
from github_app.sandbox.registry import RunningRegistry
from github_app.warehouse.ports import Login
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.passwords import PASSWORD, USER
from tests.publishing.conftest import writes
from tests.publishing.disks import qcow2, raw

PODMAN = ("podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs", "--storage-driver", "vfs")
LOGIN = Login(USER, PASSWORD)
_POLL_SECONDS = 0.05
_POLLS = 200


@pytest.fixture(scope="module")
def socket(running: RunningRegistry) -> Iterator[Path]:
    """The socket of a podman with storage of its own, which trusts the registry without TLS."""
    if shutil.which("podman") is None or shutil.which("runc") is None:
        pytest.skip("podman or runc is missing: 'make image' installs both")
    if os.geteuid():
        pytest.skip("not root: podman would need user namespaces here")
    # Not below pytest's own directory: podman takes no path of more than 50 characters there.
    with TemporaryDirectory(prefix="podman-") as place, podman(Path(place), running.host) as socket:
        yield socket


@contextmanager
def podman(directory: Path, trusted: str) -> Iterator[Path]:
    settings = directory / "registries.conf"
    settings.write_text(f'[[registry]]\nlocation = "{trusted}"\ninsecure = true\n')
    socket = directory / "podman.sock"
    storage = ("--root", str(directory / "root"), "--runroot", str(directory / "run"))
    command = [*PODMAN, *storage, "system", "service", "--time", "0", f"unix://{socket}"]
    environ = {**os.environ, "CONTAINERS_REGISTRIES_CONF": str(settings)}
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        for _ in range(_POLLS):
            if socket.exists() or process.poll() is not None:
                break
            time.sleep(_POLL_SECONDS)
        if not socket.exists():
            pytest.skip(f"podman does not serve: {(directory / 'log').read_text()[-500:]}")
        yield socket
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def client(socket: Path) -> Iterator[APIClient]:
    with engine({"DOCKER_HOST": f"unix://{socket}"}) as client:
        assert client is not None
        yield client


@dataclass
class Road:
    """Ways to one repository of the registry."""

    running: RunningRegistry
    client: APIClient
    path: str

    def straight(self) -> Uploads:
        return Uploads(writes(self.running.host, self.path), Silent(), print)

    def engine(self, login: Login | None = LOGIN, *, blind: bool = False) -> ThroughEngine:
        repository = Repository(self.running.host, self.path)
        progress = Silent()
        return ThroughEngine(self.client, repository, login, self.straight(), progress, blind)

    def publish(self, path: Path, way: Way) -> Outcome:
        repository = Repository(self.running.host, self.path)
        asked = Publication(repository, "12", (Wanted("arm64", path),))
        return publish(asked, way, Silent())


def test_the_engine_pushes_the_very_image(
    running: RunningRegistry, client: APIClient, tmp_path: Path
) -> None:
    road = Road(running, client, "acme/engine")
    path = qcow2(tmp_path / "a.qcow2")
    pushed = road.publish(path, road.engine())
    there = road.straight().published("12")
    assert there is not None
    assert there.digest == pushed.image.digest
    assert dict(pushed.manifests) == {"arm64": there.digest}
    assert client.images() == [], "what was only on its way does not stay"
    again = road.publish(path, road.straight())
    assert again.pushed is None, "whoever packed it, it is the same image"
    assert again.image == pushed.image


def test_what_was_pushed_straight_is_there_for_the_engine(
    running: RunningRegistry, client: APIClient, tmp_path: Path
) -> None:
    road = Road(running, client, "acme/straight")
    path = raw(tmp_path / "a.img")
    pushed = road.publish(path, road.straight())
    again = road.publish(path, road.engine())
    assert (again.pushed, again.image) == (None, pushed.image)
    with pytest.raises(Refusal, match="holds something else"):
        road.publish(qcow2(tmp_path / "b.qcow2"), road.engine())


def test_an_engine_without_a_login_says_so(
    running: RunningRegistry, client: APIClient, tmp_path: Path
) -> None:
    road = Road(running, client, "acme/closed")
    with pytest.raises(Refusal, match=r"the engine does not push 127.*acme/closed:12: .*auth"):
        road.publish(qcow2(tmp_path / "a.qcow2"), road.engine(None))
    assert client.images() == []
    assert road.straight().published("12") is None


def test_a_registry_that_only_the_engine_reaches_needs_a_word(
    running: RunningRegistry, client: APIClient, tmp_path: Path
) -> None:
    road = Road(running, client, "acme/unseen")
    unseen = Uploads(writes("127.0.0.1:1", "acme/unseen"), Silent(), print)
    repository = Repository(running.host, "acme/unseen")
    path = qcow2(tmp_path / "a.qcow2")
    careful = ThroughEngine(client, repository, LOGIN, unseen, Silent())
    with pytest.raises(Refusal, match=r"connection was refused\. If only the engine .*--move-tag"):
        road.publish(path, careful)
    pushed = road.publish(path, ThroughEngine(client, repository, LOGIN, unseen, Silent(), True))
    there = road.straight().published("12")
    assert there is not None
    assert there.digest == pushed.image.digest


def test_an_engine_that_answers_is_used_unless_a_person_says_otherwise(
    running: RunningRegistry,
    socket: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    config = {"auths": {running.host: {"auth": login}}}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{socket}")
    disk, place = str(qcow2(tmp_path / "a.qcow2")), f"{running.host}/acme/said"
    other = ("--arch", f"amd64={disk}", "--arch", f"arm64={disk}")
    said = []
    for arguments in (
        (disk, f"{place}:1"),
        (disk, f"{place}:2", "--through", "engine"),
        (disk, f"{place}:3", "--through", "registry"),
        (*other, f"{place}:4"),
    ):
        assert main(["disk", "publish", *arguments]) == 0
        said.append("the engine pushes" in capsys.readouterr().err)
    assert said == [True, True, False, False]


@pytest.mark.parametrize("host", ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1", "what://"])
def test_no_engine_is_none(host: str) -> None:
    with engine({"DOCKER_HOST": host}) as client:
        assert client is None
