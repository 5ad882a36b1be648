"""What happens to reviews by themselves: owners are asked, stale approvals are dismissed."""

from __future__ import annotations

from github_app.sandbox import ownership, reviewing
from github_app.sandbox.demands import demands_of
from github_app.sandbox.reviewing import Asked
from github_app.sandbox.state import PullRequest, Repository
from github_app.sandbox.world import Actor, Happening, World


def ask_owners(world: World, happening: Happening) -> None:
    """Owners of what changed are asked for a review, but not for drafts.

    https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
    """
    if happening.event != "pull_request":
        return
    if happening.action not in ("opened", "ready_for_review", "synchronize"):
        return
    repository, pull = _concerned(world, happening)
    if pull.draft or not pull.open:
        return
    seen = {pull.author, *(r.author for r in reviewing.of_pull(world, repository, pull.number))}
    found = {owner for owners in ownership.owners(world, repository, pull) for owner in owners}
    people = sorted(owner for owner in found if "/" not in owner and owner not in seen)
    teams = sorted(owner.partition("/")[2] for owner in found if "/" in owner)
    done = {slug for r in reviewing.of_pull(world, repository, pull.number) for slug in r.teams}
    asked = Asked(people, [slug for slug in teams if slug not in done])
    reviewing.request(world, repository, pull, Actor(happening.actor), asked)


def _concerned(world: World, happening: Happening) -> tuple[Repository, PullRequest]:
    repository = world.repositories[happening.repository]
    subject = happening.subject
    if not isinstance(subject, PullRequest):
        raise TypeError(f"{subject!r} is not a pull request")
    return repository, world.pull(repository, subject.number)


def dismiss_stale(world: World, happening: Happening) -> None:
    """Approvals fall when the head moved to another difference, or the merge base did.

    https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches#require-pull-request-reviews-before-merging
    """
    if (happening.event, happening.action) != ("pull_request", "synchronize"):
        return
    repository, pull = _concerned(world, happening)
    demands = demands_of(repository, pull.base_ref)
    before = str(happening.detail["before"])
    if demands is None or not demands.dismiss_stale or _same(world, repository, pull, before):
        return
    for review in reviewing.of_pull(world, repository, pull.number):
        if review.state == "APPROVED":
            reviewing.dismissed(world, repository, review, Actor(happening.actor), "")


def _same(world: World, repository: Repository, pull: PullRequest, before: str) -> bool:
    git = world.git(repository)
    base = git.branch(pull.base_ref) or pull.base_sha
    old, new = git.merge_base(base, before), git.merge_base(base, pull.head_sha)
    trees = git.known_commit(before).tree, git.known_commit(pull.head_sha).tree
    return old == new and trees[0] == trees[1]
