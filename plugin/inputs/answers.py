"""What stands at a place below a root, in bytes that are equal exactly where the places are.

The path of a cache hit: nothing is imported that costs a millisecond.
"""

# pathlib alone costs more than a cache hit.
# ruff: noqa: PTH115, PTH208
from __future__ import annotations

import errno
import os
import stat

try:
    from _blake2 import blake2b
except ImportError:  # hashlib brings OpenSSL along, and twice as much time
    from hashlib import blake2b

# The first byte of a question; the rest of it is a path below the root.
ENTRY = b"e"  # a directory or link, or nothing: it is looked at
FILE = b"f"  # most likely a file: it is opened at once
NAMES = b"n"  # the names in a directory
ALL = b"a"  # all there is below, whatever it be, but the .git of the root

_NOTHING = b"-"
_DIRECTORY = b"d"
_LINK = b"l"
_CONTENT = b"f"
_OTHER = b"o"
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_SIZE = 32


def answer(root: bytes, question: bytes) -> bytes:
    """What stands at a question's place; raises OSError where that cannot be told."""
    kind, path = question[:1], question[1:]
    place = root + b"/" + path if path else root
    if kind == FILE:
        return _file(place)
    if kind == NAMES:
        return digest(b"\0".join(sorted(os.listdir(place))))
    if kind == ALL:
        return _all(place, b".git" if not path else b"")
    return _entry(place)


def joined(parts: list[bytes]) -> bytes:
    """All `parts` in bytes that only they have."""
    return b"".join([b"%d:%b" % (len(part), part) for part in parts])


def digest(content: bytes) -> bytes:
    """32 bytes that only `content` has."""
    return blake2b(content, digest_size=_SIZE).digest()


def _file(place: bytes) -> bytes:
    """Opened without asking first: that is one call less for each of a thousand files."""
    try:
        descriptor = os.open(place, _OPEN)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR}:
            return _NOTHING
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            return _entry(place)
        raise
    try:
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode):
            return _CONTENT + digest(_content(descriptor, found.st_size))
    finally:
        os.close(descriptor)
    return _entry(place)


def _content(descriptor: int, size: int) -> bytes:
    content = os.read(descriptor, size + 1)
    if len(content) == size:
        return content
    chunks = [content]
    while chunks[-1]:
        chunks.append(os.read(descriptor, 1 << 20))
    return b"".join(chunks)


def _entry(place: bytes) -> bytes:
    try:
        mode = os.lstat(place).st_mode
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR}:
            return _NOTHING
        raise
    if stat.S_ISDIR(mode):
        return _DIRECTORY
    if stat.S_ISLNK(mode):
        return _LINK + os.readlink(place)
    return _file(place) if stat.S_ISREG(mode) else _OTHER


def _all(place: bytes, without: bytes) -> bytes:
    """Every name below with what stands there; links are not followed."""
    found = [_entry(place)]
    waiting = [b""] if found == [_DIRECTORY] else []
    while waiting:
        below = waiting.pop()
        for name in sorted(os.listdir(place + below)):
            if below or name != without:
                path = below + b"/" + name
                found += path, _file(place + path)
                if found[-1] == _DIRECTORY:
                    waiting.append(path)
    return digest(joined(found))
