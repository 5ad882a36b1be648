"""`group: true`: all lines of a stage travel in one pull request, each by its own rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.story.world import REPOSITORY, Story, told

SERVICES = tuple(f"svc{number}" for number in range(20))


def pipeline(names: Sequence[str], **staging: str) -> str:
    """A pipeline of these warehouses whose staging is a group."""
    warehouses = "".join(f"  {name}: [{{image: ghcr.io/acme/{name}}}]\n" for name in names)
    more = "".join(f", {key}: {value}" for key, value in staging.items())
    every = f"[{', '.join(names)}]"
    return (
        f"project: shop\nwarehouses:\n{warehouses}stages:\n"
        f"  dev: {{warehouses: {every}, path: stages/dev, merge: auto, verify: none}}\n"
        f"  staging: {{after: [dev], path: stages/staging, group: true{more}}}\n"
    )


def files(names: Sequence[str], **staging: str) -> dict[str, str]:
    """Stages that pin every image in one kustomization."""
    pins = "".join(f"  - name: ghcr.io/acme/{name}\n    newTag: 0.9.0\n" for name in names)
    return {
        "towline.yaml": pipeline(names, **staging),
        **{f"stages/{one}/kustomization.yaml": f"images:\n{pins}" for one in ("dev", "staging")},
    }


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Story]:
    with told(tmp_path, files(("web", "db", "api"))) as story:
        yield story


def tags(story: Story, stage: str = "staging", ref: str = "main") -> list[str]:
    """The tags of a stage, in the file's order."""
    text = story.text(f"stages/{stage}/kustomization.yaml", ref)
    return [line.partition(": ")[2].strip("'\"") for line in text.splitlines() if "newTag" in line]


def push(story: Story, name: str, tag: str, number: int) -> None:
    story.push(tag, number, f"ghcr.io/acme/{name}")


def test_all_lines_are_in_one_commit_of_one_pull_request(shop: Story) -> None:
    push(shop, "web", "1.0.0", 1)
    push(shop, "db", "2.0.0", 2)
    pull = shop.open_pull()
    assert pull.head_ref == "towline/shop/staging/group"
    assert pull.title == "Promote shop/web 1.0.0, db 2.0.0 to staging"
    assert tags(shop, ref=pull.head_ref) == ["1.0.0", "2.0.0", "0.9.0"]
    assert shop.check(pull).conclusion == "success"
    shop.merge(pull)
    assert tags(shop) == ["1.0.0", "2.0.0", "0.9.0"]
    assert not shop.open_pulls()
    push(shop, "api", "3.0.0", 3)
    assert shop.open_pull().title == "Promote shop/api 3.0.0 to staging"


def test_newer_freight_of_one_line_updates_it_in_place(shop: Story) -> None:
    push(shop, "web", "1.0.0", 1)
    number = shop.open_pull().number
    push(shop, "db", "2.0.0", 2)
    push(shop, "web", "1.1.0", 3)
    assert shop.open_pull().number == number
    assert tags(shop, ref="towline/shop/staging/group") == ["1.1.0", "2.0.0", "0.9.0"]


def test_a_line_that_soaks_holds_back_no_other(tmp_path: Path) -> None:
    text = pipeline(("web", "db")).replace("after: [dev]", "after: {dev: {soak: 30m}}")
    with told(tmp_path, files(("web", "db")) | {"towline.yaml": text}) as story:
        push(story, "web", "1.0.0", 1)
        story.later(timedelta(minutes=20))
        push(story, "db", "2.0.0", 2)
        assert not story.open_pulls()
        story.later(timedelta(minutes=10))
        assert tags(story, ref="towline/shop/staging/group") == ["1.0.0", "0.9.0"]
        story.later(timedelta(minutes=20))
        assert tags(story, ref="towline/shop/staging/group") == ["1.0.0", "2.0.0"]


def test_closing_rejects_what_it_carries_of_every_line(shop: Story) -> None:
    push(shop, "web", "1.0.0", 1)
    push(shop, "db", "2.0.0", 2)
    shop.stand_in.close(REPOSITORY, shop.open_pull().number, "alice")
    shop.settle()
    assert not shop.open_pulls()
    push(shop, "api", "3.0.0", 3)
    assert tags(shop, ref=shop.open_pull().head_ref) == ["0.9.0", "0.9.0", "3.0.0"]
    push(shop, "db", "2.1.0", 4)
    assert tags(shop, ref=shop.open_pull().head_ref) == ["0.9.0", "2.1.0", "3.0.0"]


def test_somebody_else_s_commit_stops_the_group_and_stays(shop: Story) -> None:
    push(shop, "web", "1.0.0", 1)
    pull = shop.open_pull()
    oid = shop.commit(pull.head_ref, {"stages/staging/extra.yaml": "kind: Extra\n"})
    assert shop.check(shop.open_pull()).conclusion == "action_required"
    push(shop, "db", "2.0.0", 2)
    assert shop.open_pull().head_sha == oid


