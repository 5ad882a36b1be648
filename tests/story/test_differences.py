"""What a promotion does to the manifests, shown beside it, with real kustomize."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from github_app.sandbox.state import PullRequest
from plugin.kustomize.build import Kustomize
from plugin.render import Renderer
from plugin.sidecar.application import render
from tests.story.test_budget import until_the_check_stands
from tests.story.test_sources import SOURCES
from tests.story.weather import Exchange
from tests.story.world import FILES, PIPELINE, REPOSITORY, Story, told

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - image: web
        name: web
"""
SHOP = FILES | {
    "towline.yaml": PIPELINE.replace("merge: auto, verify: none", "merge: manual"),
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": DEPLOYMENT,
}
_SUM = re.compile(r"\| (base|merge result) \| `([0-9a-f]{64})` \|")


@pytest.fixture
def shop(tmp_path: Path, kustomize: Path) -> Iterator[Story]:
    with told(tmp_path, SHOP, kustomize=kustomize) as story:
        yield story


def sums(story: Story, pull: PullRequest) -> dict[str, str]:
    """The sums that the check shows."""
    return dict(_SUM.findall(str(story.difference(pull).summary)))


def rendered(story: Story, oid: str, stage: str, place: Path, kustomize: Path) -> str:
    """The sha256 of what the sidecar makes of a commit."""
    root = place / oid
    for path in story.stand_in.paths(REPOSITORY, oid):
        content = story.stand_in.file(REPOSITORY, oid, path)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content or b"")
    renderer = Renderer(Kustomize((str(kustomize), "build")))
    return hashlib.sha256(render(root, f"stages/{stage}", renderer)).hexdigest()


def test_a_promotion_comes_with_its_difference_in_three_requests(shop: Story) -> None:
    asked = until_the_check_stands(shop, lambda: shop.announce("1.0.0", 1))
    assert [one.kind for one in asked] == ["look", "write", "write"]
    pull = shop.open_pull("dev")
    found = shop.difference(pull)
    assert (found.conclusion, found.title) == ("success", "1 changed, 1 restart")
    assert "+      - image: ghcr.io/acme/web:1.0.0" in str(found.text)
    assert "1 restart, no deletion" in str(pull.body)
    assert shop.check(pull).conclusion == "success"


def test_the_sums_are_those_of_the_base_and_of_the_merge(
    shop: Story, tmp_path: Path, kustomize: Path
) -> None:
    shop.push("1.0.0", 1)
    pull, before = shop.open_pull("dev"), shop.tip()
    said = sums(shop, pull)
    shop.merge(pull)
    assert said == {
        "base": rendered(shop, before, "dev", tmp_path, kustomize),
        "merge result": rendered(shop, shop.tip(), "dev", tmp_path, kustomize),
    }


def test_a_base_that_moves_elsewhere_writes_nothing(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull, before = shop.open_pull("dev"), shop.difference(shop.open_pull("dev"))
    written = len(writes(shop))
    shop.commit("main", {"README.md": "hello\n"})
    shop.later(timedelta(minutes=3))
    shop.restart()
    shop.later(timedelta(minutes=3))
    assert writes(shop)[written:] == []
    assert shop.difference(pull) == before


def test_a_base_that_moves_below_the_stage_is_shown_in_place(
    shop: Story, tmp_path: Path, kustomize: Path
) -> None:
    shop.push("1.0.0", 1)
    pull, before = shop.open_pull("dev"), shop.difference(shop.open_pull("dev"))
    shop.commit("main", {"base/web.yaml": DEPLOYMENT.replace("name: web", "name: front", 1)})
    after = shop.difference(shop.open_pull("dev"))
    assert shop.open_pull("dev").head_sha == pull.head_sha
    assert after.id == before.id
    assert "Deployment front" in str(after.summary)
    assert sums(shop, pull)["base"] == rendered(shop, shop.tip(), "dev", tmp_path, kustomize)


def test_an_update_shows_its_own_difference(shop: Story) -> None:
    shop.push("1.0.0", 1)
    shop.push("1.1.0", 2)
    found = shop.difference(shop.open_pull("dev"))
    assert "web:1.1.0" in str(found.text)
    assert "web:1.0.0" not in str(found.text)


def test_a_stage_that_cannot_be_rendered_at_all_still_promotes(shop: Story) -> None:
    shop.commit("main", {"base/kustomization.yaml": "resources: [none.yaml]\n"})
    shop.push("1.0.0", 1)
    pull = shop.open_pull("dev")
    found = shop.difference(pull)
    assert found.conclusion == "neutral"
    assert "none.yaml" in str(found.summary)
    assert shop.check(pull).conclusion == "success"
    assert "restart" not in str(pull.body)


def test_without_kustomize_it_is_said_and_promotions_go_on(tmp_path: Path) -> None:
    with told(tmp_path, SHOP, kustomize=tmp_path / "none") as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        found = story.difference(pull)
        assert (found.conclusion, found.title) == ("neutral", "Not rendered")
        assert "TOWLINE_KUSTOMIZE" in str(found.summary)
        assert story.check(pull).conclusion == "success"


def test_what_there_was_no_time_for_is_shown_a_little_later(shop: Story) -> None:
    assert shop.app.renders
    shop.app.renders.patience = 0
    shop.announce("1.0.0", 1)
    shop.settle()
    pull = shop.open_pull("dev")
    found = shop.difference(pull)
    assert (found.status, found.title) == ("in_progress", "Being rendered")
    assert shop.check(pull).status == "in_progress"
    shop.app.renders.patience = 20
    shop.later(timedelta(seconds=2))
    assert shop.difference(pull).conclusion == "success"
    assert shop.check(pull).conclusion == "success"


def test_other_peoples_pull_requests_pass_both_checks_once(shop: Story) -> None:
    shop.commit("feature", {"README.md": "hello\n"})
    shop.alice.open_pull("feature")
    shop.settle()
    pull = shop.open_pull()
    assert shop.check(pull).conclusion == "success"
    found = shop.difference(pull)
    assert (found.conclusion, found.title) == ("success", "Not a promotion")
    written = len(writes(shop))
    shop.later(timedelta(minutes=3))
    assert writes(shop)[written:] == []


@pytest.mark.parametrize("render", [False, True])
def test_a_stage_on_a_branch_shows_what_the_branch_becomes(
    tmp_path: Path, kustomize: Path, render: bool
) -> None:
    of = SOURCES["towline.yaml"]
    of = of.replace("path: stages/prod}", "path: stages/prod, render: true}") if render else of
    with told(tmp_path, SOURCES | {"towline.yaml": of}, kustomize=kustomize) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("prod")
        assert story.difference(pull).title == "1 added"
        place = tmp_path / "out"
        story.merge(pull)
        oid = story.tip("env/prod")
        assert sums(story, pull)["merge result"] == rendered(story, oid, "prod", place, kustomize)
        story.push("1.1.0", 2)
        pull = story.open_pull("prod")
        assert story.difference(pull).title == "1 changed, 1 restart"
        assert "web:1.1.0" in str(story.difference(pull).text)


def writes(story: Story) -> list[Exchange]:
    """Everything that was written to GitHub."""
    return [one for one in story.weather.exchanges if one.kind == "write"]
