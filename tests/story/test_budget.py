"""What a promotion costs of GitHub's API budget: counted on the wire, tokens and Git aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.story.weather import Exchange
from tests.story.world import FILES, KUSTOMIZATION, PIPELINE, Story, told

MOST = 4
BY_HAND = PIPELINE.replace("merge: auto, verify: none", "merge: manual")
DEPLOYMENT = """\
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: ghcr.io/acme/web:0.9.0
"""


def many(count: int) -> dict[str, str]:
    """A repository whose first stage holds so many pins in as many files."""
    files = {f"stages/dev/app-{number}.yaml": DEPLOYMENT for number in range(count - 1)}
    return FILES | files | {"towline.yaml": BY_HAND}


def until_the_check_stands(story: Story, act: Callable[[], object]) -> list[Exchange]:
    """What was asked of GitHub from the trigger on, up to the check on the pull request."""
    before = len(story.weather.exchanges)
    act()
    story.settle()
    asked = [one for one in story.weather.exchanges[before:] if one.kind != "mint"]
    last = max(number for number, one in enumerate(asked) if "createCheckRun" in one.mutations)
    return asked[: last + 1]


@pytest.mark.parametrize("count", [1, 40])
def test_new_and_updated_promotions(tmp_path: Path, count: int) -> None:
    with told(tmp_path, many(count)) as story:
        first = until_the_check_stands(story, lambda: story.announce("1.0.0", 1))
        assert [one.kind for one in first] == ["look", "write", "write"]
        assert story.check(story.open_pull("dev")).conclusion == "success"
        updated = until_the_check_stands(story, lambda: story.announce("1.1.0", 2))
        assert [one.kind for one in updated] == ["look", "write", "write"]
        assert len(story.stand_in.files("acme/shop", story.open_pull("dev").number)) == count + 1
        pull = story.open_pull("dev")
        new = until_the_check_stands(story, lambda: story.merge(pull))
        # What was merged is shown as deployed, which is one request of REST's.
        assert [one.kind for one in new] == ["look", "write", "rest", "write"]
        assert story.check(story.open_pull("staging")).conclusion == "success"
        assert max(map(len, (first, updated, new))) <= MOST


def test_an_idle_round_costs_one_look(story: Story) -> None:
    story.push("1.0.0", 1)
    before = len(story.weather.exchanges)
    story.commit("main", {"notes.md": "hello\n"})
    assert [one.kind for one in story.weather.exchanges[before:]] == ["look"]
    before = len(story.weather.exchanges)
    story.later(timedelta(minutes=2))
    kinds = [one.kind for one in story.weather.exchanges[before:]]
    # A sweep lists installations and repositories, and webhooks that did not get through.
    assert kinds == ["rest", "rest", "rest", "look"]


def test_a_burst_is_one_round(story: Story) -> None:
    story.push("1.0.0", 1)
    before = len(story.weather.said("look"))
    for number in range(20):
        story.stand_in.commit("acme/shop", "main", {"notes.md": f"{number}\n"}, "By hand", "alice")
    story.settle()
    assert len(story.weather.said("look")) - before == 1


def test_a_stage_with_forty_services_in_one_file(tmp_path: Path) -> None:
    names = [f"web-{number}" for number in range(40)]
    images = "".join(f"    - image: ghcr.io/acme/{name}\n" for name in names)
    pipeline = BY_HAND.replace("    - image: ghcr.io/acme/web\n", images)
    template = "".join(
        f"  - name: {name}\n    newName: ghcr.io/acme/{name}\n    newTag: 0.9.0\n" for name in names
    )
    stages = {f"stages/{one}/kustomization.yaml": f"images:\n{template}" for one in ("dev",)}
    with told(tmp_path, FILES | {"towline.yaml": pipeline} | stages) as story:
        for name in names[:-1]:
            story.announce("1.0.0", 1, f"ghcr.io/acme/{name}")
        story.settle()
        asked = until_the_check_stands(
            story, lambda: story.announce("1.0.0", 1, f"ghcr.io/acme/{names[-1]}")
        )
        assert len(asked) <= MOST
        assert story.text("stages/dev/kustomization.yaml", story.open_pull("dev").head_ref).count(
            "newTag: 1.0.0"
        ) == len(names)
        assert story.text("stages/staging/kustomization.yaml") == KUSTOMIZATION


def test_freight_that_was_there_first_waits_for_the_ledger_once(tmp_path: Path) -> None:
    """The one dearer promotion of a repository's life: its ledger is begun in the same round."""
    files = {name: text for name, text in FILES.items() if name != "towline.yaml"}
    with told(tmp_path, files) as story:
        story.push("1.0.0", 1)
        asked = until_the_check_stands(
            story, lambda: story.commit("main", {"towline.yaml": BY_HAND})
        )
        assert [one.kind for one in asked] == ["look", "rest", "rest", "write", "write"]


