"""A program started with nothing of ours, behind the fence, within limits; light to load."""

# The way to a first render: until kustomize runs, nothing is imported that costs a millisecond.
from __future__ import annotations

import os
import resource
import sys

from plugin.kustomize.fence import fenced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

NOWHERE = "/nonexistent"
MEMORY = 256 << 20

# What a program that is no single file needs: its interpreter and libraries. Nobody's secrets.
_SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/dev/null")
# A proxy that answers nobody, so that what is fetched over HTTP fails at once.
_DEAD_END = "http://127.0.0.1:9"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
# Go gives memory back and works harder from here on; beyond the limit itself it cannot go. What it
# uses comes in pieces of 64 MiB and is counted whole, so that the limit is near at half of it.
_SOFT = 1, 2
# A build is short: a fifth of its time goes into giving memory back that it may as well keep. Go
# still collects before the limit, as it would anyway.
_GARBAGE = "400"
# The same number wherever there is a fence; `signal` is slow to import.
_SIGPIPE = 13


class Fence:
    """What may be read behind the fence, and what run besides; what belongs to the system, too."""

    def __init__(self, readable: Iterable[str], runnable: Iterable[str] = ()) -> None:
        self.readable = tuple(readable)
        self.runnable = (*map(os.path.realpath, runnable), *_SYSTEM)


class Child:
    """A process of ours: its number, the ends we read of its stdout and stderr."""

    def __init__(self, pid: int, pipes: tuple[int, int]) -> None:
        self.pid = pid
        self.pipes = pipes


def environment(memory: int, home: str = NOWHERE, path: str = NOWHERE) -> dict[str, str]:
    """Nothing of our own environment, because repositories are not trusted."""
    return {
        "PATH": path,
        "HOME": home,
        "TMPDIR": home,
        "XDG_CONFIG_HOME": f"{home}/config",
        "XDG_CACHE_HOME": f"{home}/cache",
        "XDG_DATA_HOME": f"{home}/data",
        "GOMEMLIMIT": str(memory * _SOFT[0] // _SOFT[1]),
        "GOGC": _GARBAGE,
        "GOTRACEBACK": "none",
    }


def offline() -> dict[str, str]:
    """What the environment says besides where nothing may be fetched."""
    return dict.fromkeys(_PROXIES, _DEAD_END)


def spawned(
    arguments: list[str], environ: dict[str, str], fence: Fence | None, *, own_group: bool
) -> Child:
    """The program of `arguments` under way; without a `fence` it may use the network.

    posix_spawn is built in; subprocess would cost every first render its import. Raises OSError.
    """
    (out, printed), (err, said) = os.pipe(), os.pipe()

    def start() -> int:
        return _posix_spawn(arguments, environ, (printed, said), own_group)

    try:
        pid = fenced(start, fence.readable, fence.runnable) if fence else start()
    except BaseException:
        os.close(out)
        os.close(err)
        raise
    finally:
        os.close(printed)
        os.close(said)
    return Child(pid, (out, err))


def bounded(child: Child, memory: int, timeout: float) -> Child:
    """The child, with limits that the kernel keeps also when we are gone: bytes of data, CPU time.

    `timeout` is in seconds; the CPU time is what all CPUs together have until then.
    """
    _limit(child.pid, memory, -int(-timeout // 1) * (os.cpu_count() or 1))
    return child


def _limit(pid: int, memory: int, cpu_seconds: int) -> None:
    """Limit the process `pid` of ours: each process below it may have as much again.

    Data, not address space: Go reserves far more than it uses. Only Linux can limit a process from
    outside. https://man7.org/linux/man-pages/man2/getrlimit.2.html
    """
    if sys.platform != "linux":
        return
    limits = {
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_CORE: 0,
    }
    try:
        for what, most in limits.items():
            hard = resource.prlimit(pid, what)[1]
            limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(pid, what, (limit, limit))
    except ProcessLookupError:
        return


def _posix_spawn(
    arguments: list[str], environ: dict[str, str], pipes: tuple[int, int], own_group: bool
) -> int:
    command, unheard = arguments[0], [_SIGPIPE]
    actions: list[tuple[int, int, int] | tuple[int, int, str, int, int]] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, pipes[0], 1),
        (os.POSIX_SPAWN_DUP2, pipes[1], 2),
    ]
    if own_group:
        return os.posix_spawn(
            command, arguments, environ, file_actions=actions, setsigdef=unheard, setpgroup=0
        )
    return os.posix_spawn(command, arguments, environ, file_actions=actions, setsigdef=unheard)
