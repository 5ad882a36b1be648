"""The tags of a repository, page by page, and no page twice that has not changed."""

from __future__ import annotations

from github_app.warehouse.kept import Kept
from github_app.warehouse.manifests import json_object
from github_app.warehouse.registry_http import Answer, RegistryHttp
from plugin.artifact import Repository, is_tag
from plugin.errors import Refusal

_PAGE = 1000
# With the longest names these are 3 MB, and an answer may have 4.
_LARGEST_PAGE = 20_000
_MAX_PAGES = 100


class TagPages:
    """Tag lists of https://github.com/opencontainers/distribution-spec; for many threads.

    A repository that has more than fits on a page is asked for larger ones the next time, unless
    its registry refuses them. Pages with an `ETag` are remembered, at most `most_bytes` of them.
    """

    def __init__(self, http: RegistryHttp, most_bytes: int) -> None:
        self._http = http
        self._kept: Kept[Answer] = Kept(most_bytes)
        self._sizes: dict[Repository, int] = {}
        self._small: set[str] = set()

    def tags(self, repository: Repository) -> tuple[str, ...]:
        """Every tag; raises Refusal (no such repository, no rights) and Temporary."""
        size = self._sizes.get(repository, _PAGE)
        try:
            found = self._listed(repository, size)
        except Refusal:
            if size == _PAGE:
                raise
            self._small.add(repository.host)
            self._sizes.pop(repository, None)
            return self._listed(repository, _PAGE)
        if len(found) >= _PAGE and repository.host not in self._small:
            # With room to grow, in steps, so that the address of the page stays the same.
            self._sizes[repository] = min(2 * _PAGE * (len(found) // _PAGE), _LARGEST_PAGE)
        return found

    def _listed(self, repository: Repository, size: int) -> tuple[str, ...]:
        found: list[str] = []
        path, seen = f"tags/list?n={size}", set[str]()
        while path not in seen and len(seen) < _MAX_PAGES:
            seen.add(path)
            page = self._page(repository, path)
            found += _tags_in(page, repository)
            if page.link_next is None:
                return tuple(found)
            path = page.link_next
        raise Refusal(f"{repository} lists its tags without an end: too many to look at")

    def _page(self, repository: Repository, path: str) -> Answer:
        """A page of tags; one that has not changed is not sent again, where it has an `ETag`."""
        known = self._kept.get(repository, path)
        etag = None if known is None else known.headers.get("ETag")
        answer = self._http.get(repository, path, "application/json", etag=etag)
        if answer is None:
            raise Refusal(f"{repository.host} has no repository {repository.path} (yet)")
        if answer.status == 304 and known is not None:
            return known
        if answer.headers.get("ETag"):
            self._kept.keep(repository, path, answer, len(answer.body))
        return answer


def _tags_in(answer: Answer, repository: Repository) -> list[str]:
    tags = json_object(answer.body, f"the tag list of {repository}").get("tags") or []
    if not isinstance(tags, list):
        raise Refusal(f"{repository.host} lists the tags of {repository.path} in no known way")
    return [one for one in tags if isinstance(one, str) and is_tag(one)]
