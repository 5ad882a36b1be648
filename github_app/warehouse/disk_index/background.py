"""Checksums computed beside the worker: one image at a time, by a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from github_app.warehouse.disk_index.asked_images import AskedImage, AskedImages, Asker, SoFar
from github_app.warehouse.disk_index.completing import found_beside
from github_app.warehouse.disk_index.fetching import Web
from github_app.warehouse.disk_index.known_sums import KeptSums, KnownSums
from github_app.warehouse.disk_index.reading import MAX_TIME, Images
from plugin.errors import Temporary

_LOG = logging.getLogger(__name__)
PATIENCE = timedelta(minutes=20)
"""How long an image is wanted that nobody asks for again: more than a sweep, or it never ends."""
_SOON = timedelta(seconds=30)
_LATER = timedelta(minutes=5)
_AFTER_A_BUG = timedelta(minutes=15)
_SECONDS_TO_STOP = 5.0


class InBackground:
    """Whoever asks is told how far it is, and comes again.

    What stands in a file beside an image is read at once. The thread is there while there is
    something to read; it stops reading what nobody asks for any more, be it that a newer version
    has come. `kept` outlives the process.
    """

    def __init__(
        self,
        web: Web,
        clock: Callable[[], datetime],
        kept: KeptSums | None = None,
        patience: timedelta = PATIENCE,
        max_time: timedelta = MAX_TIME,
    ) -> None:
        self._web = web
        self._clock = clock
        self._patience = patience
        self._known = KnownSums(clock, kept)
        self._images = Images(web, clock, self._known, max_time)
        self._asked = AskedImages()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._works = False
        self._closed = False

    def of(self, url: str, files: tuple[str, ...], asker: Asker) -> str:
        """The checksum, if it is known; raises Temporary, which says how far it is, and Refusal.

        One that was true six hours ago is true until the image turns out to have changed.
        """
        with self._lock:
            under_way = self._asked.ask(url, asker, self._clock())
        self._known.check(url)
        known = self._known.fresh(url)
        if known is None and under_way is None:
            known = found_beside(self._web, self._known, url, files)
        if known is not None:
            return known
        before = self._known.last(url)
        said = self._begun(url, asker)
        if before is None:
            raise said
        return before

    def known(self, url: str) -> str | None:
        """The checksum if it was found out before; asks nobody."""
        return self._known.last(url)

    def wait(self) -> None:
        """Return when nothing is left to read: for whoever steps the App by hand."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join()

    def close(self) -> None:
        """Stop reading; what was not finished is begun again by the next process."""
        with self._lock:
            self._closed = True
        if self._thread is not None:
            # The next bytes may be long in coming; the thread does not keep the process alive.
            self._thread.join(_SECONDS_TO_STOP)

    def _begun(self, url: str, asker: Asker) -> Temporary:
        """See to it that the image is read, and what is to be said until it was."""
        with self._lock:
            now = self._clock()
            image = self._asked.ask(url, asker, now) or self._asked.add(url, asker, now)
            if image is None:
                return Temporary(f"{url} has no checksum, and too many others wait", _LATER)
            if not self._works and not self._closed:
                self._works = True
                self._thread = threading.Thread(target=self._work, name="checksums", daemon=True)
                self._thread.start()
            return Temporary(f"{url} {self._said_of(image)}", _SOON)

    def _said_of(self, image: AskedImage) -> str:
        others = self._asked.ahead(image)
        if image.so_far is not None:
            return f"is being read to compute its checksum: {image.so_far}"
        if image is self._asked.reading or not others:
            return "is being read to compute its checksum"
        beside = "1 other" if others == 1 else f"{others} others"
        return f"waits to be read to compute its checksum, beside {beside}"

    def _work(self) -> None:
        while (image := self._next()) is not None:
            try:
                self._images.look(image.address, partial(self._goes_on, image))
            except Exception as error:
                # The thread must outlive whatever surprised it, and whoever asks must know.
                _LOG.exception("%s: a bug", image.address)
                text = f"{image.address} could not be read: {error!r}"
                self._known.trouble(image.address, Temporary(text), _AFTER_A_BUG)

    def _next(self) -> AskedImage | None:
        with self._lock:
            image = None if self._closed else self._asked.next(self._clock() - self._patience)
            self._works = image is not None
            return image

    def _goes_on(self, image: AskedImage, so_far: SoFar) -> bool:
        with self._lock:
            image.so_far = so_far
            return not self._closed and image.wanted(self._clock() - self._patience)
