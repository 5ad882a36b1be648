"""Registry logins from mounted Secrets, Docker's configuration and its credential helpers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from docker.auth import AuthConfig
from docker.errors import DockerException

from github_app.warehouse.login_entries import best, configuration, entries, login_of
from github_app.warehouse.ports import Login
from plugin.artifact import Repository
from plugin.errors import Refusal

_NAMES = (".dockerconfigjson", "config.json")
_MAX_BYTES = 1024 * 1024


class DockerLogins:
    """The logins people have given us: the port `Logins`.

    `credentials` are files, or directories with a `.dockerconfigjson` or `config.json` in them or
    one level below: Secrets of type kubernetes.io/dockerconfigjson as Kubernetes mounts them. All
    together they count before `config`, Docker's own file, whose helpers are asked first, as the
    docker command does. Everything is read anew each time, so that what is rotated is taken.
    """

    def __init__(self, config: Path, credentials: Sequence[Path] = ()) -> None:
        self._config = config
        self._credentials = tuple(credentials)

    def __call__(self, repository: Repository) -> Login | None:
        """The login that says most closely that it is for the repository, None if there is none.

        Raises a Refusal that names the file which cannot be read, or the helper that fails, and
        shows nothing of its content.
        """
        given = [
            one
            for path in self._credentials
            for file in _files(path)
            for one in entries(configuration(_content(file), str(file)), str(file))
        ]
        found = best(given, repository)
        if found is None:
            return self._docker_login(repository)
        return _whole(found.login, repository.host)

    def _docker_login(self, repository: Repository) -> Login | None:
        if not self._config.exists():
            return None
        said = configuration(_content(self._config), str(self._config))
        helpers = {name: said[name] for name in ("credsStore", "credHelpers") if said.get(name)}
        helped = _helped(AuthConfig(helpers), repository.host)
        if helped is not None:
            return helped
        found = best(entries(said, str(self._config)), repository)
        return None if found is None else _whole(found.login, repository.host)


def _helped(helpers: AuthConfig, host: str) -> Login | None:
    """What the host's credential helper says, None if there is no helper or it knows nothing."""
    if helpers.get_credential_store(host) is None:
        return None
    try:
        found = helpers.resolve_authconfig(host)
    except DockerException as error:
        raise Refusal(f"the credential helper for {host} fails: {error}") from error
    except (ValueError, KeyError, TypeError):
        # What it says instead might be a password.
        raise Refusal(f"the credential helper for {host} says nothing that is a login") from None
    return _whole(login_of(found), host) if found else None


def _whole(login: Login | None, host: str) -> Login:
    if login is None:
        raise Refusal(f"the login for {host} has no user name and password: log in with both")
    return login


def _files(path: Path) -> Iterator[Path]:
    """The configuration files at a path: itself, or those in it and in its directories.

    What begins with two dots is Kubernetes' own: the versions of a mounted Secret.
    """
    if not path.is_dir():
        yield path
        return
    below = (one for one in sorted(path.iterdir()) if not one.name.startswith(".."))
    for directory in (path, *(one for one in below if one.is_dir())):
        yield from (one for name in _NAMES if (one := directory / name).is_file())


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        raise Refusal(f"{file} with registry logins cannot be read: {error.strerror}") from error
    if len(content) > _MAX_BYTES:
        raise Refusal(f"{file} is larger than {_MAX_BYTES} bytes: no file of registry logins")
    return content
