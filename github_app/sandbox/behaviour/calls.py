"""Documents, tokens, commits, gates and webhooks."""

from __future__ import annotations

from github_app.sandbox.behaviour.row import (
    CHECKS,
    DOCS,
    MUTATIONS,
    PROTECTED,
    SIGNED,
    TOKENS,
    Behaviour,
)

_LIMITS = f"{DOCS}rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"

ROWS = (
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
    Behaviour(
        "Content beyond so much a minute is refused with Retry-After; everything else goes on",
        _LIMITS,
        "test_content_limit::test_content_beyond_the_limit_is_refused_with_retry_after",
    ),
    Behaviour(
        "Every mutation that notifies people counts, not the document",
        _LIMITS,
        "test_content_limit::test_each_mutation_that_notifies_counts",
        certain=False,
    ),
    Behaviour(
        "Every installation has a budget of its own",
        f"{DOCS}rest/using-the-rest-api/rate-limits-for-the-rest-api",
        "test_content_limit::test_every_installation_has_a_budget_of_its_own",
    ),
    Behaviour(
        "A deployment makes the environment it names; names differ by more than case",
        f"{DOCS}actions/reference/workflows-and-actions/deployments-and-environments",
        "test_gates::test_the_first_deployment_makes_its_environment",
    ),
)
