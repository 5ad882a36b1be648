"""Git repositories under one name, and revisions of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.errors import Refusal

GITHUB = "github.com"
_WEB = re.compile(
    r"(?:git::)?(?P<scheme>https?|git)://(?:[^\s@/]+@)?(?P<host>[^\s/@]+)/(?P<path>[^\s?#]+)",
    re.IGNORECASE | re.ASCII,
)
# The port of an SSH server says nothing about the repository, unlike that of a web server.
_SSH = re.compile(
    r"(?:git::)?ssh://(?:[^\s@/]+@)?(?P<host>[^\s/@:]+)(?::[0-9]+)?/(?P<path>[^\s?#]+)",
    re.IGNORECASE | re.ASCII,
)
_SCP = re.compile(r"(?:git::)?[^\s@/:]+@(?P<host>[^\s@/:]+):(?P<path>[^\s:?#]+)")
_SCP_WITHOUT_USER = re.compile(r"(?P<host>[^\s@/:]+):(?![0-9]+/|/)(?P<path>[^\s:?#]+)")
_BARE = re.compile(r"(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?)/(?P<path>[^\s?#:]+)")
_SHORT = re.compile(r"(?P<path>[A-Za-z0-9-]+/[A-Za-z0-9._-]+)")
_FORMS = (_WEB, _SSH, _SCP, _SCP_WITHOUT_USER, _BARE, _SHORT)
_MAX_ADDRESS = 2000
_USUAL_PORTS = {"https": ":443", "http": ":80", "git": ":9418"}
_ALIASES = {"ssh.github.com": GITHUB, "www.github.com": GITHUB}

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::[0-9]{1,5})?|\[[0-9a-f:]+\](?::[0-9]{1,5})?")
_PATH = re.compile(r"(?!\.\.?(?:/|$))[\w.~+@%-]+(?:/(?!\.\.?(?:/|$))[\w.~+@%-]+)*", re.ASCII)
# What Git takes for a tag's or branch's name (https://git-scm.com/docs/git-check-ref-format).
_REVISION = re.compile(
    r"(?!-)(?!.*(?:\.\.|//|@\{|/\.|\.lock(?:/|$)))[^\s~^:?*\[\\\x00-\x20\x7f]+(?<![./])"
)
# Git keeps references as files, whose names are no longer.
_MAX_NAME = 255
_SHOWN = 12
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# `v1.2.3`, `1.2`, `web-v1.2.3-rc1`, `charts/web/1.2.3`, `v1.30.1+k3s1`. Behind a word two numbers
# are a branch more often than a tag (`release-1.30`).
_VERSION_TAG = re.compile(
    r"(?!refs/)(?:(?:[\w.@+/-]+[-_/@.])?v?[0-9]+\.[0-9]+\.[0-9]+|v?[0-9]+\.[0-9]+)"
    r"(?:\.[0-9]+)*(?:(?:rc|alpha|beta|a|b|[-+_])[\w.+-]*)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class GitRepository:
    """A Git repository by host and path, whatever way it is written.

    `subscription` as in `Repository`.
    """

    host: str
    path: str
    subscription: str = ""

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.host) or not _PATH.fullmatch(self.path):
            raise Refusal(f"'{self.host}/{self.path}'"[:200] + " is not a Git repository's address")

    @classmethod
    def parse(cls, text: str) -> GitRepository:
        """The repository of an https, ssh or scp-like address, `host/path`, or `owner/name`.

        `owner/name` is GitHub's, whose names have no case. Ports that a scheme has anyway and
        those of SSH servers are left out. Raises Refusal.
        """
        for form in _FORMS if len(text) <= _MAX_ADDRESS else ():
            found = form.fullmatch(text.strip())
            if found is not None:
                parts = found.groupdict()
                host = (parts.get("host") or GITHUB).lower()
                host = host.removesuffix(_USUAL_PORTS.get((parts.get("scheme") or "").lower(), "#"))
                host = _ALIASES.get(host, host)
                path = _path(parts["path"])
                return cls(host, path.lower() if host == GITHUB else path)
        raise Refusal(f"'{text[:120]}' is not a Git repository's address")

    def __str__(self) -> str:
        return f"https://{self.host}/{self.path}"

    @property
    def plain(self) -> GitRepository:
        """The repository itself, whatever subscription to it this is."""
        return GitRepository(self.host, self.path)


def _path(text: str) -> str:
    path = re.sub("/+", "/", text).strip("/")
    while path.lower().endswith(".git"):
        path = path[:-4].rstrip("/")
    return path


def is_commit(text: str) -> bool:
    """Whether `text` is a whole commit id."""
    return _COMMIT.fullmatch(text) is not None


def is_fixed(text: str) -> bool:
    """Whether `text` stays what it is: a whole commit id, or a tag that looks like a version.

    A tag and a branch look the same; whatever else there is may be a branch.
    """
    if len(text) > _MAX_NAME:
        return False
    return is_commit(text) or _VERSION_TAG.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class Revision:
    """A tag or a commit id of a Git repository, and the commit it is, where that is known."""

    subject: GitRepository
    tag: str
    commit: str | None = None
    digest = None

    def __post_init__(self) -> None:
        if self.commit is not None and not is_commit(self.commit):
            raise Refusal(f"'{self.commit[:120]}' is not a whole commit id of {self.subject}")
        if not _REVISION.fullmatch(self.tag):
            raise Refusal(f"'{self.tag[:120]}' is not a revision of {self.subject}")

    def __str__(self) -> str:
        return f"{self.subject} {self.tag}"

    @property
    def content(self) -> str | None:
        """The commit: what proves that a tag has not moved."""
        return self.commit

    @property
    def version(self) -> str:
        """Its version for people: a commit id as short as people compare it."""
        return self.tag[:_SHOWN] if is_commit(self.tag) else self.tag
