"""The merge queue."""

from __future__ import annotations

from github_app.sandbox.behaviour.row import DOCS, MUTATIONS, Behaviour

_QUEUE = (
    f"{DOCS}repositories/configuring-branches-and-merges-in-your-repository/"
    "configuring-pull-request-merges/managing-a-merge-queue"
)
_EVENTS = f"{DOCS}webhooks/webhook-events-and-payloads"

ROWS = (
    Behaviour(
        "Each place gets a branch gh-readonly-queue/BASE/pr-N-SHA on top of the one before it",
        _QUEUE,
        "test_merge_queue::test_groups_stand_on_each_other_and_are_asked_to_be_checked",
    ),
    Behaviour(
        "The base moves to the group's own commit, first places first",
        _QUEUE,
        "test_merge_queue::test_the_first_that_is_green_is_merged_as_its_group",
    ),
    Behaviour(
        "A place whose checks fail is removed; the groups behind it are invalidated and built anew",
        f"{_EVENTS}#merge_group",
        "test_merge_queue::test_a_red_one_is_removed_and_those_behind_are_built_anew",
    ),
    Behaviour(
        "Only as many groups as the rule says are built at a time",
        f"{_QUEUE}#managing-a-merge-queue",
        "test_merge_queue::test_only_so_many_are_built_at_a_time",
    ),
    Behaviour(
        "What conflicts with the places ahead is removed",
        _QUEUE,
        "test_merge_queue::test_what_conflicts_with_those_ahead_is_removed",
    ),
    Behaviour(
        "A pull request that jumps is built before all others",
        f"{MUTATIONS}#enqueuepullrequest",
        "test_merge_queue::test_who_jumps_is_built_first",
    ),
    Behaviour(
        "Without a bypass nothing is merged past the queue: 405",
        _QUEUE,
        "test_merge_queue::test_only_through_the_queue",
    ),
    Behaviour(
        "Only what has all it requires, on the named head, is queued",
        f"{MUTATIONS}#enqueuepullrequest",
        "test_merge_queue::test_what_is_not_ready_is_not_queued",
    ),
    Behaviour(
        "A push to its head takes a pull request out of the queue",
        _QUEUE,
        "test_merge_queue::test_a_pushed_head_leaves_the_queue",
        certain=False,
    ),
    Behaviour(
        "A base moved past the queue makes all groups be built anew",
        _QUEUE,
        "test_merge_queue::test_a_moved_base_builds_the_groups_anew",
        certain=False,
    ),
    Behaviour(
        "Checks that do not report in time are assumed to have failed",
        f"{DOCS}rest/repos/rules#get-rules-for-a-branch",
        "test_merge_queue::test_checks_that_do_not_report_count_as_failed",
    ),
    Behaviour(
        "Where there is a queue, auto-merge leads into it",
        f"{DOCS}pull-requests/collaborating-with-pull-requests/"
        "incorporating-changes-from-a-pull-request/merging-a-pull-request-with-a-merge-queue",
        "test_merge_queue::test_auto_merge_leads_into_the_queue",
    ),
    Behaviour(
        "The queue's rule says whether it merges, squashes or rebases",
        f"{DOCS}rest/repos/rules#get-rules-for-a-branch",
        "test_merge_queue::test_squashed_by_the_queue",
    ),
)
