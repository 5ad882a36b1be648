"""Reviews of a pull request: given, dismissed, asked for.

https://docs.github.com/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/about-pull-request-reviews
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from github_app.sandbox.access import at_least, role
from github_app.sandbox.pulls import demand_body
from github_app.sandbox.refs import tell
from github_app.sandbox.refused import Refused, invalid, missing
from github_app.sandbox.state import Account, PullRequest, Repository, Review
from github_app.sandbox.team import Team
from github_app.sandbox.world import Actor, Happening, World

_STATES = {
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "COMMENT": "COMMENTED",
}
_DECISIONS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
_RESOURCE = "PullRequestReview"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody says of a pull request: `event` is APPROVE, REQUEST_CHANGES or COMMENT.

    `sha` is the commit that was looked at, None the head.
    """

    event: str
    body: str = ""
    sha: str | None = None


def review(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, opinion: Opinion
) -> Review:
    """The new review; whoever was asked for it, alone or as a team, is asked no more.

    Raises Refused (422): nobody approves, or asks for changes to, what is their own.
    https://docs.github.com/rest/pulls/reviews#create-a-review-for-a-pull-request
    """
    _demand_opinion(world, repository, pull, actor, opinion)
    asked = [slug for slug in pull.requested_teams if _has(world, repository, slug, actor.login)]
    made = Review(
        world.new_id("review"),
        pull.number,
        actor.login,
        _STATES[opinion.event],
        opinion.body,
        opinion.sha or pull.head_sha,
        world.now(),
        tuple(asked),
    )
    world.of(repository).reviews[made.id] = made
    people = tuple(login for login in pull.requested_reviewers if login != actor.login)
    teams = tuple(slug for slug in pull.requested_teams if slug not in asked)
    world.keep_pull(replace(pull, requested_reviewers=people, requested_teams=teams))
    world.note(pull, "reviewed", actor.login, str(made.id))
    _tell(world, repository, made, "submitted", actor)
    return made


def _has(world: World, repository: Repository, slug: str, login: str) -> bool:
    return world.team(repository.owner, slug).has(login)


def _demand_opinion(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, opinion: Opinion
) -> None:
    event = opinion.event
    if event not in _STATES:
        raise invalid(_RESOURCE, f"{event} is not a review event", field="event")
    if actor.login == pull.author and event != "COMMENT":
        verb = "approve" if event == "APPROVE" else "request changes on"
        text = f"Review Can not {verb} your own pull request"
        raise Refused(422, "Unprocessable Entity", errors=(text,))
    demand_body(_RESOURCE, opinion.body)
    if opinion.sha is not None and world.git(repository).commit(opinion.sha) is None:
        raise Refused(422, f"No commit found for SHA: {opinion.sha}")


def dismiss(
    world: World, repository: Repository, given: Review, actor: Actor, message: str
) -> Review:
    """The review, which counts no more; the message stands in the pull request's story.

    Raises Refused: 403 for who may not, 422 without a message or for what decides nothing.
    https://docs.github.com/rest/pulls/reviews#dismiss-a-review-for-a-pull-request
    """
    pull = world.pull(repository, given.number)
    if not may_dismiss(repository, pull.base_ref, actor):
        raise Refused(403, "You are not allowed to dismiss reviews on this protected branch.")
    if not message.strip():
        raise missing(_RESOURCE, "message")
    if given.state not in ("APPROVED", "CHANGES_REQUESTED"):
        state = given.state.lower()
        text = f"Can not dismiss a {state} pull request review"
        raise Refused(422, "Unprocessable Entity", errors=(text,))
    return dismissed(world, repository, given, actor, message)


def dismissed(
    world: World, repository: Repository, given: Review, actor: Actor, message: str
) -> Review:
    """The review, dismissed without asking."""
    gone = replace(given, state="DISMISSED")
    world.of(repository).reviews[gone.id] = gone
    pull = world.keep_pull(world.pull(repository, given.number))
    world.note(pull, "review_dismissed", actor.login, f"{gone.id} {given.state} {message}")
    _tell(world, repository, gone, "dismissed", actor)
    return gone


def may_dismiss(repository: Repository, branch: str, actor: Actor) -> bool:
    """Whether the caller is among those who may dismiss reviews of what goes into a branch."""
    protection = repository.protections.get(branch)
    if protection is None or protection.dismissers is None:
        return actor.installation is not None or at_least(role(repository, actor.login), "write")
    admin = actor.installation is None and role(repository, actor.login) == "admin"
    return admin or actor.login in protection.dismissers


