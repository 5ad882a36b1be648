"""How pull requests live with their refs."""

from __future__ import annotations

from github_app.sandbox.behaviour.row import DOCS, MUTATIONS, PULLS, UNREOPENABLE, Behaviour

ROWS = (
    Behaviour(
        "Deleting the head branch closes the pull request",
        f"{DOCS}pull-requests/committing-changes-to-your-project/"
        "creating-and-deleting-branches-within-your-repository",
        "test_refs::test_a_deleted_head_closes",
    ),
    Behaviour(
        "A head moved to where the base is closes the pull request, unmerged",
        UNREOPENABLE,
        "test_refs::test_a_head_moved_to_the_base_closes",
        certain=False,
    ),
    Behaviour(
        "A head moved in one step to a rebuilt commit keeps the pull request open",
        f"{MUTATIONS}#updaterefs",
        "test_refs::test_a_head_rebuilt_in_one_move_stays_open",
    ),
    Behaviour(
        "Deleting the base branch closes the pull request",
        "https://bors.tech/rfcs/0507-update-base-branch-of-prs-depending-on-a-branch-that-will-be-deleted.html",
        "test_refs::test_a_deleted_base_closes",
        certain=False,
    ),
    Behaviour(
        "A push that brings the head into the base marks the pull request merged",
        f"{DOCS}pull-requests/collaborating-with-pull-requests/"
        "incorporating-changes-from-a-pull-request/about-pull-request-merges#indirect-merges",
        "test_git_http::test_pushing_the_head_to_the_base_merges",
    ),
    Behaviour(
        "Pushing to a closed pull request's head neither moves nor reopens it",
        "https://github.com/go-gitea/gitea/pull/23324",
        "test_pulls::test_a_push_to_a_closed_head_does_not_reopen",
        certain=False,
    ),
    Behaviour(
        "A closed pull request whose head was rewritten cannot be reopened",
        "https://github.com/isaacs/github/issues/361",
        "test_pulls::test_a_rewritten_head_cannot_be_reopened",
        certain=False,
    ),
    Behaviour(
        "A pull request closed for want of commits stays closed, even if it gets some again",
        UNREOPENABLE,
        "test_refs::test_one_closed_for_want_of_commits_stays_closed",
        certain=False,
    ),
    Behaviour(
        "One based on a merged pull request's branch gets its base when that branch is deleted",
        f"{DOCS}pull-requests/collaborating-with-pull-requests/"
        "proposing-changes-to-your-work-with-pull-requests/about-branches#working-with-branches",
        "test_merging::test_children_are_retargeted_when_the_head_is_deleted",
    ),
    Behaviour(
        "base.sha and baseRefOid stay where they were until the head moves",
        "https://github.com/github/rest-api-description/issues/5978",
        "test_refs::test_the_base_sha_is_that_of_the_last_look",
        certain=False,
    ),
    Behaviour(
        "One open pull request per head and base",
        f"{PULLS}#create-a-pull-request",
        "test_pulls::test_a_second_one_for_the_same_head_and_base_is_refused",
    ),
    Behaviour(
        "No pull request without commits between base and head",
        f"{PULLS}#create-a-pull-request",
        "test_pulls::test_nothing_between_is_refused",
    ),
    Behaviour(
        "No pull request between unrelated histories",
        f"{PULLS}#create-a-pull-request",
        "test_pulls::test_unrelated_histories_are_refused",
    ),
    Behaviour(
        "A body of more than 65,536 characters is refused",
        "https://github.com/orgs/community/discussions/27190",
        "test_pulls::test_a_body_has_a_limit",
        certain=False,
    ),
    Behaviour(
        "refs/pull/N/head follows the head",
        f"{DOCS}pull-requests/collaborating-with-pull-requests/"
        "reviewing-changes-in-pull-requests/checking-out-pull-requests-locally",
        "test_git_http::test_pull_requests_follow_a_push",
    ),
    Behaviour(
        "mergeable is null until GitHub has computed it, which asking starts",
        f"{PULLS}#get-a-pull-request",
        "test_pulls::test_mergeability_may_be_unknown_at_first_look",
    ),
    Behaviour(
        "A head deleted by updateRefs closes its pull request; restored, it can be reopened",
        f"{DOCS}repositories/configuring-branches-and-merges-in-your-repository/"
        "managing-branches-in-your-repository/deleting-and-restoring-branches-in-a-pull-request",
        "test_refs::test_a_head_deleted_by_update_refs_closes_and_may_be_restored",
    ),
)
