"""Images whose bytes come piece by piece, each when the test says so."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from github_app.warehouse.disk_index.fetching import Answer, Download, Missing, Validators

PIECE = b"\0" * (1 << 20)


@dataclass
class Paced:
    """A web of images of so many mebibytes each; `asked` is every address that was asked for."""

    sizes: dict[str, int]
    etags: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bug: Exception | None = None
    _reached: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)
    _pieces: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def get(self, url: str, known: Validators | None = None) -> Answer:
        self.asked.append(url)
        return Missing(404)

    @contextmanager
    def download(self, url: str) -> Iterator[Download | Missing]:
        self.asked.append(url)
        if self.bug is not None:
            raise self.bug
        if url not in self.sizes:
            yield Missing(404)
            return
        yield Download(Validators(self.etags.get(url)), self.sizes[url] << 20, self._chunks(url))

    @contextmanager
    def rest(self, url: str, start: int, known: Validators) -> Iterator[Download | None]:
        yield None

    def _chunks(self, url: str) -> Iterator[bytes]:
        for _ in range(self.sizes[url]):
            self._reached.put(url)
            self._pieces.acquire()
            yield PIECE

    def at(self) -> str:
        """The image whose next piece is waited for: all pieces before were worked on."""
        return self._reached.get(timeout=30)

    def give(self, pieces: int = 1) -> None:
        """Let so many pieces go."""
        self._pieces.release(pieces)
