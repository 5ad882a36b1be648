"""A line's pull request through its life: opened, updated, stopped, merged, closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.actions import (
    Action,
    ClosePromotion,
    DescribePromotion,
    MergePromotion,
    OpenPromotion,
    PostCheck,
    UpdatePromotion,
)
from github_app.gates import Conclusion
from github_app.notes import LineNote, Note, StageNotes
from github_app.picture import Base, Head, LinePicture
from github_app.pulls import PostedCheck, PullState
from plugin.freight import Freight
from plugin.pipeline import Merge, PullRequestForm, Stage, Supersede
from plugin.stage_policy import Draft
from tests.github_app.shop import (
    TIP,
    A,
    B,
    C,
    after,
    at,
    ledger,
    line,
    line_plan,
    planned,
    project,
    proposed,
    pull,
    shown,
    soak,
    stage,
    warehouse,
    with_files,
)

NOW = at(100)
AUTO = replace(stage("dev"), merge=Merge.AUTO)
OTHER_OID = "e" * 40


def actions(
    at_line: LinePicture, *seen: Freight, of: Stage = AUTO, **notes: StageNotes
) -> tuple[Action, ...]:
    """What is done about a direct stage's line."""
    picture = shown(project(of), [at_line], ledger(*seen, **notes), seen[-1])
    return line_plan(planned(picture, NOW), "dev").actions


def kinds(done: tuple[Action, ...]) -> list[str]:
    return [type(one).__name__ for one in done]


def settled(at_line: LinePicture, *seen: Freight, of: Stage = AUTO) -> LinePicture:
    """The line once its pull request says what it should and has its check."""
    for action in actions(at_line, *seen, of=of):
        opened = at_line.open
        assert opened is not None
        match action:
            case DescribePromotion(_, text):
                at_line = replace(
                    at_line, open=replace(opened, title=text.title, body=text.body + "\n")
                )
            case PostCheck(_, check):
                posted = PostedCheck("CR", check.key)
                at_line = replace(at_line, open=replace(opened, check=posted))
            case _:
                pass
    return at_line


OPEN = proposed(line("dev", A), B)


# Opening


def test_a_new_promotion_is_one_commit_on_the_base_s_tip() -> None:
    (opened,) = actions(line("dev", A), A, B)
    assert isinstance(opened, OpenPromotion)
    proposal = opened.proposal
    assert (proposal.base, proposal.base_oid, proposal.expected_head) == ("main", TIP, None)
    assert sorted(proposal.files) == [
        "stages/dev/.freight/web.yaml",
        "stages/dev/kustomization.yaml",
    ]
    assert proposal.message == "Promote shop/web 1.1.0 to dev"
    assert proposal.check.conclusion is Conclusion.SUCCESS


def leftover(ours: bool) -> LinePicture:
    head = Head(OTHER_OID, TIP, A, {"a": "b"}, ours, "" if ours else "bob")
    return replace(line("dev", A), head=head)


def test_our_own_leftover_branch_is_moved_naming_where_it_stands() -> None:
    (opened,) = actions(leftover(ours=True), A, B)
    assert isinstance(opened, OpenPromotion)
    assert opened.proposal.expected_head == OTHER_OID


def test_somebody_s_work_on_the_branch_is_never_overwritten() -> None:
    made = line_plan(
        planned(shown(project(AUTO), [leftover(ours=False)], ledger(A, B), B), NOW), "dev"
    )
    assert made.actions == ()
    assert "delete the branch to have it made anew" in made.gates[0].text
    rejected = replace(pull("dev", OTHER_OID), state=PullState.CLOSED)
    assert actions(replace(leftover(ours=False), last=rejected), A, B) == ()


def test_what_was_merged_from_the_branch_may_be_left_behind() -> None:
    merged = replace(pull("dev", OTHER_OID), state=PullState.MERGED)
    assert kinds(actions(replace(leftover(ours=False), last=merged), A, B)) == ["OpenPromotion"]
    moved_on = replace(merged, head_oid="f" * 40)
    assert actions(replace(leftover(ours=False), last=moved_on), A, B) == ()


# Updating


def test_newer_freight_updates_the_same_pull_request() -> None:
    (update,) = actions(OPEN, A, B, C)
    assert isinstance(update, UpdatePromotion)
    assert (update.proposal.freight, update.proposal.expected_head) == (C.id, "h" * 40)
    assert update.pull.number == 1


