"""Argo CD's plugin server as a model: what happens between an Application and a plugin's process.

It does what cmp-server and repo-server do with one request, from their documented contract and from
v3.2's source: cmpserver/plugin/plugin.go, util/io/files/tar.go and, in reposerver/repository,
repository.go. The real ones are started by tests/argocd.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]

KIND = "ConfigManagementPlugin"
# Linux allows 108 bytes with the one at the end (unix(7)).
LONGEST_SOCKET = 107
KUBE = {"KUBE_VERSION": "1.34.2", "KUBE_API_VERSIONS": "v1,v1/ConfigMap,apps/v1,apps/v1/Deployment"}
# What the server keeps back of the caller's deadline, to be able to say what went wrong.
_BUFFER = 0.1


class Failed(Exception):
    """Argo CD's error; its text is the Application's condition."""


@dataclass(frozen=True, slots=True)
class Application:
    """What a person wrote, as far as a plugin sees it; parameters None: the key is absent."""

    path: str = "."
    env: Mapping[str, str] = field(default_factory=dict)
    parameters: Sequence[Object] | None = None
    plugin_section: bool = True
    name: str = "shop"
    revision: str = "5b5a3f2f0c27c2f4b6ad8e5ed0f0a4d1a7c1f0de"
    target_revision: str = "main"
    repo_url: str = "https://github.example/acme/shop.git"
    project: str = "default"

    def generate_environment(self) -> dict[str, str]:
        """All that the repo-server adds for `generate`, later over earlier."""
        build = {
            "ARGOCD_APP_NAME": self.name,
            "ARGOCD_APP_NAMESPACE": "default",
            "ARGOCD_APP_PROJECT_NAME": self.project,
            "ARGOCD_APP_REVISION": self.revision,
            "ARGOCD_APP_REVISION_SHORT": self.revision[:7],
            "ARGOCD_APP_REVISION_SHORT_8": self.revision[:8],
            "ARGOCD_APP_SOURCE_REPO_URL": self.repo_url,
            "ARGOCD_APP_SOURCE_PATH": self.path,
            "ARGOCD_APP_SOURCE_TARGET_REVISION": self.target_revision,
        }
        return self._with_plugin(build | KUBE)

    def screen_environment(self) -> dict[str, str]:
        """The little that it adds for the parameters on the screen."""
        return self._with_plugin(
            {
                "ARGOCD_APP_NAME": self.name,
                "ARGOCD_APP_SOURCE_REPO_URL": self.repo_url,
                "ARGOCD_APP_SOURCE_PATH": self.path,
                "ARGOCD_APP_SOURCE_TARGET_REVISION": self.target_revision,
            }
        )

    def _with_plugin(self, known: dict[str, str]) -> dict[str, str]:
        if not self.plugin_section:
            return known
        env = {f"ARGOCD_ENV_{name}": substituted(text, known) for name, text in self.env.items()}
        return known | env | parameter_environment(self.parameters)


def substituted(text: str, known: Mapping[str, str]) -> str:
    """`$X` and `${X}` replaced, unknown ones by nothing, as Go's os.Expand does; `$$` is `$`."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return "$" if name == "$" else known.get(name, "")

    return re.sub(r"\$(?:\{([^}]*)\}|(\$|[A-Za-z0-9_]+))", value, text)


def parameter_environment(parameters: Sequence[Object] | None) -> dict[str, str]:
    """The parameters as JSON, and as variables whose names may collide."""
    found = {"ARGOCD_APP_PARAMETERS": json.dumps(parameters, separators=(",", ":"))}
    for one in parameters or ():
        base = f"PARAM_{_escaped(one['name'])}"
        if "string" in one:
            found[base] = one["string"]
        for key, value in one.get("map", {}).items():
            found[f"{base}_{_escaped(key)}"] = value
        for number, value in enumerate(one.get("array", ())):
            found[f"{base}_{number}"] = value
    return found


def _escaped(name: str) -> str:
    return re.sub("[^A-Z0-9_]", "_", name.upper())


@dataclass(frozen=True, slots=True)
class Command:
    """What is run, without a shell."""

    argv: tuple[str, ...]

    @classmethod
    def of(cls, section: Object | None) -> Command:
        """The command of a section of plugin.yaml; empty where nothing is said."""
        said = section or {}
        return cls((*said.get("command", ()), *said.get("args", ())))