def test_a_pin_that_cannot_be_bumped_stops_its_line_alone(shop: Story) -> None:
    text = shop.text("stages/staging/kustomization.yaml")
    broken = text.replace("  - name: ghcr.io/acme/db\n    newTag: 0.9.0\n", "")
    shop.commit("main", {"stages/staging/kustomization.yaml": broken})
    push(shop, "db", "2.0.0", 1)
    assert not shop.open_pulls()
    push(shop, "web", "1.0.0", 2)
    assert tags(shop, ref=shop.open_pull().head_ref) == ["1.0.0", "0.9.0"]


def test_it_merges_by_itself_where_asked(tmp_path: Path) -> None:
    with told(tmp_path, files(("web", "db"), merge="auto")) as story:
        push(story, "web", "1.0.0", 1)
        push(story, "db", "2.0.0", 2)
        assert tags(story) == ["1.0.0", "2.0.0"]
        assert not story.open_pulls()


def test_twenty_services_are_one_pull_request(tmp_path: Path) -> None:
    with told(tmp_path, files(SERVICES)) as story:
        for number, name in enumerate(SERVICES, 1):
            story.announce("1.0.0", number, f"ghcr.io/acme/{name}")
        story.settle()
        pull = story.open_pull()
        assert tags(story, ref=pull.head_ref) == ["1.0.0"] * 20
        assert pull.title == "Promote shop/svc0 1.0.0, svc1 1.0.0, svc2 1.0.0, 17 more to staging"
        body = pull.body or ""
        assert len(body) < 30_000
        assert all(f"`ghcr.io/acme/{name}`" in body for name in SERVICES)
        story.merge(pull)
        assert tags(story) == ["1.0.0"] * 20
        assert not story.open_pulls()


def test_a_stage_that_becomes_a_group_takes_its_promotions_along(tmp_path: Path) -> None:
    names = ("web", "db")
    single = pipeline(names).replace(", group: true", "")
    with told(tmp_path, files(names) | {"towline.yaml": single}) as story:
        push(story, "web", "1.0.0", 1)
        push(story, "db", "2.0.0", 2)
        assert len(story.open_pulls()) == 2
        story.commit("main", {"towline.yaml": pipeline(names)})
        assert story.open_pull().head_ref == "towline/shop/staging/group"
        assert tags(story, ref="towline/shop/staging/group") == ["1.0.0", "2.0.0"]


def say(story: Story, words: str) -> None:
    """Alice comments on the group's pull request."""
    story.clock.now += timedelta(seconds=1)
    story.stand_in.comment(REPOSITORY, story.open_pull().number, "alice", words)
    story.settle()


def test_a_command_is_for_every_line_it_carries(shop: Story) -> None:
    push(shop, "web", "1.0.0", 1)
    push(shop, "db", "2.0.0", 2)
    say(shop, "/towline reject both are broken")
    assert not shop.open_pulls()
    push(shop, "api", "3.0.0", 3)
    assert tags(shop, ref=shop.open_pull().head_ref) == ["0.9.0", "0.9.0", "3.0.0"]


def test_a_held_group_is_red_and_goes_on_when_resumed(shop: Story) -> None:
    push(shop, "web", "1.0.0", 1)
    say(shop, "/towline hold release freeze")
    assert "release freeze" in (shop.check(shop.open_pull()).title or "")
    say(shop, "/towline resume over")
    assert shop.check(shop.open_pull()).conclusion == "success"


def test_an_approval_merges_all_lines(tmp_path: Path) -> None:
    with told(tmp_path, files(("web", "db"), merge="auto", reviews="1")) as story:
        story.stand_in.create_user("bob")
        story.stand_in.add_collaborator(REPOSITORY, "bob", "write")
        push(story, "web", "1.0.0", 1)
        assert tags(story) == ["0.9.0", "0.9.0"]
        push(story, "db", "2.0.0", 2)
        story.stand_in.review(REPOSITORY, story.open_pull().number, "bob")
        story.settle()
        assert tags(story) == ["1.0.0", "2.0.0"]


def test_an_approval_falls_when_one_line_changes(tmp_path: Path) -> None:
    with told(tmp_path, files(("web", "db"), reviews="2")) as story:
        push(story, "web", "1.0.0", 1)
        story.stand_in.review(REPOSITORY, story.open_pull().number, "alice")
        story.settle()
        assert "1 of 2 approvals" in (story.check(story.open_pull()).summary or "")
        push(story, "db", "2.0.0", 2)
        assert "0 of 2 approvals" in (story.check(story.open_pull()).summary or "")
