"""Where a GitHub is: the addresses of its REST API and of its repositories."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from plugin.errors import Refusal

_REPOSITORY = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9_.-]+/(?!\.{1,2}$)[A-Za-z0-9_.-]+")


def checked_repository(name: str) -> str:
    """`name` itself when it is an `owner/name` that may stand in an address; else Refusal."""
    if not _REPOSITORY.fullmatch(name):
        raise Refusal(f"{name!r} is not a GitHub repository: write owner/name")
    return name


@dataclass(frozen=True, slots=True)
class Host:
    """A GitHub by the address of its pages: https://github.com or that of an Enterprise Server.

    The API's place follows
    https://docs.github.com/en/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api
    and, for data residency (`NAME.ghe.com`), `https://api.NAME.ghe.com`.
    """

    url: str = "https://github.com"

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise Refusal(f"{self.url!r} is not a GitHub address: write https://HOST")

    @property
    def api(self) -> str:
        """The base of REST calls, without a slash at the end."""
        parts = urlsplit(self.url)
        name = parts.hostname or ""
        if name == "github.com" or name.endswith(".ghe.com"):
            return f"{parts.scheme}://api.{parts.netloc}"
        return f"{self.url.rstrip('/')}/api/v3"

    @property
    def issuer(self) -> str:
        """Who issues the OIDC tokens of the jobs that run in its repositories.

        https://docs.github.com/en/enterprise-server/actions/reference/security/oidc and, for data
        residency, https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/feature-overview-for-github-enterprise-cloud-with-data-residency
        """
        parts = urlsplit(self.url)
        name = parts.hostname or ""
        if name == "github.com":
            return f"{parts.scheme}://token.actions.githubusercontent.com"
        if name.endswith(".ghe.com"):
            return f"{parts.scheme}://token.actions.{parts.netloc}"
        return f"{self.url.rstrip('/')}/_services/token"

    def repository(self, name: str) -> str:
        """The address Git fetches `owner/name` from."""
        return f"{self.url.rstrip('/')}/{checked_repository(name)}.git"
