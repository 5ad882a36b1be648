"""Links to the world, made of the settings: GitHub as the App sees it, registries, issuers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import requests

from github_app.github.auth import AppKey, identity
from github_app.github.calls import CallCounter
from github_app.github.connections import Connections
from github_app.github.forge import GitHubForge
from github_app.github.mirror.mirrors import Mirrors
from github_app.github.transport import Pace, Wire
from github_app.oidc.fetch import document
from github_app.oidc.keys import IssuerKeys
from github_app.oidc.tokens import OidcTokens
from github_app.senders import Senders
from github_app.settings import Settings
from github_app.surroundings import Surroundings
from github_app.warehouse.docker_config import DockerLogins
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.registry_http import RegistryHttp
from github_app.webhooks.message import Tokens


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

    def close(self) -> None:
        """Let go of connections and processes."""
        self.forge.mirrors.close()
        self.forge.connections.close()


def oci_registry(around: Surroundings, insecure: frozenset[str]) -> OciRegistry:
    """Every registry, with the logins of Docker's configuration."""
    logins = DockerLogins(around.docker_config())
    return OciRegistry(RegistryHttp(requests.Session(), logins, insecure))


def judges(senders: Senders, clock: Callable[[], datetime]) -> Mapping[str, Tokens]:
    """Who judges the tokens sent to each dialect: each by its own lines of trust, by all's keys."""
    issuers = {one.issuer for one in senders.trusted}
    keys = IssuerKeys(issuers, lambda url: document(url, clock), clock, senders.key_hosts)
    return {name: OidcTokens(senders.trusted_at(name), keys, clock) for name in senders.secrets}
