"""Reviews, requests for them, and who is assigned, over REST.

https://docs.github.com/rest/pulls/reviews
"""

from __future__ import annotations

from github_app.sandbox import conversation, reviewing
from github_app.sandbox.refused import not_found
from github_app.sandbox.rest import pull_shapes, talk_shapes
from github_app.sandbox.rest.call import Answer, Call, page
from github_app.sandbox.reviewing import Asked, Opinion
from github_app.sandbox.state import PullRequest, Review


def _pull(call: Call) -> PullRequest:
    return call.world.pull(call.repo, call.number("number"))


def _shown(call: Call, review: Review) -> Answer:
    return Answer(200, talk_shapes.review(call.world, call.urls, call.repo, review))


def listed(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/reviews#list-reviews-for-a-pull-request"""
    found = reviewing.of_pull(call.world, call.repo, _pull(call).number)
    return page(call, found, lambda r: talk_shapes.review(call.world, call.urls, call.repo, r))


def create(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/reviews#create-a-review-for-a-pull-request"""
    opinion = Opinion(call.text("event"), call.optional("body") or "", call.optional("commit_id"))
    made = reviewing.review(call.world, call.repo, _pull(call), call.actor, opinion)
    return _shown(call, made)


def _review(call: Call) -> Review:
    found = call.world.of(call.repo).reviews.get(call.number("review"))
    if found is None or found.number != call.number("number"):
        raise not_found()
    return found


def get(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/reviews#get-a-review-for-a-pull-request"""
    return _shown(call, _review(call))


def dismiss(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/reviews#dismiss-a-review-for-a-pull-request"""
    message = call.text("message")
    gone = reviewing.dismiss(call.world, call.repo, _review(call), call.actor, message)
    return _shown(call, gone)


def _asked(call: Call) -> Asked:
    return Asked(call.texts("reviewers") or (), call.texts("team_reviewers") or ())


def request(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/review-requests#request-reviewers-for-a-pull-request"""
    pull = reviewing.request(call.world, call.repo, _pull(call), call.actor, _asked(call))
    return Answer(201, pull_shapes.pull_simple(call.world, call.urls, call.repo, pull))


def unrequest(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/review-requests#remove-requested-reviewers-from-a-pull-request"""
    pull = reviewing.unrequest(call.world, call.repo, _pull(call), call.actor, _asked(call))
    return Answer(200, pull_shapes.pull_simple(call.world, call.urls, call.repo, pull))


def assign(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/assignees#add-assignees-to-an-issue"""
    logins = call.texts("assignees") or []
    pull = conversation.assign(call.world, call.repo, _pull(call), call.actor, logins)
    return Answer(201, pull_shapes.issue(call.world, call.urls, call.repo, pull))


def unassign(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/assignees#remove-assignees-from-an-issue"""
    logins = call.texts("assignees") or []
    pull = conversation.unassign(call.world, call.repo, _pull(call), call.actor, logins)
    return Answer(200, pull_shapes.issue(call.world, call.urls, call.repo, pull))
