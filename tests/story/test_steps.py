"""`order: [stock, pay]`: services go into a stage one after the other, each proved first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from plugin.freight import alias_of
from plugin.record import read_record
from tests.story.test_aftermath import at_rest, merged, said
from tests.story.test_commands import say
from tests.story.world import REPOSITORY, Story, told

PIPELINE = """\
project: shop
warehouses:
  shop:
    order: [stock, pay]
    subscriptions:
      - {name: stock, image: ghcr.io/acme/stock}
      - {name: pay, image: ghcr.io/acme/pay}
stages:
  dev:  {warehouses: [shop], path: stages/dev, merge: auto, verify: [{status: smoke}]}
  prod: {after: [dev], path: stages/prod}
"""
PINS = "images:\n" + "".join(
    f"  - name: ghcr.io/acme/{name}\n    newTag: 0.9.0\n" for name in ("stock", "pay")
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Story]:
    files = {
        "towline.yaml": PIPELINE,
        **{f"stages/{one}/kustomization.yaml": PINS for one in ("dev", "prod")},
    }
    with told(tmp_path, files) as story:
        story.stand_in.add_collaborator(REPOSITORY, "alice", "maintain")
        push(story, 1)
        smoke(story)
        assert merged(story).title == "Promote shop/shop 1.0.0 to dev, step 2 of 2: pay"
        smoke(story)
        while story.open_pulls():
            story.merge(story.open_pull("prod"))
        assert (tags(story, "dev"), tags(story, "prod")) == (["1.0.0"] * 2, ["1.0.0"] * 2)
        yield story


def push(story: Story, number: int) -> None:
    """Both services at once."""
    for offset, name in enumerate(("stock", "pay")):
        story.announce(f"{number}.0.0", 10 * number + offset, f"ghcr.io/acme/{name}")
    story.later(timedelta(minutes=1))


def smoke(story: Story, state: str = "success") -> None:
    story.alice.status(story.tip(), "smoke", state)
    story.settle()


def tags(story: Story, stage: str, ref: str = "main") -> list[str]:
    """The tags of stock and pay."""
    text = story.text(f"stages/{stage}/kustomization.yaml", ref)
    return [line.partition(": ")[2].strip("'\"") for line in text.splitlines() if "newTag" in line]


def test_each_service_waits_until_the_one_before_is_verified(shop: Story) -> None:
    push(shop, 2)
    assert tags(shop, "dev") == ["2.0.0", "1.0.0"]
    first = merged(shop)
    assert first.title == "Promote shop/shop 2.0.0 to dev, step 1 of 2: stock"
    record = read_record("shop", shop.text("stages/dev/.freight/shop.yaml"))
    assert record.freight.towards is not None
    at_rest(shop)
    smoke(shop)
    assert tags(shop, "dev") == ["2.0.0", "2.0.0"]
    assert merged(shop).title == "Promote shop/shop 2.0.0 to dev, step 2 of 2: pay"
    assert "Next: [dev]" in said(shop, first)[-1]
    # Half of it was in dev and proved there, and still nothing but the whole goes on.
    assert not shop.open_pulls()
    smoke(shop)
    one = shop.open_pull("prod")
    assert one.title == "Promote shop/shop 2.0.0 to prod, step 1 of 2: stock"
    shop.merge(one)
    assert tags(shop, "prod") == ["2.0.0", "1.0.0"]
    two = shop.open_pull("prod")
    assert two.title == "Promote shop/shop 2.0.0 to prod, step 2 of 2: pay"
    shop.merge(two)
    assert tags(shop, "prod") == ["2.0.0", "2.0.0"]
    at_rest(shop)


def test_a_failed_step_goes_no_further_and_is_taken_back(shop: Story) -> None:
    push(shop, 2)
    first = merged(shop)
    assert tags(shop, "dev") == ["2.0.0", "1.0.0"]
    smoke(shop, "failure")
    assert "Failed in dev" in said(shop, first)[-1]
    # dev merges by itself and is verified, so what failed there is taken back, in one step.
    assert merged(shop).title == "Promote shop/shop 1.0.0 to dev"
    assert tags(shop, "dev") == ["1.0.0", "1.0.0"]


def test_freight_is_named_and_told_by_the_alias_of_the_whole(shop: Story) -> None:
    push(shop, 2)
    smoke(shop)
    smoke(shop)
    shop.merge(shop.open_pull("prod"))
    two = shop.open_pull("prod")
    record = read_record("shop", shop.text("stages/prod/.freight/shop.yaml"))
    whole = alias_of(record.freight.aim)
    assert f"`{whole}`" in (two.body or "")
    say(shop, two, "/towline status", "alice")
    assert f"{alias_of(record.freight.id)}, a step to {whole}, since" in said(shop, two)[-1]
    say(shop, two, "/towline rollback previous", "alice")
    assert tags(shop, "prod", shop.open_pull("prod").head_ref) == ["1.0.0", "1.0.0"]


def test_newer_freight_goes_on_from_the_middle(shop: Story) -> None:
    push(shop, 2)
    push(shop, 3)
    assert tags(shop, "dev") == ["3.0.0", "1.0.0"]
    smoke(shop)
    assert tags(shop, "dev") == ["3.0.0", "3.0.0"]


def test_a_rollback_takes_the_dependent_service_back_first(shop: Story) -> None:
    push(shop, 2)
    smoke(shop)
    smoke(shop)
    for _ in range(2):
        shop.merge(shop.open_pull("prod"))
    say(shop, merged(shop, "prod"), "/towline rollback previous it burns", "alice")
    first = shop.open_pull("prod")
    assert tags(shop, "prod", first.head_ref) == ["2.0.0", "1.0.0"]
    assert "step 1 of 2: pay" in first.title
    shop.merge(first)
    last = shop.open_pull("prod")
    assert tags(shop, "prod", last.head_ref) == ["1.0.0", "1.0.0"]
    shop.merge(last)
    assert not shop.open_pulls()
    at_rest(shop)


def test_closing_a_step_rejects_the_freight(shop: Story) -> None:
    push(shop, 2)
    smoke(shop)
    smoke(shop)
    shop.merge(shop.open_pull("prod"))
    shop.stand_in.close(REPOSITORY, shop.open_pull("prod").number, "alice")
    shop.settle()
    assert not shop.open_pulls()
    push(shop, 3)
    smoke(shop)
    smoke(shop)
    assert tags(shop, "prod", shop.open_pull("prod").head_ref) == ["3.0.0", "1.0.0"]
    at_rest(shop)
