"""GitHub in trouble: nothing is done twice, nothing is forgotten, limits are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.story.replica import Killed
from tests.story.weather import Trouble, expired, first, limited, lost_after, lost_before, says
from tests.story.world import LEDGER, REPOSITORY, Story, digest


def documents(story: Story) -> list[str]:
    """Every writing document that was sent, as text, to be told from its like."""
    return [str(sorted(one.body["variables"].items())) for one in story.weather.said("write")]


def landed(story: Story) -> None:
    """All is as if nothing had happened."""
    assert story.holds("dev") == "1.0.0"
    assert [one.title for one in story.open_pulls()] == ["Promote shop/web 1.0.0 to staging"]
    assert story.check(story.open_pull("staging")).conclusion == "success"
    assert [one.labels for one in story.pulls()] == [("towline",), ("towline",)]
    assert len(story.stand_in.commits(REPOSITORY, story.open_pull("staging").number)) == 1
    assert len(story.pulls()) == 2
    assert digest(1) in story.text("shop/warehouses/web.yaml", LEDGER)


@pytest.mark.parametrize(
    ("trouble", "number"), [(lost_before, 1), *((lost_after, number) for number in range(4))]
)
def test_a_lost_answer_to_a_write(story: Story, trouble: Trouble, number: int) -> None:
    for _ in range(number):
        story.weather.next("write", lambda real: real())
    story.weather.next("write", trouble)
    story.push("1.0.0", 1)
    story.later(timedelta(minutes=1))
    landed(story)
    if trouble is lost_after:
        assert len(documents(story)) == len(set(documents(story)))


def test_a_lost_answer_to_the_ledgers_first_commit(story: Story) -> None:
    story.weather.next("rest", lost_after)
    story.push("1.0.0", 1)
    story.later(timedelta(minutes=1))
    landed(story)


def test_a_lost_look_is_repeated_at_once(story: Story) -> None:
    story.weather.next("look", lost_before)
    story.push("1.0.0", 1)
    landed(story)


@pytest.mark.parametrize(
    ("kind", "status"), [("look", "429 Too Many Requests"), ("write", "403 Forbidden")]
)
def test_nothing_is_asked_inside_the_window(story: Story, kind: str, status: str) -> None:
    story.weather.next(kind, limited(status, 120))
    story.push("1.0.0", 1)
    asked = len(story.weather.exchanges)
    for _ in range(3):
        story.clock.now += timedelta(seconds=30)
        story.stand_in.commit(REPOSITORY, "main", {"notes.md": str(story.clock.now)}, "x", "alice")
        story.settle()
    assert [one for one in story.weather.exchanges[asked:] if one.kind in {"look", "write"}] == []
    story.later(timedelta(minutes=2))
    landed(story)


def test_an_expired_token_is_replaced_once(story: Story) -> None:
    mints = len(story.weather.said("mint"))
    story.weather.next("look", expired)
    story.push("1.0.0", 1)
    landed(story)
    assert len(story.weather.said("mint")) - mints == 1


def test_a_document_of_which_a_part_is_refused(story: Story) -> None:
    head = "towline/shop/staging/web"

    def in_the_way() -> None:
        """Somebody is faster with a branch of that name, after our look."""
        story.stand_in.commit(REPOSITORY, head, {"mine.md": "x\n"}, "Mine", "alice")

    story.weather.next("write", first(in_the_way), holding=f'"refs/heads/{head}"')
    story.push("1.0.0", 1)
    story.later(timedelta(minutes=2))
    assert story.holds("dev") == "1.0.0"
    assert story.text("mine.md", head) == "x\n", "somebody's branch is never overwritten"
    assert story.check(story.open_pull("staging")).conclusion == "action_required"


@pytest.mark.parametrize("calls", range(6))
def test_a_process_that_ends_between_any_two_calls(story: Story, calls: int) -> None:
    story.app.calls.left = calls
    story.announce("1.0.0", 1)
    with pytest.raises(Killed):
        story.settle()
    story.restart()
    story.settle()
    story.later(timedelta(minutes=2))
    landed(story)


def test_words_that_are_no_answer(story: Story) -> None:
    odd = says(
        "200 OK",
        {"data": None, "errors": [{"message": "Something went wrong while executing your query."}]},
    )
    story.weather.next("look", lambda _: odd)
    story.push("1.0.0", 1)
    story.later(timedelta(minutes=1))
    landed(story)
