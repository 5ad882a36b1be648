"""The tags of a repository, page by page, and no page twice that has not changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from github_app.guarded_http.client import Answer
from github_app.warehouse.kept import Kept
from github_app.warehouse.manifests import json_object
from github_app.warehouse.registry_http import RegistryHttp
from plugin.artifact import Repository, is_tag
from plugin.errors import Refusal

_PAGE = 1000
# With the longest names these are 3 MB, and an answer may have 4.
_LARGEST_PAGE = 20_000
_MAX_PAGES = 100
_MOST_TAGS = 100_000
_MOST_BYTES = 32 * 1024 * 1024
_MOST_SIZES = 10_000
_SIZE = "size"


class TagPages:
    """Tag lists of https://github.com/opencontainers/distribution-spec; for many threads.

    A repository that has more than fits on a page is asked for larger ones the next time, unless
    its registry refuses them. Pages with an `ETag` are remembered, at most `most_bytes` of them.
    """

    def __init__(self, http: RegistryHttp, most_bytes: int) -> None:
        self._http = http
        self._kept: Kept[Answer] = Kept(most_bytes)
        self._sizes: Kept[int] = Kept(_MOST_SIZES)

    def tags(self, repository: Repository) -> tuple[str, ...]:
        """Every tag once, none of a repository that is not there (yet).

        Raises Refusal (no rights, more than 100,000) and Temporary.
        """
        found: dict[str, None] = {}
        read = size = 0
        for page in self._pages(repository):
            tags = _tags_in(page, repository)
            found |= dict.fromkeys(tags)
            read += len(tags)
            size += len(page.body)
            if read > _MOST_TAGS or size > _MOST_BYTES:
                self._grow(repository, read)
                raise _too_many(repository)
        self._grow(repository, read)
        return tuple(found)

    def _pages(self, repository: Repository) -> Iterator[Answer]:
        page, seen = self._first(repository), set[str]()
        while True:
            yield page
            path = page.link_next
            if path is None:
                return
            if path in seen or len(seen) >= _MAX_PAGES:
                raise Refusal(f"{repository} lists its tags without an end: too many to look at")
            seen.add(path)
            page = self._page(repository, path)

    def _first(self, repository: Repository) -> Answer:
        """The first page, as large as it may be."""
        size = self._sizes.get(repository, _SIZE) or _PAGE
        try:
            return self._page(repository, f"tags/list?n={size}")
        except Refusal:
            if size == _PAGE:
                raise
            self._sizes.keep(repository, _SIZE, _PAGE, 1)
            return self._page(repository, f"tags/list?n={_PAGE}")

    def _grow(self, repository: Repository, read: int) -> None:
        """Ask for larger pages the next time, unless they have been refused."""
        if read >= _PAGE and self._sizes.get(repository, _SIZE) != _PAGE:
            # With room to grow, in steps, so that the address of the page stays the same.
            size = min(2 * _PAGE * (read // _PAGE), _LARGEST_PAGE)
            self._sizes.keep(repository, _SIZE, size, 1)

    def _page(self, repository: Repository, path: str) -> Answer:
        """A page of tags; one that has not changed is not sent again, where it has an `ETag`."""
        known = self._kept.get(repository, path)
        etag = None if known is None else known.headers.get("ETag")
        answer = self._http.get(repository, path, "application/json", etag=etag)
        if answer is None:
            # There is no such repository, as there is none before the first image is pushed.
            return Answer("", 404, {}, b"{}")
        if answer.status == 304 and known is not None:
            return known
        if answer.headers.get("ETag"):
            needed = {name: answer.headers.get(name, "") for name in ("ETag", "Link")}
            size = len(path) + len(answer.url) + len(answer.body) + sum(map(len, needed.values()))
            self._kept.keep(repository, path, replace(answer, headers=needed), size)
        return answer


def _tags_in(answer: Answer, repository: Repository) -> list[str]:
    # Read as JSON, an answer of 4 MiB may take 100 times as much.
    if answer.body.count(b",") > _MOST_TAGS:
        raise _too_many(repository)
    tags = json_object(answer.body, f"the tag list of {repository}").get("tags") or []
    if not isinstance(tags, list):
        raise Refusal(f"{repository.host} lists the tags of {repository.path} in no known way")
    return [one for one in tags if isinstance(one, str) and is_tag(one)]


def _too_many(repository: Repository) -> Refusal:
    return Refusal(
        f"{repository} has more than {_MOST_TAGS:,} tags, too many to look at: delete old ones, or "
        "follow one by its name with 'select: digest'"
    )
