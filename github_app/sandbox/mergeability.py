"""Whether and why a pull request can, or cannot, be merged now."""

from __future__ import annotations

from dataclasses import dataclass

from github_app.sandbox.demands import Demands, demands_of
from github_app.sandbox.protection import gates, open_demands
from github_app.sandbox.state import PullRequest, Repository
from github_app.sandbox.world import Actor, World


@dataclass(frozen=True, slots=True)
class Mergeability:
    """`mergeable` None while GitHub is still computing; `state` is REST's `mergeable_state`."""

    mergeable: bool | None
    state: str
    reasons: tuple[str, ...] = ()


UNKNOWN = Mergeability(None, "unknown")


def mergeability(
    world: World, repository: Repository, pull: PullRequest, actor: Actor | None = None
) -> Mergeability:
    """The answer of a real three-way merge, then of the branch's rules.

    With an actor the rules that one may pass by are left out.

    https://docs.github.com/graphql/reference/enums#mergestatestatus
    """
    git = world.git(repository)
    base = git.branch(pull.base_ref)
    if not pull.open or base is None:
        return UNKNOWN
    if git.merged_tree(base, pull.head_sha) is None:
        return Mergeability(False, "dirty", ("Pull Request is not mergeable",))
    if pull.draft:
        return Mergeability(True, "draft", ("Pull Request is still a draft",))
    demands = demands_of(repository, pull.base_ref, actor, merging=True) or Demands()
    missing = open_demands(world, repository, pull, demands)
    if missing:
        return Mergeability(True, "blocked", missing)
    if demands.strict and not git.is_ancestor(base, pull.head_sha):
        return Mergeability(True, "behind", ("Head branch is out of date.",))
    states = {state for _, _, state in gates(world, repository, pull.head_sha)}
    return Mergeability(True, "unstable" if states - {"success"} else "clean")


def first_look(world: World, repository: Repository, pull: PullRequest) -> Mergeability:
    """The same, but unknown the first time it is asked for this base and head, as on GitHub.

    Asking starts the computation: https://docs.github.com/rest/pulls/pulls#get-a-pull-request
    """
    base = world.git(repository).branch(pull.base_ref) or ""
    look = (pull.number, base, pull.head_sha)
    seen = world.of(repository).looked_at
    if pull.open and not world.mergeable_at_first_look and look not in seen:
        seen.add(look)
        return UNKNOWN
    return mergeability(world, repository, pull)
