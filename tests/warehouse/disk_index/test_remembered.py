"""An index is asked for as often as it may change."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from github_app.warehouse.disk_index.fetching import HttpWeb
from github_app.warehouse.disk_index.remembered import Lists
from plugin.artifact.disk import Publisher
from plugin.errors import Refusal
from tests.clocks import Clock
from tests.warehouse.disk_index import documents
from tests.warehouse.disk_index.documents import sha256
from tests.warehouse.disk_index.site import Reply, Site, site


@pytest.fixture
def server() -> Iterator[Site]:
    with site() as running:
        yield running


def lists(clock: Clock) -> Lists:
    return Lists(HttpWeb(requests.Session(), clock), clock)


def test_an_unchanged_index_costs_one_conditional_request_a_sweep(server: Site) -> None:
    clock = Clock()
    one, url = lists(clock), f"{server.url}/stream.json"
    server.put("/stream.json", documents.simplestream({"20260705": sha256(1)}))
    first = one.at(Publisher.UBUNTU, url)
    assert one.at(Publisher.UBUNTU, url) is first
    assert server.since() == ["/stream.json"]
    for _ in range(3):
        clock.passes(minutes=2)
        assert one.at(Publisher.UBUNTU, url) is first
        assert one.at(Publisher.UBUNTU, url) is first
        assert server.since() == ["/stream.json ?"]
    server.put("/stream.json", documents.simplestream({"20260706": sha256(1)}))
    clock.passes(minutes=2)
    assert one.at(Publisher.UBUNTU, url) != first


def test_documents_beside_an_index_are_read_when_it_has_changed(server: Site) -> None:
    clock = Clock()
    one, url = lists(clock), f"{server.url}/versions"
    server.files["/versions"] = Reply(documents.TALOS.encode(), etag=False)
    server.put("/versions?broken=true", '["v1.13.11"]')
    first = one.at(Publisher.TALOS, url)
    assert len(first) == 4
    assert server.since() == ["/versions", "/versions?broken=true"]
    clock.passes(minutes=2)
    assert one.at(Publisher.TALOS, url) is first
    assert server.since() == ["/versions"]
    server.put("/versions", '["v1.13.11", "v1.13.12"]')
    clock.passes(minutes=2)
    assert len(one.at(Publisher.TALOS, url)) == 1


def test_what_is_missing_beside_an_index_is_done_without(server: Site) -> None:
    server.put("/versions", documents.TALOS)
    assert len(lists(Clock()).at(Publisher.TALOS, f"{server.url}/versions")) == 5


def test_what_was_not_understood_is_read_again(server: Site) -> None:
    clock = Clock()
    one, url = lists(clock), f"{server.url}/version.txt"
    server.put("/version.txt", "<html>maintenance</html>")
    with pytest.raises(Refusal, match=r"/version\.txt is not understood: FLATCAR_VERSION"):
        one.at(Publisher.FLATCAR, url)
    server.put("/version.txt", documents.FLATCAR)
    assert one.at(Publisher.FLATCAR, url)


def test_an_index_that_broke_is_said_to_be_broken(server: Site) -> None:
    clock = Clock()
    one, url = lists(clock), f"{server.url}/version.txt"
    server.put("/version.txt", documents.FLATCAR)
    assert one.at(Publisher.FLATCAR, url)
    server.files.clear()
    clock.passes(minutes=2)
    with pytest.raises(Refusal, match=r"is not there for us \(404\): say with 'index'"):
        one.at(Publisher.FLATCAR, url)


def test_a_server_that_says_unchanged_of_what_it_never_gave(server: Site) -> None:
    server.files["/version.txt"] = Reply(status=304)
    with pytest.raises(Refusal, match="was never read"):
        lists(Clock()).at(Publisher.FLATCAR, f"{server.url}/version.txt")


def test_many_who_ask_at_once_ask_once(server: Site) -> None:
    server.put("/CHECKSUM", documents.CENTOS)
    one = lists(Clock())
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda _: one.at(Publisher.CENTOS, f"{server.url}/CHECKSUM"), range(32))
        )
    assert server.since() == ["/CHECKSUM"]
    assert len({id(each) for each in found}) == 1
