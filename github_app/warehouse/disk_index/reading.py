"""The checksum of an image by reading all of it: within bounds, and as long as somebody waits."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from github_app.warehouse.disk_index.asked_images import SoFar
from github_app.warehouse.disk_index.fetching import Missing, Web
from github_app.warehouse.disk_index.known_sums import HOLDS, Computed, KnownSums, State
from plugin.errors import Refusal, Temporary

_LOG = logging.getLogger(__name__)
_MAX_BYTES = 16 * 1024**3
MAX_TIME = timedelta(hours=1)
# What was refused or broke off is asked for again after this time.
_AGAIN = timedelta(minutes=15)


Watch: TypeAlias = Callable[[SoFar], bool]
"""Told of everything that comes; says whether to read on."""


class Images:
    """Reads images, each as often as its server says that it has changed."""

    def __init__(
        self,
        web: Web,
        clock: Callable[[], datetime],
        known: KnownSums,
        max_time: timedelta = MAX_TIME,
    ) -> None:
        self._web = web
        self._clock = clock
        self._known = known
        self._max_time = max_time

    def look(self, url: str, watch: Watch) -> None:
        """Bring what is known of the image up to date: its checksum, or what is in the way.

        `watch` hears of an image only if its bytes have to be read. It is forgotten then, until
        all of it was read.
        """
        try:
            self._look(url, watch)
        except Refusal as refusal:
            self._known.trouble(url, refusal, _AGAIN)
        except Temporary as error:
            self._known.trouble(url, error, error.after)

    def _look(self, url: str, watch: Watch) -> None:
        with self._web.download(url) as download:
            if isinstance(download, Missing):
                raise Refusal(f"{url} is listed, but not there for us ({download.status})")
            state = State(download.validators, download.length)
            before = self._known.computed(url)
            if before is not None and before.state == state:
                self._known.found(replace(before, at=self._clock()))
                return
            self._known.forget(url)
            self._check_size(url, state.length or 0)
            _LOG.info("nobody says the checksum of %s: reading it", url)
            taken = _Taken(url, state, watch, self._clock() + self._max_time)
            try:
                checksum = self._sum(taken, download.chunks)
            except Temporary as error:
                raise Temporary(str(error), max(error.after, _AGAIN)) from error
        if checksum is None:
            _LOG.info("%s is not read on: nobody waits for it", url)
            return
        _LOG.info("the checksum of %s is %s", url, checksum)
        self._known.found(Computed(url, state, checksum, self._clock()))

    def _sum(self, taken: _Taken, chunks: Iterable[bytes]) -> str | None:
        """SHA-256 of everything, None if nobody waits for it; goes on once where it broke off."""
        try:
            return self._rest(taken, chunks)
        except Temporary as broken:
            _LOG.info("%s", broken)
            with self._web.rest(taken.url, taken.read, taken.state.validators) as download:
                if download is None or download.length != taken.state.length:
                    raise
                return self._rest(taken, download.chunks)

    def _rest(self, taken: _Taken, chunks: Iterable[bytes]) -> str | None:
        going = taken.goes_on()
        for chunk in chunks if going else ():
            going = taken.add(chunk)
            self._check_size(taken.url, taken.read)
            if self._clock() > taken.end:
                raise self._given_up(taken.url, f"was not read in {self._max_time}")
            if not going:
                break
        length = taken.state.length
        if going and length not in {None, taken.read}:
            raise Temporary(f"{taken.url} broke off: {taken.read} of {length} bytes came")
        return f"sha256:{taken.digest.hexdigest()}" if going else None

    def _check_size(self, url: str, count: int) -> None:
        if count > _MAX_BYTES:
            raise self._given_up(url, f"is larger than {_MAX_BYTES >> 30} GiB")

    def _given_up(self, url: str, why: str) -> Refusal:
        """The refusal, which stands for a while: reading on would end the same."""
        text = f"{url} {why}, and nobody says its checksum: put a checksum file beside it"
        refusal = Refusal(text)
        self._known.trouble(url, refusal, HOLDS)
        return refusal


@dataclass(slots=True)
class _Taken:
    """What was read of one image."""

    url: str
    state: State
    watch: Watch
    end: datetime
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    read: int = 0

    def add(self, chunk: bytes) -> bool:
        """Take the next bytes; False if nobody wants more."""
        self.digest.update(chunk)
        self.read += len(chunk)
        return self.goes_on()

    def goes_on(self) -> bool:
        """Whether somebody waits, who is told how far it is."""
        return self.watch(SoFar(self.read, self.state.length))
