"""What a question over HTTP may lead to, whatever names, redirects and bodies say."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest
import requests

from github_app.guarded_http.client import Answer, Bound, GuardedHttp
from github_app.guarded_http.reach import Reach
from plugin.errors import Refusal
from tests.warehouse.disk_index.site import Reply, Site, site

SMALL = Bound(1000, "is larger than 1000 bytes")
PUBLIC = "140.82.121.33"
Names = dict[str, list[list[str]]]


@pytest.fixture
def server() -> Iterator[Site]:
    with site() as running:
        yield running


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Addresses of invented names: each lookup takes the next ones, the last stay."""
    known, real = Names(), socket.getaddrinfo

    def found(host: str, *args: Any, **kwargs: Any) -> Any:
        answers = known.get(host, [[host]])
        now = answers.pop(0) if len(answers) > 1 else answers[0]
        return [one for address in now for one in real(address, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return known


def at(name: str, server: Site) -> str:
    return f"{name}:{server.url.rpartition(':')[2]}"


def moved(server: Site, url: str) -> str:
    """An address of the server that leads to `url`."""
    server.files["/moved"] = Reply(b"", 302, {"Location": url})
    return f"{server.url}/moved"


def get(http: GuardedHttp, url: str) -> Answer:
    return http.read(requests.Request("GET", url), SMALL)


def public(*insecure: str) -> GuardedHttp:
    """One to whom every name seems public when it is checked."""
    reach = Reach(frozenset(insecure), lambda host: [ip_address(PUBLIC)])
    return GuardedHttp(requests.Session(), reach)


def test_a_name_that_moves_inside_after_it_was_checked_is_not_asked(
    server: Site, names: Names
) -> None:
    """DNS rebinding: public when it is checked, our own machine when it is connected to."""
    with site() as other:
        place = at("moves.example", other)
        names["moves.example"] = [[PUBLIC], ["127.0.0.1"]]
        http = GuardedHttp(requests.Session(), Reach(frozenset({place})))
        with pytest.raises(Refusal, match=r"moves\.example lies at 127\.0\.0\.1: nobody leads us"):
            get(http, moved(server, f"http://{place}/secret"))
        assert other.asked == []


def test_a_connection_that_a_person_had_made_serves_no_stranger(server: Site, names: Names) -> None:
    with site() as other:
        place = at("inner.example", other)
        names["inner.example"] = [["127.0.0.1"]]
        other.put("/list", "one")
        http = public(place)
        assert get(http, f"http://{place}/list").body == b"one"
        with pytest.raises(Refusal, match=r"inner\.example lies at"):
            get(http, moved(server, f"http://{place}/secret"))
        assert other.asked == ["/list"]


def test_a_host_stands_where_it_answered_from_whatever_its_name_says_then(
    server: Site, names: Names
) -> None:
    place = at("first.example", server)
    names["first.example"] = [["127.0.0.1"]]
    server.put("/list", "one")
    moved(server, f"{server.url}/list")
    assert get(public(place), f"http://{place}/moved").body == b"one"


def test_secrets_of_the_cloud_are_nobodys_even_by_a_name_that_a_person_wrote(names: Names) -> None:
    names["registry.example"] = [["169.254.169.254"]]
    with pytest.raises(Refusal, match=r"registry\.example lies at 169\.254\.169\.254"):
        get(public(), "https://registry.example/v2/")


def test_of_several_addresses_one_that_answers_is_enough(server: Site, names: Names) -> None:
    place = at("several.example", server)
    names["several.example"] = [["127.0.0.2", "127.0.0.1"]]
    server.put("/list", "one")
    assert get(public(place), f"http://{place}/list").body == b"one"


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1\\.example/", "https:\\\\10.0.0.1/", "//10.0.0.1/", "https:10.0.0.1/"]
)
def test_an_address_is_checked_as_it_will_be_asked(server: Site, url: str) -> None:
    http = GuardedHttp(requests.Session(), Reach(neighbours=False))
    with pytest.raises(Refusal, match=r"private network|no address|not encrypted"):
        get(http, moved(server, url))
    assert server.asked == ["/moved"]


def test_a_proxy_is_asked_for_names_that_only_it_knows(server: Site) -> None:
    server.put("http://nas.invalid/list", "one")
    session = requests.Session()
    session.proxies = {"http": server.url}
    http = GuardedHttp(session, Reach(frozenset({"nas.invalid"})))
    assert get(http, "http://nas.invalid/list").body == b"one"


def test_what_is_asked_of_storage_is_not_told(server: Site) -> None:
    server.put("/blob?signature=s3cret", b"x" * 1001)
    with pytest.raises(Refusal, match=r"/blob is larger than 1000 bytes") as refused:
        get(public(), moved(server, "/blob?signature=s3cret"))
    assert "s3cret" not in str(refused.value)


def test_a_redirect_is_an_answer_to_who_does_not_follow(server: Site) -> None:
    ask = requests.Request("GET", moved(server, "https://elsewhere.example/"))
    assert public().read(ask, SMALL, follow=False).status == 302
