"""Helm as kustomize may start it: through a guard, with none of its own settings."""

from __future__ import annotations

import sys
from pathlib import Path

_NOWHERE = "/nonexistent"
_PACKAGE = str(Path(__file__).resolve().parents[1])
# The links beside it keep the guard from looking anywhere else, and its first line within what the
# kernel reads of it. -I and -S: nobody else's code.
_GUARD = """\
#!{own}/python -IS
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, {own!r})
from plugin.errors import Refusal
from plugin.kustomize.helm import permitted
try:
    arguments = permitted(sys.argv[1:], {root!r}, {own!r}, online={online})
except (Refusal, OSError) as error:
    sys.exit(str(error))
import os
os.execv({command!r}, [{command!r}, *arguments])
"""


def guard(command: str, root: str, own: str, *, online: bool) -> str:
    """A program in `own` that becomes helm's `command` if `plugin.kustomize.helm` permits it.

    `root` and `own` are the real paths of the tree and of kustomize's own directory.
    """
    Path(own, "python").symlink_to(sys.executable)
    Path(own, "plugin").symlink_to(_PACKAGE)
    program = Path(own, "helm")
    text = _GUARD.format(own=own, command=command, root=root, online=online)
    program.write_text(text)
    program.chmod(0o700)
    return str(program)


def needed() -> tuple[str, ...]:
    """What the guard reads: Python, its library and this package."""
    return (sys.executable, sys.base_prefix, _PACKAGE)


def helm_environment(home: str) -> dict[str, str]:
    """No plugin of helm's and none of its settings but fresh ones below `home`."""
    return {
        "HELM_NO_PLUGINS": "1",
        "HELM_PLUGINS": _NOWHERE,
        "HELM_REGISTRY_CONFIG": f"{home}/registry.json",
        "HELM_REPOSITORY_CONFIG": f"{home}/repositories.yaml",
        "HELM_REPOSITORY_CACHE": f"{home}/repository",
        "KUBECONFIG": _NOWHERE,
    }
