"""What is remembered is fresh, and a registry's word sends us to look again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from github_app.warehouse.memory import Freshness, RememberingRegistry
from github_app.warehouse.ports import Resolved
from plugin.artifact import Repository
from plugin.artifact.platform import Platform
from plugin.errors import Temporary

WEB = Repository.parse("ghcr.io/acme/web")
DB = Repository.parse("ghcr.io/acme/db")


@dataclass
class Counter:
    """A registry that counts questions: `pushed` is behind every tag, `down` makes it busy."""

    listed: tuple[str, ...] = ("1.0.0",)
    pushed: str = "digest 1"
    down: bool = False
    asked: list[str] = field(default_factory=list)

    def tags(self, repository: Repository) -> tuple[str, ...]:
        self.asked.append("tags")
        if self.down:
            raise Temporary("busy", timedelta(minutes=5))
        return self.listed

    def resolve(
        self,
        repository: Repository,
        tag: str,
        platform: Platform | None = None,
        *,
        moves: bool = False,
    ) -> Resolved | None:
        self.asked.append(tag if platform is None else f"{tag} for {platform}")
        return None if tag == "gone" else Resolved(self.pushed, "image")

    def dated(
        self, repository: Repository, tags: Sequence[str], platform: Platform | None = None
    ) -> Mapping[str, Resolved]:
        self.asked.append(f"dates of {' '.join(tags)}")
        return {tag: Resolved(self.pushed, "dated") for tag in tags if tag != "gone"}

    def digest(self, repository: Repository, tag: str) -> str | None:
        self.asked.append(f"digest of {tag}")
        return self.pushed


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


def test_a_busy_host_is_left_alone_for_as_long_as_it_asked(world: World) -> None:
    world.later(minutes=2)
    world.behind.down = True
    with pytest.raises(Temporary):
        world.registry.tags(WEB)
    world.behind.down = False
    world.later(minutes=4)
    for question in (world.registry.tags, lambda one: world.registry.resolve(one, "7")):
        with pytest.raises(Temporary, match="busy") as caught:
            question(DB)
        assert caught.value.after == timedelta(minutes=1)
    assert world.behind.asked == ["tags"]
    world.registry.tags(Repository.parse("quay.io/acme/web"))
    world.later(minutes=1)
    assert world.registry.tags(DB) == ("1.0.0",)
