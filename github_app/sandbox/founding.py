"""How the world comes about: accounts, repositories, Apps and where they are installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from github_app.sandbox.companies import ROLES
from github_app.sandbox.git_store import RefMove
from github_app.sandbox.node_ids import node_id
from github_app.sandbox.refs import HEADS
from github_app.sandbox.refused import Refused, invalid
from github_app.sandbox.rest import shapes
from github_app.sandbox.rest.shapes import Json, Urls
from github_app.sandbox.rules import Ruleset
from github_app.sandbox.state import (
    Account,
    AccountKind,
    App,
    Installation,
    Protection,
    Repository,
    Settings,
)
from github_app.sandbox.trees import with_files
from github_app.sandbox.webhooks import Webhooks
from github_app.sandbox.world import World, covers

TOWLINE: Mapping[str, str] = {
    "actions": "read",
    "checks": "write",
    "contents": "write",
    "deployments": "write",
    "issues": "write",
    "members": "read",
    "merge_queues": "read",
    "metadata": "read",
    "packages": "read",
    "pull_requests": "write",
    "statuses": "write",
}
EVERY_EVENT = (
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "issue_comment",
    "merge_group",
    "package",
    "pull_request",
    "pull_request_review",
    "push",
    "registry_package",
    "status",
)


class Founding:
    """Makes things that no API call of an App could make."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self._world = world
        self._webhooks = webhooks

    def account(self, login: str, kind: AccountKind, name: str = "", email: str = "") -> Account:
        """The new account."""
        world = self._world
        if login.lower() in world.accounts:
            raise invalid("User", f"{login} is already taken", field="login")
        made = Account(world.new_id("account"), login, kind, world.now(), name, email)
        world.accounts[login.lower()] = made
        return made

    def repository(
        self, owner: str, name: str, branch: str, private: bool, settings: Settings
    ) -> Repository:
        """The new, empty repository."""
        world = self._world
        account = world.account(owner)
        full_name = f"{account.login}/{name}".lower()
        if any(r.full_name.lower() == full_name for r in world.repositories.values()):
            raise invalid("Repository", "name already exists on this account", field="name")
        now = world.now()
        number = world.new_id("repository")
        made = Repository(number, account.login, name, branch, private, now, now, settings)
        world.git(world.keep(made))
        return made

    def first_commit(self, repository: Repository, files: Mapping[str, bytes | str]) -> None:
        """The default branch, with these files."""
        git = self._world.git(repository)
        author = self._world.signature(self._world.account(repository.owner))
        tree = with_files(git, None, dict(files))
        sha = self._world.signed_commit(git, tree, (), author, "Initial commit")
        git.move([RefMove(HEADS + repository.default_branch, None, sha)])

    def collaborator(self, repository: Repository, login: str, permission: str) -> None:
        """A person gets a role."""
        if permission not in ROLES:
            raise Refused(422, f"{permission} is not one of {', '.join(ROLES)}")
        account = self._world.account(login)
        people = {**repository.collaborators, account.login.lower(): permission}
        self._world.keep(replace(repository, collaborators=people))

    def configure(self, repository: Repository, settings: Settings) -> None:
        """Other settings."""
        self._world.keep(replace(repository, settings=settings))

    def protect(self, repository: Repository, branch: str, protection: Protection) -> None:
        """Another protection of a branch."""
        rules = {**repository.protections, branch: protection}
        self._world.keep(replace(repository, protections=rules))

    def ruleset(self, repository: Repository, wish: Ruleset) -> Ruleset:
        """A ruleset; one with the id of another takes its place."""
        made = wish if wish.id else replace(wish, id=self._world.new_id("ruleset"))
        rules = {**repository.rulesets, made.id: made}
        self._world.keep(replace(repository, rulesets=rules))
        return made

    def app(
        self,
        slug: str,
        public_key: str,
        owner: str,
        permissions: Mapping[str, str],
        events: tuple[str, ...],
    ) -> App:
        """The new App and its bot."""
        world = self._world
        if slug in world.apps:
            raise invalid("Integration", f"{slug} is already taken", field="name")
        number = world.new_id("app")
        client = "Iv23" + world.random.randbytes(8).hex()
        owner = owner or self.account(f"{slug}-owner", "User").login
        made = App(number, slug, client, owner, public_key, world.now())
        made = replace(made, permissions=dict(permissions), events=events)
        self.account(made.bot, "Bot")
        world.apps[slug] = made
        return made

    def hook(self, app: App, url: str, secret: str) -> App:
        """The App with a webhook, which is pinged."""
        app = replace(app, webhook_url=url, webhook_secret=secret)
        self._world.apps[app.slug] = app
        config = {"url": url, "content_type": "json", "insecure_ssl": "0"}
        if secret:
            config["secret"] = "********"  # noqa: S105  # what GitHub shows in its place
        stamp = shapes.stamp(self._world.now())
        hook = {
            "type": "App",
            "id": app.id,
            "name": "web",
            "active": True,
            "events": list(app.events),
            "config": config,
            "app_id": app.id,
            "created_at": stamp,
            "updated_at": stamp,
            "deliveries_url": f"{Urls(self._world.url).api}/app/hook/deliveries",
        }
        body: Json = {"zen": "Keep it logically awesome.", "hook_id": app.id, "hook": hook}
        self._webhooks.tell_app(app, "ping", body)
        return app

    def install(self, app: App, account: str, repositories: Sequence[str] | None) -> Installation:
        """The App on an account."""
        world = self._world
        owner = world.account(account).login
        chosen = None if repositories is None else self._ids(owner, repositories)
        made = Installation(
            world.new_id("installation"),
            app.slug,
            owner,
            world.now(),
            {**app.permissions, "metadata": "read"},
            app.events,
            chosen,
        )
        world.installations[made.id] = made
        self._tell(made, "installation", "created", {"repositories": self._listed(made)})
        return made

    def _ids(self, owner: str, names: Sequence[str]) -> frozenset[int]:
        full = (name if "/" in name else f"{owner}/{name}" for name in names)
        return frozenset(self._world.repository(name).id for name in full)

    def _listed(self, installation: Installation) -> list[Json]:
        own = [
            r
            for r in self._world.repositories.values()
            if r.owner == installation.account and covers(installation.repositories, r)
        ]
        return [_named(r) for r in own]

    def _tell(
        self, installation: Installation, event: str, action: str, more: Mapping[str, object]
    ) -> None:
        world = self._world
        urls = Urls(world.url)
        body: Json = {
            "action": action,
            "installation": shapes.installation(world, urls, installation),
            **more,
            "requester": None,
            "sender": shapes.user(urls, world.account(installation.account)),
        }
        self._webhooks.tell_app(world.apps[installation.app], event, body, installation)

    def change(self, number: int, add: Sequence[str], remove: Sequence[str]) -> Installation:
        """The installation with other repositories."""
        before = self._world.installations[number]
        added, removed = self._ids(before.account, add), self._ids(before.account, remove)
        chosen = ((before.repositories or frozenset()) | added) - removed
        after = replace(before, repositories=chosen)
        self._world.installations[number] = after
        for action, ids in (("added", added), ("removed", removed)):
            if ids:
                self._tell_repositories(after, action, ids)
        return after

    def _tell_repositories(
        self, installation: Installation, action: str, ids: frozenset[int]
    ) -> None:
        listed = [_named(self._world.repositories[number]) for number in sorted(ids)]
        more = {
            "repository_selection": "selected",
            "repositories_added": listed if action == "added" else [],
            "repositories_removed": listed if action == "removed" else [],
        }
        self._tell(installation, "installation_repositories", action, more)

    def uninstall(self, number: int) -> None:
        """The installation is gone."""
        gone = self._world.installations[number]
        self._tell(gone, "installation", "deleted", {"repositories": self._listed(gone)})
        del self._world.installations[number]


def _named(repository: Repository) -> Json:
    return {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
    }
