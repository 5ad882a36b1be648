"""What was said before: sent once more by whoever caught it, or rightly said again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from github_app.webhooks.message import Message
from plugin.errors import Refusal

_OLDEST = timedelta(minutes=5)
_SAID_AGAIN = timedelta(minutes=1)
_LONGEST_ID = 128


def timely(message: Message, now: datetime) -> Message:
    """The message, its id told apart from the same said earlier; raises Refusal for a replay."""
    if message.sent_at is not None and abs(now - message.sent_at) > _OLDEST:
        raise Refusal(
            f"sent at {message.sent_at.isoformat()}, which is more than 5 minutes from now, "
            f"{now.isoformat(timespec='seconds')}: sign it anew, by a clock that is right"
        )
    if not message.repeats:
        return message
    window = int(now.timestamp() // _SAID_AGAIN.total_seconds())
    return replace(message, guid=f"{message.guid}:{window}"[-_LONGEST_ID:])
