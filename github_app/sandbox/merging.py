"""Merging: the three methods, and the order of refusals."""

from __future__ import annotations

from dataclasses import dataclass, replace

from github_app.sandbox.demands import Demands, demands_of
from github_app.sandbox.git_store import GitStore, RefMove
from github_app.sandbox.mergeability import mergeability
from github_app.sandbox.objects import Commit, commit_bytes
from github_app.sandbox.refs import HEADS, after_moves, finish_merge, moved, tell
from github_app.sandbox.refused import Refused
from github_app.sandbox.state import MergeMethod, PullRequest, Repository
from github_app.sandbox.world import Actor, World

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
    merged = merged_commit(world, pull, actor, wish, base)
    move = RefMove(HEADS + pull.base_ref, base, merged)
    git.move([move])
    # Closed before others learn of the move, or it would be found open and "merged by a push".
    finish_merge(world, repository, replace(pull, base_sha=base), actor, merged)
    after_moves(world, repository, [move], actor)
    delete_head(world, repository, pull, actor)
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


def method_allowed(repository: Repository, method: MergeMethod) -> bool:
    """Whether the repository's settings allow a merge method."""
    allowed: bool = getattr(repository.settings, _METHODS[method][0])
    return allowed


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


def merged_commit(world: World, pull: PullRequest, actor: Actor, wish: Wish, base: str) -> str:
    """The commit that merges a pull request into a base; 405 if it conflicts."""
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


def delete_head(world: World, repository: Repository, pull: PullRequest, actor: Actor) -> None:
    """Delete a merged head, where the repository's settings say so and no rule forbids it."""
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
