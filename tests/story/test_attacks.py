"""Attacks by people who may push, open pull requests, comment or edit: none changes a decision.

Each test is named after its attack. What only the files of the default branch, commits that GitHub
signed in the App's name and people's rights on GitHub may decide, nothing else decides.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from github_app.sandbox.stand_in import StandIn
from tests.story.weather import Answer, Real, Trouble, first
from tests.story.world import FILES, IMAGE, LEDGER, PIPELINE, REPOSITORY, Story, digest, told

HEAD = "towline/shop/staging/web"
PINS = "stages/staging/kustomization.yaml"
RECORD = "stages/staging/.freight/web.yaml"
STRICT = PIPELINE.replace(
    "path: stages/staging}", "path: stages/staging, merge: auto, reviews: 1, soak: 30m}"
)
LOOSE = PIPELINE.replace("path: stages/staging}", "path: stages/staging, merge: auto}")
# Letters of names that people chose in the pipeline file, and nothing of any tag.
BRANCH = re.compile(r"main|towline-ledger|towline/shop/(?:dev|staging|prod)/web")
HOSTILE_TAGS = ("-x", "--upload-pack=x", "a..b", "x.lock", "HEAD", "refs.heads.main", "_", "1e3")


def people(stand_in: StandIn) -> None:
    """Bob and mallory may write, eve may read."""
    for login, role in (("bob", "write"), ("mallory", "write"), ("eve", "read")):
        stand_in.create_user(login)
        stand_in.add_collaborator(REPOSITORY, login, role)


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    with told(tmp_path, before=people) as story:
        yield story


def strict(directory: Path) -> Any:
    """A shop whose staging soaks, wants a review and merges by itself then."""
    return told(directory, FILES | {"towline.yaml": STRICT}, people)


def forged(story: Story, branch: str, files: Mapping[str, str]) -> str:
    """A commit that says it is the App's, which GitHub signed for nobody."""
    tip = story.tip(branch) if branch in story.stand_in.branches(REPOSITORY) else story.tip()
    entries = [
        {"path": path, "mode": "100644", "type": "blob", "content": text}
        for path, text in files.items()
    ]
    base = story.alice.ask("GET", f"/git/commits/{tip}")["tree"]["sha"]
    tree = story.alice.ask("POST", "/git/trees", base_tree=base, tree=entries)["sha"]
    bot = {"name": "towline[bot]", "email": "1+towline[bot]@users.noreply.github.com"}
    commit = story.alice.ask(
        "POST", "/git/commits", message="Promote", tree=tree, parents=[tip], author=bot
    )["sha"]
    story.alice.force(branch, commit)
    story.settle()
    return str(commit)


def proposed(story: Story, branch: str, files: Mapping[str, str]) -> int:
    """A member's own pull request."""
    story.alice.force(branch, story.tip())
    story.commit(branch, files, "mallory")
    number = story.alice.open_pull(branch)
    story.settle()
    return number


def other_version(story: Story, stage: str = "staging") -> dict[str, str]:
    """Pins of a version that no registry ever had."""
    path = f"stages/{stage}/kustomization.yaml"
    return {path: re.sub(r"newTag: .*", "newTag: 9.9.9", story.text(path))}


# T13: what is written on a pull request


@pytest.mark.parametrize("body", ["", "x", "{other}", "{other}{other}", "<!-- {other} -->"])
def test_t13_a_body_deleted_copied_or_doubled_promotes_nothing_else(shop: Story, body: str) -> None:
    shop.push("1.0.0", 1)
    shop.merge(shop.open_pull("staging"))
    other = shop.open_pull("prod").body or ""
    shop.push("1.1.0", 2)
    pull = shop.open_pull("staging")
    shop.alice.edit(
        pull.number, title="Promote shop/web 1.0.0", body=body.replace("{other}", other)
    )
    shop.later(timedelta(minutes=5))
    assert shop.open_pull("staging").title == "Promote shop/web 1.1.0 to staging"
    assert "1.1.0" in (shop.open_pull("staging").body or "")
    shop.merge(shop.open_pull("staging"))
    assert (shop.holds("staging"), shop.holds("prod")) == ("1.1.0", "0.9.0")


