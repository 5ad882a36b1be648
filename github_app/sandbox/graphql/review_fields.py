"""Reviews, who was asked for them, and who is assigned."""

from __future__ import annotations

from collections.abc import Sequence

from github_app.sandbox import ownership, reviewing
from github_app.sandbox.access import association, at_least, may, role
from github_app.sandbox.graphql.scope import (
    Arguments,
    Resolver,
    Scope,
    Table,
    Thing,
    account,
    commit,
    connection,
    thing_id,
)
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.rest.shapes import stamp
from github_app.sandbox.state import Event, Repository, Review
from github_app.sandbox.world import Actor


def _page(thing: Thing, arguments: Arguments, name: str, found: Sequence[Review]) -> object:
    return connection(name, found, arguments, lambda r: Thing("PullRequestReview", r, thing.home))


def _reviews(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    states, author = arguments.get("states"), arguments.get("author")
    found = [
        review
        for review in reviewing.of_pull(scope.world, thing.home, thing.value.number)
        if (not states or review.state in states) and author in (None, review.author)
    ]
    return _page(thing, arguments, "reviews", found)


def _latest(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    found = reviewing.latest(reviewing.of_pull(scope.world, thing.home, thing.value.number))
    return _page(thing, arguments, "latestReviews", found)


def _opinionated(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    repo = scope.fresh(thing.home)
    found = reviewing.opinionated(scope.world, repo, thing.value.number)
    if arguments.get("writersOnly"):
        found = [review for review in found if _writes(scope, repo, review.author)]
    return _page(thing, arguments, "latestOpinionatedReviews", found)


def _writes(scope: Scope, repo: Repository, login: str) -> bool:
    """People by their role, bots by what their App was granted."""
    app = scope.world.app_of_bot(login)
    if app is None:
        return at_least(role(repo, login), "write")
    for installation in scope.world.installations_for(repo):
        if installation.app == app.slug:
            granted = installation.permissions
            bot = Actor(scope.world.account(login), app, installation, granted)
            return may(bot, repo, "contents", "write")
    return False


def _on_behalf_of(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    found = [scope.world.team(thing.home.owner, slug) for slug in thing.value.teams]
    return connection("onBehalfOf", found, arguments, lambda team: Thing("Team", team))


def _requests(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    pull = scope.world.pull(thing.home, thing.value.number)
    found = [
        *((pull.number, "person", login) for login in pull.requested_reviewers),
        *((pull.number, "team", slug) for slug in pull.requested_teams),
    ]
    return connection(
        "reviewRequests", found, arguments, lambda r: Thing("ReviewRequest", r, thing.home)
    )


def _requested(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    _, kind, name = thing.value
    if kind == "team":
        return Thing("Team", scope.world.team(thing.home.owner, name))
    return account(scope, name)


def _as_owner(scope: Scope, thing: Thing, arguments: Arguments) -> bool:
    number, kind, name = thing.value
    pull = scope.world.pull(thing.home, number)
    whole = f"{thing.home.owner}/{name}" if kind == "team" else name
    return any(whole in owners for owners in ownership.owners(scope.world, thing.home, pull))


def _assignees(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    pull = scope.world.pull(thing.home, thing.value.number)
    return connection("assignees", pull.assignees, arguments, lambda login: account(scope, login))


def _dismissed(scope: Scope, thing: Thing) -> tuple[Review, str, str]:
    """The review of a timeline's line, what it was before, and why it was dismissed."""
    event: Event = thing.value[0]
    number, before, message = event.detail.split(" ", 2)
    return scope.world.of(thing.home).reviews[int(number)], before, message


def _asked(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    event: Event = thing.value[0]
    organization, slash, slug = event.detail.partition("/")
    if slash:
        return Thing("Team", scope.world.team(organization, slug))
    return account(scope, event.detail)


def _url(scope: Scope, thing: Thing) -> str:
    review: Review = thing.value
    page = f"/pull/{review.number}#pullrequestreview-{review.id}"
    return scope.urls.page(thing.home, page)


_EVENT: dict[str, Resolver] = {
    "id": lambda s, t, a: node_id("Event", t.home.id, t.value[0].id),
    "actor": lambda s, t, a: account(s, t.value[0].actor),
    "createdAt": lambda s, t, a: stamp(t.value[0].at),
}

TABLE: Table = {
    "PullRequest": {
        "reviews": _reviews,
        "latestReviews": _latest,
        "latestOpinionatedReviews": _opinionated,
        "reviewRequests": _requests,
        "assignees": _assignees,
    },
    "PullRequestReview": {
        "id": lambda s, t, a: thing_id(t, t.value.id),
        "fullDatabaseId": lambda s, t, a: str(t.value.id),
        "author": lambda s, t, a: account(s, t.value.author),
        "authorAssociation": lambda s, t, a: association(t.home, t.value.author),
        "authorCanPushToRepository": lambda s, t, a: _writes(s, s.fresh(t.home), t.value.author),
        "body": lambda s, t, a: t.value.body,
        "commit": lambda s, t, a: commit(s, t.home, t.value.sha),
        "createdAt": lambda s, t, a: stamp(t.value.submitted_at),
        "lastEditedAt": lambda s, t, a: None,
        "onBehalfOf": _on_behalf_of,
        "pullRequest": lambda s, t, a: Thing(
            "PullRequest", s.world.pull(t.home, t.value.number), t.home
        ),
        "submittedAt": lambda s, t, a: stamp(t.value.submitted_at),
        "state": lambda s, t, a: t.value.state,
        "updatedAt": lambda s, t, a: stamp(t.value.submitted_at),
        "url": lambda s, t, a: _url(s, t),
    },
    "ReviewRequest": {
        "id": lambda s, t, a: node_id("ReviewRequest", t.home.id, *t.value),
        "databaseId": lambda s, t, a: None,
        "asCodeOwner": _as_owner,
        "pullRequest": lambda s, t, a: Thing(
            "PullRequest", s.world.pull(t.home, t.value[0]), t.home
        ),
        "requestedReviewer": _requested,
    },
    "ReviewDismissedEvent": {
        **_EVENT,
        "databaseId": lambda s, t, a: t.value[0].id,
        "dismissalMessage": lambda s, t, a: _dismissed(s, t)[2],
        "previousReviewState": lambda s, t, a: _dismissed(s, t)[1],
        "pullRequest": lambda s, t, a: Thing("PullRequest", t.value[1], t.home),
        "review": lambda s, t, a: Thing("PullRequestReview", _dismissed(s, t)[0], t.home),
        "url": lambda s, t, a: s.urls.page(
            t.home, f"/pull/{t.value[1].number}#event-{t.value[0].id}"
        ),
    },
    "ReviewRequestedEvent": {**_EVENT, "requestedReviewer": _asked},
    "AssignedEvent": {**_EVENT, "assignee": lambda s, t, a: account(s, t.value[0].detail)},
}
