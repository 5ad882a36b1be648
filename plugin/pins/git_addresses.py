"""Where an address that kustomize fetches from Git names the revision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

from plugin.artifact import GitRepository
from plugin.pins.versions import repository_of

_OWNED = r"(?P<path>[^/?#]+/[^/?#]+)"
_REF = r"(?P<kind>refs/tags/|refs/heads/|)(?P<ref>[^/?#]+)/[^?#]+"
# Single files of a revision, as GitHub and GitLab serve them; a slash in it cannot be told.
_FILES = tuple(
    re.compile(form)
    for form in (
        rf"https://raw\.githubusercontent\.com/{_OWNED}/{_REF}",
        rf"https://(?P<host>github\.com)/{_OWNED}/raw/{_REF}",
        rf"https://(?P<host>github\.com)/{_OWNED}/releases/(?P<kind>download/)(?P<ref>[^/?#]+)/.+",
        rf"https://(?P<host>github\.com)/{_OWNED}/releases/(?P<kind>)(?P<ref>latest)/download/.+",
        rf"https://(?P<host>[^/?#]+)/(?P<path>[^?#]+?)/-/raw/{_REF}",
    )
)
_MAX_ADDRESS = 2000
_BRANCH = "refs/heads/"
_HOST = re.compile(
    r"(?:git::)?(?:(?:https?|ssh)://(?:[^\s/?#@]+@)?[^/?#]+/"
    r"|[A-Za-z][A-Za-z0-9-]*@[^\s@/:?#]+[:/]"
    r"|github\.com[:/])",
    re.IGNORECASE,
)
_GITHUB = re.compile(r"(?:[^/]*//)?(?:[^/@]+@)?github\.com[:/]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class InAddress:
    """A repository, the revision an address names, and the slice of the address it stands in.

    '' is the repository's default branch. `tags_only` where no commit id may stand.
    """

    git: GitRepository
    revision: str
    start: int
    end: int
    tags_only: bool = False


def revision_in(address: str) -> InAddress | None:
    """What `address` says of a Git repository, or None where it is of something else."""
    if len(address) > _MAX_ADDRESS:
        return None
    for form in _FILES:
        found = form.fullmatch(address)
        if found is not None:
            return _of_file(found)
    return _of_directory(address)


def _of_file(found: re.Match[str]) -> InAddress | None:
    host = found.groupdict().get("host") or "github.com"
    git, kind = repository_of(f"https://{host}/{found['path']}"), found["kind"]
    if git is None:
        return None
    revision = unquote(found["ref"])
    if kind == _BRANCH:
        revision = f"{kind}{revision}"
    return InAddress(git, revision, *found.span("ref"), tags_only=kind not in ("", _BRANCH))


def _of_directory(address: str) -> InAddress | None:
    """The parts kustomize tells (NewRepoSpecFromURL): host, repository, directory, `?ref=`.

    https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/git/repospec.go
    """
    body, _, query = address.partition("?")
    host = _HOST.match(body)
    path = _repository_path(body[host.end() :]) if host else ""
    if host is None or not path:
        return None
    values = {key: (start, end) for key, start, end in _values(query, len(body) + 1)}
    span = values.get("ref") or values.get("version")
    git = repository_of(f"{host[0]}{path}")
    # Whatever else is behind http may be one file that has nothing to do with Git.
    if git is None or not (span or _is_git(body)):
        return None
    start, end = span or (0, 0)
    return InAddress(git, unquote_plus(address[start:end]), start, end)


def _repository_path(path: str) -> str:
    above, azure, rest = path.partition("_git/")
    if azure:
        return f"{above}{azure}{rest.partition('/')[0]}"
    before, double, _ = path.partition("//")
    if double:
        return before
    before, suffix, _ = path.partition(".git")
    segments = path.split("/")
    return before if suffix else "/".join(segments[:2]) if len(segments) > 1 else ""


def _values(query: str, offset: int) -> Iterator[tuple[str, int, int]]:
    """Each key of a query that says something, from the last to the first, and its value's slice.

    The first of a key counts, so it comes last.
    """
    position, found = offset, []
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if value:
            found.append((key, position + len(key) + 1, position + len(pair)))
        position += len(pair) + 1
    return reversed(found)


def _is_git(body: str) -> bool:
    marked = "_git/" in body or ".git" in body or not body.lower().startswith("http")
    return marked or _GITHUB.match(body) is not None