def _tell(world: World, repository: Repository, given: Review, action: str, actor: Actor) -> None:
    pull, detail = world.pull(repository, given.number), {"review": given}
    event = "pull_request_review"
    world.emit(Happening(event, action, repository.id, actor.account, pull, detail))


def of_pull(world: World, repository: Repository, number: int) -> list[Review]:
    """Every review of a pull request, oldest first."""
    return [r for r in world.of(repository).reviews.values() if r.number == number]


def latest(reviews: Iterable[Review]) -> list[Review]:
    """The last review of each person, oldest first."""
    newest = {review.author: review for review in sorted(reviews, key=lambda one: one.id)}
    return sorted(newest.values(), key=lambda review: review.id)


def opinionated(world: World, repository: Repository, number: int) -> list[Review]:
    """The last decision of each person: a dismissed one leaves that person without any."""
    decided = [r for r in of_pull(world, repository, number) if r.state in _DECISIONS]
    return [review for review in latest(decided) if review.state != "DISMISSED"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked for a review: logins, and slugs of teams of the repository's organization."""

    people: Sequence[str] = ()
    teams: Sequence[str] = ()


def request(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, asked: Asked
) -> PullRequest:
    """The pull request with these asked too.

    Raises Refused (422): the author, or somebody who is no collaborator here; nobody is asked then.
    https://docs.github.com/rest/pulls/review-requests#request-reviewers-for-a-pull-request
    """
    people = [_person(world, repository, pull, login) for login in asked.people]
    teams = [_team(world, repository, slug) for slug in asked.teams]
    for login in people:
        if login not in pull.requested_reviewers:
            new = (*pull.requested_reviewers, login)
            pull = world.keep_pull(replace(pull, requested_reviewers=new))
            _told(world, pull, actor, "review_requested", world.account(login))
    for team in teams:
        if team.slug not in pull.requested_teams:
            new = (*pull.requested_teams, team.slug)
            pull = world.keep_pull(replace(pull, requested_teams=new))
            _told(world, pull, actor, "review_requested", team)
    return pull


def _told(world: World, pull: PullRequest, actor: Actor, action: str, whom: Account | Team) -> None:
    repository, team = world.repository(pull.repository), isinstance(whom, Team)
    world.note(pull, action, actor.login, whom.full_name if isinstance(whom, Team) else whom.login)
    tell(world, repository, pull, action, actor, {"team" if team else "reviewer": whom})


def _person(world: World, repository: Repository, pull: PullRequest, login: str) -> str:
    known = world.accounts.get(login.lower())
    if known is None or known.login == pull.author or not collaborates(repository, known.login):
        raise _stranger(repository)
    return known.login


def _team(world: World, repository: Repository, slug: str) -> Team:
    if slug.lower() not in repository.teams:
        raise _stranger(repository)
    return world.team(repository.owner, slug)


def collaborates(repository: Repository, login: str) -> bool:
    """Whether a person has access of their own here: as owner, collaborator or by a team."""
    name = login.lower()
    own = (repository.owner.lower(), *repository.collaborators, *repository.through_teams)
    return name in own


def _stranger(repository: Repository) -> Refused:
    return Refused(
        422,
        "Reviews may only be requested from collaborators. One or more of the users or teams you "
        f"specified is not a collaborator of the {repository.full_name} repository.",
    )


def unrequest(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, asked: Asked
) -> PullRequest:
    """The pull request with these asked no more; who was not asked is passed over.

    https://docs.github.com/rest/pulls/review-requests#remove-requested-reviewers-from-a-pull-request
    """
    action = "review_request_removed"
    for login in [one for one in pull.requested_reviewers if one in asked.people]:
        kept = tuple(one for one in pull.requested_reviewers if one != login)
        pull = world.keep_pull(replace(pull, requested_reviewers=kept))
        _told(world, pull, actor, action, world.account(login))
    for slug in [one for one in pull.requested_teams if one in asked.teams]:
        kept = tuple(one for one in pull.requested_teams if one != slug)
        pull = world.keep_pull(replace(pull, requested_teams=kept))
        _told(world, pull, actor, action, world.team(repository.owner, slug))
    return pull
