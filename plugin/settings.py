"""What the sidecar's operator decides, read from the container's environment.

Light, because a render whose answer is known needs nothing else: no dataclasses, no pathlib.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

RENDERER = "1"
"""Raised whenever the same tree renders to other bytes, with `spec.version` of plugin.yaml."""

TIMEOUT = "TOWLINE_TIMEOUT"
CACHE = "TOWLINE_CACHE"
CACHE_SIZE = "TOWLINE_CACHE_SIZE"
SLOTS = "TOWLINE_SLOTS"
# Below the minute Argo CD waits for, which includes fetching the repository and sending it.
_SECONDS = "45"
_A_DAY = 86400.0
_BYTES = 256 << 20
_MOST_BYTES = 1 << 40
_MOST_SLOTS = 1024
_PROGRAMS = (("TOWLINE_KUSTOMIZE", "kustomize"), ("TOWLINE_HELM_COMMAND", "helm"))
_DECIDING = ("TOWLINE_HELM", "TOWLINE_REMOTE", "TOWLINE_GITHUB_URL")


def seconds(environ: Mapping[str, str]) -> float:
    """How long a render may take in all, waiting included; raises Refusal."""
    text = environ.get(TIMEOUT) or _SECONDS
    try:
        allowed = float(text)
    except ValueError:
        allowed = 0.0
    if 0 < allowed <= _A_DAY:
        return allowed
    raise _refusal(TIMEOUT, text, "a number of seconds; set 45, for instance")


def slots(environ: Mapping[str, str]) -> int:
    """How many renders may run at once: as many as we have processors, unless it is said."""
    return _number(environ, SLOTS, _MOST_SLOTS) or len(os.sched_getaffinity(0))


def slots_directory(environ: Mapping[str, str]) -> str:
    """Where the renders that share this machine meet."""
    parent = environ.get(CACHE) or environ.get("TMPDIR") or "/tmp"  # noqa: S108
    return f"{parent}/towline-slots-{os.getuid()}"


def cache_size(environ: Mapping[str, str]) -> int:
    """How many bytes of manifests are remembered; raises Refusal."""
    return _number(environ, CACHE_SIZE, _MOST_BYTES) or _BYTES


def version(environ: Mapping[str, str]) -> str:
    """All that decides a render besides the tree and the Application; empty if it is not known.

    A program is known by its place, size and time: the image has it once and for all.
    """
    kustomize, helm = (_mark(environ, *one) for one in _PROGRAMS)
    said = [environ.get(name, "") for name in _DECIDING]
    return "\0".join((RENDERER, kustomize, helm, *said)) if kustomize else ""


def _mark(environ: Mapping[str, str], variable: str, name: str) -> str:
    chosen = environ.get(variable)
    path = environ.get("PATH", "").split(os.pathsep)
    for place in [chosen] if chosen else [f"{one}/{name}" for one in path]:
        try:
            found = os.stat(place)  # noqa: PTH116  (pathlib costs more than all else here)
        except OSError:
            continue
        return f"{place} {found.st_size} {found.st_mtime_ns}"
    return ""


def _number(environ: Mapping[str, str], variable: str, most: int) -> int:
    """The number in `variable`; 0 where there is none."""
    text = environ.get(variable) or "0"
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most:
        return int(text)
    raise _refusal(variable, text, f"a number up to {most}")


def _refusal(variable: str, text: str, what: str) -> Exception:
    from plugin.errors import Refusal

    return Refusal(f"{variable} is '{text[:80]}', which is not {what}")
