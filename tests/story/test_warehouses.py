"""Freight that no registry's push makes: a watched directory, CI's own artifacts, settled sets."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from plugin.artifact import Image, Repository
from tests.story.replica import Killed
from tests.story.world import FILES, IMAGE, KUSTOMIZATION, Story, digest, told

MINUTE = timedelta(minutes=1)
DEV = "stages/dev/kustomization.yaml"

WATCHING = """\
project: shop
warehouses:
  web:
    - path: stages/dev
stages:
  staging: {warehouses: [web], path: stages/staging}
  prod:    {after: [staging], path: stages/prod}
"""
POSTING = """\
project: shop
warehouses:
  llm:
    - custom: model
      name: llm
stages:
  dev:     {warehouses: [llm], path: stages/dev}
"""
MODEL = "kind: ConfigMap\ndata:\n  MODEL: none-yet # towline: llm:version\n"
NAMES = ("web", "api", "db", "cache", "mail")
SETTLING = (
    "project: shop\nwarehouses:\n  web:\n    settle: 2m\n    subscriptions:\n"
    + "".join(f"      - image: ghcr.io/acme/{name}\n" for name in NAMES)
    + "stages:\n  dev: {warehouses: [web], path: stages/dev}\n"
)
ENTRIES = "images:\n" + "".join(
    f"  - name: ghcr.io/acme/{name}\n    newTag: 0.9.0\n" for name in NAMES
)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Story]:
    """Somebody else keeps dev up to date; Towline promotes from there."""
    with told(tmp_path, FILES | {"towline.yaml": WATCHING}) as found:
        yield found


@pytest.fixture
def posting(tmp_path: Path) -> Iterator[Story]:
    """CI posts the versions of a model."""
    files = {"towline.yaml": POSTING, "stages/dev/model.yaml": MODEL}
    with told(tmp_path, files) as found:
        yield found


@pytest.fixture
def settling(tmp_path: Path) -> Iterator[Story]:
    """Five images that one CI run pushes, shipped together."""
    files = {"towline.yaml": SETTLING, DEV: "resources: [../../base]\n" + ENTRIES}
    with told(tmp_path, files | {"base/kustomization.yaml": "resources: []\n"}) as found:
        yield found


# What a directory holds


def built(story: Story, tag: str, number: int) -> None:
    """An image that stands in the registry, which tells nobody."""
    made = Image(Repository.parse(IMAGE), tag, digest(number))
    story.shelf.images[IMAGE] = made


def test_what_somebody_bumps_by_hand_is_promoted_from_there(watching: Story) -> None:
    story = watching
    built(story, "1.0.0", 1)
    story.commit("renovate", {DEV: KUSTOMIZATION.replace("0.9.0", "1.0.0")})
    assert story.pulls() == []
    number = story.alice.open_pull("renovate")
    (pull,) = [one for one in story.pulls() if one.number == number]
    story.merge(pull)
    promotion = story.open_pull()
    assert promotion.title == "Promote shop/web 1.0.0 to staging"
    text = story.text("stages/staging/kustomization.yaml", promotion.head_ref)
    assert "newTag: 1.0.0" in text
    assert digest(1) in text, "the registry says which digest the tag of dev means"
    assert story.holds("dev") == "1.0.0"
    assert digest(1) not in story.text(DEV)
    story.merge(promotion)
    assert story.open_pull().title == "Promote shop/web 1.0.0 to prod"


def test_taking_the_bump_back_proposes_what_was_there_before(watching: Story) -> None:
    story = watching
    for number, tag in enumerate(("1.0.0", "1.1.0"), 1):
        built(story, tag, number)
        story.commit("main", {DEV: KUSTOMIZATION.replace("0.9.0", tag)})
        story.merge(story.open_pull("staging"))
    built(story, "1.0.0", 1)
    story.commit("main", {DEV: KUSTOMIZATION.replace("0.9.0", "1.0.0")})
    assert story.open_pull("staging").title == "Promote shop/web 1.0.0 to staging"


def test_a_pin_that_the_registry_does_not_know_promotes_nothing(watching: Story) -> None:
    story = watching
    story.commit("main", {DEV: KUSTOMIZATION.replace("0.9.0", "9.9.9")})
    assert story.pulls() == []
    built(story, "9.9.9", 9)
    story.later(2 * MINUTE)
    assert story.open_pull().title == "Promote shop/web 9.9.9 to staging"


# What CI posts


def post(story: Story, version: str, secret: bytes = b"post-secret", *, name: str = "llm") -> int:
    """CI posts a version of the model; the status it is answered with."""
    said = {
        "artifact": {"name": name, "version": version, "metadata": {"epoch": "3"}},
        "repository": "acme/shop",
        "id": version,
    }
    body = json.dumps(said).encode()
    signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Towline-Signature-256": f"sha256={signature}",
    }
    return story.app.client.post("/webhooks/post", data=body, headers=headers).status_code


def model(story: Story, ref: str = "main") -> str:
    """The version that dev's pin says."""
    line = story.text("stages/dev/model.yaml", ref).splitlines()[-1]
    return line.partition("MODEL: ")[2].partition(" #")[0]


