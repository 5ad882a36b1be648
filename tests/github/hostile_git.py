"""A Git server that never comes to an end, and repositories that are larger than they look."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.github.git_server import git
from tests.loopback import Quiet, served

_OID = b"1" * 40
_BLOCK = bytes(range(256)) * 200


def tree_bomb(bare: Path, levels: int, width: int = 10) -> str:
    """A tree of `width` to the power of `levels` files, in as many objects as it has levels."""
    blob = git(bare, "hash-object", "-w", "--stdin", data=b"x")
    lines = "".join(f"100644 blob {blob}\tf{at}\n" for at in range(width))
    tree = git(bare, "mktree", data=lines.encode())
    for _ in range(levels - 1):
        lines = "".join(f"040000 tree {tree}\td{at}\n" for at in range(width))
        tree = git(bare, "mktree", data=lines.encode())
    return tree


def commit_of(bare: Path, directories: dict[str, str], *parents: str) -> str:
    """A commit on main of a README and these directories, by their trees."""
    blob = git(bare, "hash-object", "-w", "--stdin", data=b"Read me")
    lines = [f"040000 tree {tree}\t{name}\n" for name, tree in directories.items()]
    top = git(bare, "mktree", data="".join([f"100644 blob {blob}\tREADME\n", *lines]).encode())
    line = [word for one in parents for word in ("-p", one)]
    oid = git(bare, "commit-tree", top, *line, "-m", "Say something", at=1_700_000_000)
    git(bare, "update-ref", "refs/heads/main", oid)
    return oid


@dataclass
class Endless:
    """What the server sends: a pack with one endless file, or endless words beside it."""

    words: bool = False
    url: str = ""
    fetches: int = 0
    sent: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def answer(self) -> Iterator[bytes]:
        yield _packet(b"NAK\n")
        yield _packet(b"\x01" + b"PACK" + struct.pack(">II", 2, 2) + _header(1 << 40))
        squeeze = zlib.compressobj(0)
        while not self.stop.is_set():
            if self.words:
                yield _packet(b"\x02" + b"counting\n" * 1000)
                continue
            data = squeeze.compress(_BLOCK)
            for at in range(0, len(data), 60_000):
                yield _packet(b"\x01" + data[at : at + 60_000])


def _packet(data: bytes) -> bytes:
    return b"%04x" % (len(data) + 4) + data


def _header(size: int) -> bytes:
    """Of a blob: https://git-scm.com/docs/gitformat-pack#_pack_pack_files_have_the_following_format."""
    byte, size = (3 << 4) | (size & 15), size >> 4
    found = []
    while size:
        found.append(byte | 0x80)
        byte, size = size & 127, size >> 7
    return bytes([*found, byte])


class _Handler(Quiet, BaseHTTPRequestHandler):
    def __init__(self, host: Endless, *args: Any) -> None:
        self.host = host
        super().__init__(*args)

    def do_GET(self) -> None:
        can = b"side-band-64k ofs-delta shallow filter symref=HEAD:refs/heads/main"
        refs = _packet(_OID + b" HEAD\0" + can + b"\n") + _packet(_OID + b" refs/heads/main\n")
        body = _packet(b"# service=git-upload-pack\n") + b"0000" + refs + b"0000"
        self._begin("advertisement")
        self.wfile.write(body)

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        self._begin("result")
        try:
            if b"deepen" in asked:
                self.wfile.write(_packet(b"shallow " + _OID + b"\n") + b"0000")
            if b"done" in asked:
                self.host.fetches += 1
                for part in self.host.answer():
                    self.wfile.write(part)
                    self.host.sent += len(part)
        except OSError:
            # The client had enough.
            return

    def _begin(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-git-upload-pack-{kind}")
        self.end_headers()


@contextmanager
def endless(host: Endless) -> Iterator[Endless]:
    """The server, listening on a free port of 127.0.0.1."""
    with served(partial(_Handler, host)) as url:
        host.url = f"{url}/acme/endless.git"
        try:
            yield host
        finally:
            host.stop.set()
