"""What merging needs, and what refuses it."""

from __future__ import annotations

from github_app.sandbox.behaviour.row import (
    AUTO_MERGE,
    AUTO_MERGE_ACTION,
    DOCS,
    PROTECTED,
    PULLS,
    Behaviour,
)

ROWS = (
    Behaviour(
        "Conflicts are those of a real three-way merge: 405",
        f"{PULLS}#merge-a-pull-request",
        "test_merging::test_conflicts_are_found_by_git",
    ),
    Behaviour(
        "A merge that names another head is refused: 409",
        f"{PULLS}#merge-a-pull-request",
        "test_merging::test_another_head_than_the_named_one",
    ),
    Behaviour(
        "Required checks keep a merge from happening until they are green: 405",
        PROTECTED,
        "test_merging::test_required_checks",
    ),
    Behaviour(
        "A required check pinned to an App does not count from another",
        PROTECTED,
        "test_merging::test_a_check_pinned_to_another_app_does_not_count",
    ),
    Behaviour(
        "Strict checks want the base in the head",
        PROTECTED,
        "test_merging::test_strict_checks_want_the_base_in_the_head",
    ),
    Behaviour(
        "Nobody approves what is their own",
        f"{DOCS}pull-requests/collaborating-with-pull-requests/"
        "reviewing-changes-in-pull-requests/approving-a-pull-request-with-required-reviews",
        "test_merging::test_required_reviews",
    ),
    Behaviour(
        "The head branch is deleted after a merge by setting",
        f"{DOCS}repositories/configuring-branches-and-merges-in-your-repository/"
        "configuring-pull-request-merges/managing-the-automatic-deletion-of-branches",
        "test_merging::test_the_head_is_deleted_by_setting",
    ),
    Behaviour(
        "Auto-merge is refused when the repository does not allow it",
        AUTO_MERGE,
        "test_merging::test_auto_merge_is_refused_when_it_is_off",
    ),
    Behaviour(
        "Auto-merge is refused when the branch requires nothing",
        f"{AUTO_MERGE_ACTION}#conditions",
        "test_merging::test_auto_merge_is_refused_when_nothing_is_required",
        certain=False,
    ),
    Behaviour(
        "Auto-merge is refused when nothing is missing (clean or unstable status)",
        f"{AUTO_MERGE_ACTION}/issues/822",
        "test_merging::test_auto_merge_is_refused_when_nothing_is_missing",
        certain=False,
    ),
    Behaviour(
        "Auto-merge merges in the name of who enabled it, as soon as everything is met",
        AUTO_MERGE,
        "test_merging::test_auto_merge_merges_when_green",
    ),
    Behaviour(
        "Another base ends auto-merge",
        AUTO_MERGE,
        "test_merging::test_another_base_ends_auto_merge",
    ),
)
