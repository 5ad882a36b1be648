"""What branches demand: rulesets and who may pass them by, code owners, reviews and pushes."""

from __future__ import annotations

import pytest

from github_app.sandbox.rules import (
    Bypass,
    Protection,
    RequiredCheck,
    ReviewRule,
    Ruleset,
)
from tests.sandbox.conftest import SHOP, Answer, Place

RULES = """
query Rules { repository(owner: "acme", name: "shop") { ref(qualifiedName: "refs/heads/main") {
  refUpdateRule { requiredStatusCheckContexts requiresCodeOwnerReviews viewerCanPush }
  rules(first: 20) { nodes { type repositoryRuleset { name } parameters {
    ... on RequiredStatusChecksParameters {
      strictRequiredStatusChecksPolicy requiredStatusChecks { context integrationId }
    }
    ... on PullRequestParameters { requiredApprovingReviewCount requireCodeOwnerReview }
  } } }
} } }
"""
CHECKED = Ruleset("checked", required_checks=(RequiredCheck("towline", 1000),))


def merge(place: Place, number: int) -> Answer:
    return place.app.repo("PUT", f"/pulls/{number}/merge", {})


def a_pull(place: Place, branch: str = "topic", **files: str) -> int:
    place.change(branch, **(files or {"a": "1"}))
    return place.open(branch)


def green(place: Place, sha: str, name: str = "towline") -> None:
    body = {"name": name, "head_sha": sha, "conclusion": "success"}
    assert place.app.repo("POST", "/check-runs", body).status == 201


def test_rules_are_told_apart_from_classic_protection(place: Place) -> None:
    place.stand_in.protect(SHOP, "main", Protection((RequiredCheck("ci"),), code_owners=True))
    assert place.app.repo("GET", "/rules/branches/main").json == []
    place.stand_in.add_ruleset(SHOP, CHECKED)
    (rule,) = place.app.repo("GET", "/rules/branches/main").json
    assert rule["parameters"]["required_status_checks"] == [
        {"context": "towline", "integration_id": 1000}
    ]
    shown = place.app.data(RULES)["repository"]["ref"]
    assert shown["refUpdateRule"] == {
        "requiredStatusCheckContexts": ["ci"],
        "requiresCodeOwnerReviews": True,
        "viewerCanPush": False,
    }
    (node,) = shown["rules"]["nodes"]
    assert (node["type"], node["repositoryRuleset"]["name"]) == (
        "REQUIRED_STATUS_CHECKS",
        "checked",
    )
    assert place.app.repo("GET", "/branches/main").json["protected"] is True


@pytest.mark.parametrize(
    ("pattern", "branch", "holds"),
    [
        ("~ALL", "any/thing", True),
        ("~DEFAULT_BRANCH", "main", True),
        ("~DEFAULT_BRANCH", "dev", False),
        ("refs/heads/env/*", "env/prod", True),
        ("refs/heads/env/*", "env/prod/eu", False),
        ("refs/heads/env/**/*", "env/prod/eu", True),
    ],
)
def test_rules_hold_for_branches_that_do_not_exist(
    place: Place, pattern: str, branch: str, holds: bool
) -> None:
    place.stand_in.add_ruleset(SHOP, Ruleset("r", branches=(pattern,), deletion=True))
    found = place.app.repo("GET", f"/rules/branches/{branch}").json
    assert [rule["type"] for rule in found] == (["deletion"] if holds else [])


@pytest.mark.parametrize("enforcement", ["evaluate", "disabled"])
def test_only_active_rulesets_count(place: Place, enforcement: str) -> None:
    rules = Ruleset("r", enforcement=enforcement, reviews=ReviewRule(2))  # type: ignore[arg-type]  # parametrized
    place.stand_in.add_ruleset(SHOP, rules)
    assert place.app.repo("GET", "/rules/branches/main").json == []
    assert merge(place, a_pull(place)).status == 200


def test_a_rulesets_check_keeps_from_merging_unless_its_app_reports(place: Place) -> None:
    place.stand_in.add_ruleset(SHOP, CHECKED)
    number = a_pull(place)
    status = {"state": "success", "context": "towline"}
    place.ann.repo("POST", f"/statuses/{place.tip('topic')}", status)
    assert merge(place, number).status == 405
    green(place, place.tip("topic"))
    assert merge(place, number).status == 200


def test_who_may_bypass_merges_and_pushes(place: Place) -> None:
    app = Bypass("Integration", place.stand_in.apps()[0].id, "pull_request")
    rules = Ruleset("r", bypass=(app, Bypass("RepositoryRole", 5)), reviews=ReviewRule(2))
    place.stand_in.add_ruleset(SHOP, rules)
    number = a_pull(place)
    assert place.pull(number)["mergeable_state"] == "blocked"
    assert merge(place, number).status == 200
    ref = {"sha": place.change("other", b="1"), "force": False}
    refused = place.app.repo("PATCH", "/git/refs/heads/main", ref)
    assert refused.json["message"] == "Changes must be made through a pull request."
    place.change("main", actor="ann", c="1")