def test_t13_labels_decide_nothing(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    shop.alice.ask("POST", f"/issues/{pull.number}/labels", labels=["hold", "approved", "9.9.9"])
    shop.settle()
    assert shop.check(shop.open_pull("staging")).conclusion == "success"
    assert not [one for one in shop.open_pulls() if "prod" in one.head_ref]


# T21: the pipeline that judges a pull request is never its own


def test_t21_a_pull_request_that_loosens_the_gates_loosens_nothing(tmp_path: Path) -> None:
    with strict(tmp_path) as story:
        proposed(story, "loosen", {"towline.yaml": LOOSE})
        story.push("1.0.0", 1)
        assert not [one for one in story.open_pulls() if one.head_ref == HEAD]
        story.later(timedelta(minutes=31))
        assert "reviews" in (story.check(story.open_pull("staging")).title or "")
        assert story.holds("staging") == "0.9.0"


def test_t21_a_pipeline_on_the_promotion_s_own_branch_judges_nothing(tmp_path: Path) -> None:
    with strict(tmp_path) as story:
        story.push("1.0.0", 1)
        story.later(timedelta(minutes=31))
        story.commit(HEAD, {"towline.yaml": LOOSE}, "mallory")
        assert "branch" in (story.check(story.open_pull("staging")).title or "")
        story.stand_in.review(REPOSITORY, story.open_pull("staging").number, "bob")
        story.settle()
        assert story.holds("staging") == "0.9.0"
        assert story.text("towline.yaml") == STRICT


# T22: branches, commits and pull requests that look like ours


def test_t22_a_branch_made_in_our_name_beforehand_is_not_taken_up(shop: Story) -> None:
    shop.alice.force(HEAD, shop.tip())
    oid = shop.commit(HEAD, other_version(shop), "mallory")
    shop.push("1.0.0", 1)
    assert shop.tip(HEAD) == oid
    assert not shop.open_pulls()
    assert shop.holds("staging") == "0.9.0"


def test_t22_a_pull_request_from_such_a_branch_is_no_promotion(shop: Story) -> None:
    shop.alice.force(HEAD, shop.tip())
    shop.commit(HEAD, other_version(shop), "mallory")
    number = shop.alice.open_pull(HEAD, title="Promote shop/web 9.9.9 to staging")
    shop.settle()
    shop.push("1.0.0", 1)
    pull = shop.stand_in.pull_request(REPOSITORY, number)
    assert shop.check(pull).conclusion == "action_required"
    assert pull.state == "open"


def test_t22_a_commit_in_the_app_s_name_and_e_mail_is_foreign(tmp_path: Path) -> None:
    with told(tmp_path, FILES | {"towline.yaml": LOOSE}, people) as story:
        forged(story, HEAD, other_version(story))
        story.push("1.0.0", 1)
        assert story.holds("staging") == "0.9.0"
        assert not [one for one in story.open_pulls() if one.head_ref == HEAD]


def test_t22_a_forged_commit_on_an_open_promotion_stops_it(shop: Story) -> None:
    shop.push("1.0.0", 1)
    oid = forged(shop, HEAD, other_version(shop))
    pull = shop.open_pull("staging")
    assert pull.head_sha == oid
    assert shop.check(pull).conclusion == "action_required"


def from_a_fork(number: int) -> Trouble:
    """GitHub's answer, with a pull request that comes from a fork's branch of our name."""

    def change(value: Any) -> Any:
        if isinstance(value, dict):
            if value.get("number") == number and "isCrossRepository" in value:
                value |= {"isCrossRepository": True, "headRefName": HEAD}
            return {key: change(one) for key, one in value.items()}
        return [change(one) for one in value] if isinstance(value, list) else value

    def trouble(real: Real) -> Answer:
        answer = real()
        body = json.dumps(change(json.loads(answer.body))).encode()
        kept = tuple(one for one in answer.headers if one[0].lower() != "content-length")
        return Answer(answer.status, kept, body)

    return trouble


def test_t22_a_fork_s_branch_of_our_name_is_not_ours(shop: Story) -> None:
    number = proposed(shop, "theirs", other_version(shop))
    for _ in range(40):
        shop.weather.next("look", from_a_fork(number))
    shop.push("1.0.0", 1)
    ours = [one for one in shop.open_pulls() if one.head_ref == HEAD]
    assert [one.title for one in ours] == ["Promote shop/web 1.0.0 to staging"]
    assert shop.stand_in.pull_request(REPOSITORY, number).state == "open"
    shop.merge(ours[0])
    assert shop.holds("staging") == "1.0.0"


# Records, pins and the ledger count where they stand, not where they are proposed


def test_pins_and_a_record_in_a_member_s_pull_request_say_nothing(shop: Story) -> None:
    shop.push("1.0.0", 1)
    record = shop.text("stages/dev/.freight/web.yaml")
    proposed(shop, "claim", {RECORD: record, **other_version(shop)})
    assert not [one for one in shop.open_pulls() if "prod" in one.head_ref]
    assert shop.open_pull("staging").title == "Promote shop/web 1.0.0 to staging"


def test_a_record_copied_to_another_stage_by_hand_is_seen(shop: Story) -> None:
    """Who may write to the default branch may say anything; it is said that pins say otherwise."""
    shop.push("1.0.0", 1)
    shop.commit("main", {RECORD: shop.text("stages/dev/.freight/web.yaml")}, "mallory")
    assert shop.check(shop.open_pull("staging")).conclusion == "action_required"
    assert "staging no longer holds" in (shop.open_pull("prod").body or "")
    assert shop.holds("staging") == "0.9.0"


def test_an_approval_forged_into_the_ledger_lets_nothing_in(shop: Story) -> None:
    shop.push("1.0.0", 1)
    record = shop.text("stages/dev/.freight/web.yaml")
    freight = re.search(r"freight: \"?([0-9a-f]{64})", record)
    assert freight is not None
    approval = (
        f"format: 1\napproved:\n- freight: {freight[1]}\n  at: '2026-11-21T09:00:00Z'\n"
        "  who: gina\n  why: mine\n"
    )
    forged(shop, LEDGER, {"shop/stages/prod.yaml": approval})
    shop.later(timedelta(minutes=5))
    assert not [one for one in shop.open_pulls() if "prod" in one.head_ref]
    shop.push("1.1.0", 2)
    assert "shop/stages/prod.yaml" not in shop.stand_in.paths(REPOSITORY, LEDGER)


# T23: between the approval and the merge


def test_t23_a_push_between_approval_and_merge_is_not_merged(tmp_path: Path) -> None:
    with strict(tmp_path) as story:
        story.push("1.0.0", 1)
        story.later(timedelta(minutes=31))
        pushed = first(
            lambda: story.stand_in.commit(REPOSITORY, HEAD, other_version(story), "Mine", "mallory")
        )
        story.weather.next("write", pushed, "expectedHeadOid")
        story.stand_in.review(REPOSITORY, story.open_pull("staging").number, "bob")
        story.settle()
        assert story.holds("staging") == "0.9.0"
        assert story.check(story.open_pull("staging")).conclusion == "action_required"


# T24: who may


def test_t24_an_approval_of_somebody_who_may_only_read_counts_for_nothing(tmp_path: Path) -> None:
    with strict(tmp_path) as story:
        story.push("1.0.0", 1)
        story.later(timedelta(minutes=31))
        story.stand_in.review(REPOSITORY, story.open_pull("staging").number, "eve")
        story.settle()
        assert story.holds("staging") == "0.9.0"
        story.stand_in.review(REPOSITORY, story.open_pull("staging").number, "bob")
        story.settle()
        assert story.holds("staging") == "1.0.0"


def test_t24_a_comment_that_somebody_edits_into_a_command_commands_nothing(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    comment = shop.stand_in.comment(REPOSITORY, pull.number, "eve", "Looks good to me.")
    shop.settle()
    shop.stand_in.edit_comment(REPOSITORY, comment.id, "eve", "/towline hold by now")
    shop.later(timedelta(minutes=5))
    assert shop.check(shop.open_pull("staging")).conclusion == "success"


# T10, T16, T33, T34: versions


def test_t10_t16_no_tag_gets_into_a_branch(shop: Story) -> None:
    for number, tag in enumerate(("1.0.0", *HOSTILE_TAGS[2:]), 1):
        shop.push(tag, number)
    assert all(BRANCH.fullmatch(one) for one in shop.stand_in.branches(REPOSITORY))


def test_t33_after_a_version_far_ahead_honest_ones_go_on(shop: Story) -> None:
    shop.push("1.0.0", 1)
    shop.push("999.0.0", 2)
    shop.push("1.0.1", 3)
    assert shop.holds("dev") == "1.0.1"
    assert shop.open_pull("staging").title == "Promote shop/web 1.0.1 to staging"


def replay(story: Story, tag: str, number: int, delivery: int) -> None:
    """An old event comes again, under a new name."""
    event = {
        "id": f"again-{delivery}",
        "action": "push",
        "target": {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "repository": IMAGE.partition("/")[2],
            "tag": tag,
            "digest": digest(number),
        },
        "request": {"host": IMAGE.partition("/")[0]},
    }
    answer = story.app.client.post(
        "/webhooks/distribution",
        json={"events": [event]},
        headers={"Authorization": "Bearer registry-secret"},
    )
    assert answer.status_code == 202


def test_t34_old_events_in_any_order_take_nothing_back(shop: Story) -> None:
    versions = [(f"1.{number}.0", number) for number in range(1, 6)]
    for tag, number in versions:
        shop.push(tag, number)
    before = (shop.tip(), shop.ledger(), [one.head_sha for one in shop.pulls()])
    for delivery, order in enumerate(itertools.permutations(versions)):
        for place, (tag, number) in enumerate(order):
            replay(shop, tag, number, delivery * 5 + place)
        if delivery % 20 == 0:
            shop.settle()
    shop.settle()
    assert (shop.tip(), shop.ledger(), [one.head_sha for one in shop.pulls()]) == before
    assert shop.holds("dev") == "1.5.0"


def test_a_promotion_s_commit_in_somebody_s_own_pull_request_is_stopped(story: Story) -> None:
    story.push("1.0.0", 1)
    promotion = story.open_pull("staging")
    story.alice.force("mine", promotion.head_sha)
    story.commit("mine", {"notes.md": "mine\n"})
    number = story.alice.open_pull("mine")
    story.settle()
    check = story.check(story.stand_in.pull_request(REPOSITORY, number))
    assert check.conclusion == "failure"
    assert "stages/staging/.freight/web.yaml" in str(check.summary)


def test_a_revert_and_a_stage_that_moves_bring_no_new_record(story: Story) -> None:
    story.push("1.0.0", 1)
    before = story.tip()
    story.push("1.1.0", 2)
    record = "stages/dev/.freight/web.yaml"
    old = story.stand_in.file(REPOSITORY, before, record)
    assert old is not None
    now = story.text(record)
    story.commit("revert", {record: old.decode()})
    story.commit("move", {record: None, "stages/first/.freight/web.yaml": now})
    for branch in ("revert", "move"):
        number = story.alice.open_pull(branch)
        story.settle()
        check = story.check(story.stand_in.pull_request(REPOSITORY, number))
        assert check.conclusion == "success", branch
