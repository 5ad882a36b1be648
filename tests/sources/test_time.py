"""Sets that settle, versions that must be known for a while, and sets that must go together."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.sources.shops import DEV, pin
from tests.sources.world import Shop, World, images, pipeline
from tests.warehouse.asked_registry import built

NAMES = ("web", "api", "job")


def shop(world: World, name: str, *more: str, names: tuple[str, ...] = NAMES) -> Shop:
    """A shop that takes several images together, with 0.1.0 of each in dev; `more` are keys."""
    places = {one: world.image(f"acme/{name}/{one}") for one in names}
    subscriptions = [f"    - {{image: '{place}'}}" for place in places.values()]
    lines = ["web:", *(f"  {key}" for key in more), "  subscriptions:", *subscriptions]
    return world.found(
        name,
        {
            "towline.yaml": pipeline("\n".join(lines)),
            DEV: images(**{one: f"{place}:0.1.0" for one, place in places.items()}),
        },
    )


def push(world: World, shop: str, tag: str, *names: str) -> None:
    """One CI run pushes an image of each name; nobody has acted on it yet."""
    for name in names:
        world.push(f"acme/{shop}/{name}", tag, built(f"{name} {tag}"))


def tags(text: str) -> list[str]:
    return [line.partition("newTag: ")[2] for line in text.splitlines() if "newTag" in line]


def test_what_one_run_pushes_becomes_one_freight(world: World) -> None:
    mine = shop(world, "settled", "settle: 2m")
    push(world, "settled", "1.0.0", *NAMES)
    world.settle()
    assert mine.pulls() == [], "it may not be all"
    world.later(timedelta(minutes=2))
    assert tags(mine.proposed(DEV)) == ["1.0.0"] * 3
    mine.merge(mine.open_pull())

    for name in NAMES:
        push(world, "settled", "1.1.0", name)
        world.settle()
        world.later(timedelta(seconds=50))
    assert mine.open_pulls() == [], "the last came 50 seconds ago"
    world.later(timedelta(seconds=70))
    assert tags(mine.proposed(DEV)) == ["1.1.0"] * 3
    assert len(mine.pulls()) == 2
    assert mine.text("shop/warehouses/web.yaml", "towline-ledger").count("alias:") == 2


def test_what_is_pushed_now_waits_until_it_is_old_enough(world: World) -> None:
    push(world, "aged", "edge", "web")
    mine = shop(world, "aged", "minAge: 3d", names=("web",))
    world.later()
    push(world, "aged", "1.0.0", "web")
    world.settle()
    pushed = world.clock.now
    assert mine.pulls() == [], "whatever it says of when it was built"
    worker = world.app.worker
    place = worker.places.named(mine.name)
    assert place is not None
    assert worker.wakes[place.number] == pushed + timedelta(days=3), "it wakes by itself"
    world.later(timedelta(days=1))
    push(world, "aged", "1.0.1", "web")
    world.settle()
    world.later(timedelta(days=2) - timedelta(seconds=1))
    assert mine.pulls() == []
    worker.next_sweep = world.clock.now + timedelta(hours=1)
    world.later(timedelta(seconds=1))
    assert pin(mine.proposed(DEV))[0] == "1.0.0", "without any sweep"
    world.later(timedelta(days=1))
    assert pin(mine.proposed(DEV))[0] == "1.0.1"


def test_what_was_there_before_settles_and_is_old_enough(world: World) -> None:
    push(world, "known", "1.0.0", "web")
    mine = shop(world, "known", "minAge: 3d", "settle: 2m", names=("web",))
    assert mine.pulls() == []
    world.later(timedelta(minutes=2))
    assert pin(mine.proposed(DEV))[0] == "1.0.0", "built long ago, and there at the first look"


def test_what_was_there_before_stays_old_enough(world: World) -> None:
    for tag in ("1.0.0", "1.1.0"):
        push(world, "older", tag, "web")
    mine = shop(world, "older", "minAge: 3d", names=("web",))
    assert pin(mine.proposed(DEV))[0] == "1.1.0"
    world.later()
    text = mine.text("towline.yaml")
    mine.commit({"towline.yaml": text.replace("'}", "', constraint: <1.1}")})
    assert pin(mine.proposed(DEV))[0] == "1.0.0"


@pytest.mark.parametrize("rule", ["match: tag", "criteria: web.tag == api.tag"])
def test_only_what_goes_together_is_promoted(world: World, rule: str) -> None:
    name = f"together-{rule.partition(':')[0]}"
    mine = shop(world, name, rule, names=("web", "api"))
    push(world, name, "1.0.0", "web", "api")
    world.settle()
    assert tags(mine.proposed(DEV)) == ["1.0.0", "1.0.0"]
    pull = mine.open_pull()
    push(world, name, "1.1.0", "web")
    world.settle()
    assert tags(mine.proposed(DEV)) == ["1.0.0", "1.0.0"], "api is not there yet"
    push(world, name, "1.1.0", "api")
    world.settle()
    assert tags(mine.proposed(DEV)) == ["1.1.0", "1.1.0"]
    assert mine.open_pull().number == pull.number
    assert len(mine.pulls()) == 1
