"""An inbox in a directory, and deliveries to put into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from github_app.events import Event, RepositoryChanged
from github_app.inbox.ports import Claim, Delivery
from github_app.inbox.sqlite import SqliteInbox

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def change(repository: str = "acme/shop", why: str = "push to refs/heads/main") -> Event:
    return RepositoryChanged(9001, repository, why)


def delivery(guid: str, *events: Event, at: datetime = NOW, source: str = "github") -> Delivery:
    return Delivery(source, guid, "push", at, events or (change(),))


def claimed(inbox: SqliteInbox, now: datetime = NOW) -> Claim:
    """The next claim, which the test knows to be there."""
    claim = inbox.claim(now)
    assert claim is not None
    return claim
