"""What is remembered is fresh, and a registry's word sends us to look again."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from github_app.warehouse.memory import Freshness, RememberingRegistry
from github_app.warehouse.offered_images import offered
from github_app.warehouse.ports import Resolved
from plugin.artifact import Repository
from plugin.artifact.platform import Platform
from plugin.errors import Temporary
from plugin.subscriptions import ImageSubscription, Selection
from tests.warehouse.shelf import Counter, Shelf, shelf

WEB = Repository.parse("ghcr.io/acme/web")
DB = Repository.parse("ghcr.io/acme/db")


class World:
    """A remembering registry with its clock and what stands behind it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.behind = Counter()
        fresh = Freshness(tags=timedelta(seconds=90), images=timedelta(minutes=10))
        self.registry = RememberingRegistry(self.behind, lambda: self.now, fresh)

    def later(self, **how: int) -> None:
        self.now += timedelta(**how)


@pytest.fixture
def world() -> World:
    world = World()
    world.registry.tags(WEB)
    world.registry.resolve(WEB, "1.0.0")
    world.behind.asked.clear()
    return world


def test_fresh_answers_cost_nothing_and_old_ones_are_asked_again(world: World) -> None:
    world.registry.tags(WEB)
    world.registry.resolve(WEB, "1.0.0")
    assert world.behind.asked == []
    world.later(seconds=90)
    world.registry.tags(WEB)
    world.registry.resolve(WEB, "1.0.0")
    assert world.behind.asked == ["tags"]


def sweep(world: World, *tags: str) -> list[str]:
    """What a sweep asks for that follows the best of these tags, a while after the last one."""
    world.later(minutes=2)
    world.behind.asked.clear()
    world.registry.tags(WEB)
    for tag in tags or ("1.0.0",):
        world.registry.resolve(WEB, tag)
    return world.behind.asked


def test_w12_no_sweep_over_what_is_unchanged_costs_two_requests(world: World) -> None:
    asked = [tuple(sweep(world)) for _ in range(13)]
    assert {len(one) for one in asked} == {1}
    assert asked.count(("digest of 1.0.0",)) == 2, "looked at once in ten minutes"
    assert asked.count(("tags",)) == 11


def test_a_tag_that_moved_without_a_word_is_read_again_in_time(world: World) -> None:
    world.behind.pushed = "digest 2"
    asked = [tuple(sweep(world)) for _ in range(6)]
    assert ("digest of 1.0.0", "tags", "1.0.0") in asked
    assert world.registry.resolve(WEB, "1.0.0") == Resolved("digest 2", "image")


def test_images_in_use_are_looked_at_in_turns_and_no_others(world: World) -> None:
    sweep(world, "0.8.0", "1.0.0", "1.1.0")
    world.behind.listed = ("1.0.0", "1.1.0")
    asked = [one for _ in range(30) for one in sweep(world, "1.0.0", "1.1.0")]
    looks = [one for one in asked if one.startswith("digest")]
    assert set(looks) == {"digest of 1.0.0", "digest of 1.1.0"}
    assert len(asked) == 30


def test_a_tag_that_is_expected_to_move_is_looked_at_every_sweep(world: World) -> None:
    world.behind.listed = ("1.0.0", "latest")
    sweep(world)
    world.registry.resolve(WEB, "latest", moves=True)
    for _ in range(7):
        sweep(world)
        world.behind.asked.clear()
        world.registry.resolve(WEB, "latest", moves=True)
        assert world.behind.asked == ["digest of latest"]


def test_each_platform_has_its_own_answer(world: World) -> None:
    arm = Platform.parse("linux/arm64")
    for platform in (arm, None, arm, None):
        world.registry.resolve(WEB, "1.0.0", platform)
    assert world.behind.asked == ["1.0.0 for linux/arm64"]


