"""The checksum of an image whose publisher's list says none: from a file beside it, or computed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from github_app.publishing.progress import Progress, Silent
from github_app.warehouse.disk_index.asked_images import Asker, SoFar
from github_app.warehouse.disk_index.checksum_list import checksum_of
from github_app.warehouse.disk_index.fetching import Page, Web
from github_app.warehouse.disk_index.known_sums import KnownSums
from github_app.warehouse.disk_index.reading import MAX_TIME, Images
from plugin.errors import Refusal, Temporary


class Checksums(Protocol):
    """Checksums of images that no list says."""

    def of(self, url: str, files: tuple[str, ...], asker: Asker) -> str:
        """The checksum of the image at `url`; raises Refusal, and Temporary while it is not known.

        `files` are the names of checksum files that may stand beside it.
        """

    def known(self, url: str) -> str | None:
        """The checksum if it was found out before; asks nobody."""

    def close(self) -> None:
        """Read no more."""


class Waiting:
    """Whoever asks waits until the image was read: for commands, which nobody runs again for it."""

    def __init__(
        self,
        web: Web,
        clock: Callable[[], datetime],
        progress: Progress | None = None,
        max_time: timedelta = MAX_TIME,
    ) -> None:
        self._web = web
        self._known = KnownSums(clock)
        self._images = Images(web, clock, self._known, max_time)
        self._progress = progress or Silent()

    def of(self, url: str, files: tuple[str, ...], asker: Asker) -> str:
        """The checksum, at last; raises Refusal and Temporary."""
        del asker
        self._known.check(url)
        known = self._known.fresh(url) or found_beside(self._web, self._known, url, files)
        if known is not None:
            return known
        told = _Told(self._progress, url)
        try:
            self._images.look(url, told.so_far)
            self._known.check(url)
            known = self._known.fresh(url)
        finally:
            told.end("read" if known else "not read")
        if known is None:
            raise AssertionError(f"{url} was read, and there is neither checksum nor trouble")
        return known

    def known(self, url: str) -> str | None:
        """The checksum if it was found out before; asks nobody."""
        return self._known.last(url)

    def close(self) -> None:
        """Nothing: whoever asks waits, so nothing is read now."""


class _Told:
    """What is shown of one image while it is read; nothing if it needs no reading."""

    def __init__(self, progress: Progress, url: str) -> None:
        self._progress = progress
        self._name = url.rpartition("/")[2]
        self._shown: int | None = None

    def so_far(self, come: SoFar) -> bool:
        if self._shown is None:
            self._progress.begin(f"checksum of {self._name}", come.length or 0)
        self._progress.advance(come.read - (self._shown or 0))
        self._shown = come.read
        return True

    def end(self, outcome: str) -> None:
        if self._shown is not None:
            self._progress.end(outcome)


def found_beside(web: Web, known: KnownSums, url: str, files: tuple[str, ...]) -> str | None:
    """What the first of the files that names the image says, which is remembered then.

    Raises Refusal for a file that is not understood, and Temporary, which stands for as long.
    """
    try:
        checksum = _beside(web, url, files)
    except Temporary as error:
        known.trouble(url, error, error.after)
        raise
    if checksum is not None:
        known.told(url, checksum)
    return checksum


def _beside(web: Web, url: str, files: tuple[str, ...]) -> str | None:
    base, _, name = url.rpartition("/")
    for file in files:
        answer = web.get(f"{base}/{file}")
        if isinstance(answer, Page):
            try:
                checksum = checksum_of(name, answer.text)
            except Refusal as refusal:
                raise Refusal(f"{base}/{file} is not understood: {refusal}") from refusal
            if checksum is not None:
                return checksum
    return None
