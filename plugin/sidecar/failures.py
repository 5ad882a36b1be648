"""An error as Argo CD's screen shows it: few lines, the best first, without secrets; its status."""

from __future__ import annotations

import traceback

from plugin.errors import Refusal, Temporary

REFUSED = 1
BUG = 3
# Argo CD cuts nothing: all of it goes into the Application's status, logs and Redis.
_MOST_LINES = 20
_MOST_BYTES = 3500


def told(error: Exception, root: str) -> tuple[int, str]:
    """Exit status and text; `root` is the directory whose random name nobody needs to see."""
    match error:
        case Refusal() | Temporary():
            return REFUSED, _short(_relative(str(error), root))
        case ImportError(name=name) if name:
            return BUG, f"towline-plugin: '{name}' is not installed; repair the installation"
        case MemoryError():
            return (
                REFUSED,
                "towline-plugin: out of memory; give the sidecar more, or split the stage",
            )
        case OSError(strerror=str(reason)):
            return BUG, f"towline-plugin: {_place(error)}: {reason}"
        case _:
            return BUG, f"towline-plugin: bug in {_bug(error)}; please report it"


def _relative(text: str, root: str) -> str:
    if root in ("", "/"):
        return text
    return text.replace(f"{root}/", "").replace(root, ".")


def _short(text: str) -> str:
    lines = ["".join(map(_printable, line)) for line in text.strip().split("\n")]
    left = len(lines) - _MOST_LINES
    if left > 0:
        lines = [*lines[:_MOST_LINES], f"and {left} more lines"]
    content = "\n".join(lines).encode("utf-8", "backslashreplace")
    return content[:_MOST_BYTES].decode("utf-8", "ignore")


def _printable(char: str) -> str:
    return char if char.isprintable() else " "


def _bug(error: Exception) -> str:
    """Where, and the kind; never the message or a traceback, which may hold values."""
    return f"{_place(error)}: {type(error).__name__}"


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
