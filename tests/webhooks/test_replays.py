"""What is let in again, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from github_app.events import Ignored
from github_app.webhooks.message import Message, is_guid
from github_app.webhooks.replays import timely
from plugin.errors import Refusal

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SAID = Ignored("nothing was pushed")


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_what_was_just_sent_is_taken_as_it_is(minutes: int) -> None:
    message = Message("one", "push", SAID, sent_at=NOW + timedelta(minutes=minutes))
    assert timely(message, NOW) == message


@pytest.mark.parametrize("seconds", [-301, 301])
def test_what_is_of_another_time_is_a_replay(seconds: int) -> None:
    message = Message("one", "push", SAID, sent_at=NOW + timedelta(seconds=seconds))
    with pytest.raises(Refusal, match=r"more than 5 minutes from now, 2026-11-21T09:00:00\+00:00"):
        timely(message, NOW)


@pytest.mark.parametrize("name", ["one", "x" * 128])
def test_the_same_may_be_said_again_a_minute_later(name: str) -> None:
    message = Message(name, "push", SAID, repeats=True)
    ids = [timely(message, NOW + timedelta(seconds=late)).guid for late in (0, 59, 60)]
    assert ids[0] == ids[1] != ids[2]
    assert all(map(is_guid, ids))
