"""The kustomize binary: the only module of the plugin that starts a process."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from plugin.errors import Refusal

VARIABLE = "TOWLINE_KUSTOMIZE"

_OWN = Path(__file__).resolve().parent.parent / ".tools" / "bin" / "kustomize"
_CHUNK = 1 << 16
_WORDS = 4000
# Nothing of our own environment: repositories are not trusted. No PATH, so that kustomize finds
# no git for remote bases; a proxy that answers nobody, so that http resources fail at once.
_DEAD_END = "http://127.0.0.1:9"
_ENVIRONMENT = {
    "HOME": "/nonexistent",
    "XDG_CONFIG_HOME": "/nonexistent",
    "HTTP_PROXY": _DEAD_END,
    "HTTPS_PROXY": _DEAD_END,
}


def find(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The command that builds a kustomization, without the directory; raises Refusal.

    In order: the file in TOWLINE_KUSTOMIZE, `kustomize` on PATH, `.tools/bin/kustomize` of the
    checkout this package stands in (never of the current directory, which may be anybody's), and
    `kubectl kustomize`.
    """
    chosen = environ.get(VARIABLE)
    if chosen:
        if shutil.which(chosen, path="") is None:
            raise Refusal(f"{VARIABLE} is '{chosen}', which is not a program; set its full path")
        return (chosen, "build")
    path = environ.get("PATH", "")
    own = str(_OWN) if _OWN.is_file() else None
    kustomize = shutil.which("kustomize", path=path) or own
    if kustomize is not None:
        return (kustomize, "build")
    kubectl = shutil.which("kubectl", path=path)
    if kubectl is not None:
        return (kubectl, "kustomize")
    raise Refusal(f"kustomize is not installed; put it on PATH or name it in {VARIABLE}")


@dataclass(frozen=True, slots=True)
class Kustomize:
    """How kustomize is run: the command, seconds until it is killed, bytes it may print.

    `own_group` puts it into a process group of its own. The sidecar leaves it in the group of the
    plugin, because that is the group Argo CD kills at its deadline.
    """

    command: tuple[str, ...]
    timeout: float = 45.0
    limit: int = 64 << 20
    own_group: bool = True

    def build(self, root: Path, stage_dir: str) -> bytes:
        """What kustomize prints for the kustomization in `stage_dir` of the tree at `root`.

        Raises Refusal with the stage and kustomize's own words when it fails, takes longer than
        `timeout` or prints more than `limit`.
        """
        stage = stage_dir or "."
        process = self._started((root / stage_dir).resolve())
        out, err = _Drain(process.stdout, self.limit), _Drain(process.stderr, self.limit)
        for drain in (out, err):
            drain.start(lambda: self._kill(process))
        status = self._waited(process, stage)
        printed, words = out.finish(), err.finish()
        if out.full or err.full:
            raise Refusal(f"{stage}: renders to more than {self.limit} bytes; split the stage")
        if status != 0:
            raise Refusal(f"{stage}: kustomize refused: {_told(words, root)}")
        return printed

    def _waited(self, process: subprocess.Popen[bytes], stage: str) -> int:
        try:
            return process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            raise Refusal(
                f"{stage}: kustomize was stopped after {self.timeout:g} seconds; "
                "make the stage smaller or raise the limit"
            ) from None
        finally:
            if process.returncode is None:
                self._kill(process)
                process.wait()

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        """End the process before it was waited for; with a group of its own, all it started."""
        if process.returncode is not None:
            return
        if not self.own_group:
            process.kill()
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)

    def _started(self, directory: Path) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [*self.command, str(directory)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_ENVIRONMENT,
                process_group=0 if self.own_group else None,
            )
        except OSError as error:
            reason = f"{self.command[0]} cannot be run: {error.strerror}; set {VARIABLE}"
            raise Refusal(reason) from error


class _Drain:
    """Reads a pipe to its end in a thread, so that neither pipe can block the process."""

    def __init__(self, stream: IO[bytes] | None, limit: int) -> None:
        self.full = False
        self._stream = stream
        self._limit = limit
        self._chunks: list[bytes] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._overflow: Callable[[], None] = lambda: None

    def start(self, overflow: Callable[[], None]) -> None:
        """Begin to read; `overflow` is called once if the limit is passed."""
        self._overflow = overflow
        self._thread.start()

    def finish(self) -> bytes:
        """All that was printed. The process is dead; a stray child may not hold us up."""
        self._thread.join(1)
        return b"".join(self._chunks)

    def _run(self) -> None:
        if self._stream is None:
            return
        size = 0
        with self._stream as stream:
            while chunk := os.read(stream.fileno(), _CHUNK):
                size += len(chunk)
                if size > self._limit:
                    self.full = True
                    self._overflow()
                    return
                self._chunks.append(chunk)


def _told(words: bytes, root: Path) -> str:
    """The message without the place of our working copy, short enough for a screen."""
    text = words.decode("utf-8", "replace").strip().removeprefix("Error: ")
    for place in dict.fromkeys((str(root.resolve()), str(root))):
        text = text.replace(f"{place}/", "").replace(place, ".")
    return text[:_WORDS] or "it said nothing"
