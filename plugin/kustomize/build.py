"""The kustomize binary, as whoever runs Towline set it up: found, started, bounded."""

from __future__ import annotations

import enum
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plugin.errors import Refusal
from plugin.kustomize.begun import Ahead
from plugin.kustomize.helm_program import guard, helm_environment, needed
from plugin.kustomize.programs import chosen_program, on_path, program
from plugin.kustomize.running import Limits, Process, Running
from plugin.kustomize.spawning import MEMORY, NOWHERE, Fence, bounded, environment, offline, spawned
from plugin.settings import memory

if TYPE_CHECKING:
    from plugin.kustomize.scratch import Scratch

VARIABLE = "TOWLINE_KUSTOMIZE"
HELM = "TOWLINE_HELM"
HELM_COMMAND = "TOWLINE_HELM_COMMAND"
REMOTE = "TOWLINE_REMOTE"

_OWN = Path(__file__).resolve().parents[2] / ".tools" / "bin"
_TEMPORARY = "/tmp"  # noqa: S108 - a directory of our own is made in it


def find(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The command that builds a kustomization, without the directory; raises Refusal.

    In order: the file in TOWLINE_KUSTOMIZE, `kustomize` on PATH, `.tools/bin/kustomize` of the
    checkout this package stands in (never of the current directory, which may be anybody's), and
    `kubectl kustomize`.
    """
    chosen = environ.get(VARIABLE)
    if chosen:
        return (chosen_program(VARIABLE, chosen), "build")
    path = environ.get("PATH", "")
    kustomize = on_path("kustomize", path) or program(str(_OWN / "kustomize"))
    if kustomize is not None:
        return (kustomize, "build")
    kubectl = on_path("kubectl", path)
    if kubectl is not None:
        return (kubectl, "kustomize")
    raise Refusal(f"kustomize is not installed; put it on PATH or name it in {VARIABLE}")


def configured(
    environ: Mapping[str, str], timeout: float, *, own_group: bool, ahead: Ahead | None = None
) -> Kustomize:
    """Kustomize as whoever runs Towline set it up; raises Refusal for what cannot be meant."""
    helm = _helm(environ)
    return Kustomize(
        find(environ),
        timeout=timeout,
        own_group=own_group,
        memory=memory(environ),
        helm=helm,
        helm_command="" if helm is Helm.OFF else _helm_command(environ),
        path=environ.get("PATH", "") if _remote(environ) else "",
        parent=environ.get("TMPDIR") or _TEMPORARY,
        ahead=ahead,
    )


class Helm(enum.Enum):
    """Whether kustomize may run helm, and whether helm may fetch charts."""

    OFF = "off"
    OFFLINE = "offline"
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class Kustomize:
    """How kustomize is run: the command, seconds until it is killed, bytes it may print.

    `own_group` puts it into a process group of its own. The sidecar leaves it in the group of the
    plugin, because that is the group Argo CD kills at its deadline. `memory` is the bytes of data
    that kustomize, and each helm it starts, may have. `helm_command` is helm's full path. `path` is
    the PATH on which git is found for remote bases; empty: nothing is fetched. `parent` is where
    the directory that helm and git need is made. `ahead` is a build that has begun already; it is
    taken for the same build.
    """

    command: tuple[str, ...]
    timeout: float = 45.0
    limit: int = 64 << 20
    own_group: bool = True
    memory: int = MEMORY
    helm: Helm = Helm.OFF
    helm_command: str = ""
    path: str = ""
    parent: str = _TEMPORARY
    ahead: Ahead | None = None

    @property
    def remote(self) -> bool:
        """Whether remote bases and resources may be fetched."""
        return bool(self.path)

    def build(self, root: Path, stage_dir: str) -> bytes:
        """What kustomize prints for the kustomization in `stage_dir` of the tree at `root`.

        Raises Refusal with the stage and kustomize's own words when it fails, takes longer than
        `timeout`, needs more than `memory` or prints more than `limit`.
        """
        return self.start(root, stage_dir).finished()

    def start(self, root: Path, stage_dir: str) -> Running:
        """The same build under way; raises Refusal when it cannot be started.

        `Running.finished()` must be called, or `stop()`; or use it in a `with` statement.
        """
        scratch = self._scratch()
        own, leave = (scratch.path, scratch.remove) if scratch else ("", lambda: None)
        try:
            process = self._spawned(str(root.resolve()), str((root / stage_dir).resolve()), own)
        except OSError as error:
            leave()
            reason = f"{self.command[0]} cannot be run: {error.strerror}; set {VARIABLE}"
            raise Refusal(reason) from error
        limits = Limits(self.timeout, self.limit, self.memory)
        return Running(process, limits, root, stage_dir or ".", leave)

    def _scratch(self) -> Scratch | None:
        if not self.remote and self.helm is Helm.OFF:
            return None
        from plugin.kustomize.scratch import Scratch

        return Scratch(self.parent)

    def _spawned(self, root: str, directory: str, own: str) -> Process:
        child = self.ahead.taken(self.command, directory) if self.ahead else None
        if child is None:
            arguments = [*self.command, directory, *self._helm_arguments(root, own)]
            fence = None if self._online() else Fence((root, own), self._programs(own))
            child = spawned(arguments, self._environment(own), fence, own_group=self.own_group)
            bounded(child, self.memory, self.timeout)
        return Process(child, self.timeout, self.limit, group=self.own_group)

    def _helm_arguments(self, root: str, own: str) -> tuple[str, ...]:
        if self.helm is Helm.OFF:
            return ()
        online = self.helm is Helm.ONLINE
        program = guard(self.helm_command, root, os.path.realpath(own), online=online)
        return ("--enable-helm", "--helm-command", program)

    def _online(self) -> bool:
        return self.remote or self.helm is Helm.ONLINE

    def _programs(self, own: str) -> tuple[str, ...]:
        """Where what is started may lie."""
        guard = () if self.helm is Helm.OFF else (own, self.helm_command, *needed())
        return (self.command[0], *guard)

    def _environment(self, own: str) -> dict[str, str]:
        home = own or NOWHERE
        return {
            **environment(self.memory, home, self.path or NOWHERE),
            **({} if self.helm is Helm.OFF else helm_environment(home)),
            **({} if self._online() else offline()),
            **({"GIT_TERMINAL_PROMPT": "0"} if self.remote else {}),
        }


def _helm(environ: Mapping[str, str]) -> Helm:
    said = environ.get(HELM) or Helm.OFF.value
    try:
        return Helm(said)
    except ValueError:
        known = ", ".join(one.value for one in Helm)
        raise Refusal(f"{HELM} is '{said}'; it is one of {known}") from None


def _helm_command(environ: Mapping[str, str]) -> str:
    chosen = environ.get(HELM_COMMAND)
    if chosen:
        return chosen_program(HELM_COMMAND, chosen)
    found = on_path("helm", environ.get("PATH", "")) or program(str(_OWN / "helm"))
    if found is None:
        raise Refusal(f"helm is not installed; put it on PATH or name it in {HELM_COMMAND}")
    return found


def _remote(environ: Mapping[str, str]) -> bool:
    said = environ.get(REMOTE) or "refuse"
    if said not in {"refuse", "allow"}:
        raise Refusal(f"{REMOTE} is '{said}'; it is one of refuse, allow")
    return said == "allow"
