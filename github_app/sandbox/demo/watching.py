"""What happens to pull requests after the story, told while a person tries things."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from github_app.sandbox.demo.pulls import Pulls
from github_app.sandbox.demo.screen import Screen
from github_app.sandbox.demo.servers import Servers
from github_app.sandbox.state import PullRequest

_LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks at the pull requests again and again until `stop`."""

    servers: Servers
    screen: Screen
    clock: Callable[[], datetime]
    stop: threading.Event

    def run(self) -> None:
        """Tell every change until `stop` is set."""
        seen = self._look()
        while not self.stop.wait(_LOOK_EVERY):
            now = self._look()
            for number, text in changes(seen, now):
                at = self.clock().astimezone().strftime("%H:%M:%S")
                self.screen.happened(at, text, self.servers.pull(number))
            seen = now

    def _look(self) -> dict[int, PullRequest]:
        return {one.number: one for one in Pulls(self.servers.stand_in).all()}


def changes(
    before: Mapping[int, PullRequest], now: Mapping[int, PullRequest]
) -> Iterator[tuple[int, str]]:
    """Number and sentence for each pull request that is not as it was, oldest first."""
    for number, pull in sorted(now.items()):
        text = _change(before.get(number), pull)
        if text:
            yield number, f"#{number} {text}: {pull.title}"


def _change(before: PullRequest | None, now: PullRequest) -> str:
    if now.merged and not (before and before.merged):
        return f"is merged by {now.merged_by}"
    if before is None:
        return "is opened"
    if before.open != now.open:
        return "is reopened" if now.open else f"is closed by {now.closed_by}"
    return "is updated" if before.head_sha != now.head_sha else ""
