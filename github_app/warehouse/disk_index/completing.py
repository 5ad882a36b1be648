"""The checksum of an image whose publisher's list says none: from a file beside it, or computed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from github_app.warehouse.disk_index.checksum_list import checksum_of
from github_app.warehouse.disk_index.fetching import Download, Missing, Page, Validators, Web
from github_app.warehouse.disk_index.turns import Turns
from github_app.warehouse.rests import Rests
from plugin.errors import Refusal, Temporary

_LOG = logging.getLogger(__name__)
_MAX_BYTES = 16 * 1024**3
_STEP = 1024**3
MAX_TIME = timedelta(minutes=30)
# How long an answer holds, good or bad: the bytes behind a version's address hardly ever change.
_HOLDS = timedelta(hours=6)
_AGAIN = timedelta(minutes=15)


class _State(NamedTuple):
    """What a server says of a file: equal states have equal bytes."""

    url: str
    validators: Validators
    length: int | None


class Checksums:
    """Checksums of images, looked for every six hours at most and computed once per state."""

    def __init__(
        self, web: Web, clock: Callable[[], datetime], max_time: timedelta = MAX_TIME
    ) -> None:
        self._web = web
        self._clock = clock
        self._max_time = max_time
        self._known: dict[str, tuple[datetime, str]] = {}
        self._computed: dict[_State, str] = {}
        self._hopeless: dict[str, tuple[datetime, str]] = {}
        self._rests = Rests(clock)
        self._turns = Turns()

    def of(self, url: str, files: tuple[str, ...]) -> str:
        """The checksum of the image at `url`; raises Refusal and Temporary.

        `files` are the names of checksum files that may stand beside it.
        """
        with self._turns.of(url):
            hopeless, known = self._fresh(self._hopeless, url), self._fresh(self._known, url)
            if hopeless is not None:
                raise Refusal(hopeless)
            if known is None:
                with self._rests.kept(url):
                    known = self._said(url, files) or self._compute(url)
                self._known[url] = (self._clock(), known)
        return known

    def _fresh(self, kept: dict[str, tuple[datetime, str]], url: str) -> str | None:
        at, text = kept.get(url, (None, None))
        return text if at is not None and self._clock() - at < _HOLDS else None

    def _said(self, url: str, files: tuple[str, ...]) -> str | None:
        base, _, name = url.rpartition("/")
        for file in files:
            answer = self._web.get(f"{base}/{file}")
            if isinstance(answer, Page):
                try:
                    checksum = checksum_of(name, answer.text)
                except Refusal as refusal:
                    raise Refusal(f"{base}/{file} is not understood: {refusal}") from refusal
                if checksum is not None:
                    return checksum
        return None

    def _compute(self, url: str) -> str:
        with self._web.download(url) as download:
            if isinstance(download, Missing):
                raise Refusal(f"{url} is listed, but not there for us ({download.status})")
            state = _State(url, download.validators, download.length)
            if state not in self._computed:
                try:
                    self._computed[state] = self._sum(url, download)
                except Temporary as error:
                    raise Temporary(str(error), _AGAIN) from error
        return self._computed[state]

    def _sum(self, url: str, download: Download) -> str:
        """SHA-256 of everything that comes."""
        self._check_size(url, download.length or 0)
        _LOG.info("nobody says the checksum of %s: reading it", url)
        digest, read, end = hashlib.sha256(), 0, self._clock() + self._max_time
        for chunk in download.chunks:
            digest.update(chunk)
            if (read + len(chunk)) // _STEP > read // _STEP:
                _LOG.info("read %d MiB of %s", (read + len(chunk)) >> 20, url)
            read += len(chunk)
            self._check_size(url, read)
            if self._clock() > end:
                raise self._given_up(url, f"was not read in {self._max_time}")
        if download.length not in {None, read}:
            raise Temporary(f"{url} broke off: {read} of {download.length} bytes came")
        return f"sha256:{digest.hexdigest()}"

    def _check_size(self, url: str, size: int) -> None:
        if size > _MAX_BYTES:
            raise self._given_up(url, f"is larger than {_MAX_BYTES >> 30} GiB")

    def _given_up(self, url: str, why: str) -> Refusal:
        """The refusal, which stands for a while: reading on would end the same."""
        text = f"{url} {why}, and nobody says its checksum: put a checksum file beside it"
        self._hopeless[url] = (self._clock(), text)
        return Refusal(text)
