"""Organizations with their teams, and who may do what in a repository."""

from __future__ import annotations

from github_app.sandbox.access import can_push, collaborators_of, demand_members, role
from github_app.sandbox.graphql.scope import Arguments, Scope, Table, Thing, account, connection
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.refused import Refused
from github_app.sandbox.state import Account
from github_app.sandbox.team import Team


def organization(scope: Scope, login: str) -> Thing:
    """The organization of a login."""
    return _account(scope, login, "Organization", "an Organization")


def user(scope: Scope, login: str) -> Thing:
    """The person of a login."""
    return _account(scope, login, "User", "a User")


def _account(scope: Scope, login: str, kind: str, words: str) -> Thing:
    found = scope.world.accounts.get(login.lower())
    if found is None or found.kind != kind:
        raise Refused(404, f"Could not resolve to {words} with the login of '{login}'.")
    return Thing(kind, found)


def _team(scope: Scope, thing: Thing, arguments: Arguments) -> Thing | None:
    demand_members(scope.actor, thing.value.login)
    found = scope.world.teams.get(f"{thing.value.login}/{arguments['slug']}".lower())
    return Thing("Team", found) if found else None


def _teams(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    demand_members(scope.actor, thing.value.login)
    logins, query = arguments.get("userLogins"), (arguments.get("query") or "").lower()
    found = [
        team
        for team in scope.world.teams.values()
        if team.organization == thing.value.login
        and query in team.slug
        and (logins is None or any(team.has(login) for login in logins))
    ]
    return connection("teams", found, arguments, lambda team: Thing("Team", team))


def _members(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    """`query` is part of a login or name; `role` MEMBER or MAINTAINER."""
    team: Team = thing.value
    wanted = (arguments.get("role") or "").lower()
    people = [scope.world.account(login) for login in team.members]
    found = [
        who
        for who in people
        if _named(who, arguments.get("query"))
        and wanted in ("", team.members[who.login.lower()])
        and arguments.get("membership") != "CHILD_TEAM"
    ]
    return connection(
        "members",
        found,
        arguments,
        lambda who: account(scope, who.login),
        lambda who: {"role": team.members[who.login.lower()].upper()},
    )


def _named(who: Account, query: str | None) -> bool:
    wanted = (query or "").lower()
    return wanted in who.login.lower() or wanted in who.name.lower()


def _collaborators(scope: Scope, thing: Thing, arguments: Arguments) -> object:
    """With the role of each; `query` is part of a login or name, `login` a whole one."""
    repo = scope.fresh(thing.home)
    if not can_push(scope.actor, repo):
        text = "You do not have permission to view repository collaborators."
        raise Refused(403, text)
    wanted = arguments.get("login")
    found = [
        who
        for who in collaborators_of(scope.world, repo)
        if _named(who, arguments.get("query")) and wanted in (None, who.login)
    ]
    return connection(
        "collaborators",
        found,
        arguments,
        lambda who: account(scope, who.login),
        lambda who: {"permission": role(repo, who.login).upper()},
    )


def _page(thing: Thing) -> str:
    return f"/orgs/{thing.value.organization}/teams/{thing.value.slug}"


TABLE: Table = {
    "Organization": {"team": _team, "teams": _teams},
    "Repository": {"collaborators": _collaborators},
    "Team": {
        "id": lambda s, t, a: node_id("Team", t.value.id),
        "databaseId": lambda s, t, a: t.value.id,
        "slug": lambda s, t, a: t.value.slug,
        "name": lambda s, t, a: t.value.name,
        "combinedSlug": lambda s, t, a: t.value.full_name,
        "description": lambda s, t, a: None,
        "organization": lambda s, t, a: account(s, t.value.organization),
        "members": _members,
        "resourcePath": lambda s, t, a: _page(t),
        "url": lambda s, t, a: s.urls.root + _page(t),
    },
}
