"""Webhooks that nobody took are sent again, and nothing is done twice for that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.story.world import REPOSITORY, told


def test_a_sweep_has_lost_webhooks_sent_again(tmp_path: Path) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("staging")
        story.stand_in.merge(REPOSITORY, pull.number, "alice")
        story.lose_webhooks()
        story.later(timedelta(minutes=2))
        assert story.open_pull("prod").state == "open"
        every = story.stand_in.deliveries("towline")
        lost = {one.guid for one in every if one.status_code == 503}
        again = [one.guid for one in every if one.redelivery]
        assert lost
        assert sorted(lost) == sorted(again)
        story.later(timedelta(minutes=2))
        assert len(story.stand_in.deliveries("towline")) == len(every)
