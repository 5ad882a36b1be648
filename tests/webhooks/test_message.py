"""What every dialect hands on is well-formed, and what it is given does not show itself."""

from __future__ import annotations

from datetime import datetime

import pytest

from github_app.events import Ignored
from github_app.webhooks.message import Delivered, Message
from plugin.errors import Refusal


@pytest.mark.parametrize("guid", ["", "a b", "-a", "\u00e9", "x" * 129, "a\n"])
def test_an_id_that_could_not_be_kept_is_refused(guid: str) -> None:
    with pytest.raises(Refusal, match="the delivery's id is not"):
        Message(guid, "push", Ignored("nothing"))


def test_a_time_needs_a_time_zone() -> None:
    with pytest.raises(Refusal, match="no time zone"):
        Message("a", "push", Ignored("nothing"), sent_at=datetime(2026, 11, 21))  # noqa: DTZ001 the point


def test_a_request_does_not_show_what_is_secret_in_it() -> None:
    shown = repr(Delivered({"authorization": "Bearer hush"}, b"hush", "hush", "zot.example.com"))
    assert "hush" not in shown
    assert "zot.example.com" in shown
