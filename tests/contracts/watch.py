"""Every stand-in that is made from now on, recorded; and what its webhooks say."""

from __future__ import annotations

import functools
from typing import Any
from weakref import WeakKeyDictionary

from github_app.sandbox.stand_in import StandIn
from tests.contracts.deliveries import Sent
from tests.contracts.recording import Record, Recorder


class Watch:
    """One per process; wraps the constructor of `StandIn`, so that no test can forget to."""

    def __init__(self) -> None:
        self.record = Record()
        self._judged: WeakKeyDictionary[StandIn, set[int]] = WeakKeyDictionary()
        self._told = 0
        plain = StandIn.__init__

        @functools.wraps(plain)
        def watched(stand_in: StandIn, *arguments: Any, **named: Any) -> None:
            plain(stand_in, *arguments, **named)
            self.add(stand_in)

        StandIn.__init__ = watched  # type: ignore[assignment,method-assign]  # all

    def add(self, stand_in: StandIn) -> None:
        """Watch a stand-in."""
        app = stand_in.wsgi
        app.wsgi_app = Recorder(app.wsgi_app, self.record)  # type: ignore[method-assign]  # Flask's own way
        self._judged[stand_in] = set()

    def new_faults(self) -> list[str]:
        """What broke a contract since this was last asked, webhooks not yet sent included."""
        for stand_in, judged in list(self._judged.items()):
            self._judge_webhooks(stand_in, judged)
        faults, self._told = self.record.faults[self._told :], len(self.record.faults)
        return faults

    def _judge_webhooks(self, stand_in: StandIn, judged: set[int]) -> None:
        for app in stand_in.apps():
            for delivery in stand_in.deliveries(app.slug):
                if delivery.id not in judged:
                    judged.add(delivery.id)
                    sent = Sent(delivery.request_headers, delivery.request_body)
                    self.record.webhook(sent, app.webhook_secret)
