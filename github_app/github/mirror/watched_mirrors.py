"""All mirrors of watched repositories, below one directory."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from github_app.github.calls import CallCounter
from github_app.github.mirror.allowance import Allowances, Monotonic
from github_app.github.mirror.fetch import exclusive
from github_app.github.mirror.git import Git
from github_app.github.mirror.kept_refs import hashed, is_hashed
from github_app.github.mirror.watched import WatchedMirror
from plugin.errors import Refusal, Temporary


class WatchedMirrors:
    """The mirrors of watched repositories below a directory, each by its repository's address."""

    def __init__(
        self,
        root: Path,
        calls: CallCounter,
        environment: Mapping[str, str],
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self._root = root
        self._calls = calls
        self._environment = environment
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._mirrors: dict[str, WatchedMirror] = {}

    def of(self, address: str) -> WatchedMirror:
        """The mirror of a repository; the same one every time."""
        name = hashed(address)
        with self._lock:
            if name not in self._mirrors:
                git = Git(self._root / f"{name}.git", self._environment)
                allowances = Allowances(address, self._monotonic)
                self._mirrors[name] = WatchedMirror(git, self._calls, allowances)
            return self._mirrors[name]

    def tidy(self) -> None:
        """Packs tidied, and mirrors gone that nobody asked for since this was last called."""
        with self._lock:
            asked, self._mirrors = self._mirrors, {}
        ours = (one for one in sorted(self._root.glob("*.git")) if is_hashed(one.stem))
        for place in ours:
            known = asked.get(place.stem)
            if known is not None:
                # What cannot be tidied within its bounds is fetched anew.
                with contextlib.suppress(Refusal, Temporary):
                    known.maintain()
                    continue
            with exclusive(place):
                shutil.rmtree(place, ignore_errors=True)