def test_an_unrelated_commit_on_the_base_changes_nothing() -> None:
    moved = replace(
        settled(OPEN, A, B, of=stage("dev")), base=Base("main", OTHER_OID, protected=True)
    )
    assert actions(moved, A, B, of=stage("dev")) == ()


@pytest.mark.parametrize("word", ["conflicting", "behind"])
def test_what_cannot_be_merged_is_built_anew_once(word: str) -> None:
    assert OPEN.open is not None
    stuck = replace(OPEN, open=replace(OPEN.open, **{word: True}))  # type: ignore[arg-type]  # word
    moved = replace(stuck, base=Base("main", OTHER_OID, protected=True))
    (update,) = actions(moved, A, B)
    assert isinstance(update, UpdatePromotion)
    assert update.proposal.base_oid == OTHER_OID
    # It stands on the tip already, GitHub only has not looked again.
    assert "UpdatePromotion" not in kinds(actions(stuck, A, B))


def test_other_content_in_the_same_file_is_built_anew() -> None:
    path = "stages/dev/kustomization.yaml"
    files = {**OPEN.files, path: OPEN.files[path] + "# more\n"}
    (update,) = actions(replace(OPEN, files=files), A, B)
    assert isinstance(update, UpdatePromotion)
    text = update.proposal.files[path] or ""
    assert text.endswith("# more\n")
    assert "1.1.0" in text


def test_a_pull_request_for_another_base_is_built_for_the_right_one() -> None:
    assert OPEN.open is not None
    retargeted = replace(OPEN, open=replace(OPEN.open, base="release"))
    (update,) = actions(retargeted, A, B)
    assert isinstance(update, UpdatePromotion)
    assert update.proposal.base == "main"


def test_nothing_is_done_while_github_catches_up() -> None:
    assert OPEN.open is not None
    assert actions(replace(OPEN, open=replace(OPEN.open, head_oid=OTHER_OID)), A, B) == ()
    assert actions(replace(OPEN, head=None), A, B) == ()


# Text and check


def test_title_body_and_check_are_written_once() -> None:
    done = actions(OPEN, A, B, of=stage("dev"))
    assert kinds(done) == ["DescribePromotion", "PostCheck"]
    quiet = settled(OPEN, A, B, of=stage("dev"))
    assert actions(quiet, A, B, of=stage("dev")) == ()


def test_a_text_edited_by_hand_is_written_again_and_decides_nothing() -> None:
    quiet = settled(OPEN, A, B, of=stage("dev"))
    assert quiet.open is not None
    edited = replace(quiet, open=replace(quiet.open, title="LGTM", body="/towline approve"))
    assert kinds(actions(edited, A, B, of=stage("dev"))) == ["DescribePromotion"]


def test_line_ends_that_github_changed_are_no_difference() -> None:
    quiet = settled(OPEN, A, B, of=stage("dev"))
    assert quiet.open is not None
    windows = replace(quiet, open=replace(quiet.open, body=quiet.open.body.replace("\n", "\r\n")))
    assert actions(windows, A, B, of=stage("dev")) == ()


# Merging


def test_auto_merges_a_green_pull_request_at_exactly_its_head() -> None:
    (merge,) = actions(settled(OPEN, A, B), A, B)
    assert isinstance(merge, MergePromotion)
    assert merge.pull.head_oid == "h" * 40


def test_auto_merges_with_the_first_commit() -> None:
    (opened,) = actions(line("dev", A), A, B)
    assert isinstance(opened, OpenPromotion)
    assert opened.proposal.merge


@pytest.mark.parametrize("word", ["draft", "auto_merge"])
def test_drafts_and_what_github_will_merge_are_left_alone(word: str) -> None:
    quiet = settled(OPEN, A, B)
    assert quiet.open is not None
    waiting = replace(quiet, open=replace(quiet.open, **{word: True}))  # type: ignore[arg-type]  # word
    assert actions(waiting, A, B) == ()
    (update,) = actions(waiting, A, B, C)
    assert isinstance(update, UpdatePromotion)
    assert not update.proposal.merge


def test_a_stage_that_opens_drafts_merges_none() -> None:
    drafts = replace(AUTO, pull_request=PullRequestForm(draft=Draft.YES))
    (opened,) = actions(line("dev", A), A, B, of=drafts)
    assert isinstance(opened, OpenPromotion)
    assert opened.proposal.text.draft
    assert not opened.proposal.merge


