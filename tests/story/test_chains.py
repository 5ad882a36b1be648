"""Pipelines that hang together: through stages of other projects, and through turns."""

from __future__ import annotations

from pathlib import Path

from tests.story.world import FILES, Story, told

PIN = FILES["stages/dev/kustomization.yaml"]
BILLING = """\
project: billing
warehouses:
  web: [{image: ghcr.io/acme/web}]
stages:
  dev:  {warehouses: [web], path: dev, merge: auto, verify: [{status: smoke}]}
  prod: {after: [dev], path: prod}
"""
SHOP = """\
project: shop
warehouses:
  web: [{stage: billing/dev}]
stages:
  test: {warehouses: [web], path: test}
"""
TURNS = """\
project: shop
warehouses:
  web: [{image: ghcr.io/acme/web}]
stages:
  "${region}":
    matrix: {region: [eu, us, ap]}
    warehouses: [web]
    path: "stages/${region}"
    merge: auto
    verify: [{status: smoke}]
    rollback: manual
    rollout: {parallel: 1}
"""
CHAIN = {
    "billing/towline.yaml": BILLING,
    "shop/towline.yaml": SHOP,
    **{f"{one}/kustomization.yaml": PIN for one in ("billing/dev", "billing/prod", "shop/test")},
}
REGIONS = {
    "towline.yaml": TURNS,
    **{f"stages/{one}/kustomization.yaml": PIN for one in ("eu", "us", "ap")},
}


def smoke(story: Story, state: str) -> None:
    """The smoke test says how the tip of the default branch does."""
    story.alice.status(story.tip(), "smoke", state)
    story.settle()


def tag(story: Story, directory: str) -> str:
    """The tag that the pin of a directory says."""
    text = story.text(f"{directory}/kustomization.yaml")
    return text.partition("newTag:")[2].split()[0]


def test_what_one_project_verified_is_freight_of_the_next(tmp_path: Path) -> None:
    with told(tmp_path, CHAIN) as story:
        story.push("1.0.0", 1)
        assert tag(story, "billing/dev") == "1.0.0"
        assert story.open_pulls() == []
        smoke(story, "success")
        heads = {one.head_ref for one in story.open_pulls()}
        assert heads == {"towline/billing/prod/web", "towline/shop/test/web"}
        story.merge(story.open_pull("test"))
        assert tag(story, "shop/test") == "1.0.0"


def test_what_failed_in_one_project_never_reaches_the_next(tmp_path: Path) -> None:
    with told(tmp_path, CHAIN) as story:
        story.push("1.0.0", 1)
        smoke(story, "failure")
        assert not any(one.head_ref.startswith("towline/shop/") for one in story.pulls())


def test_the_stages_of_a_matrix_take_turns(tmp_path: Path) -> None:
    with told(tmp_path, REGIONS) as story:
        story.push("1.0.0", 1)
        for region, later in (("eu", ["us", "ap"]), ("us", ["ap"]), ("ap", [])):
            assert story.holds(region) == "1.0.0"
            assert [story.holds(one) for one in later] == ["0.9.0"] * len(later)
            smoke(story, "success")
        assert len(story.pulls()) == 3


def test_one_failure_stops_the_others(tmp_path: Path) -> None:
    with told(tmp_path, REGIONS) as story:
        story.push("1.0.0", 1)
        smoke(story, "failure")
        assert [story.holds(one) for one in ("eu", "us", "ap")] == ["1.0.0", "0.9.0", "0.9.0"]
        story.push("1.0.1", 2)
        assert story.holds("eu") == "1.0.1"
        smoke(story, "success")
        assert [story.holds(one) for one in ("us", "ap")] == ["1.0.1", "0.9.0"]
