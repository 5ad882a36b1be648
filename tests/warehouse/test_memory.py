"""What is remembered is fresh, and a registry's word sends us to look again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from github_app.warehouse.memory import Freshness, RememberingRegistry
from github_app.warehouse.ports import Resolved
from plugin.artifact import Repository
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

    def resolve(self, repository: Repository, tag: str) -> Resolved | None:
        self.asked.append(tag)
        return None if tag == "gone" else Resolved(self.pushed, "image")

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
    world.later(minutes=10)
    world.registry.resolve(WEB, "1.0.0")
    world.registry.resolve(WEB, "1.0.0")
    assert world.behind.asked == ["tags", "digest of 1.0.0"]


def test_a_tag_that_moved_without_a_word_is_read_again_in_time(world: World) -> None:
    world.behind.pushed = "digest 2"
    world.later(minutes=10)
    found = world.registry.resolve(WEB, "1.0.0")
    assert found == Resolved("digest 2", "image")
    assert world.behind.asked == ["digest of 1.0.0", "1.0.0"]


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
