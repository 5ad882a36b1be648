"""Pull requests opened, edited, closed and reopened, with every refusal GitHub has for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from github_app.sandbox.refs import close, tell, track
from github_app.sandbox.refused import Refused, invalid
from github_app.sandbox.state import PullRequest, Repository
from github_app.sandbox.world import Actor, World

BODY_LIMIT = 65_536
TITLE_LIMIT = 256
_RESOURCE = "PullRequest"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is needed to open a pull request."""

    title: str
    head: str
    base: str
    body: str | None = None
    draft: bool = False


def open_pull(world: World, repository: Repository, actor: Actor, wish: Draft) -> PullRequest:
    """The new pull request.

    Raises Refused (422): no such branch, nothing between them, one is open already, too long.
    https://docs.github.com/rest/pulls/pulls#create-a-pull-request
    """
    demand_text(wish.title, wish.body)
    head_ref = _local_head(repository, wish.head)
    head, base = _tips(world, repository, head_ref, wish.base)
    _demand_new(world, repository, head_ref, wish.base)
    _demand_commits(world, repository, (wish.base, base), (head_ref, head))
    pull = PullRequest(
        world.new_id("pull"),
        world.new_id(f"number of {repository.id}"),
        repository.full_name,
        wish.title,
        wish.body,
        head_ref,
        head,
        wish.base,
        base,
        actor.login,
        world.now(),
        world.now(),
        draft=wish.draft,
    )
    pull = world.keep_pull(pull)
    track(world, repository, pull.number, head)
    world.note(pull, "opened", actor.login)
    tell(world, repository, pull, "opened", actor)
    return pull


def demand_text(title: str | None, body: str | None) -> None:
    """Nothing, if title and body fit."""
    if title is not None and not title.strip():
        raise invalid(_RESOURCE, "title can't be blank", field="title")
    if title is not None and len(title) > TITLE_LIMIT:
        raise invalid(_RESOURCE, f"title is too long (maximum is {TITLE_LIMIT} characters)")
    demand_body("Issue", body)


def demand_body(resource: str, body: str | None) -> None:
    """Nothing, if a body fits; the limit holds for pull requests and comments alike."""
    if body is not None and len(body) > BODY_LIMIT:
        text = f"body is too long (maximum is {BODY_LIMIT} characters)"
        raise invalid(resource, text, field="body")


def _local_head(repository: Repository, head: str) -> str:
    owner, colon, branch = head.partition(":")
    if not colon:
        return head
    if owner.lower() != repository.owner.lower():
        raise _bad_ref("head")
    return branch


def _bad_ref(field: str) -> Refused:
    error = {"resource": _RESOURCE, "field": field, "code": "invalid"}
    return Refused(422, "Validation Failed", errors=(error,))


def _tips(world: World, repository: Repository, head: str, base: str) -> tuple[str, str]:
    git = world.git(repository)
    tips = git.branch(head), git.branch(base)
    if tips[0] is None:
        raise _bad_ref("head")
    if tips[1] is None:
        raise _bad_ref("base")
    return tips[0], tips[1]


def _demand_new(world: World, repository: Repository, head: str, base: str) -> None:
    for pull in world.pulls(repository):
        if pull.open and (pull.head_ref, pull.base_ref) == (head, base):
            text = f"A pull request already exists for {repository.owner}:{head}."
            raise invalid(_RESOURCE, text)


def _demand_commits(
    world: World, repository: Repository, base: tuple[str, str], head: tuple[str, str]
) -> None:
    git = world.git(repository)
    if git.merge_base(base[1], head[1]) is None:
        text = f"The {base[0]} branch has no history in common with {head[0]}"
        raise invalid(_RESOURCE, text)
    if not git.between(base[1], head[1]):
        raise invalid(_RESOURCE, f"No commits between {base[0]} and {head[0]}")


@dataclass(frozen=True, slots=True)
class Edit:
    """What to change of a pull request; None keeps."""

    title: str | None = None
    body: str | None = None
    base: str | None = None


