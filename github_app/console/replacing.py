"""Files to their new bytes: all of them or none, and only what nobody changed meanwhile."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from github_app.console.files import Place, content_of
from plugin.errors import Refusal
from plugin.pins.nodes import Refused

_NOTHING = "nothing was written"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A file, the bytes it had when it was read, and those it gets."""

    place: Place
    before: bytes
    after: bytes


def replace_all(rewrites: Sequence[Rewrite]) -> None:
    """Give every file its new bytes; raises Refusal before the first is touched, if it can.

    The new texts are written beside the files and on disk before the first takes its place, so
    that neither a full disk nor a crash leaves half a file. Mode and owner stay; links stay links.
    """
    with contextlib.ExitStack() as stack:
        new = [(one, stack.enter_context(_beside(one))) for one in rewrites]
        for one in rewrites:
            _check_unchanged(one)
        for count, (one, file) in enumerate(new):
            _move(one, file, count)
    for directory in sorted({one.place.path.parent for one in rewrites}):
        _sync(directory)


@contextlib.contextmanager
def _beside(one: Rewrite) -> Iterator[Path]:
    """A new file in the same directory; it goes unless it was moved."""
    file: Path | None = None
    try:
        number, name = tempfile.mkstemp(dir=one.place.path.parent, prefix=".towline-")
        file = Path(name)
        with os.fdopen(number, "wb") as stream:
            stream.write(one.after)
            _like(number, one.place.path)
            stream.flush()
            os.fsync(number)
    except OSError as error:
        if file is not None:
            file.unlink(missing_ok=True)
        raise Refusal(
            f"{one.place.name}: cannot be written: {error.strerror}; {_NOTHING}"
        ) from None
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def _like(number: int, file: Path) -> None:
    found = file.stat()
    if (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
        # Only root may give files away; anybody else becomes the owner, as with every editor.
        with contextlib.suppress(PermissionError):
            os.fchown(number, found.st_uid, found.st_gid)
    os.fchmod(number, found.st_mode & 0o7777)


def _check_unchanged(one: Rewrite) -> None:
    now = content_of(one.place)
    if isinstance(now, Refused) or now != one.before:
        raise Refusal(
            f"{one.place.name}: was changed while it was read; {_NOTHING}, call the command again"
        )


def _move(one: Rewrite, file: Path, count: int) -> None:
    try:
        file.replace(one.place.path)
    except OSError as error:
        done = f"{count} files before it were" if count else _NOTHING
        raise Refusal(f"{one.place.name}: cannot be written: {error.strerror}; {done}") from None


def _sync(directory: Path) -> None:
    """The names are on disk, too; some file systems cannot say so."""
    with contextlib.suppress(OSError):
        number = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(number)
        finally:
            os.close(number)
