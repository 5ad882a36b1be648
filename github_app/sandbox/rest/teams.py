"""Teams of an organization over REST; an App needs `members: read` for them.

https://docs.github.com/rest/teams
"""

from __future__ import annotations

from github_app.sandbox.access import demand_members
from github_app.sandbox.refused import not_found
from github_app.sandbox.rest import team_shapes
from github_app.sandbox.rest.call import Answer, Call, page
from github_app.sandbox.state import Account
from github_app.sandbox.team import Team


def _team(call: Call) -> tuple[Account, Team]:
    organization = call.world.account(call.path["org"])
    if organization.kind != "Organization":
        raise not_found()
    demand_members(call.actor, organization.login)
    return organization, call.world.team(organization.login, call.path["team"])


def listed(call: Call) -> Answer:
    """https://docs.github.com/rest/teams/teams#list-teams"""
    organization = call.world.account(call.path["org"])
    demand_members(call.actor, organization.login)
    own = [t for t in call.world.teams.values() if t.organization == organization.login]
    return page(call, own, lambda team: team_shapes.team(call.urls, organization, team))


def members(call: Call) -> Answer:
    """https://docs.github.com/rest/teams/members#list-team-members"""
    _, team = _team(call)
    wanted = call.query.get("role", "all")
    found = [login for login, role in team.members.items() if wanted in ("all", role)]
    return page(call, found, lambda login: team_shapes.member(call.urls, call.world.account(login)))


def membership(call: Call) -> Answer:
    """https://docs.github.com/rest/teams/members#get-team-membership-for-a-user"""
    organization, team = _team(call)
    if not team.has(call.path["user"]):
        raise not_found()
    shape = team_shapes.membership(call.urls, organization, team, call.path["user"])
    return Answer(200, shape)