def test_manual_merges_nothing() -> None:
    assert actions(settled(OPEN, A, B, of=stage("dev")), A, B, of=stage("dev")) == ()


# Stopping


def conclusion(done: tuple[Action, ...]) -> tuple[Conclusion, str]:
    check = next(one.check for one in done if isinstance(one, PostCheck))
    return check.conclusion, check.title


def test_a_hold_turns_the_pull_request_red_and_merges_nothing() -> None:
    held = StageNotes(held=(LineNote("web", at(5), "gina", "freeze"),))
    done = actions(OPEN, A, B, dev=held)
    assert kinds(done) == ["DescribePromotion", "PostCheck"]
    state, title = conclusion(done)
    assert state is Conclusion.ACTION_REQUIRED
    assert "freeze" in title


def test_a_foreign_commit_is_said_once_and_never_overwritten() -> None:
    assert OPEN.head is not None
    foreign = replace(OPEN, head=replace(OPEN.head, ours=False, who="bob"))
    done = actions(foreign, A, B, C)
    described, _ = done
    assert isinstance(described, DescribePromotion)
    assert described.text.title == "Promote shop/web 1.1.0 to dev"
    assert described.text.body.startswith("**Do not merge: branch: towline/shop/dev/web carries")
    assert "Towline's own" not in described.text.body
    state, title = conclusion(done)
    assert state is Conclusion.ACTION_REQUIRED
    assert "bob" in title
    assert "deleting the branch rejects this freight for dev" in title
    assert actions(settled(foreign, A, B, C), A, B, C) == ()


def test_a_foreign_commit_that_broke_the_record_still_turns_the_check_red() -> None:
    assert OPEN.head is not None
    broken = replace(OPEN, head=replace(OPEN.head, ours=False, who="bob", freight=None))
    assert kinds(actions(broken, A, B)) == ["PostCheck"]
    assert conclusion(actions(broken, A, B))[0] is Conclusion.ACTION_REQUIRED


def test_an_unreadable_record_blocks_the_open_promotion() -> None:
    files = {**OPEN.files, "stages/dev/.freight/web.yaml": "freight: [\n"}
    state, title = conclusion(actions(with_files(OPEN, files, warehouse()), A, B))
    assert state is Conclusion.ACTION_REQUIRED
    assert title.startswith("pins: ")


def test_a_promotion_whose_turn_has_not_come_waits_visibly() -> None:
    slow = replace(AUTO, supersede=Supersede.AFTER_SOAK)
    of = project(slow, stage("prod", after("dev", soak=soak(30))))
    carrying = proposed(line("dev", A, since=at(90)), B)
    picture = shown(of, [carrying, line("prod")], ledger(A, B), B)
    made = line_plan(planned(picture, NOW), "dev")
    state, title = conclusion(made.actions)
    assert (state, title) == (Conclusion.WAITING, "Waiting for turn")
    assert "MergePromotion" not in kinds(made.actions)
    assert planned(picture, NOW).wake_at == at(120)


def test_a_promotion_that_may_not_enter_any_more_waits_and_is_not_closed() -> None:
    of = project(stage("dev"), stage("prod", after("dev", soak=soak(600))))
    carrying = proposed(line("prod", A), B)
    picture = shown(of, [line("dev", B, since=at(90)), carrying], ledger(A, B), B)
    done = line_plan(planned(picture, NOW), "prod").actions
    assert kinds(done) == ["DescribePromotion", "PostCheck"]
    assert conclusion(done) == (Conclusion.WAITING, "Waiting for upstream")


def test_a_promotion_of_what_the_stage_already_left_behind_is_closed() -> None:
    carrying = replace(proposed(line("dev", A), B), last=None)
    closed, *rest = actions(replace(carrying, holding=line("dev", C).holding), A, B, C)
    assert isinstance(closed, ClosePromotion)
    assert kinds(tuple(rest)) == ["DeleteBranch"]
    assert closed.reason == f"dev holds {C.alias}"


def test_reopening_an_older_promotion_than_the_rejected_one_is_a_wish() -> None:
    rejected = StageNotes(rejected=(Note(C.id, at(50), "ann", "closed pull request #2"),))
    done = actions(OPEN, A, B, C, of=stage("dev"), dev=rejected)
    assert kinds(done) == ["DescribePromotion", "PostCheck"]
    assert conclusion(done)[0] is Conclusion.SUCCESS
