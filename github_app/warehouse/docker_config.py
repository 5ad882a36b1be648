"""Registry logins from Docker's configuration file and its credential helpers."""

from __future__ import annotations

from pathlib import Path

from docker.auth import AuthConfig, load_config
from docker.errors import DockerException

from github_app.warehouse.ports import Login
from plugin.artifact import Repository
from plugin.errors import Refusal


class DockerLogins:
    """The logins `docker login` has stored, found as the docker command finds them.

    `config` is the configuration file; one that is not there holds no logins.
    """

    def __init__(self, config: Path) -> None:
        # Asked for a file that is not there, the library would read the environment's instead.
        self._config = load_config(str(config)) if config.exists() else AuthConfig({"auths": {}})

    def __call__(self, repository: Repository) -> Login | None:
        """The login for its host, None if there is none; raises Refusal if a helper fails."""
        host = repository.host
        try:
            found = self._config.resolve_authconfig(host)
        except DockerException as error:
            raise Refusal(f"the credential helper for {host} fails: {error}") from error
        if not found:
            return None
        # Helpers give capital names, the file itself small ones.
        known = {name.lower(): value for name, value in found.items()}
        user, password = known.get("username"), known.get("password")
        if not user or not password:
            raise Refusal(f"the login for {host} has no user name and password: log in with both")
        return Login(user, password)