@dataclass(frozen=True, slots=True)
class Config:
    """plugin.yaml, read as the server reads it: what it does not know is passed over."""

    name: str
    version: str
    init: Command
    generate: Command
    find: Command
    dynamic: Command
    preserve_file_mode: bool

    @classmethod
    def read(cls, file: Path) -> Config:
        """Raises Failed for what the server does not start with."""
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
        spec = said.get("spec", {})
        config = cls(
            said.get("metadata", {}).get("name", ""),
            spec.get("version", ""),
            Command.of(spec.get("init")),
            Command.of(spec.get("generate")),
            Command.of(spec.get("discover", {}).get("find")),
            Command.of(spec.get("parameters", {}).get("dynamic")),
            spec.get("preserveFileMode", False),
        )
        if said.get("kind") != KIND or not config.name or not spec["generate"].get("command"):
            raise Failed("invalid plugin configuration file")
        return config

    @property
    def full_name(self) -> str:
        """What an Application must say, and the socket's name."""
        return f"{self.name}-{self.version}" if self.version else self.name


@dataclass(slots=True)
class CmpServer:
    """A plugin's server: its directory, its plugin.yaml, the container's environment.

    `grace` are the seconds between SIGTERM and SIGKILL, five in the real one. `groups` are the
    process groups it has started, so that a test can look what is left of them.
    """

    root: Path
    config: Config
    environment: Mapping[str, str]
    grace: float = 5.0
    groups: list[int] = field(default_factory=list)

    def generate(
        self, repository: Path, application: Application, deadline: float = 60, sent: str = "."
    ) -> list[Object]:
        """The Application's manifests; raises Failed.

        `sent` is the part of the repository that is sent, which has the Application's path in it.
        """
        environment = application.generate_environment()
        with self._received(repository, application.path, sent) as directory:
            until = time.monotonic() + deadline - _BUFFER
            if self.config.init.argv:
                self._run(self.config.init, directory, environment, until)
            printed = self._run(self.config.generate, directory, environment, until)
        return objects(printed)

    def parameters(
        self, repository: Path, application: Application, deadline: float = 60
    ) -> list[Object]:
        """What is announced for the Application's screen; raises Failed."""
        environment = application.screen_environment()
        with self._received(repository, application.path, ".") as directory:
            until = time.monotonic() + deadline - _BUFFER
            printed = self._run(self.config.dynamic, directory, environment, until)
        announced = json.loads(printed)
        assert isinstance(announced, list)
        return announced

    def matches(
        self,
        repository: Path,
        application: Application,
        environment: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether the plugin says the Application is its own; raises Failed.

        Where Argo CD only looks which tool an Application needs, `environment` is smaller.
        """
        said = application.generate_environment() if environment is None else environment
        with self._received(repository, application.path, ".") as directory:
            return self._run(self.config.find, directory, said, time.monotonic() + 60) != ""

    @contextlib.contextmanager
    def _received(self, repository: Path, path: str, sent: str) -> Iterator[Path]:
        """The Application's directory in a tree of its own, which is removed afterwards."""
        source = Path(os.path.normpath(repository / sent))
        relative = os.path.relpath(os.path.normpath(repository / path), source)
        tree = self.root / "_cmp_server" / str(uuid.uuid4())
        tree.mkdir(parents=True)
        try:
            unpack(packed(source), tree, preserve_mode=self.config.preserve_file_mode)
            yield Path(os.path.normpath(tree / relative))
        finally:
            shutil.rmtree(tree)

    def _run(
        self, command: Command, directory: Path, added: Mapping[str, str], until: float
    ) -> str:
        environment = {**self.environment, **added}
        program = shutil.which(command.argv[0], path=self.environment.get("PATH", ""))
        if program is None:
            raise Failed(f'exec: "{command.argv[0]}": executable file not found in $PATH')
        process = subprocess.Popen(
            command.argv,
            executable=program,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
        self.groups.append(process.pid)
        late = threading.Timer(until - time.monotonic(), self._deadline, [process])
        late.start()
        try:
            # Returns when the pipes are closed, so whoever inherits them holds the request.
            out, err = process.communicate()
        finally:
            late.cancel()
        threading.Thread(target=self._end, args=[process.pid], daemon=True).start()
        if process.returncode != 0:
            raise Failed(failure(command, process.returncode, err.decode()))
        return out.decode().removesuffix("\n")

    def _deadline(self, process: subprocess.Popen[bytes]) -> None:
        threading.Thread(target=self._end, args=[process.pid], daemon=True).start()
        process.kill()

    def _end(self, group: int) -> None:
        """After every command, whatever came of it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)
            time.sleep(self.grace)
            os.killpg(group, signal.SIGKILL)


def failure(command: Command, status: int, words: str) -> str:
    """The error as it reaches the Application: the command, its end, and all it said."""
    ended = f"exit status {status}"
    if status < 0:
        ended = f"signal: {signal.strsignal(-status)}".lower()
    said = words.strip()
    return f"`{' '.join(command.argv)}` failed {ended}" + (f": {said}" if said else "")


def packed(source: Path) -> bytes:
    """The tree as the repo-server sends it: regular files, directories and links, nothing else."""
    content, files = io.BytesIO(), 0
    with tarfile.open(fileobj=content, mode="w:gz", dereference=False) as archive:
        for path in sorted(source.rglob("*")):
            if path.is_symlink() or path.is_dir() or path.is_file():
                archive.add(path, path.relative_to(source).as_posix(), recursive=False)
                files += path.is_file() and not path.is_symlink()
    if not files:
        raise Failed(f"no files to send({source})")
    return content.getvalue()


def unpack(content: bytes, tree: Path, *, preserve_mode: bool) -> None:
    """The tree as the plugin finds it: modes 0644 and 0755, times of now, no link out of it."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            target = tree / member.name
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
                target.chmod(member.mode if preserve_mode else 0o755)
            elif member.issym():
                _link(target, member.linkname, tree)
            elif (file := archive.extractfile(member)) is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read())
                target.chmod(member.mode if preserve_mode else 0o644)


def _link(target: Path, to: str, tree: Path) -> None:
    # Go's filepath.Join, which takes an absolute target for one below.
    wanted = os.path.normpath(f"{target.parent}/{to}")
    real = os.path.realpath(wanted) if Path(wanted).exists() else wanted
    if not real.startswith(f"{tree}/"):
        raise Failed(f"illegal filepath in symlink: {wanted}")
    target.symlink_to(os.path.relpath(real, target.parent))


def objects(printed: str) -> list[Object]:
    """What the repo-server makes of the output: empty documents gone, lists taken apart.

    Raises Failed for what is not an object. The real ones read JSON if the beginning looks like it.
    """
    found: list[Object] = []
    for document in documents(printed):
        if not isinstance(document, dict) or not document.get("kind"):
            raise Failed("failed to unmarshal manifest: Object 'Kind' is missing")
        items = document.get("items")
        found += items if isinstance(items, list) else [document]
    return found


def documents(printed: str) -> list[Any]:
    """The documents in the output, without those that say nothing; raises Failed."""
    if printed.lstrip().startswith("{"):
        return _json_stream(printed)
    texts, lines = [], list[str]()
    for line in printed.splitlines(keepends=True):
        if line.startswith("---"):
            rest = line[3:].strip()
            if rest and not rest.startswith("#"):
                raise Failed(f"invalid Yaml document separator: {rest}")
            texts.append("".join(lines))
            lines = []
        else:
            lines.append(line)
    texts.append("".join(lines))
    try:
        read = [yaml.load(text, yaml.CSafeLoader) for text in texts]
    except yaml.YAMLError as error:
        raise Failed(f"failed to unmarshal manifest: {error}") from error
    return [one for one in read if one is not None]


def _json_stream(printed: str) -> list[Any]:
    decoder, found, rest = json.JSONDecoder(), list[Any](), printed.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(document)
        rest = rest[end:].lstrip()
    return found


def alive(group: int) -> list[int]:
    """The processes of a process group that still run."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _runs_in(entry, group)
    ]


def _runs_in(entry: Path, group: int) -> bool:
    try:
        state, _, in_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
    except (OSError, ValueError):
        return False
    return int(in_group) == group and state != "Z"
