"""Who may see and do what in a repository, for people and for installations of an App."""

from __future__ import annotations

from github_app.sandbox.refused import Refused, not_found
from github_app.sandbox.state import Account, Repository
from github_app.sandbox.world import Actor, World, covers

_LEVELS = ("none", "read", "triage", "write", "maintain", "admin")


def role(repository: Repository, login: str) -> str:
    """What a person is to a repository: admin, maintain, write, triage, read or none."""
    if login.lower() == repository.owner.lower():
        return "admin"
    own = "none" if repository.private else "read"
    given = (
        repository.collaborators.get(login.lower(), own),
        repository.through_teams.get(login.lower(), own),
    )
    return max(given, key=_LEVELS.index)


def at_least(level: str, wanted: str) -> bool:
    """Whether a role or permission includes another."""
    return _LEVELS.index(level) >= _LEVELS.index(wanted)


def visible(actor: Actor, repository: Repository) -> bool:
    """Whether the caller may know that the repository exists."""
    if not repository.private:
        return True
    if actor.installation is None:
        return role(repository, actor.login) != "none"
    return _installed(actor, repository)


def may(actor: Actor, repository: Repository, permission: str, level: str) -> bool:
    """Whether the caller has a permission, by role for people and by grant for installations."""
    if actor.installation is None:
        wanted = {"read": "read", "write": "write", "admin": "admin"}[level]
        if permission in ("pull_requests", "issues") and level == "write":
            wanted = "read"
        return at_least(role(repository, actor.login), wanted)
    if level == "read" and not repository.private and not _installed(actor, repository):
        return True
    granted = (actor.permissions or {}).get(permission, "none")
    return _installed(actor, repository) and at_least(granted, level)


_WORDS = {
    "pull": "read",
    "triage": "triage",
    "push": "write",
    "maintain": "maintain",
    "admin": "admin",
}


def role_words(own: str) -> dict[str, bool]:
    """What a role includes, in the five old words."""
    return {word: at_least(own, least) for word, least in _WORDS.items()}


def association(repo: Repository, login: str) -> str:
    """How an author relates to the repository."""
    if login.lower() == repo.owner.lower():
        return "OWNER"
    return "COLLABORATOR" if role(repo, login) in ("write", "maintain", "admin") else "NONE"


def demand(actor: Actor, repository: Repository, needs: tuple[tuple[str, str], ...]) -> None:
    """Nothing, if one of the (permission, level) pairs is held.

    Raises Refused: 404 for what must stay unknown, 403 with the permission that would do.
    """
    if not visible(actor, repository):
        raise not_found()
    if not needs or any(may(actor, repository, *need) for need in needs):
        return
    if actor.installation is None:
        raise (
            Refused(403, "Must have admin rights to Repository.") if _admin(needs) else not_found()
        )
    accepted = "; ".join(f"{name}={level}" for name, level in needs)
    raise Refused(
        403,
        "Resource not accessible by integration",
        headers={"X-Accepted-GitHub-Permissions": accepted},
    )


def demand_members(actor: Actor, organization: str) -> None:
    """Nothing, if the caller may see the teams of an organization and who is in them."""
    installation = actor.installation
    if installation is None:
        return
    own = installation.account.lower() == organization.lower()
    if not own or not at_least((actor.permissions or {}).get("members", "none"), "read"):
        raise Refused(
            403,
            "Resource not accessible by integration",
            headers={"X-Accepted-GitHub-Permissions": "members=read"},
        )


def demand_live(repository: Repository) -> None:
    """Nothing, if the repository can be changed; 403 for an archived one."""
    if repository.settings.archived:
        raise Refused(403, "Repository was archived so is read-only.")


def _admin(needs: tuple[tuple[str, str], ...]) -> bool:
    return all(level == "admin" for _, level in needs)


def _installed(actor: Actor, repository: Repository) -> bool:
    installation = actor.installation
    if installation is None or installation.account.lower() != repository.owner.lower():
        return False
    both = (installation.repositories, actor.repositories)
    return all(covers(selection, repository) for selection in both)


def can_push(actor: Actor, repository: Repository) -> bool:
    """Whether the caller may write code."""
    return may(actor, repository, "contents", "write")


def collaborators_of(world: World, repository: Repository) -> list[Account]:
    """Everybody with a role of their own: the owner, collaborators, members of teams."""
    owner = world.account(repository.owner)
    own = [owner.login.lower()] if owner.kind == "User" else []
    names = dict.fromkeys([*own, *repository.collaborators, *repository.through_teams])
    return [world.account(name) for name in names]


def repositories_of(world: World, actor: Actor) -> list[Repository]:
    """What an installation token can reach, oldest first."""
    return [r for r in world.repositories.values() if _installed(actor, r)]
