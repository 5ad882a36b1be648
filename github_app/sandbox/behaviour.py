"""What GitHub does that no schema shows, and which test holds the stand-in to it.

Some rows rest on what users of GitHub reported, not on its documentation; `certain` says so.
"""

from __future__ import annotations

from dataclasses import dataclass

DOCS = "https://docs.github.com/"
PROTECTED = (
    f"{DOCS}repositories/configuring-branches-and-merges-in-your-repository/"
    "managing-protected-branches/about-protected-branches"
)
AUTO_MERGE = (
    f"{DOCS}pull-requests/collaborating-with-pull-requests/"
    "incorporating-changes-from-a-pull-request/automatically-merging-a-pull-request"
)
SIGNED = (
    f"{DOCS}authentication/managing-commit-signature-verification/"
    "about-commit-signature-verification"
)
MUTATIONS = f"{DOCS}graphql/reference/mutations"
PULLS = f"{DOCS}rest/pulls/pulls"
CHECKS = f"{DOCS}rest/checks/runs"
TOKENS = f"{DOCS}apps/creating-github-apps/authenticating-with-a-github-app"
AUTO_MERGE_ACTION = "https://github.com/peter-evans/enable-pull-request-automerge"
UNREOPENABLE = "https://github.com/dimikot/git-grok/pull/30"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One rule: what happens, where that is written, and `module::test` below `tests/sandbox`."""

    what: str
    source: str
    test: str
    certain: bool = True


TABLE = (
    # documents
    Behaviour(
        "Mutations of a document run in order; one that fails is null, the others stay done",
        "https://spec.graphql.org/October2021/#sec-Mutation",
        "test_graphql::test_what_succeeded_before_a_failure_stays_done",
    ),
    Behaviour(
        "createCommitOnBranch on a moved branch is refused as STALE_DATA",
        f"{MUTATIONS}#createcommitonbranch",
        "test_graphql::test_what_succeeded_before_a_failure_stays_done",
    ),
    Behaviour(
        "updateRefs moves all refs or none, and compares with beforeOid",
        f"{MUTATIONS}#updaterefs",
        "test_graphql::test_refs_move_together_or_not_at_all",
    ),
    Behaviour(
        "A connection needs first or last, at most 100",
        f"{DOCS}graphql/guides/using-pagination-in-the-graphql-api",
        "test_graphql::test_a_page_must_be_bounded",
    ),
    Behaviour(
        "A bot's login ends in [bot] in REST and in commits, but not as a GraphQL Actor",
        "https://github.com/fullsend-ai/fullsend/issues/6205",
        "test_graphql::test_a_bot_has_two_logins",
        certain=False,
    ),
    Behaviour(
        "An unknown repository is null with an error NOT_FOUND, status 200",
        f"{DOCS}graphql/guides/forming-calls-with-graphql",
        "test_graphql::test_an_unknown_repository_is_null_and_not_found",
    ),
    Behaviour(
        "A spent GraphQL budget is an error RATE_LIMITED inside a 200",
        f"{DOCS}graphql/overview/rate-limits-and-query-limits-for-the-graphql-api",
        "test_auth::test_graphql_tells_of_its_limit_inside_a_200",
    ),
    # refs and pull requests
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
    # merging
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
    # commits
    Behaviour(
        "GitHub signs what an App commits over REST without naming an author",
        SIGNED,
        "test_rest::test_git_data_from_blob_to_ref",
    ),
    Behaviour(
        "A commit with an author of its own is not signed",
        SIGNED,
        "test_rest::test_a_commit_with_an_author_is_not_signed",
    ),
    Behaviour(
        "Commits of a rebase merge are not signed",
        SIGNED,
        "test_merging::test_rebase",
    ),
    Behaviour(
        "A pushed commit is not signed by GitHub, whatever it claims",
        SIGNED,
        "test_git_http::test_a_copied_signature_does_not_verify",
    ),
    # protection of branches
    Behaviour(
        "A protected branch takes no force push, no deletion, and no unchecked direct push",
        PROTECTED,
        "test_git_http::test_protected_branches_refuse",
    ),
    Behaviour(
        "A ref moves back only by force: 422",
        f"{DOCS}rest/git/refs#update-a-reference",
        "test_refs::test_a_rewind_wants_force",
    ),
    # gates
    Behaviour(
        "Only Apps make check runs",
        f"{CHECKS}#create-a-check-run",
        "test_gates::test_only_apps_make_runs",
    ),
    Behaviour(
        "A check run's summary and text are limited, as are annotations per call and buttons",
        f"{CHECKS}#create-a-check-run",
        "test_gates::test_what_a_run_may_not_be",
    ),
    Behaviour(
        "Annotations of later calls are added",
        f"{CHECKS}#update-a-check-run",
        "test_gates::test_annotations_add_up",
    ),
    Behaviour(
        "A push makes a check suite for every App that may write checks",
        f"{DOCS}rest/guides/using-the-rest-api-to-interact-with-checks",
        "test_gates::test_a_push_asks_for_a_suite",
    ),
    Behaviour(
        "A deployment is refused while a context is not green, unless none is required: 409",
        f"{DOCS}rest/deployments/deployments#create-a-deployment",
        "test_gates::test_a_deployment_wants_green_contexts",
    ),
    Behaviour(
        "A deployment first merges the default branch unless told otherwise: 202",
        f"{DOCS}rest/deployments/deployments#create-a-deployment",
        "test_gates::test_a_deployment_merges_the_default_branch_unless_told",
    ),
    Behaviour(
        "A successful deployment retires earlier ones of a lasting, non-production environment",
        f"{DOCS}rest/deployments/statuses#create-a-deployment-status",
        "test_gates::test_a_deployment_and_its_statuses",
    ),
    # webhooks
    Behaviour(
        "A redelivery has the guid of the first delivery",
        f"{DOCS}webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks",
        "test_webhooks::test_a_redelivery_has_the_same_guid",
    ),
    Behaviour(
        "A failed delivery is not sent again by itself",
        f"{DOCS}webhooks/using-webhooks/handling-failed-webhook-deliveries",
        "test_webhooks::test_a_failed_delivery_is_not_sent_again_by_itself",
    ),
    Behaviour(
        "An App hears of what it does itself",
        f"{DOCS}webhooks/webhook-events-and-payloads#push",
        "test_webhooks::test_an_app_hears_of_its_own_pushes",
    ),
    Behaviour(
        "An event needs both the subscription and the permission",
        f"{DOCS}apps/creating-github-apps/registering-a-github-app/using-webhooks-with-github-apps",
        "test_webhooks::test_only_subscribed_and_permitted_events_are_sent",
    ),
    # tokens
    Behaviour(
        "A JWT lives ten minutes at most",
        f"{TOKENS}/generating-a-json-web-token-jwt-for-a-github-app",
        "test_auth::test_times_of_a_jwt",
    ),
    Behaviour(
        "An installation token ends after an hour: 401",
        f"{TOKENS}/generating-an-installation-access-token-for-a-github-app",
        "test_auth::test_tokens_are_long_and_end_after_an_hour",
    ),
    Behaviour(
        "A missing permission is 403 and named in a header",
        f"{DOCS}rest/using-the-rest-api/troubleshooting-the-rest-api",
        "test_auth::test_a_token_narrowed_to_permissions",
    ),
    Behaviour(
        "What one may not see is not found: 404",
        f"{DOCS}rest/using-the-rest-api/troubleshooting-the-rest-api",
        "test_auth::test_what_is_private_is_not_found",
    ),
    Behaviour(
        "A label that is not there yet is made when it is put on an issue",
        f"{DOCS}rest/issues/labels#add-labels-to-an-issue",
        "test_rest::test_labels",
    ),
)
