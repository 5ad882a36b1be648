"""How to get to a Git repository: its address over HTTP, and who we are there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from github_app.github.host import Host
from github_app.github.mirror.asking import Way
from github_app.github.mirror.fetch import GitCredentials
from github_app.guarded_http.reach import Reach
from github_app.warehouse.ports import Login
from plugin.artifact import GitRepository
from plugin.errors import Refusal
from plugin.subscriptions import GitSubscription

_WEB = re.compile(r"(?:git::)?(?P<address>(?P<scheme>https?)://[^\s]+)", re.IGNORECASE | re.ASCII)
_OWNER_AND_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_GITHUB = re.compile(r"github\.com|[a-z0-9-]+\.ghe\.com")
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}


class GitLogins:
    """Logins from a file as `git credential-store` keeps them (None: there is none).

    A line is `https://user:password@host/path`, the path may be missing
    (https://git-scm.com/docs/git-credential-store#_storage_format). The file is read each time, so
    that a password can be changed without a restart.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    def __call__(self, url: str) -> Login | None:
        """The login for an address: that of the longest path, then the first; raises Refusal."""
        wanted = urlsplit(url)
        found: tuple[int, Login] | None = None
        for line in self._lines():
            parts = urlsplit(line)
            if parts[:1] != wanted[:1] or _netloc(line) != _netloc(url):
                continue
            path = _plain_path(parts.path)
            if path and not f"{_plain_path(wanted.path)}/".startswith(f"{path}/"):
                continue
            if found is None or len(path) > found[0]:
                login = Login(unquote(parts.username or ""), unquote(parts.password or ""))
                found = len(path), login
        return found[1] if found else None

    def _lines(self) -> Iterator[str]:
        if self._file is None:
            return
        try:
            text = self._file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            # The text of a decoding error quotes the file.
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
            raise Refusal(f"the Git logins in {self._file} cannot be read: {why}") from None
        for line in text.splitlines():
            try:
                parts = urlsplit(line.strip())
                if parts.username and parts.password and parts.hostname:
                    yield line.strip()
            except ValueError:
                continue


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A password, which nobody replaces."""

    password: str = field(repr=False)

    def token(self) -> str:
        return self.password

    def forget(self, token: str) -> None:
        del token


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways to watched repositories, for one installation of the App.

    `keys` gives the installation's credentials for `owner/name` on the App's own GitHub, None for
    what it is not installed in: another installation's would show one tenant what belongs to
    another. Plain HTTP is for loopback addresses, the App's own GitHub and hosts in `insecure`.
    """

    github: Host
    keys: Callable[[str], GitCredentials | None]
    logins: GitLogins
    insecure: frozenset[str] = frozenset()

    def way(self, subscription: GitSubscription) -> Way:
        """The way to the repository of a subscription; raises Refusal."""
        url = self._url(subscription)
        name = self._own_name(url)
        if name:
            keys = self.keys(name)
            if keys is not None:
                return Way(self.github.repository(name), keys)
            url = self.github.repository(name)
        login = self.logins(url)
        return Way(url) if login is None else Way(url, _Fixed(login.password), login.user)

    def _url(self, subscription: GitSubscription) -> str:
        written = _WEB.fullmatch(subscription.address)
        if written is None:
            return self._translated(subscription.repository, subscription.address)
        parts = urlsplit(written["address"])
        url = f"{parts.scheme}://{_netloc(written['address'])}{parts.path.rstrip('/')}"
        if parts.scheme == "http" and not self._is_plain(url):
            raise Refusal(
                f"{url} is not read without encryption: use https, or name "
                f"{parts.netloc.rpartition('@')[2]} in TOWLINE_INSECURE_REGISTRIES"
            )
        return url

    def _is_plain(self, url: str) -> bool:
        own = url.startswith(f"{self.github.url.rstrip('/')}/")
        return own or Reach(self.insecure).is_plain(_netloc(url))

    def _translated(self, repository: GitRepository, address: str) -> str:
        """The https address of what is written for SSH, or in short: GitHub has every one."""
        own = repository.host == _netloc(self.github.url)
        short = _OWNER_AND_NAME.fullmatch(address) is not None
        if short or own or _GITHUB.fullmatch(repository.host):
            base = self.github.url.rstrip("/") if own else f"https://{repository.host}"
            return f"{base}/{repository.path}"
        raise Refusal(
            f"'{address[:200]}' needs a key or a port of its own, which Towline has not:"
            f" write {repository}"
        )

    def _own_name(self, url: str) -> str:
        """The `owner/name` of a repository of the App's own GitHub, '' of any other."""
        base = f"{self.github.url.rstrip('/')}/"
        if not url.lower().startswith(base.lower()):
            return ""
        name = url[len(base) :].removesuffix(".git")
        return name if _OWNER_AND_NAME.fullmatch(name) else ""


def _netloc(url: str) -> str:
    """Host and port of an address, without user and the port it has anyway."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2].lower()
    return netloc.removesuffix(_DEFAULT_PORTS.get(parts.scheme, "#"))


def _plain_path(path: str) -> str:
    return path.strip("/").removesuffix(".git")
