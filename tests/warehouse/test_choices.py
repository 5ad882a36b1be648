"""What a rule made of a list is believed for that list only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from github_app.warehouse.choices import Choices
from plugin.artifact import Repository
from plugin.subscriptions import ImageSubscription

WEB = ImageSubscription("web", Repository.parse("ghcr.io/acme/web"), constraint="^1")


class Tags(tuple[str, ...]):
    """A tag list that counts how often somebody reads it."""

    __slots__ = ()
    read = 0

    def __iter__(self) -> Iterator[str]:
        Tags.read += 1
        return super().__iter__()


def reads(choices: Choices, subscription: ImageSubscription, *tags: str) -> tuple[int, list[str]]:
    """How often the list was read, and what was chosen."""
    Tags.read = 0
    chosen = choices.of(subscription, Tags(tags))
    return Tags.read, list(chosen)


def test_the_same_list_is_chosen_from_once() -> None:
    choices = Choices()
    assert reads(choices, WEB, "1.0.0", "1.1.0", "2.0.0") == (1, ["1.1.0", "1.0.0"])
    assert reads(choices, WEB, "1.0.0", "1.1.0", "2.0.0") == (0, ["1.1.0", "1.0.0"])


def test_another_list_or_another_rule_is_chosen_from_anew() -> None:
    choices = Choices()
    reads(choices, WEB, "1.0.0", "1.1.0")
    assert reads(choices, WEB, "1.0.0", "1.2.0") == (1, ["1.2.0", "1.0.0"])
    assert reads(choices, WEB, "1.0.0", "1.1.0") == (1, ["1.1.0", "1.0.0"])
    assert reads(choices, replace(WEB, constraint="<1.1"), "1.0.0", "1.1.0") == (1, ["1.0.0"])
    assert reads(choices, replace(WEB, limit=1), "1.0.0", "1.1.0") == (1, ["1.1.0"])


def test_lists_that_are_too_long_together_are_forgotten() -> None:
    choices = Choices(most_tags=2)
    reads(choices, WEB, "1.0.0")
    reads(choices, replace(WEB, name="other"), "1.0.0")
    assert reads(choices, WEB, "1.0.0") == (1, ["1.0.0"])
