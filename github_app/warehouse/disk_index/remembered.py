"""What publishers list, asked for no more often than it may change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from github_app.warehouse.disk_index.fetching import Missing, NotModified, Page, Validators, Web
from github_app.warehouse.disk_index.listed import Listed
from github_app.warehouse.disk_index.publishers import PUBLISHERS, Metadata
from github_app.warehouse.disk_index.turns import Turns
from plugin.artifact.disk import Publisher
from plugin.errors import Refusal

# A little less than a sweep: each sweep asks once, however many subscriptions share an index.
FRESH = timedelta(seconds=90)
_MANY = 500


@dataclass(frozen=True, slots=True)
class _Known:
    at: datetime
    validators: Validators
    fingerprint: str
    listed: tuple[Listed, ...]


class Lists:
    """The lists of every index that was asked for.

    An index that did not change costs one conditional request; documents beside it are read only
    when it has. What could not be understood is not remembered.
    """

    def __init__(self, web: Web, clock: Callable[[], datetime], fresh: timedelta = FRESH) -> None:
        self._web = web
        self._clock = clock
        self._fresh = fresh
        self._known: dict[tuple[Publisher, str], _Known] = {}
        self._turns = Turns()

    def at(self, publisher: Publisher, url: str) -> tuple[Listed, ...]:
        """What the index at `url` lists; raises Refusal, which names it, and Temporary."""
        key = (publisher, url)
        with self._turns.of(key):
            known, now = self._known.get(key), self._clock()
            if known is None or now - known.at >= self._fresh:
                known = replace(self._asked(PUBLISHERS[publisher], url, known), at=now)
                if len(self._known) >= _MANY:
                    self._known.clear()
                self._known[key] = known
        return known.listed

    def _asked(self, metadata: Metadata, url: str, known: _Known | None) -> _Known:
        answer = self._web.get(url, known.validators if known else None)
        if isinstance(answer, Missing):
            raise Refusal(
                f"{url} is not there for us ({answer.status}): "
                "say with 'index' where the publisher's list is"
            )
        return self._read(metadata, url, answer, known)

    def _read(
        self, metadata: Metadata, url: str, answer: Page | NotModified, known: _Known | None
    ) -> _Known:
        if isinstance(answer, NotModified):
            if known is None:
                raise Refusal(f"{url} says that nothing has changed, and was never read")
            return known
        fingerprint = hashlib.sha256(answer.text.encode()).hexdigest()
        if known is not None and known.fingerprint == fingerprint:
            return replace(known, validators=answer.validators)
        others = (self._web.get(one) for one in metadata.beside(url))
        texts = [answer.text, *(one.text for one in others if isinstance(one, Page))]
        try:
            listed = metadata.listed(*texts)
        except Refusal as refusal:
            raise Refusal(f"{url} is not understood: {refusal}") from refusal
        return _Known(self._clock(), answer.validators, fingerprint, listed)