def test_only_new_tags_are_asked_for_their_times(world: World) -> None:
    assert set(world.registry.dated(WEB, ["1.0.0", "gone"])) == {"1.0.0"}
    world.registry.told(WEB, "1.1.0")
    assert list(world.registry.dated(WEB, ["1.0.0", "1.1.0"])) == ["1.0.0", "1.1.0"]
    assert list(world.registry.dated(WEB, ["1.0.0", "1.1.0"])) == ["1.0.0", "1.1.0"]
    assert world.behind.asked == ["dates of 1.0.0 gone", "dates of 1.1.0"]


def test_a_subscription_is_no_other_repository(world: World) -> None:
    canary = replace(WEB, subscription="canary")
    world.registry.tags(canary)
    world.registry.resolve(canary, "1.0.0")
    assert world.behind.asked == []


def test_a_tag_that_is_no_longer_listed_is_forgotten(world: World) -> None:
    world.behind.listed = ()
    assert sweep(world, "2.0.0") == ["tags", "2.0.0"]
    world.behind.pushed, world.behind.listed = "digest 2", ("1.0.0",)
    assert sweep(world) == ["tags", "1.0.0"]


def test_where_nobody_lists_tags_one_is_followed_every_sweep(world: World) -> None:
    world.registry.resolve(DB, "latest")
    world.behind.asked.clear()
    world.behind.pushed = "digest 2"
    world.later(seconds=90)
    assert world.registry.resolve(DB, "latest") == Resolved("digest 2", "image")
    assert world.behind.asked == ["digest of latest", "latest"]


def test_a_told_tag_is_a_candidate_at_once(world: World) -> None:
    world.registry.told(WEB, "1.1.0")
    assert world.registry.tags(WEB) == ("1.0.0", "1.1.0")
    assert world.behind.asked == []


def test_a_told_tag_that_moved_is_read_again_and_no_other(world: World) -> None:
    world.registry.resolve(WEB, "0.9.0")
    world.behind.asked.clear()
    world.registry.told(WEB, "1.0.0")
    world.registry.resolve(WEB, "1.0.0")
    world.registry.resolve(WEB, "0.9.0")
    assert world.behind.asked == ["1.0.0"]


def test_being_told_of_anything_forgets_that_repository_alone(world: World) -> None:
    world.registry.tags(DB)
    world.behind.asked.clear()
    world.registry.told(WEB, None)
    world.registry.tags(DB)
    world.registry.tags(WEB)
    world.registry.resolve(WEB, "1.0.0")
    assert world.behind.asked == ["tags", "1.0.0"]


def test_a_tag_that_is_not_there_is_asked_for_every_time(world: World) -> None:
    assert world.registry.resolve(WEB, "gone") is None
    assert world.registry.resolve(WEB, "gone") is None
    assert world.behind.asked == ["gone", "gone"]


def test_an_old_answer_never_stands_in_for_a_busy_registry(world: World) -> None:
    world.later(minutes=2)
    world.behind.down = True
    with pytest.raises(Temporary):
        world.registry.tags(WEB)


def test_a_busy_repository_is_left_alone_for_as_long_as_it_asked(world: World) -> None:
    world.later(minutes=2)
    world.behind.down = True
    with pytest.raises(Temporary):
        world.registry.tags(WEB)
    world.behind.down = False
    world.later(minutes=4)
    for question in (world.registry.tags, lambda one: world.registry.resolve(one, "7")):
        with pytest.raises(Temporary, match="busy") as caught:
            question(WEB)
        assert caught.value.after == timedelta(minutes=1)
    assert world.behind.asked == ["tags"]
    assert world.registry.tags(DB) == ("1.0.0",), "its host is not"
    world.later(minutes=1)
    assert world.registry.tags(WEB) == ("1.0.0",)


def test_a_told_tag_that_is_not_there_is_no_candidate_any_more(world: World) -> None:
    world.registry.told(WEB, "gone")
    assert world.registry.tags(WEB) == ("1.0.0", "gone")
    assert world.registry.resolve(WEB, "gone") is None
    assert world.registry.tags(WEB) == ("1.0.0",)
    world.registry.told(WEB, "gone")
    world.registry.dated(WEB, ["1.0.0", "gone"])
    assert world.registry.tags(WEB) == ("1.0.0",)
    assert "tags" not in world.behind.asked


