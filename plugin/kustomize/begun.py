"""A build that was started before it was known to be wanted; light, as what starts it."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugin.kustomize.spawning import Child

_SIGKILL = 9  # `signal` is slow to import


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
