"""The real cmp-server and repo-server with Redis, asked as the application-controller asks."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from tests.argocd.applications import Application, Object
from tests.argocd.processes import (
    Process,
    Processes,
    Running,
    Stopped,
    free_ports,
    listens,
    running_below,
)
from tests.argocd.programs import PATH, program, require

FOLDERS = ("plugins", "work", "tmp", "gpg", "gpg-data", "tls", "ssh", "home")


@dataclass(frozen=True, slots=True)
class Generated:
    """Manifests as the repo-server hands them on: JSON texts, in the plugin's order."""

    texts: tuple[str, ...]
    revision: str
    source_type: str

    @property
    def objects(self) -> list[Object]:
        """The manifests, read."""
        return [json.loads(text) for text in self.texts]


@dataclass(frozen=True, slots=True)
class Announced:
    """The parameters that the web interface shows, as the plugin announced them."""

    parameters: tuple[Object, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """What Argo CD shows instead; `code` is gRPC's name of it, empty before anything was sent."""

    code: str
    text: str


class RepoServer(Stopped):
    """A repo-server with Redis and any number of plugins beside it, each in a cmp-server.

    `root` must be an empty directory with a short path, below which no link leads elsewhere;
    `environment` is added to the repo-server's.
    """

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None) -> None:
        require("argocd", "argocd-client", "redis-server")
        self.root = root.resolve()
        self.processes = Processes(self.root)
        self.redis_port, self.port, metrics = free_ports(3)
        for name in FOLDERS:
            (self.root / name).mkdir(mode=0o700)
        try:
            self._start_redis()
            self.process = self._start_repo_server(metrics, environment or {})
        except BaseException:
            self.stop()
            raise

    @classmethod
    def start(
        cls,
        root: Path,
        plugin_dir: Path,
        path_for_plugin: str,
        *,
        plugin_environment: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """The repo-server and one plugin, ready."""
        server = cls(root, environment)
        try:
            server.run_plugin(plugin_dir, path_for_plugin, plugin_environment)
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def address(self) -> str:
        """Where the repo-server answers."""
        return f"127.0.0.1:{self.port}"

    def generate(
        self,
        *applications: Application,
        hard: bool = False,
        fresh: bool = True,
        timeout: int = 60,
    ) -> list[Generated | Failed]:
        """An answer for each Application, all asked at once; `timeout` is the caller's, in s."""
        requests = [one.manifest_request(hard=hard, fresh=fresh) for one in applications]
        return [
            answer if isinstance(answer, Failed) else _generated(answer)
            for answer in self.ask("GenerateManifest", requests, timeout)
        ]

    def announce(
        self, *applications: Application, hard: bool = False, timeout: int = 60
    ) -> list[Announced | Failed]:
        """The announced parameters of each Application, all asked at once."""
        queries = [one.details_query(hard=hard) for one in applications]
        return [
            answer if isinstance(answer, Failed) else _announced(answer)
            for answer in self.ask("GetAppDetails", queries, timeout)
        ]

    def ask(self, method: str, requests: Sequence[Object], timeout: int) -> list[Object | Failed]:
        """The repo-server's answers, in the order of the requests, which it gets all at once."""
        calls = "\n".join(
            json.dumps({"method": method, "timeout": timeout, "request": one}) for one in requests
        )
        done = subprocess.run(
            [program("argocd-client"), self.address],
            input=calls.encode(),
            capture_output=True,
            check=False,
            timeout=timeout + 30,
        )
        assert done.returncode == 0, done.stderr.decode()
        return [_answer(json.loads(line)) for line in done.stdout.splitlines()]

    def plugin_processes(self) -> list[Running]:
        """What the plugin is running now: itself and its children."""
        return running_below(self.root / "work")

    def forget(self) -> None:
        """Empty Redis, so that no earlier answer and no earlier error is served."""
        with socket.create_connection(("127.0.0.1", self.redis_port), timeout=10) as redis:
            redis.sendall(b"FLUSHALL\r\n")
            answer = redis.recv(64)
        assert answer == b"+OK\r\n", answer

    def run_plugin(
        self,
        plugin_dir: Path,
        path_for_plugin: str,
        environment: Mapping[str, str] | None = None,
    ) -> Process:
        """A cmp-server, ready; `plugin_dir` holds the plugin.yaml.

        The plugin gets `path_for_plugin` as its PATH, and `environment` beside it.
        """
        name = full_name(plugin_dir)
        file, work = self.root / "plugins" / f"{name}.sock", self.root / "work" / name
        work.mkdir(mode=0o700, exist_ok=True)
        own = {
            "ARGOCD_BINARY_NAME": "argocd-cmp-server",
            "ARGOCD_PLUGINSOCKFILEPATH": str(self.root / "plugins"),
            "ARGOCD_CMP_WORKDIR": str(work),
            "HOME": str(self.root / "home"),
            "PATH": path_for_plugin,
        }
        return self.processes.start(
            f"cmp-server-{name}",
            [program("argocd"), "--config-dir-path", plugin_dir, "--loglevel", "debug"],
            own | dict(environment or {}),
            file.is_socket,
        )

    def stop_plugin(self, process: Process) -> None:
        """Stop a cmp-server, so that another version of the plugin can take its place."""
        self.processes.stop_one(process)

    def stop(self) -> None:
        """Stop all, the plugin's own processes included."""
        self.processes.stop()
        for one in self.plugin_processes():
            one.kill()

    def _start_redis(self) -> None:
        port = str(self.redis_port)
        self.processes.start(
            "redis",
            [
                *(program("redis-server"), "--bind", "127.0.0.1", "--port", port),
                *("--save", "", "--appendonly", "no"),
            ],
            {"PATH": PATH},
            lambda: listens(self.redis_port),
        )

    def _start_repo_server(self, metrics: int, environment: Mapping[str, str]) -> Process:
        loopback = ("--address", "127.0.0.1", "--metrics-address", "127.0.0.1")
        return self.processes.start(
            "repo-server",
            [
                *(program("argocd"), *loopback, "--port", str(self.port)),
                *("--metrics-port", str(metrics), "--redis", f"127.0.0.1:{self.redis_port}"),
                *("--disable-tls", "--loglevel", "debug"),
            ],
            self._repo_environment() | dict(environment),
            lambda: listens(self.port),
        )

    def _repo_environment(self) -> dict[str, str]:
        places = {
            "ARGOCD_PLUGINSOCKFILEPATH": "plugins",
            "ARGOCD_GNUPGHOME": "gpg",
            "ARGOCD_GPG_DATA_PATH": "gpg-data",
            "ARGOCD_TLS_DATA_PATH": "tls",
            "ARGOCD_SSH_DATA_PATH": "ssh",
            "ARGOCD_ASK_PASS_SOCK": "askpass.sock",
            "HOME": "home",
            "TMPDIR": "tmp",
        }
        return {name: str(self.root / place) for name, place in places.items()} | {
            "ARGOCD_BINARY_NAME": "argocd-repo-server",
            "ARGOCD_GPG_ENABLED": "false",
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH": PATH,
        }


def full_name(plugin_dir: Path) -> str:
    """`name` or `name-version` of its plugin.yaml, as Applications must call the plugin."""
    plugin = yaml.safe_load((plugin_dir / "plugin.yaml").read_text(encoding="utf-8"))
    name: str = plugin["metadata"]["name"]
    version = plugin["spec"].get("version")
    return f"{name}-{version}" if version else name


def _answer(line: Object) -> Object | Failed:
    if "result" not in line:
        return Failed(line.get("code", ""), line["error"])
    result: Object = line["result"]
    return result


def _generated(answer: Object) -> Generated:
    texts: list[str] = answer.get("manifests", [])
    return Generated(tuple(texts), answer["revision"], answer["sourceType"])


def _announced(answer: Object) -> Announced:
    plugin: dict[str, Any] = answer.get("plugin") or {}
    return Announced(tuple(plugin.get("parametersAnnouncement", ())))
