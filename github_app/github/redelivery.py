"""Webhooks that never got through are asked for again: GitHub does not repeat them by itself."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from github_app.github.rest import failed_deliveries, redeliver
from github_app.github.transport import Transport

log = logging.getLogger(__name__)
_AT_ONCE = 20
_TRIES = 5
# How far back the first look goes, and what GitHub may still be delivering while we look.
_MISSED = timedelta(hours=6)
_LATE = timedelta(minutes=1)


class Redelivery:
    """Asks once in a while; what fails again and again is left to the sweeps.

    One request, and one for each webhook that is sent again; none of them is an installation's.
    """

    def __init__(self, app: Transport) -> None:
        self._app = app
        self._tries: dict[str, int] = {}
        self._heard_until: datetime | None = None

    def again(self, now: datetime) -> int:
        """How many since the last time are being sent again; raises Refusal and Temporary."""
        since = self._heard_until or now - _MISSED
        failed = failed_deliveries(self._app, since, most_pages=1)
        known = {one.guid for one in failed}
        self._tries = {guid: count for guid, count in self._tries.items() if guid in known}
        hopeful = [one for one in failed if self._tries.get(one.guid, 0) < _TRIES][:_AT_ONCE]
        for one in hopeful:
            self._tries[one.guid] = self._tries.get(one.guid, 0) + 1
            redeliver(self._app, one)
        self._heard_until = now - _LATE
        if hopeful:
            log.info("%d webhooks that did not get through are sent again", len(hopeful))
        return len(hopeful)
