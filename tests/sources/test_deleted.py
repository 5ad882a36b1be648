"""Images that are deleted at the registry: they go nowhere, and nothing goes back for them."""

from __future__ import annotations

from tests.sources.shops import DEV, PROD, STAGES, pin, shop
from tests.sources.world import World
from tests.warehouse.asked_registry import arches


def test_a_deleted_tag_takes_no_stage_back(world: World) -> None:
    mine = shop(world, "deleted", stages=STAGES)
    first = world.push("acme/deleted", "1.0.0", *arches("1"))
    world.settle()
    mine.merge(mine.open_pull("prod"))
    second = world.push("acme/deleted", "1.1.0", *arches("2"))
    world.settle()
    assert pin(mine.text(DEV)) == ("1.1.0", second)
    assert mine.ready("prod")

    world.delete("acme/deleted", "1.1.0")
    for _ in range(3):
        world.later()
    assert pin(mine.text(DEV)) == ("1.1.0", second), "merge: auto, and yet not back to 1.0.0"
    assert pin(mine.text(PROD)) == ("1.0.0", first)
    gone = mine.open_pull("prod")
    assert pin(mine.proposed(PROD, "prod")) == ("1.1.0", second)
    assert not mine.ready("prod"), "nobody could pull it"
    assert "1.1.0 is gone" in mine.body("prod")

    assert world.push("acme/deleted", "1.1.0", *arches("2")) == second
    world.settle()
    assert mine.open_pull("prod").number == gone.number
    assert mine.ready("prod")
    assert "is gone" not in mine.body("prod")


def test_newer_freight_takes_the_place_of_what_was_deleted(world: World) -> None:
    mine = shop(world, "replaced", stages=STAGES)
    for tag in ("1.0.0", "1.1.0"):
        world.push("acme/replaced", tag, *arches(tag))
        world.settle()
    pull = mine.open_pull("prod")
    world.delete("acme/replaced", "1.1.0")
    world.later()
    third = world.push("acme/replaced", "1.1.1", *arches("3"))
    world.settle()
    assert pin(mine.text(DEV)) == ("1.1.1", third)
    assert mine.open_pull("prod").number == pull.number
    assert pin(mine.proposed(PROD, "prod")) == ("1.1.1", third)
    assert mine.ready("prod")


def test_whoever_wants_to_go_back_from_what_was_deleted_says_so(world: World) -> None:
    mine = shop(world, "back", stages=STAGES)
    digests = {}
    for tag in ("1.0.0", "1.1.0"):
        digests[tag] = world.push("acme/back", tag, *arches(tag))
        world.settle()
    world.delete("acme/back", "1.1.0")
    world.later()
    text = mine.text("towline.yaml")
    mine.commit({"towline.yaml": text.replace("name: web", "name: web, ignore: ['^1\\.1\\.0$']")})
    assert pin(mine.text(DEV)) == ("1.0.0", digests["1.0.0"])


def test_when_everything_is_deleted_nothing_is_promoted(world: World) -> None:
    mine = shop(world, "nothing")
    digest = world.push("acme/nothing", "1.0.0", *arches("1"))
    world.settle()
    world.delete("acme/nothing", digest)
    world.later()
    assert pin(mine.text(DEV)) == ("0.1.0", "")
    assert not mine.ready()
    assert "1.0.0 is gone" in mine.body()
    fixed = world.push("acme/nothing", "1.0.0", *arches("2"))
    world.settle()
    assert pin(mine.proposed(DEV)) == ("1.0.0", fixed)
    assert mine.ready()