MOST_TOLD = 2


def told_of(story: Story, act: Callable[[], object]) -> int:
    """How much came of it that GitHub tells people of, which it limits most strictly."""
    before = story.stand_in.content[0]
    act()
    story.settle()
    return story.stand_in.content[0] - before


def test_people_are_told_of_a_promotion_at_most_twice_and_of_the_same_never(tmp_path: Path) -> None:
    asks = BY_HAND.replace("merge: manual", "pullRequest: {reviewers: [alice]}")
    with told(tmp_path, FILES | {"towline.yaml": asks}) as story:
        assert told_of(story, lambda: story.announce("1.0.0", 1)) == MOST_TOLD
        assert told_of(story, lambda: story.announce("1.1.0", 2)) == 0
        writes = len(story.weather.said("write"))
        assert told_of(story, lambda: story.commit("main", {"notes.md": "hello\n"})) == 0
        assert told_of(story, lambda: story.later(timedelta(minutes=10))) == 0
        assert len(story.weather.said("write")) == writes


def test_a_window_that_opens_costs_one_document(tmp_path: Path) -> None:
    window = "merge: manual, windows: [{allow: FREQ=DAILY;BYHOUR=10, for: 1h, zone: UTC}]"
    with told(
        tmp_path, FILES | {"towline.yaml": BY_HAND.replace("merge: manual", window)}
    ) as story:
        story.push("1.0.0", 1)
        opens = story.clock.now.replace(hour=10, minute=0, second=0)
        story.later(opens - story.clock.now - timedelta(seconds=1))
        before = len(story.weather.exchanges)
        story.later(timedelta(seconds=1))
        asked = [one for one in story.weather.exchanges[before:] if one.kind != "mint"]
        assert [one.kind for one in asked if one.kind != "rest"] == ["look", "write"]
        assert story.check(story.open_pull("dev")).conclusion == "success"


def test_seventy_pull_requests_at_once_are_paced_and_none_is_refused(tmp_path: Path) -> None:
    stages = "".join(
        f"  s{number}: {{warehouses: [web], path: stages/s{number}}}\n" for number in range(70)
    )
    files = {f"stages/s{number}/kustomization.yaml": KUSTOMIZATION for number in range(70)}
    pipeline = BY_HAND.partition("stages:\n")[0] + "stages:\n" + stages
    with told(tmp_path, FILES | files | {"towline.yaml": pipeline}) as story:
        story.outside = replace(story.outside, pace=timedelta(seconds=1))
        story.restart()
        story.later(timedelta(minutes=2))
        story.stand_in.limit(content_per_minute=60)
        begun = story.clock.now
        assert told_of(story, lambda: story.announce("1.0.0", 1)) == 70
        assert story.clock.now - begun >= timedelta(minutes=1)
        assert story.stand_in.content[1] == 0, "nothing was asked while GitHub said to wait"
        assert len(story.open_pulls()) == 70
