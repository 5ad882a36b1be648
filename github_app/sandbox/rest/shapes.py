"""Accounts, Apps, repositories and commits as GitHub's OpenAPI description wants them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from github_app.sandbox.access import role, role_words
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.rest import links
from github_app.sandbox.state import Account, App, Installation, Label, Repository
from github_app.sandbox.world import Actor, World

Json = dict[str, object]


def stamp(at: datetime | None) -> str | None:
    """A time as GitHub prints it: UTC, whole seconds."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def quoted(name: str) -> str:
    """A ref, path or label as it stands in a URL's path."""
    return quote(name, safe="/")


class Urls:
    """Where things are: `root` is scheme and host, `api` the REST base below it."""

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/")
        self.api = f"{self.root}/api/v3"

    def repo(self, repository: Repository, path: str = "") -> str:
        """An API URL below a repository."""
        return f"{self.api}/repos/{repository.full_name}{path}"

    def page(self, repository: Repository, path: str = "") -> str:
        """A page below a repository."""
        return f"{self.root}/{repository.full_name}{path}"


def user(urls: Urls, account: Account) -> Json:
    """OpenAPI `simple-user`."""
    own = f"{urls.api}/users/{quote(account.login)}"
    bot = account.kind == "Bot"
    page = f"/apps/{account.login.removesuffix('[bot]')}" if bot else f"/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(account.kind, account.id),
        "avatar_url": f"{urls.root}/avatars/{account.id}",
        "gravatar_id": "",
        "url": own,
        "html_url": urls.root + page,
        **{name: own + path for name, path in links.USER.items()},
        "type": account.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def user_named(world: World, urls: Urls, login: str | None) -> Json | None:
    """`simple-user` of a login, None for nobody."""
    found = world.accounts.get(login.lower()) if login else None
    return user(urls, found) if found else None


def app(world: World, urls: Urls, value: App) -> Json:
    """OpenAPI `integration`, as the App itself sees it."""
    installed = sum(i.app == value.slug for i in world.installations.values())
    return {
        **nested_app(world, urls, value),
        "client_id": value.client_id,
        "permissions": dict(value.permissions),
        "installations_count": installed,
    }


def nested_app(world: World, urls: Urls, value: App) -> Json:
    """OpenAPI `integration`, as checks, comments and deployments name who made them."""
    told = {name: level for name, level in value.permissions.items() if name != "merge_queues"}
    return {
        "id": value.id,
        "slug": value.slug,
        "node_id": node_id("App", value.id),
        "owner": user_named(world, urls, value.owner),
        "name": value.slug,
        "description": "",
        "external_url": urls.root,
        "html_url": f"{urls.root}/apps/{value.slug}",
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.created_at),
        "permissions": told,
        "events": list(value.events),
    }


def installation(world: World, urls: Urls, value: Installation) -> Json:
    """OpenAPI `installation`."""
    account = world.account(value.account)
    own = world.apps[value.app]
    return {
        "id": value.id,
        "account": user(urls, account),
        "repository_selection": "all" if value.repositories is None else "selected",
        "access_tokens_url": f"{urls.api}/app/installations/{value.id}/access_tokens",
        "repositories_url": f"{urls.api}/installation/repositories",
        "html_url": f"{urls.root}/settings/installations/{value.id}",
        "app_id": own.id,
        "app_slug": own.slug,
        "client_id": own.client_id,
        "target_id": account.id,
        "target_type": account.kind,
        "permissions": dict(value.permissions),
        "events": list(value.events),
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": None,
    }


def repository(world: World, urls: Urls, value: Repository, actor: Actor | None = None) -> Json:
    """OpenAPI `repository`, as it stands inside other objects."""
    open_count = sum(pull.open for pull in world.of(value).pulls.values())
    settings = value.settings
    return {
        "id": value.id,
        "node_id": node_id("Repository", value.id),
        "name": value.name,
        "full_name": value.full_name,
        "owner": user(urls, world.account(value.owner)),
        "private": value.private,
        "visibility": "private" if value.private else "public",
        "html_url": urls.page(value),
        "description": None,
        "fork": False,
        "url": urls.repo(value),
        **{name: urls.repo(value, path) for name, path in links.REPOSITORY.items()},
        "git_url": urls.page(value, ".git").replace("http", "git", 1),
        "ssh_url": f"git@localhost:{value.full_name}.git",
        "clone_url": urls.page(value, ".git"),
        "svn_url": urls.page(value),
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.pushed_at),
        "pushed_at": stamp(value.pushed_at),
        "default_branch": value.default_branch,
        "archived": settings.archived,
        "open_issues_count": open_count,
        "open_issues": open_count,
        **_CONSTANTS,
        "allow_merge_commit": settings.merge_commit,
        "allow_squash_merge": settings.squash,
        "allow_rebase_merge": settings.rebase,
        "allow_auto_merge": settings.auto_merge,
        "delete_branch_on_merge": settings.delete_branch_on_merge,
        **({"permissions": permissions(value, actor)} if actor else {}),
    }


_NOT_MINIMAL = frozenset(
    {
        "allow_auto_merge",
        "allow_merge_commit",
        "allow_rebase_merge",
        "allow_squash_merge",
        "allow_update_branch",
        "use_squash_pr_title_as_default",
    }
)


def full_repository(world: World, urls: Urls, value: Repository, actor: Actor) -> Json:
    """OpenAPI `full-repository`: what the repository's own address shows."""
    counts = {"subscribers_count": 0, "network_count": 0}
    return {**repository(world, urls, value, actor), **counts}


def minimal_repository(world: World, urls: Urls, value: Repository) -> Json:
    """OpenAPI `minimal-repository`: without the settings."""
    whole = repository(world, urls, value)
    return {name: kept for name, kept in whole.items() if name not in _NOT_MINIMAL}


_CONSTANTS: Mapping[str, object] = {
    "mirror_url": None,
    "homepage": None,
    "language": None,
    "license": None,
    "topics": [],
    "size": 0,
    "disabled": False,
    "is_template": False,
    "allow_forking": True,
    "allow_update_branch": False,
    "use_squash_pr_title_as_default": False,
    "web_commit_signoff_required": False,
    "has_issues": True,
    "has_projects": False,
    "has_wiki": False,
    "has_pages": False,
    "has_downloads": True,
    "has_discussions": False,
    **dict.fromkeys(
        (
            "forks_count",
            "forks",
            "stargazers_count",
            "watchers_count",
            "watchers",
        ),
        0,
    ),
}


def permissions(value: Repository, actor: Actor) -> dict[str, bool]:
    """What the caller may do, in the five old words."""
    if actor.installation is not None:
        push = (actor.permissions or {}).get("contents") == "write"
        return {"admin": False, "maintain": False, "push": push, "triage": False, "pull": True}
    return role_words(role(value, actor.login))


def label(urls: Urls, repo: Repository, value: Label) -> Json:
    """OpenAPI `label`."""
    return {
        "id": value.id,
        "node_id": node_id("Label", repo.id, value.name),
        "url": urls.repo(repo, f"/labels/{quote(value.name, safe='')}"),
        "name": value.name,
        "description": value.description,
        "color": value.color,
        "default": False,
    }
