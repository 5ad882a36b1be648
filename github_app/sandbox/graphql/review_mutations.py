"""Mutations of reviews, of who is asked for them or assigned, and of reactions."""

from __future__ import annotations

from collections.abc import Mapping

from github_app.sandbox import conversation, reacting, reviewing
from github_app.sandbox.graphql import nodes
from github_app.sandbox.graphql.comment_fields import TABLE as COMMENTS
from github_app.sandbox.graphql.scope import Arguments, Scope, Thing, account
from github_app.sandbox.reaction import CONTENTS
from github_app.sandbox.reviewing import Asked, Opinion
from github_app.sandbox.state import Comment, PullRequest, Repository

Payload = dict[str, object]
PULLS = "pull_requests"
_WORDS: Mapping[str, str] = {theirs: own for own, theirs in CONTENTS.items()}


def add_review(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `addpullrequestreview`.

    https://docs.github.com/graphql/reference/mutations#addpullrequestreview
    """
    repo, pull = nodes.pull(scope, wish["pullRequestId"])
    scope.demand_write(repo, PULLS)
    event = wish.get("event") or "COMMENT"
    opinion = Opinion(event, wish.get("body") or "", wish.get("commitOID"))
    made = reviewing.review(scope.world, repo, pull, scope.actor, opinion)
    return {"pullRequestReview": Thing("PullRequestReview", made, repo)}


def dismiss_review(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `dismisspullrequestreview`.

    https://docs.github.com/graphql/reference/mutations#dismisspullrequestreview
    """
    repo, given = nodes.review(scope, wish["pullRequestReviewId"])
    scope.demand_write(repo, PULLS)
    gone = reviewing.dismiss(scope.world, repo, given, scope.actor, wish["message"])
    return {"pullRequestReview": Thing("PullRequestReview", gone, repo)}


def request_reviews(scope: Scope, wish: Arguments) -> Payload:
    """With `union` those asked before stay asked, else these replace them.

    https://docs.github.com/graphql/reference/mutations#requestreviews
    """
    repo, pull = nodes.pull(scope, wish["pullRequestId"])
    scope.demand_write(repo, PULLS)
    people = [nodes.expected(scope, "User", text).value.login for text in wish.get("userIds") or ()]
    teams = [nodes.expected(scope, "Team", text).value.slug for text in wish.get("teamIds") or ()]
    asked = Asked(people, teams)
    if not wish.get("union"):
        pull = _forget_others(scope, repo, pull, asked)
    pull = reviewing.request(scope.world, repo, pull, scope.actor, asked)
    return {"actor": account(scope, scope.actor.login), "pullRequest": _shown(repo, pull)}


def _forget_others(scope: Scope, repo: Repository, pull: PullRequest, asked: Asked) -> PullRequest:
    others = Asked(
        [login for login in pull.requested_reviewers if login not in asked.people],
        [slug for slug in pull.requested_teams if slug not in asked.teams],
    )
    return reviewing.unrequest(scope.world, repo, pull, scope.actor, others)


def _shown(repo: Repository, pull: PullRequest) -> Thing:
    return Thing("PullRequest", pull, repo)


def _logins(scope: Scope, wish: Arguments) -> list[str]:
    return [nodes.expected(scope, "User", text).value.login for text in wish["assigneeIds"]]


def assign(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `addassigneestoassignable`.

    https://docs.github.com/graphql/reference/mutations#addassigneestoassignable
    """
    repo, pull = nodes.pull(scope, wish["assignableId"])
    scope.demand_write(repo, "issues", PULLS)
    pull = conversation.assign(scope.world, repo, pull, scope.actor, _logins(scope, wish))
    return {"assignable": _shown(repo, pull)}


def unassign(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `removeassigneesfromassignable`.

    https://docs.github.com/graphql/reference/mutations#removeassigneesfromassignable
    """
    repo, pull = nodes.pull(scope, wish["assignableId"])
    scope.demand_write(repo, "issues", PULLS)
    pull = conversation.unassign(scope.world, repo, pull, scope.actor, _logins(scope, wish))
    return {"assignable": _shown(repo, pull)}


def add_reaction(scope: Scope, wish: Arguments) -> Payload:
    """One that was given already is answered again, and not added.

    https://docs.github.com/graphql/reference/mutations#addreaction
    """
    repo, comment = nodes.comment(scope, wish["subjectId"])
    scope.demand_write(repo, "issues", PULLS)
    word = _WORDS[wish["content"]]
    made, _ = reacting.react(scope.world, repo, comment, scope.actor, word)
    return {"reaction": Thing("Reaction", made, repo), **_reacted(scope, repo, comment)}


def remove_reaction(scope: Scope, wish: Arguments) -> Payload:
    """GitHub's `removereaction`.

    https://docs.github.com/graphql/reference/mutations#removereaction
    """
    repo, comment = nodes.comment(scope, wish["subjectId"])
    scope.demand_write(repo, "issues", PULLS)
    word = _WORDS[wish["content"]]
    gone = reacting.take_back(scope.world, repo, comment, scope.actor, word)
    reaction = Thing("Reaction", gone, repo) if gone else None
    return {"reaction": reaction, **_reacted(scope, repo, comment)}


def _reacted(scope: Scope, repo: Repository, comment: Comment) -> Payload:
    subject = Thing("IssueComment", comment, repo)
    groups = COMMENTS["IssueComment"]["reactionGroups"](scope, subject, {})
    return {"reactionGroups": groups, "subject": subject}
