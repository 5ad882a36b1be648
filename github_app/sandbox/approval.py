"""What of the reviews that a branch demands a pull request still lacks."""

from __future__ import annotations

from github_app.sandbox import ownership
from github_app.sandbox.access import at_least, role
from github_app.sandbox.demands import Demands
from github_app.sandbox.state import PullRequest, Repository, Review
from github_app.sandbox.world import World


def decisive_reviews(world: World, repository: Repository, pull: PullRequest) -> list[Review]:
    """The latest decision of each person with write access; comments decide nothing."""
    latest = {
        review.author: review
        for review in world.of(repository).reviews.values()
        if review.number == pull.number and review.state != "COMMENTED"
    }
    return [r for r in latest.values() if at_least(role(repository, r.author), "write")]


def unmet_reviews(
    world: World, repository: Repository, pull: PullRequest, demands: Demands
) -> tuple[str, ...]:
    """One sentence for each demand on reviews that is not met.

    https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches#require-pull-request-reviews-before-merging
    """
    if not demands.by_pull:
        return ()
    reviews = decisive_reviews(world, repository, pull)
    approved = [review for review in reviews if review.state == "APPROVED"]
    return (
        *_refusals(reviews),
        *_too_few(approved, demands.reviews),
        *(_owners_missing(world, repository, pull, approved) if demands.code_owners else ()),
        *(_push_unseen(world, repository, pull, approved) if demands.last_push else ()),
    )


def _refusals(reviews: list[Review]) -> tuple[str, ...]:
    refused = [r.author for r in reviews if r.state == "CHANGES_REQUESTED"]
    return (f"Changes were requested by {', '.join(refused)}.",) if refused else ()


def _too_few(approved: list[Review], count: int) -> tuple[str, ...]:
    if len(approved) >= count:
        return ()
    noun, verb = ("review", "is") if count == 1 else ("reviews", "are")
    return (f"At least {count} approving {noun} {verb} required by reviewers with write access.",)


def _owners_missing(
    world: World, repository: Repository, pull: PullRequest, approved: list[Review]
) -> tuple[str, ...]:
    waiting = [
        owners
        for owners in ownership.owners(world, repository, pull)
        if not any(
            ownership.speaks_for(world, review.author, owner)
            for owner in owners
            for review in approved
        )
    ]
    names = dict.fromkeys(owner for owners in waiting for owner in owners)
    return (f"Waiting on code owner review from {', '.join(names)}.",) if waiting else ()


def _push_unseen(
    world: World, repository: Repository, pull: PullRequest, approved: list[Review]
) -> tuple[str, ...]:
    """The last push must be approved by someone else than who pushed."""
    pusher = world.of(repository).pushers.get(pull.head_ref, pull.author)
    if any(review.sha == pull.head_sha and review.author != pusher for review in approved):
        return ()
    return ("New changes require approval from someone other than the last pusher.",)
