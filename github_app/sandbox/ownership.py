"""Who owns what a pull request changes, as CODEOWNERS of its base branch has it."""

from __future__ import annotations

from collections.abc import Iterable

from github_app.sandbox import codeowners
from github_app.sandbox.access import at_least, role
from github_app.sandbox.state import PullRequest, Repository
from github_app.sandbox.trees import entry_at
from github_app.sandbox.world import World

Owners = tuple[str, ...]


def text_at(world: World, repository: Repository, branch: str) -> str | None:
    """The CODEOWNERS of a branch, None if it has none or one that is too large."""
    git = world.git(repository)
    tip = git.branch(branch)
    for path in codeowners.PLACES if tip else ():
        entry = entry_at(git, git.known_commit(tip or "").tree, path)
        if entry is not None and not entry.is_tree:
            data = git.blob(entry.sha) or b""
            large = len(data) > codeowners.SIZE_LIMIT
            return None if large else data.decode("utf-8", "replace")
    return None


def owners(world: World, repository: Repository, pull: PullRequest) -> list[Owners]:
    """Each set of owners of the changed files: of every set one must approve.

    Owners are logins or `organization/team`; who may not write here owns nothing.
    """
    text = text_at(world, repository, pull.base_ref)
    if text is None:
        return []
    lines, git = codeowners.lines(text), world.git(repository)
    base = git.merge_base(git.branch(pull.base_ref) or pull.base_sha, pull.head_sha)
    changes = git.changes(base, pull.head_sha) if base else ()
    paths = [path for change in changes for path in (change.path, change.previous) if path]
    sets = dict.fromkeys(codeowners.owners_of(lines, path) for path in paths)
    known = (_known(world, repository, one) for one in sets)
    return list(dict.fromkeys(one for one in known if one))


def _known(world: World, repository: Repository, named: Iterable[str]) -> Owners:
    found = (_owner(world, repository, name) for name in named)
    return tuple(dict.fromkeys(one for one in found if one))


def _owner(world: World, repository: Repository, name: str) -> str | None:
    team = world.teams.get(name)
    if team is not None:
        writes = at_least(repository.teams.get(team.slug, "none"), "write")
        return team.full_name if writes else None
    for account in world.accounts.values():
        if name in (account.login.lower(), account.email.lower() or None):
            return account.login if at_least(role(repository, account.login), "write") else None
    return None


def speaks_for(world: World, login: str, owner: str) -> bool:
    """Whether a person is an owner, or in the team that is one."""
    team = world.teams.get(owner.lower())
    return team.has(login) if team else login == owner
