"""The App's GraphQL documents are valid on GitHub's own schema, whatever the size of a project."""

from __future__ import annotations

import pytest

from github_app import mutations
from github_app.gates import Button, Check, Conclusion
from github_app.github.documents import MOST_HEADS, Document, look, more_heads, next_page
from github_app.github.people_documents import comments, teams_of
from github_app.github.writing import Mutation, Numbered
from github_app.pull_request import Text
from github_app.pulls import PostedCheck, Review
from plugin.pipeline_file import Mistake
from tests.contracts.recording import contracts
from tests.github_app.shop import at, pull, repository

pytestmark = pytest.mark.usefixtures("published")


def faults(document: Document) -> list[str]:
    return contracts().documents.faults(document.text, document.variables)


@pytest.mark.parametrize("lines", [0, 1, MOST_HEADS])
def test_a_look_at_a_project_is_within_githubs_schema_and_limits(lines: int) -> None:
    heads = [f"towline/shop/s{number}/web" for number in range(lines)]
    branches = [f"stage-{number}" for number in range(min(lines, 50))]
    people = ["ann", "acme/sre"][:lines]
    assert faults(look("acme/deploy", 7, branches, heads, people)) == []


def test_the_lines_beyond_are_asked_about_within_githubs_limits_too() -> None:
    heads = [f"towline/shop/s{number}/web" for number in range(2 * MOST_HEADS)]
    assert faults(more_heads("acme/deploy", heads, MOST_HEADS)) == []


@pytest.mark.parametrize("alias", ["heads", "open"])
def test_a_further_page_is_valid(alias: str) -> None:
    assert faults(next_page("acme/deploy", 7, alias, "cursor")) == []


def test_comments_and_those_who_made_them_are_asked_for_validly() -> None:
    assert faults(comments([f"IC_{number}" for number in range(100)])) == []
    assert faults(teams_of("acme", [f"kim{number}" for number in range(20)])) == []


PULL = pull("dev")
OID = "a" * 40
PICTURE = repository()
TEXT = Text("title", "body", (), draft=False)
CHECK = Check(
    Conclusion.SUCCESS,
    "title",
    "summary",
    (Mistake("towline.yaml", 1, 1, "what", "instead"),),
    text="text",
    actions=(Button("Hold", "Hold this line", "hold"),),
)
REVIEW = Review("PRR", "ann", True, OID, at(0))
WRITTEN = (
    mutations.commit("acme/deploy", "main", OID, {"a": "text", "b": None}, "headline"),
    mutations.create_branch(PICTURE, "branch", OID),
    mutations.move_branches(PICTURE, [mutations.move("branch", OID, OID)]),
    mutations.open_pull(PICTURE, "main", "head", TEXT),
    mutations.describe(PULL, TEXT, "next"),
    *mutations.close(PULL, "reason"),
    mutations.merge("PR", OID, "SQUASH"),
    mutations.merge_when_ready("PR", OID, "SQUASH"),
    mutations.enqueue("PR", OID),
    mutations.set_draft(PULL, True),
    mutations.set_draft(PULL, False),
    mutations.dismiss(REVIEW, "the freight changed"),
    mutations.request_reviews("PR", ["U"], ["T"]),
    mutations.assign("PR", ["U"]),
    mutations.say("PR", "body"),
    mutations.react("IC", "THUMBS_UP"),
    mutations.react("IC", "CONFUSED"),
    mutations.create_label(PICTURE, "towline"),
    mutations.add_labels("PR", ["L"]),
    mutations.post_check(PICTURE, OID, CHECK),
    mutations.post_check(PICTURE, OID, CHECK, PostedCheck("CR", "key")),
)


@pytest.mark.parametrize("written", WRITTEN, ids=lambda one: one.name)
def test_everything_the_app_writes_is_valid(written: Mutation) -> None:
    assert faults(Numbered((written,)).document()) == []
