"""Merging: the three methods, the order of refusals, and auto-merge with what it refuses."""

from __future__ import annotations

from dataclasses import dataclass, replace

from github_app.sandbox.demands import Demands, demands_of
from github_app.sandbox.git_store import GitStore, RefMove
from github_app.sandbox.mergeability import mergeability
from github_app.sandbox.objects import Commit, commit_bytes
from github_app.sandbox.refs import HEADS, after_moves, finish_merge, moved, tell
from github_app.sandbox.refused import Refused
from github_app.sandbox.state import AutoMerge, MergeMethod, PullRequest, Repository
from github_app.sandbox.world import Actor, Happening, World

NOT_MERGEABLE = "Pull Request is not mergeable"
_METHODS = {
    "merge": ("merge_commit", "Merge commits are not allowed on this repository."),
    "squash": ("squash", "Squash merges are not allowed on this repository."),
    "rebase": ("rebase", "Rebase merges are not allowed on this repository."),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """How to merge; `sha` names the only head that may be merged."""

    method: MergeMethod = "merge"
    sha: str | None = None
    title: str | None = None
    message: str | None = None


def merge(world: World, repository: Repository, pull: PullRequest, actor: Actor, wish: Wish) -> str:
    """The id of the commit that merged it; the base moved and, by setting, the head is deleted.

    Raises Refused: 405 not mergeable or not allowed, 409 if the head is not the one named.
    https://docs.github.com/rest/pulls/pulls#merge-a-pull-request
    """
    demand_mergeable(world, repository, pull, actor, wish)
    git = world.git(repository)
    base = git.branch(pull.base_ref)
    if base is None:
        raise Refused(405, NOT_MERGEABLE)
    merged = _merged_commit(world, pull, actor, wish, base)
    move = RefMove(HEADS + pull.base_ref, base, merged)
    git.move([move])
    # Closed before others learn of the move, or it would be found open and "merged by a push".
    finish_merge(world, repository, replace(pull, base_sha=base), actor, merged)
    after_moves(world, repository, [move], actor)
    _delete_head(world, repository, pull, actor)
    return merged


def demand_mergeable(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, wish: Wish
) -> None:
    """Nothing, if the merge may go ahead; else GitHub's refusal."""
    if not pull.open:
        raise Refused(405, NOT_MERGEABLE)
    if wish.sha is not None and wish.sha != pull.head_sha:
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    demands = demands_of(repository, pull.base_ref, actor, merging=True) or Demands()
    setting, sentence = _METHODS[wish.method]
    if not getattr(repository.settings, setting) or wish.method not in demands.methods:
        raise Refused(405, sentence)
    if demands.queue is not None:
        text = "Changes must be made through the merge queue"
        raise Refused(405, f"Repository rule violations found\n\n{text}\n\n")
    answer = mergeability(world, repository, pull, actor)
    if answer.reasons:
        raise Refused(405, " ".join(answer.reasons))


def _message(git: GitStore, pull: PullRequest, wish: Wish) -> str:
    if wish.method == "merge":
        owner = pull.repository.partition("/")[0]
        head = wish.title or f"Merge pull request #{pull.number} from {owner}/{pull.head_ref}"
        body = pull.title if wish.message is None else wish.message
    else:
        head = wish.title or f"{pull.title} (#{pull.number})"
        body = _commit_list(git, pull) if wish.message is None else wish.message
    return f"{head}\n\n{body}" if body else head


def _commit_list(git: GitStore, pull: PullRequest) -> str:
    messages = [
        git.known_commit(s).message.strip() for s in git.between(pull.base_sha, pull.head_sha)
    ]
    if len(messages) == 1:
        return messages[0].partition("\n")[2].strip()
    return "\n\n".join(f"* {message}" for message in messages)


def _merged_commit(world: World, pull: PullRequest, actor: Actor, wish: Wish, base: str) -> str:
    git = world.git(world.repository(pull.repository))
    if wish.method == "rebase":
        return _rebased(world, git, pull, actor, base)
    tree, text = git.merged_tree(base, pull.head_sha), _message(git, pull, wish)
    if tree is None:
        raise Refused(405, NOT_MERGEABLE)
    if wish.method == "squash":
        author = world.signature(world.account(pull.author))
        return world.signed_commit(git, tree, (base,), author, text)
    author = world.signature(actor.account)
    return world.signed_commit(git, tree, (base, pull.head_sha), author, text)


def _rebased(world: World, git: GitStore, pull: PullRequest, actor: Actor, base: str) -> str:
    """Each commit again on top of the base: author kept, committed by who merges, not signed."""
    tip = base
    for sha in git.between(base, pull.head_sha):
        commit = git.known_commit(sha)
        if len(commit.parents) > 1:
            continue
        tree = _picked(world, git, commit, tip)
        if tree is None:
            raise Refused(405, "This branch can't be rebased")
        committer = world.signature(actor.account)
        data = commit_bytes(tree, (tip,), commit.author, committer, commit.message)
        tip = git.write("commit", data)
    return tip


def _picked(world: World, git: GitStore, commit: Commit, onto: str) -> str | None:
    """The tree of one commit's change applied to another commit, None on conflict.

    Git 2.39 has no `merge-tree --merge-base`: a throw-away commit with the tree of `onto` beside
    the picked one makes the picked one's parent their merge base.
    """
    me = world.github_signature()
    tree = git.known_commit(onto).tree
    beside = git.write("commit", commit_bytes(tree, commit.parents, me, me, "beside"))
    return git.merged_tree(beside, commit.sha)


def _delete_head(world: World, repository: Repository, pull: PullRequest, actor: Actor) -> None:
    tip = world.git(repository).branch(pull.head_ref)
    demands = demands_of(repository, pull.head_ref) or Demands()
    wanted = repository.settings.delete_branch_on_merge and not demands.no_deletion
    if wanted and tip == pull.head_sha:
        retarget(world, repository, pull, actor)
        moved(world, repository, [RefMove(HEADS + pull.head_ref, tip, None)], actor)


def retarget(world: World, repository: Repository, pull: PullRequest, actor: Actor) -> None:
    """Let those based on a merged one's branch, which is about to be deleted, have its base."""
    base = world.git(repository).branch(pull.base_ref)
    for other in reversed(world.pulls(repository)):
        if base is not None and other.open and other.base_ref == pull.head_ref:
            before = {"ref": {"from": other.base_ref}, "sha": {"from": other.base_sha}}
            new = replace(other, base_ref=pull.base_ref, base_sha=base, auto_merge=None)
            new = world.keep_pull(new)
            tell(world, repository, new, "edited", actor, {"changes": {"base": before}})


def enable_auto_merge(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, wish: AutoMerge
) -> PullRequest:
    """The pull request, to be merged when its requirements are met.

    Raises Refused: the setting is off, nothing is required, or nothing is missing any more.
    https://docs.github.com/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/automatically-merging-a-pull-request
    """
    refusal = _auto_merge_refusal(world, repository, pull, wish)
    if refusal:
        raise Refused(422, f"Pull request {refusal}")
    changed = world.keep_pull(replace(pull, auto_merge=wish))
    world.note(changed, "auto_merge_enabled", actor.login)
    tell(world, repository, changed, "auto_merge_enabled", actor)
    return changed


def _auto_merge_refusal(
    world: World, repository: Repository, pull: PullRequest, wish: AutoMerge
) -> str | None:
    demands = demands_of(repository, pull.base_ref)
    if not repository.settings.auto_merge:
        return "Auto merge is not allowed for this repository"
    if not pull.open:
        return "Pull request is closed"
    if pull.draft:
        return "Pull request is in draft status"
    if not getattr(repository.settings, _METHODS[wish.method][0]):
        return f"{wish.method.capitalize()} method is not allowed for this repository"
    if demands is None:
        return "Protected branch rules not configured for this branch"
    state = mergeability(world, repository, pull).state
    return f"Pull request is in {state} status" if state in ("clean", "unstable") else None


def disable_auto_merge(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, reason: str = ""
) -> PullRequest:
    """The pull request, again waiting for someone to merge it."""
    if pull.auto_merge is None:
        raise Refused(422, "Pull request Can't disable auto-merge for this pull request.")
    changed = world.keep_pull(replace(pull, auto_merge=None))
    world.note(changed, "auto_merge_disabled", actor.login, reason)
    tell(world, repository, changed, "auto_merge_disabled", actor, {"reason": reason})
    return changed


def merge_what_waits(world: World, happening: Happening) -> None:
    """Merge every pull request whose auto-merge has nothing left to wait for."""
    repository = world.repositories.get(happening.repository)
    if repository is None or happening.event not in ("check_run", "status", "pull_request_review"):
        return
    for pull in reversed(world.pulls(repository)):
        if pull.open and pull.auto_merge is not None:
            _merge_if_ready(world, repository, pull, pull.auto_merge)


def _merge_if_ready(
    world: World, repository: Repository, pull: PullRequest, wish: AutoMerge
) -> None:
    if mergeability(world, repository, pull).state in ("clean", "unstable"):
        actor = Actor(world.account(wish.by))
        how = Wish(wish.method, title=wish.title, message=wish.message)
        merge(world, repository, pull, actor, how)
