"""What is asked of GitHub, mutation by mutation."""

from __future__ import annotations

import base64

from github_app import mutations
from github_app.gates import Check, Conclusion
from github_app.pull_request import Text
from github_app.pulls import PostedCheck
from plugin.pipeline_file import Mistake
from tests.github_app.shop import pull, repository

PICTURE = repository()
TEXT = Text("Promote", "body", ("towline",), draft=True)


def test_a_commit_carries_bytes_and_deletions_on_one_parent() -> None:
    made = mutations.commit("acme/shop", "b", "p" * 40, {"a": "é\n", "gone": None}, "Promote")
    assert made.name == "createCommitOnBranch"
    assert made.input["expectedHeadOid"] == "p" * 40
    (addition,) = made.input["fileChanges"]["additions"]
    assert base64.b64decode(addition["contents"]) == "é\n".encode()
    assert made.input["fileChanges"]["deletions"] == [{"path": "gone"}]
    assert made.input["message"] == {"headline": "Promote"}


def test_a_move_names_where_the_branch_stands_and_deletes_with_zeros() -> None:
    assert mutations.move("b", "t" * 40, "f" * 40) == {
        "name": "refs/heads/b",
        "afterOid": "t" * 40,
        "beforeOid": "f" * 40,
        "force": True,
    }
    assert "beforeOid" not in mutations.move("b", "t" * 40, None)
    assert mutations.NO_COMMIT == "0" * 40


def test_a_pull_request_is_opened_as_its_text_says() -> None:
    wish = mutations.open_pull(PICTURE, "main", "head", TEXT).input
    assert (wish["baseRefName"], wish["headRefName"]) == ("main", "head")
    assert (wish["title"], wish["body"], wish["draft"]) == ("Promote", "body", True)


def test_the_base_is_only_named_when_it_changes() -> None:
    assert "baseRefName" not in mutations.describe(pull("dev"), TEXT, "main").input
    assert mutations.describe(pull("dev"), TEXT, "next").input["baseRefName"] == "next"


def test_merges_name_their_head() -> None:
    for made in (mutations.merge("PR", "h", "SQUASH"), mutations.merge_when_ready("PR", "h", "X")):
        assert made.input["expectedHeadOid"] == "h"


def check(conclusion: Conclusion, *mistakes: Mistake) -> Check:
    return Check(conclusion, "title", "summary", mistakes)


def test_a_waiting_check_is_a_run_in_progress() -> None:
    made = mutations.post_check(PICTURE, "h", check(Conclusion.WAITING))
    assert made.name == "createCheckRun"
    assert made.input["status"] == "IN_PROGRESS"
    assert "conclusion" not in made.input


def test_a_check_is_updated_in_place_but_never_back_to_waiting() -> None:
    posted = PostedCheck("CR_1", "key")
    updated = mutations.post_check(PICTURE, "h", check(Conclusion.SUCCESS), posted)
    assert updated.name == "updateCheckRun"
    assert updated.input["checkRunId"] == "CR_1"
    assert updated.input["conclusion"] == "SUCCESS"
    assert updated.input["externalId"] == check(Conclusion.SUCCESS).key
    again = mutations.post_check(PICTURE, "h", check(Conclusion.WAITING), posted)
    assert again.name == "createCheckRun"


def test_mistakes_stand_on_their_lines() -> None:
    mistake = Mistake("towline.yaml", 7, 3, "x" * 300, "drop it")
    made = mutations.post_check(PICTURE, "h", check(Conclusion.FAILURE, mistake))
    (note,) = made.input["output"]["annotations"]
    assert note["location"] == {"startLine": 7, "endLine": 7}
    assert note["path"] == "towline.yaml"
    assert len(note["title"]) <= 255
    assert "drop it" in note["message"]
