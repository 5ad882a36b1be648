"""Manifests of earlier renders, found by the content of exactly what was read for them.

The path of a cache hit: nothing is imported that costs a millisecond.
"""

# pathlib alone costs more than a cache hit.
# ruff: noqa: PTH103, PTH105, PTH108, PTH119, PTH120, PTH123
from __future__ import annotations

import os

from plugin.inputs.answers import answer, digest, joined

# What an application was made of changes rarely: a name for each of its latest shapes.
_SHAPES = 8
_PARTS = 16
_NAMES = 1024
_SUM = 32
_BLOCK = 4096
# What is still being written: a name no entry has, and nobody's for longer than an hour.
_BESIDE = b"."
_ABANDONED = 3600 * 10**9


class Cache:
    """A directory of manifests, of at most about `limit` bytes, for any number of processes.

    An entry is a shape, the questions that decide a render (`plugin.inputs.closure`), and manifests
    under the digest of all their answers. Nothing but content counts: no times, no revisions.
    Entries are written beside and moved into place, and carry a checksum: what is damaged is
    removed. It is of the name, too: content is never taken for another one's. Sixteen parts are
    bounded for themselves, and in each the longest unused goes first. A cache that cannot be read
    or written has nothing and keeps nothing; it is never an error.
    """

    def __init__(self, directory: str, limit: int) -> None:
        self._directory = os.fsencode(directory)
        self._limit = limit // _PARTS

    def found(self, hint: str, version: str, root: str) -> bytes | None:
        """The manifests of the tree at `root`, if it was rendered before; None if not.

        `hint` chooses what to look for, such as repository and stage. `version` says everything
        but the tree that decides bytes: renderer, kustomize, the stage's directory, parameters.
        """
        answers = _Answers(root)
        for path in self._shapes(hint, version):
            shape = _read(path)
            key = None if shape is None else answers.key(version, shape)
            manifests = None if key is None else _read(self._manifests(key))
            if key is not None and manifests is not None:
                _use(path)
                _use(self._manifests(key))
                return manifests
        return None

    def keep(self, hint: str, version: str, root: str, shape: bytes, manifests: bytes) -> None:
        """Remember `manifests`, what the tree at `root` renders to.

        `shape` is `Closure.shape`; empty: these manifests cannot be remembered. The tree must not
        change between the walk that found the shape and the end of this call. Argo CD gives every
        call a copy of its own.
        """
        key = _Answers(root).key(version, shape) if shape else None
        if key is not None and self._write(self._manifests(key), manifests):
            self._name(hint, version, shape)

    def _name(self, hint: str, version: str, shape: bytes) -> None:
        """Write `shape` where there is none for this hint, or else over another one."""
        paths = self._shapes(hint, version)
        there = [_read(path) for path in paths]
        if shape in there:
            _use(paths[there.index(shape)])
            return
        free = there.index(None) if None in there else digest(shape)[0] % _SHAPES
        self._write(paths[free], shape)

    def _shapes(self, hint: str, version: str) -> list[bytes]:
        texts = [b"shapes", os.fsencode(hint), os.fsencode(version)]
        name = digest(joined(texts)).hex().encode()
        return [b"%b/%b/%b-%d" % (self._directory, name[:1], name, n) for n in range(_SHAPES)]

    def _manifests(self, key: bytes) -> bytes:
        name = key.hex().encode()
        return b"%b/%b/%b" % (self._directory, name[:1], name)

    def _write(self, path: bytes, content: bytes) -> bool:
        part = os.path.dirname(path)
        # Who shares the directory may have our process and thread numbers, in another container.
        beside = b"%b/%b%b" % (part, _BESIDE, os.urandom(16).hex().encode())
        try:
            os.makedirs(part, mode=0o700, exist_ok=True)
            if not self._filled(beside, _sum(path, content) + content):
                return False
            os.replace(beside, path)
        except OSError:
            _remove(beside)
            return False
        return True

    def _filled(self, path: bytes, content: bytes) -> bool:
        """Whether there was room for a new file of `content`; then it is there."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path, flags, 0o600)
        try:
            if not self._room(path, len(content), os.fstat(descriptor).st_mtime_ns):
                _remove(path)
                return False
            left = memoryview(content)
            while left:
                left = left[os.write(descriptor, left) :]
        finally:
            os.close(descriptor)
        return True

    def _room(self, new: bytes, size: int, now: int) -> bool:
        """Whether there is room for `size` bytes, after the longest unused have gone."""
        left, names = self._limit - _blocks(size), _NAMES
        if left < 0:
            return False
        with os.scandir(os.path.dirname(new)) as entries:
            known = [
                (one.stat(follow_symlinks=False), one.path) for one in entries if one.path != new
            ]
        for found, path in sorted(known, key=_last_used, reverse=True):
            left, names = left - _blocks(found.st_size), names - 1
            if left < 0 or names <= 0 or _abandoned(path, now - found.st_mtime_ns):
                _remove(path)
        return True


class _Answers:
    """The answers to questions about one tree; each is asked once."""

    def __init__(self, root: str) -> None:
        self._root = os.fsencode(root)
        self._known: dict[bytes, bytes] = {}

    def key(self, version: str, shape: bytes) -> bytes | None:
        """What manifests of this tree are kept under; None when the tree cannot be read."""
        known, parts = self._known, [os.fsencode(version), shape]
        try:
            for question in shape.split(b"\0"):
                if question not in known:
                    known[question] = answer(self._root, question)
                parts.append(known[question])
        except OSError:
            return None
        return digest(joined(parts))


def _read(path: bytes) -> bytes | None:
    """What was written at `path`; None when nothing was, or something else is there now."""
    try:
        with open(path, "rb", buffering=0) as file:
            content = file.readall()
    except OSError:
        return None
    found = content[_SUM:]
    if content[:_SUM] == _sum(path, found):
        return found
    _remove(path)
    return None


def _sum(path: bytes, content: bytes) -> bytes:
    """What says that `content` was written whole, and at `path`."""
    return digest(os.path.basename(path) + b"\0" + digest(content))


def _abandoned(path: bytes, age: int) -> bool:
    return age > _ABANDONED and os.path.basename(path).startswith(_BESIDE)


def _last_used(entry: tuple[os.stat_result, bytes]) -> int:
    return entry[0].st_mtime_ns


def _blocks(size: int) -> int:
    """The bytes that `size` bytes take on a disk."""
    return -(-size // _BLOCK) * _BLOCK


def _use(path: bytes) -> None:
    try:
        os.utime(path)
    except OSError:
        return


def _remove(path: bytes) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