@pytest.mark.parametrize("told", [1, 8, 9, 20, 200])
def test_the_newest_is_found_whatever_is_told_before_each_look(told: int) -> None:
    world = World()
    behind = Shelf({WEB: shelf(*(f"1.{number}.0" for number in range(30)))})
    registry = RememberingRegistry(behind, lambda: world.now)
    for limit in (1, 20):
        web = ImageSubscription("web", WEB, limit=limit)
        for look in range(10):
            for number in range(told):
                registry.told(WEB, f"99.{look}.{number}")
            found = [one.artifact.tag for one in offered(web, registry)]
            assert found == [f"1.{29 - place}.0" for place in range(limit)]
            world.later(seconds=20)
    assert len(behind.asked) <= 30 + 2 * 10 * 8, "few hints are followed"


def test_many_told_tags_are_one_reason_to_list_again(world: World) -> None:
    world.behind.listed = ("1.0.0", "2.0.0")
    for number in range(20):
        world.registry.told(WEB, f"9.{number}.0")
    assert world.registry.tags(WEB) == world.registry.tags(WEB) == ("1.0.0", "2.0.0")
    assert world.behind.asked == ["tags"]


def test_where_each_candidate_is_asked_for_its_time_no_tag_is_one_by_word_alone() -> None:
    """There may be 200 of them: invented ones would be too many."""
    world = World()
    behind = Shelf({WEB: shelf(*(f"t{number}" for number in range(200)))})
    registry = RememberingRegistry(behind, lambda: world.now)
    newest = ImageSubscription("web", WEB, Selection.NEWEST_BUILD, limit=1)
    for number in range(3):
        assert len(list(offered(newest, registry))) == 1
        registry.told(WEB, f"invented{number}")
    behind.images[WEB] = dict(list(behind.images[WEB].items())[:1])
    assert registry.tags(WEB) == ("t0",), "listed again"


def test_what_nobody_asks_for_leaves_the_memory_as_it_was(world: World) -> None:
    for number in range(10_000):
        world.registry.told(replace(DB, path=f"elsewhere/{number}"), "1.0.0")
    world.registry.tags(WEB)
    world.registry.resolve(WEB, "1.0.0")
    assert world.behind.asked == []
    world.registry.told(DB, "9.9.9")
    assert world.registry.tags(DB) == ("1.0.0",)


def test_a_hundred_thousand_told_tags_take_no_memory(world: World) -> None:
    world.behind.listed = tuple(f"1.{number}.0" for number in range(50_000))
    sweep(world)
    tracemalloc.start()
    for number in range(100_000):
        world.registry.told(WEB, f"2.{number}.0")
        world.registry.told(WEB, f"1.{number}.0")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * 1024 * 1024


def test_long_lists_push_out_what_was_not_asked_for_lately(world: World) -> None:
    world.behind.listed = tuple(f"1.{number}.0" for number in range(90_000))
    for number in range(12):
        world.registry.tags(replace(WEB, path=f"large/{number}"))
    world.behind.asked.clear()
    world.registry.tags(replace(WEB, path="large/11"))
    assert world.behind.asked == []
    world.registry.tags(replace(WEB, path="large/0"))
    assert world.behind.asked == ["tags"]


def test_tags_that_nobody_lists_are_remembered_up_to_a_thousand(world: World) -> None:
    for number in (*range(1000), 0, 1000):
        world.registry.resolve(DB, f"1.{number}.0")
    world.behind.asked.clear()
    world.registry.resolve(DB, "1.0.0")
    assert world.behind.asked == []
    world.registry.resolve(DB, "1.1.0")
    assert world.behind.asked == ["1.1.0"], "the longest unused one"
