"""Reviews, requests for them, reactions, and what teams have to do with them."""

from __future__ import annotations

from github_app.sandbox.behaviour.row import DOCS, MUTATIONS, Behaviour

_REVIEWS = f"{DOCS}rest/pulls/reviews"

ROWS = (
    Behaviour(
        "Of each person the last decision counts; a comment is none",
        f"{DOCS}graphql/reference/objects#pullrequest",
        "test_reviewing::test_the_last_decision_of_each_person_counts",
    ),
    Behaviour(
        "A dismissed review leaves its author without an opinion, whatever came before",
        "https://github.com/sonichi/sutando/pull/3774",
        "test_reviewing::test_a_dismissed_review_leaves_no_opinion",
        certain=False,
    ),
    Behaviour(
        "Only an approval or a request for changes can be dismissed, and only once: 422",
        "https://github.com/gravitational/teleport/pull/9094",
        "test_reviewing::test_what_cannot_be_dismissed",
        certain=False,
    ),
    Behaviour(
        "A review belongs to a commit, and stays with it when the head moves",
        f"{_REVIEWS}#create-a-review-for-a-pull-request",
        "test_reviewing::test_a_review_names_the_commit_that_was_looked_at",
    ),
    Behaviour(
        "Who may read may review; writersOnly leaves those out who may not push",
        f"{DOCS}graphql/reference/objects#pullrequest",
        "test_reviewing::test_a_reader_may_review_but_not_among_writers",
    ),
    Behaviour(
        "requestReviews replaces who was asked, unless `union` is true",
        f"{MUTATIONS}#requestreviews",
        "test_reviewing::test_requests_replace_each_other_unless_united",
    ),
    Behaviour(
        "A review by a member of a team that was asked is given on behalf of the team",
        f"{DOCS}graphql/reference/objects#pullrequestreview",
        "test_reviewing::test_a_review_is_given_on_behalf_of_the_team_that_was_asked",
    ),
    Behaviour(
        "Only collaborators and teams with access can be asked: 422",
        f"{DOCS}rest/pulls/review-requests#request-reviewers-for-a-pull-request",
        "test_reviewing::test_only_collaborators_are_asked",
    ),
    Behaviour(
        "Assignees without push access are silently ignored",
        f"{DOCS}rest/issues/assignees#add-assignees-to-an-issue",
        "test_reviewing::test_assignees_who_may_not_write_are_passed_over",
    ),
    Behaviour(
        "A reaction that was given already is not added again: 200 instead of 201",
        f"{DOCS}rest/reactions/reactions#create-reaction-for-an-issue-comment",
        "test_reviewing::test_a_reaction_is_given_once",
    ),
    Behaviour(
        "An edited comment has lastEditedAt",
        f"{DOCS}graphql/reference/objects#issuecomment",
        "test_reviewing::test_an_edited_comment_says_so",
    ),
    Behaviour(
        "A team's role in a repository is that of its members; role_name tells all five roles",
        f"{DOCS}rest/collaborators/collaborators#get-repository-permissions-for-a-user",
        "test_reviewing::test_a_team_gives_its_members_a_role",
    ),
    Behaviour(
        "An App sees teams only with `members: read`",
        f"{DOCS}rest/teams/members#get-team-membership-for-a-user",
        "test_reviewing::test_teams_want_a_permission_of_their_own",
    ),
    Behaviour(
        "Who presses a button of a check run is the sender; only the run's App is told",
        f"{DOCS}webhooks/webhook-events-and-payloads#check_run",
        "test_reviewing::test_a_person_presses_a_button",
    ),
)
