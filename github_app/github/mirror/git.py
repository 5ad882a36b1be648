"""Runs git: no shell, no prompts, no hooks, no configuration and no environment but ours."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from github_app.github.mirror.bounds import Bounds, TooMuch, amount
from github_app.github.mirror.exchange import Watch, exchange
from plugin.errors import Refusal, Temporary

MINIMAL = (2, 38)
_SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/run/current-system/sw/bin"
# What an operator may set for the way out of the house; all else is dropped.
_PASSED_ON = (
    "PATH TMPDIR HTTPS_PROXY HTTP_PROXY ALL_PROXY NO_PROXY https_proxy http_proxy all_proxy"
    " no_proxy SSL_CERT_FILE SSL_CERT_DIR GIT_SSL_CAINFO GIT_SSL_CAPATH"
).split()
_FIXED = {
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
}
_CONFIG = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("credential.helper", ""),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("protocol.version", "2"),
    ("transfer.bundleURI", "false"),
    # Git would send the token to wherever a redirect points.
    ("http.followRedirects", "false"),
)
_BOUNDS = Bounds()
# SIGXFSZ, or what git says where it is ignored; what a server says does not count.
_FULL = re.compile(r"^(?!remote:).*(?:died of signal 25|File too large)", re.MULTILINE)
_STARVED = re.compile(
    r"^(?!remote:).*(?:out of memory|Cannot allocate memory|unable to create thread|mmap failed)",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended: its status, its output, and what it complained about."""

    status: int
    out: bytes
    complaint: str


@dataclass(frozen=True, slots=True)
class Access:
    """Where a command may go on the network, and the token (or password) it shows there."""

    url: str
    token: str | None = field(default=None, repr=False)
    user: str = "x-access-token"

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise Refusal(f"{self.url!r} is not an address Git may fetch from")

    @property
    def scheme(self) -> str:
        """The only protocol Git may speak."""
        return urlsplit(self.url).scheme

    def configuration(self) -> tuple[tuple[str, str], ...]:
        """The token as a header for this host alone."""
        if self.token is None:
            return ()
        parts = urlsplit(self.url)
        header = f"Authorization: Basic {self._basic()}"
        return ((f"http.{parts.scheme}://{parts.netloc}/.extraHeader", header),)

    def redacted(self, text: str) -> str:
        """The text without the token in any form."""
        if self.token is None:
            return text
        return text.replace(self.token, "***").replace(self._basic(), "***")

    def _basic(self) -> str:
        return base64.b64encode(f"{self.user}:{self.token}".encode()).decode()


class Git:
    """git with one bare repository; `environment` is what the operator gave, filtered here."""

    def __init__(
        self, directory: Path, environment: Mapping[str, str], program: str = "git"
    ) -> None:
        self.directory = directory
        self._program = program
        passed = {name: environment[name] for name in _PASSED_ON if name in environment}
        self._environment = {"PATH": _SEARCH_PATH} | passed | _FIXED

    def elsewhere(self, directory: Path) -> Git:
        """The same git with another directory."""
        return Git(directory, self._environment, self._program)

    def run(
        self,
        *arguments: str,
        access: Access | None = None,
        data: bytes = b"",
        bounds: Bounds = _BOUNDS,
        watch: Watch | None = None,
    ) -> Ran:
        """How the command, which reads `data`, ended; `watch` is called now and then.

        TooLong or TooMuch, and its whole group killed, when it costs more than `bounds`.
        """
        process = self.start(*arguments, access=access)
        try:
            _limit(process.pid, bounds)
            out, err = exchange(process, _command(arguments), data, bounds, watch)
        finally:
            end(process)
        complaint = err.decode("utf-8", "replace").strip()
        if process.returncode != 0:
            _check_cost(_command(arguments), complaint, bounds)
        return Ran(process.returncode, out, access.redacted(complaint) if access else complaint)

    def output(self, *arguments: str, data: bytes = b"", bounds: Bounds = _BOUNDS) -> bytes:
        """What a command that only reads printed; Temporary when it failed."""
        ran = self.run(*arguments, data=data, bounds=bounds)
        if ran.status != 0:
            name = _command(arguments)
            raise Temporary(f"git {name} failed in {self.directory}: {ran.complaint}")
        return ran.out

    def start(
        self, *arguments: str, access: Access | None = None, complaints: bool = True
    ) -> subprocess.Popen[bytes]:
        """The command, running in a process group of its own; its caller ends it."""
        try:
            return subprocess.Popen(
                [self._program, *arguments],
                env=self._environment_for(access),
                cwd=self.directory,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Who runs for long and reads no complaints would one day wait on a full pipe.
                stderr=subprocess.PIPE if complaints else subprocess.DEVNULL,
                start_new_session=True,
            )
        except FileNotFoundError:
            if not self.directory.is_dir():
                raise Temporary(f"{self.directory} was never fetched") from None
            wanted = ".".join(map(str, MINIMAL))
            raise Refusal(
                f"git is not installed: '{self._program}' was not found; "
                f"install git {wanted} or newer"
            ) from None

    def _environment_for(self, access: Access | None) -> dict[str, str]:
        settings = [*_CONFIG, *(access.configuration() if access else ())]
        # Named outright, the directory may belong to another user (a mounted volume).
        place = {
            "GIT_DIR": str(self.directory),
            "GIT_ALLOW_PROTOCOL": access.scheme if access else "",
        }
        return self._environment | place | _as_environment(settings)


def _command(arguments: Sequence[str]) -> str:
    """The command's name, which settings may stand before."""
    at = 0
    while arguments[at] == "-c":
        at += 2
    return arguments[at]


def _limit(process: int, bounds: Bounds) -> None:
    """A process, and whatever it starts from now on, fails where it needs more (Linux only)."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(ProcessLookupError):
        if bounds.file is not None:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (bounds.file, bounds.file))
        if bounds.memory is not None:
            # Packs that are mapped for reading do not count.
            resource.prlimit(process, resource.RLIMIT_DATA, (bounds.memory, bounds.memory))


def _check_cost(name: str, complaint: str, bounds: Bounds) -> None:
    """TooMuch where the command failed because it could have no more."""
    if bounds.file is not None and _FULL.search(complaint):
        raise TooMuch(f"git {name} writes more than {amount(bounds.file)}")
    if bounds.memory is not None and _STARVED.search(complaint):
        raise TooMuch(f"git {name} needs more than {amount(bounds.memory)} of memory")


def _as_environment(settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    pairs = list(settings)
    keys = {f"GIT_CONFIG_KEY_{at}": key for at, (key, _) in enumerate(pairs)}
    values = {f"GIT_CONFIG_VALUE_{at}": value for at, (_, value) in enumerate(pairs)}
    return {"GIT_CONFIG_COUNT": str(len(pairs))} | keys | values


def end(process: subprocess.Popen[bytes]) -> None:
    """The process and its children are gone, its pipes closed."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    process.wait()


def check_version(git: Git) -> None:
    """Nothing when git is new enough for us, else Refusal.

    2.38 brought `merge-tree --write-tree`:
    https://github.com/git/git/blob/master/Documentation/RelNotes/2.38.0.txt
    """
    printed = git.output("version").decode("utf-8", "replace").strip()
    found = re.search(r"(\d+)\.(\d+)", printed)
    if found is None or (int(found[1]), int(found[2])) < MINIMAL:
        wanted = ".".join(map(str, MINIMAL))
        raise Refusal(f"Towline needs git {wanted} or newer, this is {printed!r}; update it")
