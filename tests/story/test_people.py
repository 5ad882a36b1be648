"""People win: what they close, revert, push or edit is never undone behind their backs."""

from __future__ import annotations

from tests.story.world import REPOSITORY, Story, digest


def landed_everywhere(story: Story, tag: str, number: int) -> None:
    story.push(tag, number)
    story.merge(story.open_pull("staging"))
    story.merge(story.open_pull("prod"))


def test_closing_rejects_the_freight_until_newer_comes(story: Story) -> None:
    story.push("1.0.0", 1)
    story.stand_in.close(REPOSITORY, story.open_pull("staging").number, "alice")
    story.settle()
    assert not [one for one in story.pulls() if one.state == "open"]
    rejected = story.text("shop/stages/staging.yaml", "towline-ledger")
    assert "alice" in rejected
    assert "closed pull request #2" in rejected

    story.push("1.1.0", 2)
    assert story.open_pull("staging").title == "Promote shop/web 1.1.0 to staging"


def test_reopening_takes_the_rejection_back(story: Story) -> None:
    story.push("1.0.0", 1)
    number = story.open_pull("staging").number
    story.stand_in.close(REPOSITORY, number, "alice")
    story.settle()
    story.stand_in.reopen(REPOSITORY, number, "alice")
    story.settle()
    assert story.open_pull("staging").number == number
    assert story.check(story.open_pull("staging")).conclusion == "success"
    story.merge(story.open_pull("staging"))
    assert story.holds("staging") == "1.0.0"


def test_deleting_the_branch_rejects_as_closing_does(story: Story) -> None:
    story.push("1.0.0", 1)
    story.stand_in.delete_branch(REPOSITORY, "towline/shop/staging/web", "alice")
    story.settle()
    assert not [one for one in story.pulls() if one.state == "open"]
    story.push("1.1.0", 2)
    assert story.open_pull("staging").title == "Promote shop/web 1.1.0 to staging"


def test_a_foreign_commit_is_red_and_never_overwritten(story: Story) -> None:
    story.push("1.0.0", 1)
    pull = story.open_pull("staging")
    mine = story.commit(pull.head_ref, {"stages/staging/extra.yaml": "a: 1\n"})
    check = story.check(story.open_pull("staging"))
    assert check.conclusion == "action_required"
    assert "not Towline's" in (check.title or "")

    story.push("1.1.0", 2)
    still = story.open_pull("staging")
    assert (still.number, still.head_sha) == (pull.number, mine)


def test_merging_the_base_into_the_branch_is_not_foreign(story: Story) -> None:
    story.push("1.0.0", 1)
    story.commit("main", {"notes.md": "hello\n"})
    pull = story.open_pull("staging")
    story.alice.merge_base_into(pull.head_ref, {"notes.md": "hello\n"})
    story.settle()
    assert story.check(story.open_pull("staging")).conclusion == "success"
    story.push("1.1.0", 2)
    assert story.open_pull("staging").title == "Promote shop/web 1.1.0 to staging"


def test_a_revert_is_understood_and_holds_the_line(story: Story) -> None:
    landed_everywhere(story, "1.0.0", 1)
    before = {
        path: story.text(path)
        for path in ("stages/prod/kustomization.yaml", "stages/prod/.freight/web.yaml")
    }
    landed_everywhere(story, "1.1.0", 2)
    story.commit("main", before)
    assert story.holds("prod") == "1.0.0"
    assert not [one for one in story.pulls() if one.state == "open"]
    story.push("1.2.0", 3)
    story.merge(story.open_pull("staging"))
    assert not [one for one in story.pulls() if one.state == "open"], "prod is held"


def test_a_pin_changed_by_hand_holds_its_line_alone(story: Story) -> None:
    landed_everywhere(story, "1.0.0", 1)
    text = story.text("stages/prod/kustomization.yaml").replace(digest(1), digest(9))
    story.commit("main", {"stages/prod/kustomization.yaml": text})
    story.push("1.1.0", 2)
    story.merge(story.open_pull("staging"))
    assert not [one for one in story.pulls() if one.state == "open"]
    assert digest(9) in story.text("stages/prod/kustomization.yaml")


def test_a_title_or_body_edited_by_hand_changes_no_decision(story: Story) -> None:
    story.push("1.0.0", 1)
    pull = story.open_pull("staging")
    story.alice.edit(pull.number, title="Promote 9.9.9 to prod", body="x")
    story.settle()
    story.merge(story.open_pull("staging"))
    assert story.holds("staging") == "1.0.0"
