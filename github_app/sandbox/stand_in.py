"""The GitHub stand-in as one object: build a world, serve it, look at it, act in it as a person.

Never for production: see the package. `StandIn.wsgi` is served by the caller, on 127.0.0.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from types import MappingProxyType

from flask import Blueprint, Flask

from github_app.sandbox import git_server
from github_app.sandbox.acting import Acting
from github_app.sandbox.auth import Auth
from github_app.sandbox.auto_merge import merge_what_waits
from github_app.sandbox.calls import Calls
from github_app.sandbox.companies import form_team, grant
from github_app.sandbox.founding import EVERY_EVENT, TOWLINE, Founding
from github_app.sandbox.graphql import server as graphql_server
from github_app.sandbox.latency import Latency
from github_app.sandbox.limits import Limits
from github_app.sandbox.merge_queue import run_queues
from github_app.sandbox.reading import Reading
from github_app.sandbox.rest import server as rest_server
from github_app.sandbox.rest.call import Site
from github_app.sandbox.review_upkeep import ask_owners, dismiss_stale
from github_app.sandbox.rules import Ruleset
from github_app.sandbox.state import (
    Account,
    App,
    Delivery,
    Installation,
    Protection,
    Repository,
    Settings,
)
from github_app.sandbox.suites import request_suites
from github_app.sandbox.team import Team, TeamRole
from github_app.sandbox.webhooks import Post, Webhooks, post_over_http
from github_app.sandbox.world import World

Clock = Callable[[], datetime]
BODY_LIMIT = 64 * 1024 * 1024
NO_FILES: Mapping[str, bytes | str] = MappingProxyType({})


class StandIn(Reading, Acting):
    """A GitHub on real bare repositories below `root`.

    What can be read of it is in `Reading`, what people do in `Acting`. `post` is looked up at each
    sending and `form_key` marks the forms of the pages; both may be replaced from outside, as may
    `wsgi.wsgi_app`.
    """

    def __init__(  # noqa: PLR0913  # a world has this many choices
        self,
        root: Path,
        *,
        clock: Clock,
        random: Random,
        post: Post = post_over_http,
        blueprints: tuple[Callable[[StandIn], Blueprint], ...] = (),
        latency: Latency | None = None,
        mergeable_at_first_look: bool = True,
        requests_per_hour: int = 15_000,
    ) -> None:
        world = World(root, clock, random)
        world.mergeable_at_first_look = mergeable_at_first_look
        super().__init__(world)
        self.calls = Calls()
        self._auth = Auth(world)
        self.post = post
        self.form_key = random.randbytes(32)
        self._webhooks = Webhooks(world, self._post)
        self._founding = Founding(world, self._webhooks)
        self._limits = Limits(world, requests_per_hour)
        self._latency = latency or Latency()
        reactions = (request_suites, dismiss_stale, ask_owners, run_queues, merge_what_waits)
        world.listeners += [self._webhooks.hear, *(partial(one, world) for one in reactions)]
        self._founding.account("web-flow", "User")
        self.wsgi = self._flask(blueprints)

    def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        return self.post(url, headers, body)

    def _flask(self, blueprints: tuple[Callable[[StandIn], Blueprint], ...]) -> Flask:
        app = Flask("github-stand-in")
        app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
        app.url_map.strict_slashes = False
        site = Site(self._world, self._auth, self._webhooks)
        app.register_blueprint(rest_server.blueprint(site, self.calls, self._limits, self._latency))
        app.register_blueprint(
            graphql_server.blueprint(
                self._world, self._auth, self.calls, self._limits, self._latency
            )
        )
        app.register_blueprint(git_server.blueprint(self._world, self._auth, self.calls))
        for make in blueprints:
            app.register_blueprint(make(self))
        return app

    def limit(self, *, requests_per_hour: int = 15_000, content_per_minute: int | None) -> None:
        """Other rate limits: primary per caller and hour, secondary on content (None: none)."""
        with self._world.lock:
            self._limits.limit = requests_per_hour
            self._limits.content.per_minute = content_per_minute

    @property
    def content(self) -> tuple[int, int]:
        """How much content was created, and how often somebody asked inside a Retry-After."""
        return self._limits.content.made, self._limits.content.ignored

    @property
    def url(self) -> str:
        """Where it is served: the host of every URL in webhooks. Set it once the port is known."""
        return self._world.url

    @url.setter
    def url(self, value: str) -> None:
        self._world.url = value.rstrip("/")

    # building the world

    def create_user(self, login: str, *, name: str = "", email: str = "") -> str:
        """A token of the new user."""
        with self._world.lock:
            self._founding.account(login, "User", name, email)
            return self._auth.person_token(login)

    def create_organization(self, login: str) -> Account:
        """The new organization."""
        with self._world.lock:
            return self._founding.account(login, "Organization")

    def create_repository(
        self,
        owner: str,
        name: str,
        files: Mapping[str, bytes | str] = NO_FILES,
        *,
        private: bool = False,
        default_branch: str = "main",
        settings: Settings = Settings(),  # noqa: B008  # frozen
    ) -> Repository:
        """The new repository, with one commit if there are files."""
        with self._world.lock:
            made = self._founding.repository(owner, name, default_branch, private, settings)
            if files:
                self._founding.first_commit(made, files)
            return self._world.repositories[made.id]

    def add_collaborator(self, repository: str, login: str, permission: str) -> None:
        """`permission`: read, triage, write, maintain or admin."""
        with self._world.lock:
            self._founding.collaborator(self._world.repository(repository), login, permission)

    def create_team(
        self, organization: str, slug: str, members: Sequence[str], maintainers: Sequence[str] = ()
    ) -> Team:
        """A team of an organization with these logins, new or instead of those it had."""
        roles: dict[str, TeamRole] = dict.fromkeys(members, "member")
        roles |= dict.fromkeys(maintainers, "maintainer")
        with self._world.lock:
            return form_team(self._world, organization, slug, roles)

    def grant_team(self, repository: str, slug: str, permission: str) -> None:
        """What every member of a team may do in a repository of its organization."""
        with self._world.lock:
            grant(self._world, self._world.repository(repository), slug, permission)

    def configure(self, repository: str, settings: Settings) -> None:
        """Other settings for a repository."""
        with self._world.lock:
            self._founding.configure(self._world.repository(repository), settings)

    def protect(self, repository: str, branch: str, protection: Protection) -> None:
        """What a branch demands from now on."""
        with self._world.lock:
            self._founding.protect(self._world.repository(repository), branch, protection)

    def add_ruleset(self, repository: str, ruleset: Ruleset) -> Ruleset:
        """The ruleset with its id; one that has an id already takes the place of that one."""
        with self._world.lock:
            return self._founding.ruleset(self._world.repository(repository), ruleset)

    def register_app(  # noqa: PLR0913  # as many as the form on GitHub has
        self,
        slug: str,
        *,
        public_key: str,
        webhook_url: str = "",
        webhook_secret: str = "",
        permissions: Mapping[str, str] = TOWLINE,
        events: Sequence[str] = EVERY_EVENT,
        owner: str = "",
    ) -> App:
        """The new App; `public_key` is the PEM that verifies its JWTs. A ping is sent."""
        with self._world.lock:
            app = self._founding.app(slug, public_key, owner, permissions, tuple(events))
            return self._founding.hook(app, webhook_url, webhook_secret)

    def install(
        self, app: str, account: str, repositories: Sequence[str] | None = None
    ) -> Installation:
        """The App (slug) on an account; `repositories` are short names, None means all."""
        with self._world.lock:
            return self._founding.install(self._world.apps[app], account, repositories)

    def change_installation(
        self, installation: int, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Installation:
        """The installation with other repositories; the App is told."""
        with self._world.lock:
            return self._founding.change(installation, add, remove)

    def uninstall(self, installation: int) -> None:
        """The installation is gone, and its tokens with it."""
        with self._world.lock:
            self._founding.uninstall(installation)

    # webhooks going out

    def deliveries(self, app: str) -> tuple[Delivery, ...]:
        """All deliveries to an App, oldest first."""
        return self._webhooks.of_app(app)

    def deliver(self) -> int:
        """How many deliveries were sent: all that waited, in order, in this thread."""
        return self._webhooks.deliver()

    def redeliver(self, app: str, delivery: int) -> None:
        """Queue a delivery again, as a person does on the App's settings page."""
        with self._world.lock:
            self._webhooks.again(self._webhooks.one(self._world.apps[app], delivery))

    def start_sending(self) -> None:
        """Send in the background, in order."""
        self._webhooks.start()

    def stop(self) -> None:
        """Send no more."""
        self._webhooks.stop()
