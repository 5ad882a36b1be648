"""Commands, from a comment on a promotion to what they change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import PullRequest
from plugin.freight import alias_of
from plugin.record import read_record
from tests.story import disks
from tests.story.replica import Killed
from tests.story.weather import Answer, Real
from tests.story.world import FILES, PIPELINE, REPOSITORY, Story, told

RECORD = "stages/{}/.freight/web.yaml"


def people(stand_in: StandIn) -> None:
    """Kim maintains, alice writes, bob reads, and eve is a stranger."""
    for login, role in (("kim", "maintain"), ("bob", "read")):
        stand_in.create_user(login)
        stand_in.add_collaborator(REPOSITORY, login, role)
    stand_in.create_user("eve")
    stand_in.create_user("sre")
    stand_in.create_user("sam")
    stand_in.create_team("acme", "sre", ["sam"])


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Story]:
    """The usual shop, with people of every role."""
    with told(tmp_path, before=people) as found:
        yield found


def say(shop: Story, pull: PullRequest, words: str, who: str = "kim") -> int:
    """Somebody comments, and all that follows happens; the comment's number."""
    shop.clock.now += timedelta(seconds=1)
    said = shop.stand_in.comment(REPOSITORY, pull.number, who, words)
    shop.settle()
    return said.id


def replies(shop: Story, pull: PullRequest) -> list[str]:
    """What the App said on a pull request, the oldest first."""
    said = shop.alice.ask("GET", f"/issues/{pull.number}/comments")
    return [one["body"] for one in said if one["user"]["login"] == "towline[bot]"]


def reaction(shop: Story, comment: int) -> list[str]:
    """The App's reactions to a comment."""
    found = shop.alice.ask("GET", f"/issues/comments/{comment}/reactions")
    return [one["content"] for one in found if one["user"]["login"] == "towline[bot]"]


def landed(shop: Story, tag: str, number: int, *stages: str) -> None:
    """An image is pushed and goes through dev and these stages."""
    shop.push(tag, number)
    for stage in stages:
        shop.merge(shop.open_pull(stage))


def alias(shop: Story, stage: str) -> str:
    """What a stage's record says it holds."""
    path = RECORD.format(stage)
    return alias_of(read_record(path, shop.text(path)).freight.id)


def ledger(shop: Story, stage: str) -> str:
    """What the ledger knows of a stage."""
    return shop.text(f"shop/stages/{stage}.yaml", "towline-ledger")


