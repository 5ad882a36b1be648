"""Teams of organizations, and what they may do in repositories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from github_app.sandbox.refused import Refused, invalid
from github_app.sandbox.state import Repository
from github_app.sandbox.team import Team, TeamRole
from github_app.sandbox.world import World

ROLES = ("read", "triage", "write", "maintain", "admin")


def form_team(world: World, organization: str, slug: str, members: Mapping[str, TeamRole]) -> Team:
    """A team with these members, new or instead of those it had."""
    owner = world.account(organization)
    if owner.kind != "Organization":
        raise invalid("Team", f"{organization} is not an organization", field="organization")
    people = {world.account(login).login.lower(): role for login, role in members.items()}
    known = world.teams.get(f"{owner.login}/{slug}".lower())
    number = known.id if known else world.new_id("team")
    made = Team(number, owner.login, slug.lower(), slug, people)
    world.teams[made.full_name.lower()] = made
    for repository in list(world.repositories.values()):
        if made.slug in repository.teams and repository.owner == owner.login:
            _grant(world, repository, repository.teams)
    return made


def grant(world: World, repository: Repository, slug: str, permission: str) -> None:
    """A team gets a role."""
    if permission not in ROLES:
        raise Refused(422, f"{permission} is not one of {', '.join(ROLES)}")
    team = world.team(repository.owner, slug)
    _grant(world, repository, {**repository.teams, team.slug: permission})


def _grant(world: World, repository: Repository, teams: Mapping[str, str]) -> None:
    people: dict[str, str] = {}
    for slug, permission in teams.items():
        for login in world.team(repository.owner, slug).members:
            given = (permission, people.get(login, permission))
            people[login] = max(given, key=ROLES.index)
    world.keep(replace(repository, teams=dict(teams), through_teams=people))
