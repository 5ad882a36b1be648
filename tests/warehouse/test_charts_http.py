"""Chart repositories over real HTTP: one request if nothing is new, logins, limits, redirects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from github_app.warehouse import charts_http
from github_app.warehouse.charts_http import ChartIndexes
from github_app.warehouse.ports import Login, Logins
from plugin.artifact import ChartName, Repository
from plugin.errors import Refusal, Temporary
from tests.warehouse.chart_repository import ChartRepository, serving

INDEX = b"entries:\n  web:\n  - version: 1.1.0\n  - version: 1.0.0\n  api:\n  - version: 3.0.0\n"


@pytest.fixture
def served() -> Iterator[ChartRepository]:
    with serving(ChartRepository({"/charts/index.yaml": INDEX})) as running:
        yield running


def indexes(login: Login | None = None) -> ChartIndexes:
    return ChartIndexes(requests.Session(), lambda place: login)


def chart(served: ChartRepository, name: str = "web") -> ChartName:
    return ChartName(f"{served.url}/charts", name)


def versions(asked: ChartIndexes, name: ChartName) -> list[str]:
    return [one.version for one in asked.versions(name)]


@pytest.mark.parametrize("dated", [False, True])
def test_an_unchanged_index_costs_one_request_and_no_body(
    served: ChartRepository, dated: bool
) -> None:
    served.dated = dated
    asked = indexes()
    for name, found in (
        ("web", ["1.1.0", "1.0.0"]),
        ("api", ["3.0.0"]),
        ("web", ["1.1.0", "1.0.0"]),
    ):
        assert versions(asked, chart(served, name)) == found
    assert served.asked == [f"/charts/index.yaml {status}" for status in (200, 304, 304)]


def test_a_new_index_is_read(served: ChartRepository) -> None:
    asked = indexes()
    assert versions(asked, chart(served, "api")) == ["3.0.0"]
    served.files["/charts/index.yaml"] = INDEX.replace(b"3.0.0", b"3.1.0")
    assert versions(asked, chart(served, "web")) == ["1.1.0", "1.0.0"]
    assert versions(asked, chart(served, "api")) == ["3.1.0"]


def test_a_chart_that_is_not_listed_is_refused_each_time(served: ChartRepository) -> None:
    asked = indexes()
    for _ in range(2):
        with pytest.raises(Refusal, match=r"index.yaml lists no chart 'gone'"):
            asked.versions(chart(served, "gone"))


def test_a_login_is_shown_to_its_host_alone(served: ChartRepository) -> None:
    served.login = "ann:s3cret"
    with pytest.raises(Refusal, match="to anybody without a login: give Towline a login"):
        indexes().versions(chart(served))
    with pytest.raises(Refusal, match="to the login 'bob'") as refused:
        indexes(Login("bob", "wrong-one")).versions(chart(served))
    assert "wrong-one" not in str(refused.value)
    with serving(ChartRepository({"/index.yaml": INDEX})) as other:
        served.redirects["/charts/index.yaml"] = f"{other.url}/index.yaml"
        assert versions(indexes(Login("ann", "s3cret")), chart(served)) == ["1.1.0", "1.0.0"]
        assert other.shown == [""]
    assert served.shown[-1].startswith("Basic ")


def test_logins_are_asked_for_the_place_of_the_index(served: ChartRepository) -> None:
    places: list[str] = []

    def logins(repository: Repository) -> Login | None:
        places.append(repository.path)
        return None

    typed: Logins = logins
    served.files["/A%20b/index.yaml"] = INDEX
    asked = ChartIndexes(requests.Session(), typed)
    asked.versions(chart(served))
    asked.versions(ChartName(f"{served.url}/A%20b", "web"))
    assert places == ["charts/index.yaml", "index.yaml"]


def test_redirects_are_followed_but_not_for_ever(served: ChartRepository) -> None:
    served.redirects["/charts/index.yaml"] = "../moved/index.yaml"
    served.files["/moved/index.yaml"] = INDEX
    asked = indexes()
    assert versions(asked, chart(served)) == ["1.1.0", "1.0.0"]
    assert versions(asked, chart(served)) == ["1.1.0", "1.0.0"]
    assert served.asked[-1] == "/moved/index.yaml 304"
    served.redirects["/moved/index.yaml"] = "/charts/index.yaml"
    with pytest.raises(Refusal, match="from one address to the next"):
        asked.versions(chart(served))


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("http://charts.example.com/index.yaml", "without encryption"),
        ("file:///etc/passwd", "which is no address"),
        ("https://ann:pw@charts.example.com/", "which is no address"),
        ("https://169.254.169.254/latest", "inside our own network"),
        ("http://[::1/", "which is no address"),
        ("https://x:99999999/", "which is no address"),
    ],
)
def test_redirects_to_what_nobody_may_read_are_refused(
    served: ChartRepository, location: str, said: str
) -> None:
    served.redirects["/charts/index.yaml"] = location
    with pytest.raises(Refusal, match=said):
        indexes().versions(chart(served))


def test_plain_http_is_for_this_machine_and_named_hosts() -> None:
    with pytest.raises(Refusal, match=r"name charts.lan in TOWLINE_INSECURE_REGISTRIES"):
        indexes().versions(ChartName("http://charts.lan", "web"))
    trusting = ChartIndexes(requests.Session(), lambda place: None, frozenset({"charts.invalid"}))
    with pytest.raises(Temporary, match=r"charts.invalid does not answer"):
        trusting.versions(ChartName("http://charts.invalid", "web"))


def test_an_index_that_is_too_large_is_refused(
    served: ChartRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts_http, "LARGEST", 1 << 20)
    # A small body that becomes a large one.
    served.files["/charts/index.yaml"] = b"#" * (2 << 20)
    with pytest.raises(Refusal, match="larger than 1 MiB"):
        indexes().versions(chart(served))


def test_a_busy_server_is_asked_later(served: ChartRepository) -> None:
    served.status, served.headers = 429, {"Retry-After": "7"}
    with pytest.raises(Temporary, match="answers 429") as busy:
        indexes().versions(chart(served))
    assert busy.value.after == timedelta(seconds=7)
    served.status, served.headers = 503, {"Retry-After": "9" * 30}
    with pytest.raises(Temporary) as busy:
        indexes().versions(chart(served))
    assert busy.value.after == timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "said"), [(404, "is not there"), (403, "does not show"), (418, "418")]
)
def test_a_refusal_says_what_to_look_at(served: ChartRepository, status: int, said: str) -> None:
    served.status = status
    with pytest.raises(Refusal, match=said):
        indexes().versions(chart(served))


def test_what_is_no_index_is_refused(served: ChartRepository) -> None:
    served.files["/charts/index.yaml"] = b"<html>: {"
    with pytest.raises(Refusal, match=r"/charts/index.yaml cannot be read: it is no YAML"):
        indexes().versions(chart(served))


def test_nobody_answers() -> None:
    with pytest.raises(Temporary, match="the connection was refused"):
        indexes().versions(ChartName("http://127.0.0.1:9", "web"))
