"""A fence the kernel keeps around a process: what it may read and start; no network."""

# The way to a first render: nothing is imported that costs a millisecond and is not needed.
from __future__ import annotations

import ctypes
import os
import struct
import sys
from _thread import allocate_lock, start_new_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# https://docs.kernel.org/userspace-api/landlock.html; the numbers are those of every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_PATH_BENEATH = 1
# https://man7.org/linux/man-pages/man2/PR_SET_SECCOMP.2const.html
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # 13: permission denied
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
# The architecture as the kernel tells it, and the number of socket(2) there.
_SOCKETS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_IO_URING_SETUP, _FOREIGN = 425, 0x40000000


def fenced(start: Callable[[], int], readable: Iterable[str], runnable: Iterable[str]) -> int:
    """What `start` returns, called where no socket can be made and little be read.

    Only files below `readable` and `runnable` can be opened for reading, and programs only below
    `runnable`; what `start` starts stays inside. The calling process stays as it is. Where a kernel
    knows neither Landlock nor seccomp, and outside Linux, there is no fence.
    """
    result: list[int] = []
    raised: list[BaseException] = []
    done = allocate_lock()
    done.acquire()

    def inside() -> None:
        try:
            _enter(readable, runnable)
            result.append(start())
        except BaseException as error:
            raised.append(error)
        finally:
            done.release()

    # A thread can shut itself in for ever, and ends; what it started remains shut in.
    start_new_thread(inside, ())
    done.acquire()
    if raised:
        raise raised[0]
    return result[0]


def _enter(readable: Iterable[str], runnable: Iterable[str]) -> None:
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _read_only_below(libc, readable, runnable)
    _without_sockets(libc)


def _read_only_below(libc: ctypes.CDLL, readable: Iterable[str], runnable: Iterable[str]) -> None:
    handled = struct.pack("=Q", _EXECUTE | _READ_FILE | _READ_DIR)
    rules = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return
    for path in readable:
        _allow(libc, rules, path, _READ_FILE | _READ_DIR)
    for path in runnable:
        _allow(libc, rules, path, _READ_FILE | _READ_DIR | _EXECUTE)
    libc.syscall(_RESTRICT_SELF, rules, 0)
    os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: str, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    if not os.path.isdir(path):  # noqa: PTH112 - pathlib is slow to import
        access &= ~_READ_DIR
    libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", access, place), 0)
    os.close(place)


def _without_sockets(libc: ctypes.CDLL) -> None:
    """Refuse socket(2) and what could make one in its stead; foreign system calls altogether."""
    known = _SOCKETS.get(os.uname().machine)
    if known is None:
        return
    architecture, socket = known
    steps = (
        (_LOAD, 0, 0, 4),  # the architecture
        (_EQUAL, 0, 4, architecture),
        (_LOAD, 0, 0, 0),  # the number of the call
        (_AT_LEAST, 2, 0, _FOREIGN),
        (_EQUAL, 1, 0, socket),
        (_EQUAL, 0, 1, _IO_URING_SETUP),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    )
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *one) for one in steps))
    about = struct.pack("@HP", len(steps), ctypes.addressof(program))
    libc.prctl(_SECCOMP, _FILTER, about, 0, 0)
