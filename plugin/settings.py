"""What the sidecar's operator decides, read from the container's environment.

Light, because a render whose answer is known needs nothing else: no dataclasses, no pathlib.
"""

# pathlib costs more than all else here.
# ruff: noqa: PTH113, PTH116
from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

GITHUB = "https://github.com"
RENDERER = "1"
"""Raised whenever the same tree renders to other bytes, with `spec.version` of plugin.yaml."""

TIMEOUT = "TOWLINE_TIMEOUT"
CACHE = "TOWLINE_CACHE"
CACHE_SIZE = "TOWLINE_CACHE_SIZE"
SLOTS = "TOWLINE_SLOTS"
MEMORY = "TOWLINE_MEMORY"
GITHUB_URL = "TOWLINE_GITHUB_URL"
# Below the minute Argo CD waits for, which includes fetching the repository and sending it.
_SECONDS = "45"
_A_DAY = 86400.0
_BYTES = 256 << 20
_MOST_BYTES = 1 << 40
# Less than kustomize itself takes; who says 512 means 512Mi.
_LEAST_MEMORY = 32 << 20
_MOST_SLOTS = 1024
_UNITS = {"Ki": 10, "Mi": 20, "Gi": 30}
_PROGRAMS = (("TOWLINE_KUSTOMIZE", "kustomize"), ("TOWLINE_HELM_COMMAND", "helm"))
_NO_HELM = ("", "off")
_DECIDING = ("TOWLINE_HELM", "TOWLINE_REMOTE", GITHUB_URL)


def check(environ: Mapping[str, str]) -> None:
    """Raise Refusal for what cannot be meant, also where an answer needs none of it."""
    for setting in (seconds, slots, memory, cache_size, github_url):
        setting(environ)


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
    text = environ.get(SLOTS)
    if not text:
        return len(os.sched_getaffinity(0))
    number = _number(text)
    if number is not None and 0 < number <= _MOST_SLOTS:
        return number
    raise _refusal(SLOTS, text, f"a number from 1 to {_MOST_SLOTS}")


def slots_directory(environ: Mapping[str, str]) -> str:
    """Where the renders that share this machine meet."""
    parent = environ.get(CACHE) or environ.get("TMPDIR") or "/tmp"  # noqa: S108
    return f"{parent}/towline-slots-{os.getuid()}"


def github_url(environ: Mapping[str, str]) -> str:
    """Where GitHub's pages are, for links; raises Refusal."""
    url = environ.get(GITHUB_URL) or GITHUB
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0]
    if scheme in ("https", "http") and host and url.isprintable() and not set(url) & set(" ?#"):
        return url
    raise _refusal(GITHUB_URL, url, "an address such as https://github.example.com")


def cache_size(environ: Mapping[str, str]) -> int:
    """How many bytes of manifests are remembered; raises Refusal."""
    return _size(environ, CACHE_SIZE, 1)


def memory(environ: Mapping[str, str]) -> int:
    """How many bytes of data kustomize may have, and each helm it starts; raises Refusal."""
    return _size(environ, MEMORY, _LEAST_MEMORY)


def version(environ: Mapping[str, str]) -> str:
    """All that decides a render besides the tree and the Application; empty if it is not known.

    A program is known by its place, size and time: the image has it once and for all.
    """
    kustomize, helm = (_mark(environ, *one) for one in _PROGRAMS)
    said = [environ.get(name, "") for name in _DECIDING]
    known = kustomize and (helm or said[0] in _NO_HELM)
    return "\0".join((RENDERER, kustomize, helm, *said)) if known else ""


def _mark(environ: Mapping[str, str], variable: str, name: str) -> str:
    """What tells a program from another; it is found as `plugin.kustomize.programs` finds it."""
    chosen = environ.get(variable)
    path = environ.get("PATH", "").split(os.pathsep)
    for place in [chosen] if chosen else [f"{one}/{name}" for one in path]:
        if place.startswith("/") and os.path.isfile(place) and os.access(place, os.X_OK):
            found = os.stat(place)
            return f"{place} {found.st_size} {found.st_mtime_ns}"
    return ""


def _size(environ: Mapping[str, str], variable: str, least: int) -> int:
    """Bytes, written as a number of them or of what Kubernetes calls Ki, Mi and Gi."""
    text = environ.get(variable)
    if not text:
        return _BYTES
    unit = _UNITS.get(text[-2:])
    number = _number(text if unit is None else text[:-2])
    if number is not None and least <= number << (unit or 0) <= _MOST_BYTES:
        return number << (unit or 0)
    what = f"a size from {least >> 20}Mi" if least > 1 else "a size"
    raise _refusal(variable, text, f"{what}; set 256Mi, for instance")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _refusal(variable: str, text: str, what: str) -> Exception:
    from plugin.errors import Refusal

    return Refusal(f"{variable} is '{text[:80]}', which is not {what}")