def test_a_hold_stops_what_comes_by_itself_until_it_is_lifted(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    comment = say(shop, pull, "/towline hold the fair", "alice")
    assert reaction(shop, comment) == ["+1"]
    assert replies(shop, pull) == ["* `hold`: staging is held: the fair."]
    check = shop.check(shop.open_pull("staging"))
    assert check.conclusion == "action_required"
    assert "held by alice" in (check.title or "")
    assert "alice" in ledger(shop, "staging")

    say(shop, pull, "/towline resume", "alice")
    assert shop.check(shop.open_pull("staging")).conclusion == "success"


def test_rejected_freight_is_closed_and_stays_out_until_newer_comes(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    say(shop, pull, "/towline reject it burns", "alice")
    assert not shop.open_pulls()
    assert "it burns" in ledger(shop, "staging")
    say(shop, pull, "/towline promote", "alice")
    assert not shop.open_pulls()
    assert "was rejected for staging by alice" in replies(shop, pull)[-1].replace("`", "")
    shop.push("1.1.0", 2)
    assert shop.open_pull("staging").title == "Promote shop/web 1.1.0 to staging"


def test_retry_takes_a_rejection_back(shop: Story) -> None:
    shop.push("1.0.0", 1)
    first = shop.open_pull("staging")
    shop.stand_in.close(REPOSITORY, first.number, "alice")
    shop.settle()
    assert not shop.open_pulls()
    say(shop, first, "/towline retry", "alice")
    second = shop.open_pull("staging")
    say(shop, second, "/towline reject it burns", "alice")
    assert not shop.open_pulls()
    say(shop, second, "/towline retry", "alice")
    assert shop.open_pull("staging").title == first.title
    shop.later(timedelta(hours=1))
    assert shop.check(shop.open_pull("staging")).conclusion == "success"


def test_a_rollback_restores_what_the_stage_held_and_holds_it(shop: Story) -> None:
    landed(shop, "1.0.0", 1, "staging")
    before = {path: shop.text(path) for path in ("stages/staging/kustomization.yaml",)}
    landed(shop, "1.1.0", 2, "staging")
    merged = [one for one in shop.pulls() if "staging" in one.head_ref][-1]
    say(shop, merged, "/towline rollback it burns", "alice")
    pull = shop.open_pull("staging")
    assert "1.0.0" in pull.title
    assert shop.check(pull).conclusion == "success"
    shop.merge(pull)
    assert {path: shop.text(path) for path in before} == before
    assert not [one for one in shop.open_pulls() if "staging" in one.head_ref]
    shop.push("1.2.0", 3)
    assert not [one for one in shop.open_pulls() if "staging" in one.head_ref]
    say(shop, pull, "/towline resume it is mended", "alice")
    assert "1.2.0" in shop.open_pull("staging").title


def test_freight_is_promoted_out_of_its_turn_and_the_candidate_lifts_the_hold(shop: Story) -> None:
    shop.push("1.0.0", 1)
    first = alias(shop, "dev")
    shop.push("1.1.0", 2)
    pull = shop.open_pull("staging")
    assert "1.1.0" in pull.title
    say(shop, pull, f"/towline promote {first}", "alice")
    pull = shop.open_pull("staging")
    assert "1.0.0" in pull.title
    shop.merge(pull)
    assert shop.holds("staging") == "1.0.0"
    assert not [one for one in shop.open_pulls() if "staging" in one.head_ref]
    say(shop, pull, "/towline promote 1.1.0 to staging", "alice")
    shop.merge(shop.open_pull("staging"))
    assert shop.holds("staging") == "1.1.0"
    shop.push("1.2.0", 3)
    assert "1.2.0" in shop.open_pull("staging").title


def test_promote_downstream_asks_every_stage_after_this_one(shop: Story) -> None:
    landed(shop, "1.0.0", 1, "staging", "prod")
    landed(shop, "1.1.0", 2, "staging", "prod")
    old = alias_of(read_record("x", shop.text(RECORD.format("dev"))).previous or "")  # type: ignore[arg-type]  # an id
    dev = next(one for one in shop.pulls() if one.head_ref.startswith("towline/shop/dev"))
    say(shop, dev, f"/towline promote {old} downstream", "alice")
    assert {one.head_ref.split("/")[2] for one in shop.open_pulls()} == {"staging", "prod"}


def test_approved_freight_passes_the_soak(tmp_path: Path) -> None:
    soaking = PIPELINE.replace("after: [staging]", "after: [staging], soak: 24h")
    with told(tmp_path, {**FILES, "towline.yaml": soaking}, people) as shop:
        landed(shop, "1.0.0", 1, "staging")
        merged = shop.pulls()[-1]
        assert not shop.open_pulls()
        say(shop, merged, "/towline approve for prod", "alice")
        assert not shop.open_pulls()
        say(shop, merged, "/towline approve for prod the fix is needed")
        assert shop.check(shop.open_pull("prod")).conclusion == "success"


def test_a_hotfix_passes_the_upstreams_and_comes_to_them_afterwards(shop: Story) -> None:
    landed(shop, "1.0.0", 1, "staging", "prod")
    prod = shop.pulls()[-1]
    slow = PIPELINE.replace("merge: auto, verify: none", "merge: manual")
    shop.commit("main", {"towline.yaml": slow})
    shop.push("1.0.1", 2)
    assert [one.head_ref for one in shop.open_pulls()] == ["towline/shop/dev/web"]
    say(shop, prod, "/towline hotfix 1.0.1 to prod the shop is down", "alice")
    assert len(shop.open_pulls()) == 1
    say(shop, prod, "/towline hotfix 1.0.1 to prod the shop is down")
    assert "1.0.1" in shop.open_pull("prod").title
    shop.merge(shop.open_pull("prod"))
    shop.merge(shop.open_pull("dev"))
    assert "1.0.1" in shop.open_pull("staging").title
    assert "hotfix 1.0.1" in ledger(shop, "prod") or "hotfix" in ledger(shop, "prod")


def test_a_disk_is_given_up_for_one_version(tmp_path: Path) -> None:
    with told(tmp_path, disks.files(prod=disks.STATEFUL), people) as shop:
        shop.push("1.1.0", disks.SECOND, disks.FEDORA)
        pull = shop.open_pull("prod")
        assert "disks: vm web would start" in disks.red(shop)
        say(shop, pull, "/towline allow-replace web:data it is a cache")
        assert "does not replace web:data" in replies(shop, pull)[-1].replace("`", "")
        say(shop, pull, "/towline allow-replace web:root", "alice")
        assert "disks: vm web would start" in disks.red(shop)
        say(shop, pull, "/towline allow-replace vm/web:root it is a cache")
        assert shop.check(shop.open_pull("prod")).conclusion == "success"
        shop.merge(shop.open_pull("prod"))
        shop.push("1.2.0", disks.THIRD, disks.FEDORA)
        assert "disks: vm web would start" in disks.red(shop)


def test_resume_adopts_what_was_changed_by_hand(shop: Story) -> None:
    landed(shop, "1.0.0", 1, "staging")
    landed(shop, "1.1.0", 2)
    pull = shop.open_pull("staging")
    mine = shop.text("stages/staging/kustomization.yaml")
    newer = shop.text("stages/dev/kustomization.yaml")
    shop.commit("main", {"stages/staging/kustomization.yaml": newer})
    assert "unmanaged" in (shop.check(shop.open_pull("staging")).title or "")
    say(shop, pull, "/towline resume it is right so", "alice")
    pull = shop.open_pull("staging")
    shop.merge(pull)
    assert alias(shop, "staging") == alias(shop, "dev")
    assert shop.text("stages/staging/kustomization.yaml") == newer != mine
    shop.merge(shop.open_pull("prod"))


def test_status_and_help_are_answered_with_tables(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    say(shop, pull, "/towline status", "bob")
    (table,) = replies(shop, pull)
    assert "| `dev` |" in table
    assert "| `prod` |" in table
    say(shop, pull, "/towline help", "bob")
    assert "allow-replace" in replies(shop, pull)[-1]
    assert shop.check(shop.open_pull("staging")).conclusion == "success"


@pytest.mark.parametrize(
    ("who", "words", "answer"),
    [
        ("bob", "/towline hold", "hold in staging is for the role write"),
        ("eve", "/towline promote", "promote in staging is for the role write"),
        ("alice", "/towline approve", "approve in staging is for the role maintain"),
        ("alice", "/towline dance", "there is no command of this name"),
        ("kim", "/towline override reviews now", "reviews is not for anybody to override"),
        ("alice", "/towline promote 9.9.9", "no freight of web is called"),
        ("alice", "/towline promote to moon", "there is no stage moon"),
        ("alice", "/towline verify", "staging asks for no verification"),
        ("alice", "/towline rollback", "nothing is known that staging held before"),
    ],
)
def test_what_cannot_be_done_is_answered_once_and_changes_nothing(
    shop: Story, who: str, words: str, answer: str
) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    comment = say(shop, pull, words, who)
    assert reaction(shop, comment) == ["confused"]
    (reply,) = replies(shop, pull)
    assert answer in reply.replace("`", "")
    shop.later(timedelta(hours=3))
    assert len(replies(shop, pull)) == 1
    assert shop.check(shop.open_pull("staging")).conclusion == "success"


def test_the_pipeline_file_says_who_may_and_only_that_of_the_default_branch(
    tmp_path: Path,
) -> None:
    files = {**FILES, "towline.yaml": f"{PIPELINE}may: {{hold: [acme/sre], promote: [sre]}}\n"}
    with told(tmp_path, files, people) as shop:
        shop.push("1.0.0", 1)
        pull = shop.open_pull("staging")
        mine = f"{PIPELINE}may: {{hold: [alice]}}\n"
        shop.alice.force("mine", shop.tip())
        shop.commit("mine", {"towline.yaml": mine})
        shop.alice.open_pull("mine")
        shop.settle()
        say(shop, pull, "/towline hold", "alice")
        # Somebody whose login is the team's name.
        say(shop, pull, "/towline promote", "sre")
        assert shop.check(shop.open_pull("staging")).conclusion == "success"
        say(shop, pull, "/towline hold", "sam")
        assert "held by sam" in (shop.check(shop.open_pull("staging")).title or "")


@pytest.mark.parametrize(
    "text",
    [
        "please /towline hold",
        "> /towline hold",
        "```\n/towline hold\n```",
        "<!--\n/towline hold\n-->",
    ],
)
def test_talk_is_no_command(shop: Story, text: str) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    assert reaction(shop, say(shop, pull, text)) == []
    assert replies(shop, pull) == []
    assert shop.check(shop.open_pull("staging")).conclusion == "success"


def test_edited_comments_command_nothing(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    comment = say(shop, pull, "Nice.")
    shop.stand_in.edit_comment(REPOSITORY, comment, "kim", "/towline hold")
    shop.settle()
    shop.later(timedelta(minutes=10))
    assert replies(shop, pull) == []
    assert shop.check(shop.open_pull("staging")).conclusion == "success"


def test_a_command_on_a_head_that_changed_since_is_refused(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    comments = []

    def while_it_moves(real: Real) -> Answer:
        said = shop.stand_in.comment(REPOSITORY, pull.number, "alice", "/towline reject it burns")
        comments.append(said.id)
        return real()

    shop.clock.now += timedelta(seconds=5)
    shop.weather.next("write", while_it_moves, holding="towline-scratch/shop/staging/web")
    shop.push("1.1.0", 2)
    (reply,) = replies(shop, pull)
    assert "it changed since" in reply
    assert reaction(shop, comments[0]) == ["confused"]
    assert "1.1.0" in shop.open_pull("staging").title


def test_a_lost_webhook_is_made_good_by_the_sweep(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    shop.stand_in.comment(REPOSITORY, pull.number, "alice", "/towline hold")
    shop.lose_webhooks()
    shop.settle()
    assert replies(shop, pull) == []
    shop.later(timedelta(minutes=3))
    assert len(replies(shop, pull)) == 1
    assert "held by alice" in (shop.check(shop.open_pull("staging")).title or "")


def test_the_same_webhook_five_times_commands_once(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    say(shop, pull, "/towline hold", "alice")
    before = shop.ledger()
    every = shop.stand_in.deliveries("towline")
    delivered = next(o for o in every if o.event == "issue_comment" and o.status_code == 202)
    for number in range(5):
        shop.deliver("issue_comment", {**json.loads(delivered.request_body), "again": number})
    assert len(replies(shop, pull)) == 1
    assert shop.ledger() == before


def test_a_comment_on_an_old_promotion_counts(shop: Story) -> None:
    for number, tag in enumerate(("1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"), 1):
        landed(shop, tag, number, "staging")
    first = next(one for one in shop.pulls() if one.head_ref.startswith("towline/shop/staging"))
    say(shop, first, "/towline promote", "alice")
    assert "1.0.0" in shop.open_pull("staging").title
    assert len(replies(shop, first)) == 1


def test_a_button_is_a_command_of_whoever_presses_it(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    shop.stand_in.press(REPOSITORY, shop.check(pull).id, "alice", "hold")
    shop.settle()
    assert "held by alice" in (shop.check(shop.open_pull("staging")).title or "")
    said = "* `hold`: staging is held: asked for on `#2`."
    assert replies(shop, pull) == [f"alice pressed a button.\n\n{said}"]


def test_a_crash_after_the_ledger_answers_once_and_acts_once(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    shop.stand_in.comment(REPOSITORY, pull.number, "alice", "/towline hold")
    # The look, the ledger's document, and then the end.
    shop.app.calls.left = 2
    with pytest.raises(Killed):
        shop.settle()
    shop.restart()
    shop.later(timedelta(minutes=5))
    assert len(replies(shop, pull)) == 1
    assert ledger(shop, "staging").count("why: 'asked for on") == 1
    assert "held by alice" in (shop.check(shop.open_pull("staging")).title or "")


def test_refresh_asks_the_registry_anew(shop: Story) -> None:
    shop.push("1.0.0", 1)
    pull = shop.open_pull("staging")
    comment = say(shop, pull, "/towline refresh", "alice")
    assert reaction(shop, comment) == ["+1"]
