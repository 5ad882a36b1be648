"""Git repositories under one name, and revisions of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.errors import Refusal

_SCP = re.compile(r"(?:[^\s@/:]+@)?(?P<host>[^\s@/:]+):(?P<path>[^\s:/?#][^\s:?#]*)")
_URL = re.compile(
    r"(?:git::)?(?:https?|ssh|git)://(?:[^\s@/]+@)?(?P<host>[^\s/@]+)/(?P<path>[^\s?#]+)"
)
_BARE = re.compile(r"(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?)/(?P<path>[^\s?#:]+)")
_SHORT = re.compile(r"(?P<path>[A-Za-z0-9-]+/[A-Za-z0-9._-]+)")
# What Git takes for a tag's or branch's name (https://git-scm.com/docs/git-check-ref-format).
_REVISION = re.compile(
    r"(?!-)(?!.*(?:\.\.|//|@\{|/\.|\.lock(?:/|$)))[^\s~^:?*\[\\\x00-\x20\x7f]+(?<![./])"
)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class GitRepository:
    """A Git repository by host and path, whatever way it is written."""

    host: str
    path: str

    @classmethod
    def parse(cls, text: str) -> GitRepository:
        """The repository of an https, ssh or scp-like address, `host/path`, or `owner/name`.

        `owner/name` is GitHub's. Raises Refusal.
        """
        for form in (_URL, _SCP, _BARE, _SHORT):
            found = form.fullmatch(text.strip())
            if found is not None:
                parts = found.groupdict()
                path = parts["path"].strip("/").removesuffix(".git")
                host = (parts.get("host") or "github.com").lower()
                return cls(host, path.lower() if host == "github.com" else path)
        raise Refusal(f"'{text[:120]}' is not a Git repository's address")

    def __str__(self) -> str:
        return f"https://{self.host}/{self.path}"


def is_commit(text: str) -> bool:
    """Whether `text` is a whole commit id."""
    return _COMMIT.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class Revision:
    """A tag or a commit id of a Git repository."""

    subject: GitRepository
    tag: str
    digest = None

    def __post_init__(self) -> None:
        if not _REVISION.fullmatch(self.tag):
            raise Refusal(f"'{self.tag[:120]}' is not a revision of {self.subject}")

    def __str__(self) -> str:
        return f"{self.subject} {self.tag}"
