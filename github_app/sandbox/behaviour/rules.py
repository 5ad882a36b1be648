"""Rulesets, code owners, and what a push does to reviews."""

from __future__ import annotations

from github_app.sandbox.behaviour.row import DOCS, PROTECTED, Behaviour

_RULES = f"{DOCS}rest/repos/rules"
_RULESETS = (
    f"{DOCS}repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/"
)
_OWNERS = (
    f"{DOCS}repositories/managing-your-repositorys-settings-and-features/"
    "customizing-your-repository/about-code-owners"
)
_REVIEWS = f"{PROTECTED}#require-pull-request-reviews-before-merging"

ROWS = (
    Behaviour(
        "Rules of a branch come from rulesets alone; classic protection is in refUpdateRule",
        "https://github.com/mondoohq/cnspec/issues/3826",
        "test_rules::test_rules_are_told_apart_from_classic_protection",
        certain=False,
    ),
    Behaviour(
        "Rules can be read for a branch that does not exist; a star stops at slashes",
        f"{_RULES}#get-rules-for-a-branch",
        "test_rules::test_rules_hold_for_branches_that_do_not_exist",
    ),
    Behaviour(
        "Rulesets that are disabled or evaluated are not told, and hold nobody back",
        f"{_RULES}#get-rules-for-a-branch",
        "test_rules::test_only_active_rulesets_count",
    ),
    Behaviour(
        "A check that a ruleset pins to an App counts from that App alone",
        f"{_RULESETS}available-rules-for-rulesets#require-status-checks-to-pass-before-merging",
        "test_rules::test_a_rulesets_check_keeps_from_merging_unless_its_app_reports",
    ),
    Behaviour(
        "Who may bypass `pull_request` merges but does not push; `always` does both",
        f"{_RULESETS}creating-rulesets-for-a-repository#granting-bypass-permissions-for-your-branch-or-tag-ruleset",
        "test_rules::test_who_may_bypass_merges_and_pushes",
    ),
    Behaviour(
        "A ruleset may leave only some merge methods",
        f"{_RULESETS}available-rules-for-rulesets#require-a-pull-request-before-merging",
        "test_rules::test_a_merge_method_may_be_ruled_out",
    ),
    Behaviour(
        "Rules keep branches from being deleted and rewound",
        f"{_RULESETS}available-rules-for-rulesets",
        "test_rules::test_rules_against_deletion_and_rewinding",
    ),
    Behaviour(
        "The last line of CODEOWNERS that matches a file names its owners, even if none",
        _OWNERS,
        "test_codeowners::test_the_last_line_that_matches_owns",
    ),
    Behaviour(
        "Of each set of owners one must approve",
        _REVIEWS,
        "test_rules::test_an_owner_of_what_changes_must_approve",
    ),
    Behaviour(
        "Owners are asked for a review when a pull request opens, or stops being a draft",
        _OWNERS,
        "test_rules::test_owners_are_asked_by_themselves_but_not_for_drafts",
    ),
    Behaviour(
        "CODEOWNERS of the base branch counts, not that of the head",
        _OWNERS,
        "test_rules::test_the_owners_are_those_of_the_base",
    ),
    Behaviour(
        "Owners must be able to write",
        _OWNERS,
        "test_rules::test_who_may_not_write_owns_nothing",
    ),
    Behaviour(
        "Stale approvals are dismissed by a push that changes something, where that is wanted",
        _REVIEWS,
        "test_rules::test_an_approval_falls_with_a_push_that_changes_something",
    ),
    Behaviour(
        "The last push may have to be approved by someone other than who pushed",
        _REVIEWS,
        "test_rules::test_the_last_push_is_approved_by_somebody_else",
    ),
    Behaviour(
        "A request for changes by who may write blocks where reviews are required",
        _REVIEWS,
        "test_rules::test_a_request_for_changes_keeps_from_merging",
    ),
)
