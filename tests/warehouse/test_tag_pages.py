"""However many tags a registry claims to have, few enough are read."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pytest
import requests

from github_app.guarded_http.client import Answer
from github_app.warehouse.registry_http import RegistryHttp
from github_app.warehouse.tag_pages import TagPages
from plugin.artifact import Repository
from plugin.errors import Refusal

WEB = Repository.parse("ghcr.io/acme/web")
BASE = "https://ghcr.io/v2/acme/web/tags/list"
MIB = 1024 * 1024


class Table(RegistryHttp):
    """A registry as a table of bodies, one page leading to the next; `asked` are the paths."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(requests.Session(), lambda place: None)
        self.headers = dict(headers or {})
        self.bodies: dict[str, list[bytes]] = {}
        self.asked: list[str] = []

    def serve(self, *bodies: bytes, size: int = 1000) -> None:
        """What `n=size` is answered with."""
        self.bodies[str(size)] = list(bodies)

    def get(
        self,
        repository: Repository,
        path: str,
        accept: str,
        method: str = "GET",
        etag: str | None = None,
    ) -> Answer | None:
        """The page, as large as it is."""
        del repository, accept, method, etag
        self.asked.append(path)
        size, _, place = path.partition("?n=")[2].partition("&p=")
        following = int(place or 0) + 1
        bodies = self.bodies[size]
        more = following < len(bodies)
        link = {"Link": f'<{BASE}?n={size}&p={following}>; rel="next"'} if more else {}
        return Answer(BASE, 200, self.headers | link, bodies[following - 1])


@pytest.fixture
def table() -> Table:
    return Table()


def listed(tags: Iterable[str], name: str = "") -> bytes:
    return json.dumps({"name": name, "tags": list(tags)}).encode()


def numbers(first: int, count: int) -> list[str]:
    return [f"1.{number}.0" for number in range(first, first + count)]


@contextmanager
def memory(*, peak: bool) -> Iterator[list[int]]:
    """How many bytes were taken: at most at once, or still at the end."""
    taken: list[int] = []
    tracemalloc.start()
    yield taken
    taken.append(tracemalloc.get_traced_memory()[peak])
    tracemalloc.stop()


def test_a_hundred_thousand_tags_are_listed_and_one_more_is_refused(table: Table) -> None:
    most = [listed(numbers(0, 60_000)), listed(numbers(60_000, 40_000))]
    table.serve(*most)
    assert len(TagPages(table, MIB).tags(WEB)) == 100_000
    table.serve(*most, listed(["latest"]))
    with pytest.raises(Refusal, match=r"more than 100,000 tags, .* 'select: digest'"):
        TagPages(table, MIB).tags(WEB)


def test_a_tag_that_is_listed_again_is_there_once(table: Table) -> None:
    table.serve(listed(["a", "b", "a"]), listed(["b", "c"]))
    assert TagPages(table, MIB).tags(WEB) == ("a", "b", "c")


def test_the_same_tags_over_and_over_come_to_an_end(table: Table) -> None:
    table.serve(*[listed(numbers(0, 20_000))] * 50)
    with pytest.raises(Refusal, match="too many"):
        TagPages(table, MIB).tags(WEB)
    assert len(table.asked) == 6


def test_pages_that_are_large_for_nothing_come_to_an_end(table: Table) -> None:
    table.serve(*[listed(["a"], name="x" * 4_000_000)] * 50)
    with pytest.raises(Refusal, match="too many"):
        TagPages(table, MIB).tags(WEB)
    assert len(table.asked) == 9


@pytest.mark.parametrize("one", ['"ab"', "[]", "0", "{}"])
def test_a_page_that_would_take_far_more_in_memory_is_not_read(table: Table, one: str) -> None:
    table.serve(b'{"tags":[' + ",".join([one] * (4 * MIB // (len(one) + 1))).encode() + b"]}")
    with memory(peak=True) as taken, pytest.raises(Refusal, match="too many"):
        TagPages(table, MIB).tags(WEB)
    assert taken[0] < MIB


def test_a_repository_that_had_too_many_is_asked_in_large_pages(table: Table) -> None:
    table.serve(*(listed(numbers(place * 1000, 1000)) for place in range(101)))
    large = (listed(numbers(place * 20_000, 20_000)) for place in range(5))
    table.serve(*large, listed(["latest"]), size=20_000)
    pages = TagPages(table, MIB)
    for asked in (101, 6):
        table.asked.clear()
        with pytest.raises(Refusal, match="too many"):
            pages.tags(WEB)
        assert len(table.asked) == asked


def test_what_is_kept_of_an_answer_weighs_with_its_headers() -> None:
    table = Table()
    table.serve(listed(["a"]))
    pages = TagPages(table, MIB)
    with memory(peak=False) as taken:
        for place in range(50):
            table.headers = {"ETag": f'"{place}' + "e" * 60_000, "Other": f"{place}" * 60_000}
            pages.tags(Repository.parse(f"{WEB}{place}"))
        table.headers = {}
    assert taken[0] < 2 * MIB