def edit(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, wish: Edit
) -> PullRequest:
    """The pull request with new title, body or base."""
    demand_text(wish.title, wish.body)
    changes: dict[str, object] = {}
    edited = pull
    if wish.title is not None and wish.title != pull.title:
        changes["title"] = {"from": pull.title}
        edited = replace(edited, title=wish.title)
    if wish.body is not None and wish.body != pull.body:
        changes["body"] = {"from": pull.body or ""}
        edited = replace(edited, body=wish.body)
    if wish.base is not None and wish.base != pull.base_ref:
        changes["base"] = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
        edited = _rebased_onto(world, repository, edited, wish.base)
    if not changes:
        return pull
    edited = world.keep_pull(edited)
    tell(world, repository, edited, "edited", actor, {"changes": changes})
    return edited


def _rebased_onto(
    world: World, repository: Repository, pull: PullRequest, base: str
) -> PullRequest:
    """With another base; auto-merge is off then, because the new base may ask for less."""
    if not pull.open:
        raise invalid(_RESOURCE, "Cannot change the base branch of a closed pull request.")
    _, tip = _tips(world, repository, pull.head_ref, base)
    _demand_new(world, repository, pull.head_ref, base)
    _demand_commits(world, repository, (base, tip), (pull.head_ref, pull.head_sha))
    return replace(pull, base_ref=base, base_sha=tip, auto_merge=None)


def close_pull(
    world: World, repository: Repository, pull: PullRequest, actor: Actor
) -> PullRequest:
    """The pull request, closed; nothing happens to one that is closed already."""
    return close(world, repository, pull, actor) if pull.open else pull


def reopen(world: World, repository: Repository, pull: PullRequest, actor: Actor) -> PullRequest:
    """The pull request, open again on what its head is now.

    Raises Refused (422): merged, a branch is gone or rewritten, nothing between, another is open.
    """
    if pull.open:
        return pull
    tip = _reopenable(world, repository, pull)
    base = world.git(repository).branch(pull.base_ref) or pull.base_sha
    track(world, repository, pull.number, tip)
    again = world.keep_pull(
        replace(pull, state="open", closed_at=None, closed_by=None, head_sha=tip, base_sha=base)
    )
    world.note(again, "reopened", actor.login)
    tell(world, repository, again, "reopened", actor)
    return again


def _reopenable(world: World, repository: Repository, pull: PullRequest) -> str:
    def refused(why: str) -> Refused:
        return invalid(_RESOURCE, f"state cannot be changed. {why}", field="state")

    git = world.git(repository)
    tip, base = git.branch(pull.head_ref), git.branch(pull.base_ref)
    if pull.merged:
        raise refused("The pull request has already been merged.")
    if tip is None:
        raise refused(f"The {pull.head_ref} branch has been deleted.")
    if base is None:
        raise refused(f"The {pull.base_ref} branch has been deleted.")
    if not git.is_ancestor(pull.head_sha, tip):
        raise refused(f"The {pull.head_ref} branch was force-pushed or recreated.")
    if any(
        other.open and (other.head_ref, other.base_ref) == (pull.head_ref, pull.base_ref)
        for other in world.pulls(repository)
    ):
        raise refused(f"There is already an open pull request from {pull.head_ref}.")
    # Once closed for want of commits it stays closed, even if its branch gets some again.
    if not git.between(base, tip) or not git.between(base, pull.head_sha):
        raise refused(f"There are no new commits between {pull.base_ref} and {pull.head_ref}.")
    return tip


def set_draft(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, draft: bool
) -> PullRequest:
    """The pull request as a draft, or ready for review."""
    if pull.draft == draft:
        return pull
    changed = world.keep_pull(replace(pull, draft=draft))
    action = "converted_to_draft" if draft else "ready_for_review"
    world.note(changed, action, actor.login)
    tell(world, repository, changed, action, actor)
    return changed
