"""Attacks by comment, button and review: no way of asking makes possible what one may not do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.story.test_commands import alias, people, replies, say
from tests.story.world import REPOSITORY, Story, told


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Story]:
    with told(tmp_path, before=people) as found:
        yield found


@pytest.mark.parametrize("words", ["{}", "to {}", "1.0.0 to {}"])
def test_a_giant_comment_is_answered_and_stops_nothing(shop: Story, words: str) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    say(shop, pull, f"/towline promote {words.format('*' * 60_000)}", "alice")
    (reply,) = replies(shop, pull)
    assert len(reply) < 5_000
    shop.merge(shop.open_pull("staging"))
    assert shop.holds("staging") == "1.0.0"


@pytest.mark.parametrize("sign", ["\u2028", "\u0085", "\u000b", "\u001c"])
def test_a_sign_that_github_shows_as_no_new_line_begins_no_command(shop: Story, sign: str) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    say(shop, pull, f"> they said{sign}/towline hold", "alice")
    assert replies(shop, pull) == []


def test_a_flood_of_comments_loses_no_hold(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    shop.clock.now += timedelta(seconds=1)
    flood = ["eve"] * 130 + ["alice"] + ["eve"] * 30
    for who in flood:
        words = "/towline hold" if who == "alice" else "/towline status"
        shop.stand_in.comment(REPOSITORY, pull.number, who, words)
    shop.settle()
    assert "held by alice" in (shop.check(shop.open_pull("staging")).title or "")
    shop.later(timedelta(hours=2))
    every = [f"/issues/{pull.number}/comments?per_page=100&page={page}" for page in (1, 2, 3)]
    said = [one for page in every for one in shop.alice.ask("GET", page)]
    assert len(said) - len(flood) < 30


def test_a_foreign_commit_on_a_closed_promotion_does_not_choose_its_freight(shop: Story) -> None:
    shop.push("1.0.0", 1)
    old = shop.text("stages/dev/.freight/web.yaml")
    shop.push("1.1.0", 2)
    pull = shop.open_pull("staging")
    shop.commit(pull.head_ref, {"stages/staging/.freight/web.yaml": old}, "alice")
    shop.stand_in.close(REPOSITORY, pull.number, "alice")
    shop.settle()
    say(shop, pull, "/towline approve for prod")
    assert "name the freight" in replies(shop, pull)[-1]
    say(shop, pull, "/towline approve 1.1.0 for prod")
    assert f"{alias(shop, 'dev')} is approved" in replies(shop, pull)[-1].replace("`", "")