def test_a_posted_artifact_is_promoted_by_its_marker(posting: Story) -> None:
    story = posting
    assert post(story, "7") == 202
    story.settle()
    pull = story.open_pull("dev", "llm")
    assert pull.title == "Promote shop/llm 7 to dev"
    assert model(story, pull.head_ref) == '"7"'
    assert post(story, "8") == 202
    story.settle()
    assert story.open_pull("dev", "llm").number == pull.number
    assert model(story, pull.head_ref) == '"8"'
    story.merge(story.open_pull())
    assert model(story) == '"8"'
    story.later(MINUTE * 10)
    assert story.open_pulls() == []


def test_a_replay_moves_nothing_back(posting: Story) -> None:
    story = posting
    for version in ("7", "8", "7"):
        assert post(story, version) in {200, 202}
        story.settle()
    assert model(story, story.open_pull().head_ref) == '"8"'


def test_a_forged_post_moves_nothing(posting: Story) -> None:
    story = posting
    assert post(story, "7", b"guessed") == 401
    story.settle()
    assert story.pulls() == []


def test_a_post_that_goes_nowhere_is_in_the_log(
    posting: Story, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "github_app.rounds"):
        assert post(posting, "7", name="lmm") == 202
        posting.settle()
    said = "acme/shop has no */*/lmm (project/warehouse/name) that the secret posts 7 of"
    assert [one.message for one in caplog.records] == [f"not taken: {said}"]
    assert posting.pulls() == []


@pytest.mark.parametrize("calls", range(3))
def test_a_post_survives_a_process_that_ends_between_any_two_calls(
    posting: Story, calls: int
) -> None:
    story = posting
    assert post(story, "7") == 202
    story.app.calls.left = calls
    with pytest.raises(Killed):
        story.settle()
    story.restart()
    story.settle()
    story.later(2 * MINUTE)
    pull = story.open_pull("dev", "llm")
    assert model(story, pull.head_ref) == '"7"'
    assert len(story.pulls()) == 1
    ledger = story.text("shop/arrivals/llm.yaml", "towline-ledger")
    assert ledger.count("version: '7'") == 1
    assert "who: the secret" in ledger


# What settles


def test_five_images_of_one_run_give_one_pull_request(settling: Story) -> None:
    story = settling
    for number, name in enumerate(NAMES):
        story.push("1.0.0", number, f"ghcr.io/acme/{name}")
        story.later(timedelta(seconds=10))
    for number, name in enumerate(NAMES, 10):
        story.push("1.1.0", number, f"ghcr.io/acme/{name}")
        story.later(timedelta(seconds=10))
    assert story.pulls() == []
    story.later(2 * MINUTE)
    pull = story.open_pull()
    assert pull.title == "Promote shop/web 1.1.0 to dev"
    text = story.text(DEV, pull.head_ref)
    assert [digest(number) in text for number in range(10, 15)] == [True] * 5
    assert "1.0.0" not in text
    seen = story.text("shop/warehouses/web.yaml", "towline-ledger")
    assert seen.count("newestAt") == 1


def test_what_settles_goes_on_after_a_restart(settling: Story) -> None:
    story = settling
    for number, name in enumerate(NAMES):
        story.push("1.0.0", number, f"ghcr.io/acme/{name}")
    story.later(MINUTE)
    story.restart()
    story.settle()
    assert story.pulls() == []
    story.later(MINUTE)
    assert story.open_pull().title == "Promote shop/web 1.0.0 to dev"
