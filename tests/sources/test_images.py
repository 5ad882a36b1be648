"""Images at a real registry that says what was pushed: which pull requests come of it."""

from __future__ import annotations

from tests.sources.shops import DEV, STAGES, pin, shop
from tests.sources.world import World
from tests.warehouse.asked_registry import arches, built


def test_an_index_is_promoted_by_its_own_digest(world: World) -> None:
    mine = shop(world, "index")
    digest = world.push("acme/index", "1.0.0", *arches("1"))
    world.settle()
    assert pin(mine.proposed(DEV)) == ("1.0.0", digest)
    assert mine.changed() == [DEV]
    assert digest[:19] in mine.body()


def test_the_same_bytes_under_a_newer_tag_are_new_freight(world: World) -> None:
    mine = shop(world, "retagged")
    digest = world.push("acme/retagged", "1.0.0", *arches("1"))
    world.settle()
    mine.merge(mine.open_pull())
    assert mine.open_pulls() == []
    assert world.retag("acme/retagged", "1.0.0", "1.1.0") == digest
    world.settle()
    assert pin(mine.proposed(DEV)) == ("1.1.0", digest)
    assert "was moved" not in mine.body()


def test_a_tag_that_moved_updates_its_pull_request_and_is_flagged_there(world: World) -> None:
    mine = shop(world, "moved")
    first = world.push("acme/moved", "1.0.0", *arches("1"))
    world.settle()
    pull = mine.open_pull()
    assert "was moved" not in mine.body()
    second = world.push("acme/moved", "1.0.0", *arches("2"))
    world.settle()
    assert mine.open_pull().number == pull.number
    assert pin(mine.proposed(DEV)) == ("1.0.0", second)
    (flag,) = [line for line in mine.body().splitlines() if "was moved" in line]
    assert first in flag
    assert second in flag


def test_an_image_for_other_platforms_is_not_promoted(world: World) -> None:
    mine = shop(world, "platform", ", platform: linux/arm64")
    world.push("acme/platform", "1.0.0", built("1"))
    world.settle()
    assert mine.pulls() == [], "amd64 alone"
    arm = world.push("acme/platform", "1.1.0", built("2", "arm64"))
    world.settle()
    assert pin(mine.proposed(DEV)) == ("1.1.0", arm)
    both = world.push("acme/platform", "1.2.0", *arches("3"))
    world.settle()
    assert pin(mine.proposed(DEV)) == ("1.2.0", both)
    world.push("acme/platform", "1.3.0", built("4"))
    world.settle()
    assert pin(mine.proposed(DEV)) == ("1.2.0", both)


def test_tags_that_are_not_allowed_or_ignored_are_not_promoted(world: World) -> None:
    mine = shop(world, "rules", ", allow: ['^1\\.'], ignore: ['rc'], constraint: '>=0.0.0-0'")
    for tag in ("2.0.0", "1.3.0-rc.1", "latest"):
        world.push("acme/rules", tag, built(tag))
    world.settle()
    assert mine.pulls() == []
    world.push("acme/rules", "1.2.0", built("1.2.0"))
    world.settle()
    assert pin(mine.proposed(DEV))[0] == "1.2.0"


def test_a_tag_that_is_followed_may_go_back(world: World) -> None:
    mine = shop(world, "followed", ", select: digest, constraint: stable", STAGES)
    first = world.push("acme/followed", "stable", *arches("1"))
    world.settle()
    second = world.push("acme/followed", "stable", *arches("2"))
    world.settle()
    assert pin(mine.text(DEV)) == ("stable", second)
    assert world.push("acme/followed", "stable", *arches("1")) == first
    world.settle()
    assert pin(mine.text(DEV)) == ("stable", first)
