"""Kustomize started before anything else is loaded, where it is plain what it will read."""

# The way to a first render: until kustomize runs, nothing is imported that costs a millisecond.
from __future__ import annotations

import os

from plugin.inputs.plain import questions_of
from plugin.kustomize.begun import Ahead
from plugin.kustomize.spawning import Fence, bounded, environment, offline, spawned
from plugin.settings import memory
from plugin.sidecar.sent import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_PROGRAM = "TOWLINE_KUSTOMIZE"
_HARMLESS = {"TOWLINE_HELM": ("", "off"), "TOWLINE_REMOTE": ("", "refuse")}


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
