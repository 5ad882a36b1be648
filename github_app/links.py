"""Links to the world, made of the settings: GitHub as the App sees it, registries, issuers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self, TypeAlias

from github_app.github.auth import AppKey, identity
from github_app.github.calls import CallCounter
from github_app.github.connections import Connections
from github_app.github.forge import GitHubForge
from github_app.github.host import Host
from github_app.github.mirror.fetch import GitCredentials
from github_app.github.mirror.mirrors import Mirrors
from github_app.github.mirror.watched_mirrors import WatchedMirrors
from github_app.github.transport import Pace, Wire
from github_app.oidc.fetch import document
from github_app.oidc.keys import IssuerKeys
from github_app.oidc.tokens import OidcTokens
from github_app.places import Places
from github_app.rounds import Place
from github_app.senders import Senders
from github_app.settings import Settings
from github_app.source_commits.reading import KnownCommits, SourceHistories
from github_app.source_settings import SourceSettings
from github_app.surroundings import Surroundings
from github_app.warehouse.charts import Charts
from github_app.warehouse.charts_http import ChartIndexes
from github_app.warehouse.choices import Choices
from github_app.warehouse.discover import SourceDiscovery
from github_app.warehouse.disk_index.completing import Checksums, Waiting
from github_app.warehouse.disk_index.fetching import HttpWeb, Web
from github_app.warehouse.disk_index.indexes import DiskIndexes
from github_app.warehouse.docker_config import DockerLogins
from github_app.warehouse.git_access import GitLogins, Ways
from github_app.warehouse.git_revisions import GitRevisions
from github_app.warehouse.memory import Freshness, RememberingRegistry
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.registry_http import RegistryHttp
from github_app.warehouse.registry_session import registry_session
from github_app.warehouse.sources import Sources
from github_app.webhooks.message import Tokens

Clock: TypeAlias = Callable[[], datetime]
Keys: TypeAlias = Callable[[str], GitCredentials | None]
"""Credentials for `owner/name` on the App's own GitHub, None for what may not be read."""


@dataclass(frozen=True, slots=True)
class GitHubLink:
    """GitHub, its connections and mirrors open until `close`; `calls` counts what it was asked."""

    forge: GitHubForge
    calls: CallCounter

    @classmethod
    def open(cls, settings: Settings, around: Surroundings, mirrors: Path) -> Self:
        """Ask GitHub who we are; raises Refusal (its answer, git missing) and Temporary."""
        calls = CallCounter()
        host = settings.github
        wire = Wire(host, around.clock, Pace(around.sleep, around.between_writes), calls)
        key = AppKey(settings.app_id, settings.private_key.reveal(), around.clock)
        connections = Connections(wire, key)
        who = identity(connections.app)
        held = Mirrors(mirrors, calls, around.environ)
        return cls(GitHubForge(host, connections, held, who), calls)

    def key(self, place: Place, places: Places, name: str) -> GitCredentials | None:
        """Credentials for `owner/name`, if the installation of `place` has it, too."""
        other = places.neighbour(place, name)
        if other is None:
            return None
        return self.forge.connections.credentials(other.installation, (other.number,))

    def close(self) -> None:
        """Let go of connections and processes."""
        self.forge.mirrors.close()
        self.forge.connections.close()


@dataclass(frozen=True, slots=True)
class SourceLinks:
    """Everybody who may have something new; asked by all, what they answered is remembered."""

    settings: SourceSettings
    registry: RememberingRegistry
    charts: Charts
    disks: DiskIndexes
    mirrors: WatchedMirrors
    commits: KnownCommits
    choices: Choices = field(default_factory=Choices)

    @classmethod
    def open(
        cls,
        settings: SourceSettings,
        around: Surroundings,
        mirrors: Path,
        freshness: Freshness | None = None,
        checksums: Callable[[Web, Clock], Checksums] = Waiting,
    ) -> Self:
        """Connect; raises Refusal.

        `freshness` says how long a registry's answers count, and `checksums` who reads disk images
        that nobody publishes a checksum of.
        """
        session = registry_session(settings.authorities)
        logins = DockerLogins(around.docker_config(), settings.credentials)
        http = RegistryHttp(session, logins, settings.insecure, around.clock)
        registry = RememberingRegistry(OciRegistry(http), around.clock, freshness)
        web = HttpWeb(session, around.clock, settings.insecure)
        return cls(
            settings,
            registry,
            Charts(ChartIndexes(session, logins, settings.insecure, around.clock), registry),
            DiskIndexes(web, around.clock, checksums(web, around.clock)),
            WatchedMirrors(mirrors, CallCounter(), around.environ),
            KnownCommits(around.clock),
        )

    def close(self) -> None:
        """Stop reading disk images."""
        self.disks.close()

    def histories(self, github: Host, keys: Keys, tenant: str) -> SourceHistories:
        """Source repositories with the rights of one installation: `keys` are its own."""
        return SourceHistories(self.mirrors, github, keys, tenant, self.commits)

    def seen_by(self, github: Host, keys: Keys, tenant: str = "") -> SourceDiscovery:
        """Discovery with the rights of one installation: `keys` are its own.

        Each `tenant` has its turn where only one can be served.
        """
        logins = GitLogins(self.settings.git_credentials)
        revisions = GitRevisions(self.mirrors, Ways(github, keys, logins, self.settings.insecure))
        disks = self.disks.asked_by(tenant) if tenant else self.disks
        sources = Sources(self.registry, self.charts, revisions, disks, self.choices)
        return SourceDiscovery(sources)


def judges(senders: Senders, clock: Callable[[], datetime]) -> Mapping[str, Tokens]:
    """Who judges the tokens sent to each dialect: each by its own lines of trust, by all's keys."""
    issuers = {one.issuer for one in senders.trusted}
    keys = IssuerKeys(issuers, lambda url: document(url, clock), clock, senders.key_hosts)
    return {name: OidcTokens(senders.trusted_at(name), keys, clock) for name in senders.secrets}
