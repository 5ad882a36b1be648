"""Teams as GitHub's OpenAPI description wants them."""

from __future__ import annotations

from github_app.sandbox.node_ids import node_id
from github_app.sandbox.rest import shapes
from github_app.sandbox.rest.shapes import Json, Urls
from github_app.sandbox.state import Account
from github_app.sandbox.team import Team


def team(urls: Urls, organization: Account, value: Team) -> Json:
    """OpenAPI `team`; teams have no parents here."""
    return {**team_simple(urls, organization, value), "parent": None}


def team_simple(urls: Urls, organization: Account, value: Team) -> Json:
    """OpenAPI `team-simple`."""
    own = f"{urls.api}/organizations/{organization.id}/team/{value.id}"
    return {
        "id": value.id,
        "node_id": node_id("Team", value.id),
        "name": value.name,
        "slug": value.slug,
        "description": "",
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "url": own,
        "html_url": f"{urls.root}/orgs/{organization.login}/teams/{value.slug}",
        "members_url": f"{own}/members{{/member}}",
        "repositories_url": f"{own}/repos",
        "permission": "pull",
        "type": "organization",
        "organization_id": organization.id,
    }


def membership(urls: Urls, organization: Account, value: Team, login: str) -> Json:
    """OpenAPI `team-membership`."""
    return {
        "url": f"{urls.api}/organizations/{organization.id}/team/{value.id}/memberships/{login}",
        "role": value.members[login.lower()],
        "state": "active",
    }


def member(urls: Urls, account: Account) -> Json:
    """OpenAPI `simple-user`, as lists of members hold it."""
    return shapes.user(urls, account)
