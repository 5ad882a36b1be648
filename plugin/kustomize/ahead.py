"""Kustomize started before anything else is loaded, where it is plain what it will read."""

# The way to a first render: until kustomize runs, nothing is imported that costs a millisecond.
from __future__ import annotations

import os

from plugin.inputs.plain import questions_of
from plugin.kustomize.spawning import Child, Fence, bounded, environment, offline, spawned
from plugin.sidecar.sent import words
from plugin.sidecar.settings import memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_SIGKILL = 9  # `signal` is slow to import
_PROGRAM = "TOWLINE_KUSTOMIZE"
_HARMLESS = {"TOWLINE_HELM": ("", "off"), "TOWLINE_REMOTE": ("", "refuse")}


class Ahead:
    """A build of a directory that has begun; it must be taken or stopped."""

    def __init__(self, child: Child, command: tuple[str, ...], directory: str) -> None:
        self._child: Child | None = child
        self._build = (command, directory)

    def taken(self, command: tuple[str, ...], directory: str) -> Child | None:
        """The process, if it is that very build; whoever takes it ends it."""
        if self._build != (command, directory):
            return None
        child, self._child = self._child, None
        return child

    def stop(self) -> None:
        """End the build, unless it was taken; nothing of it is used."""
        child, self._child = self._child, None
        if child is None:
            return
        os.kill(child.pid, _SIGKILL)
        os.waitpid(child.pid, 0)
        for pipe in child.pipes:
            os.close(pipe)


def started_ahead(environ: Mapping[str, str], root: str, here: str, timeout: float) -> Ahead | None:
    """The build of the Application at `here` below `root`; None where it is too early to say.

    It begins only where the Application says nothing of its stage, helm and fetching are off, and
    the kustomizations are plain (`plugin.inputs.plain`). Whoever takes it checks everything as if
    nothing had begun.
    """
    if words(environ).strip("\0") or any(
        environ.get(name, "") not in said for name, said in _HARMLESS.items()
    ):
        return None
    program, real = environ.get(_PROGRAM, ""), os.path.realpath(root)
    if not program.startswith("/") or questions_of(real, here) is None:
        return None
    command = (program, "build")
    directory = f"{real}/{here}" if here else real
    allowed = memory(environ)
    try:
        fence = Fence((real,), (program,))
        arguments = [*command, directory]
        child = spawned(arguments, environment(allowed) | offline(), fence, own_group=False)
    except OSError:
        return None
    return Ahead(bounded(child, allowed, timeout), command, directory)