def test_a_merge_method_may_be_ruled_out(place: Place) -> None:
    place.stand_in.add_ruleset(SHOP, Ruleset("r", reviews=ReviewRule(methods=("squash",))))
    number = a_pull(place)
    assert merge(place, number).status == 405
    body = {"merge_method": "squash"}
    assert place.app.repo("PUT", f"/pulls/{number}/merge", body).status == 200


def test_rules_against_deletion_and_rewinding(place: Place) -> None:
    rules = Ruleset("r", ("refs/heads/env/*",), deletion=True, non_fast_forward=True)
    place.stand_in.add_ruleset(SHOP, rules)
    place.change("env/prod", a="1")
    assert place.app.repo("DELETE", "/git/refs/heads/env/prod").status == 422
    back = {"sha": place.tip(), "force": True}
    assert place.app.repo("PATCH", "/git/refs/heads/env/prod", back).status == 422


OWNED = Protection(code_owners=True)


def owned(place: Place, text: str = "/stages/ @acme/sre\n") -> None:
    place.stand_in.create_user("eve")
    place.stand_in.create_team("acme", "sre", ["eve"])
    place.stand_in.grant_team(SHOP, "sre", "write")
    place.change("main", **{".github__CODEOWNERS": text})
    place.stand_in.protect(SHOP, "main", OWNED)


def test_an_owner_of_what_changes_must_approve(place: Place) -> None:
    owned(place)
    number = a_pull(place, stages__dev__app="1")
    place.stand_in.review(SHOP, number, "bob")
    refused = merge(place, number)
    assert refused.json["message"] == "Waiting on code owner review from acme/sre."
    place.stand_in.review(SHOP, number, "eve")
    assert merge(place, number).status == 200


def test_what_nobody_owns_wants_no_owner(place: Place) -> None:
    owned(place)
    assert merge(place, a_pull(place, docs__a="1")).status == 200


def test_owners_are_asked_by_themselves_but_not_for_drafts(place: Place) -> None:
    owned(place, "* @ann\n/stages/ @acme/sre @ann\n")
    place.change("topic", stages__dev__app="1")
    number = place.open("topic", draft=True)
    assert place.pull(number)["requested_teams"] == []
    draft = "mutation R($p: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $p}) "
    place.app.data(draft + "{ clientMutationId } }", p=place.node("PullRequest", number))
    shown = place.pull(number)
    assert [team["slug"] for team in shown["requested_teams"]] == ["sre"]
    assert [who["login"] for who in shown["requested_reviewers"]] == ["ann"]


def test_the_owners_are_those_of_the_base(place: Place) -> None:
    owned(place)
    files = {".github__CODEOWNERS": "/stages/ @bob\n", "stages__dev__app": "1"}
    number = a_pull(place, **files)
    place.stand_in.review(SHOP, number, "bob")
    assert merge(place, number).status == 405


def test_who_may_not_write_owns_nothing(place: Place) -> None:
    place.stand_in.create_user("eve")
    place.stand_in.add_collaborator(SHOP, "eve", "read")
    place.change("main", CODEOWNERS="* @eve\n")
    place.stand_in.protect(SHOP, "main", OWNED)
    assert merge(place, a_pull(place)).status == 200


def test_an_approval_falls_with_a_push_that_changes_something(place: Place) -> None:
    rules = Protection(required_reviews=1, dismiss_stale=True)
    place.stand_in.protect(SHOP, "main", rules)
    number = a_pull(place)
    place.stand_in.review(SHOP, number, "ann")
    place.change("topic", a="2")
    assert [one.state for one in place.stand_in.reviews(SHOP, number)] == ["DISMISSED"]
    assert merge(place, number).status == 405
    assert "pull_request_review.dismissed" in place.delivered()


def test_an_approval_stays_where_pushes_may_be_stale(place: Place) -> None:
    place.stand_in.protect(SHOP, "main", Protection(required_reviews=1))
    number = a_pull(place)
    place.stand_in.review(SHOP, number, "ann")
    place.change("topic", a="2")
    assert merge(place, number).status == 200


def test_the_last_push_is_approved_by_somebody_else(place: Place) -> None:
    place.stand_in.protect(SHOP, "main", Protection(required_reviews=1, last_push=True))
    number = a_pull(place)
    place.stand_in.review(SHOP, number, "ann")
    assert merge(place, number).status == 405
    place.stand_in.review(SHOP, number, "bob")
    assert merge(place, number).status == 200


def test_a_request_for_changes_keeps_from_merging(place: Place) -> None:
    place.stand_in.protect(SHOP, "main", Protection(required_reviews=1))
    number = a_pull(place)
    place.stand_in.review(SHOP, number, "ann")
    place.stand_in.review(SHOP, number, "bob", "CHANGES_REQUESTED", "no")
    assert merge(place, number).json["message"] == "Changes were requested by bob."
