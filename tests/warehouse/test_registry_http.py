"""Who is asked with which login, and what each answer of a registry means to a person."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses

from github_app.guarded_http.client import Answer
from github_app.guarded_http.reach import IpAddress
from github_app.warehouse.ports import Login
from github_app.warehouse.registry_http import RegistryHttp
from plugin.artifact import Repository
from plugin.errors import Refusal, Temporary
from tests.clocks import Clock

WEB = Repository.parse("ghcr.io/acme/web")
URL = "https://ghcr.io/v2/acme/web/tags/list"
ME = Login("me", "s3cret")


def http(
    *,
    login: Login | None = None,
    insecure: frozenset[str] = frozenset(),
    clock: Clock | None = None,
    known: Mapping[str, str] | None = None,
) -> RegistryHttp:
    """Where `known` are the addresses of hosts by name, and no other name has one."""

    def addresses(host: str) -> list[IpAddress]:
        return [ipaddress.ip_address(known[host])] if known and host in known else []

    return RegistryHttp(requests.Session(), lambda place: login, insecure, clock, addresses)


def ask(http: RegistryHttp, repository: Repository = WEB) -> Answer | None:
    return http.get(repository, "tags/list", "application/json")


def challenge(realm: str) -> dict[str, str]:
    return {"WWW-Authenticate": f'Bearer realm="{realm}",service="ghcr.io",scope="x"'}


def bearer(token: str) -> Callable[..., Any]:
    return responses.matchers.header_matcher({"Authorization": f"Bearer {token}"})


@responses.activate
def test_a_token_is_fetched_once_and_kept_until_it_is_refused() -> None:
    refused = responses.get(URL, status=401, headers=challenge("https://ghcr.io/token"))
    asked = {"service": "ghcr.io", "scope": "repository:acme/web:pull"}
    token = responses.get(
        "https://ghcr.io/token",
        json={"token": "t1"},
        match=[responses.matchers.query_param_matcher(asked)],
    )
    responses.get(URL, json={}, match=[bearer("t1")])
    one = http(login=ME)
    assert ask(one) is not None
    assert ask(one) is not None
    assert (refused.call_count, token.call_count) == (1, 1)
    assert token.calls[0].request.headers["Authorization"].startswith("Basic ")


@responses.activate
def test_an_expired_token_is_replaced() -> None:
    responses.get(URL, status=401, headers=challenge("https://ghcr.io/token"))
    responses.add(responses.GET, "https://ghcr.io/token", json={"access_token": "t1"})
    good = responses.get(URL, json={}, match=[bearer("t1")])
    one = http()
    ask(one)
    responses.remove(good)
    responses.get(URL, status=401, headers=challenge("https://ghcr.io/token"))
    responses.replace(responses.GET, "https://ghcr.io/token", json={"token": "t2"})
    responses.get(URL, json={}, match=[bearer("t2")])
    assert ask(one) is not None


@responses.activate
@pytest.mark.parametrize(
    ("realm", "shown"),
    [
        ("https://ghcr.io/token", True),
        ("https://auth.ghcr.io/token", True),
        ("https://ghcr.io.evil.example/token", False),
        ("https://evil.example/token", False),
    ],
)
def test_the_password_goes_to_the_registrys_own_site_only(realm: str, shown: bool) -> None:
    responses.get(URL, status=401, headers=challenge(realm))
    token = responses.get(realm, json={"token": "t"})
    responses.get(URL, json={}, match=[bearer("t")])
    ask(http(login=ME))
    assert ("Authorization" in token.calls[0].request.headers) is shown


@responses.activate
def test_docker_hub_has_its_api_and_its_tokens_elsewhere() -> None:
    url = "https://registry-1.docker.io/v2/library/nginx/tags/list"
    realm = "https://auth.docker.io/token"
    responses.get(url, status=401, headers=challenge(realm))
    token = responses.get(realm, json={"token": "t"})
    responses.get(url, json={}, match=[bearer("t")])
    assert ask(http(login=ME), Repository.parse("nginx")) is not None
    assert "Authorization" in token.calls[0].request.headers


@responses.activate
def test_a_login_over_plain_http_elsewhere_is_refused() -> None:
    responses.get(URL, status=401, headers=challenge("http://ghcr.io/token"))
    with pytest.raises(Refusal, match="without encryption"):
        ask(http(login=ME))


@responses.activate
@pytest.mark.parametrize(
    ("host", "insecure", "url"),
    [
        ("127.0.0.1:5000", (), "http://127.0.0.1:5000"),
        ("localhost:5000", (), "http://localhost:5000"),
        ("[::1]:5000", (), "http://[::1]:5000"),
        ("nas.lan:5000", (), "https://nas.lan:5000"),
        ("nas.lan:5000", ("nas.lan:5000",), "http://nas.lan:5000"),
        ("localhost.example:5000", (), "https://localhost.example:5000"),
    ],
)
def test_plain_http_is_for_loopback_and_named_hosts(
    host: str, insecure: tuple[str, ...], url: str
) -> None:
    responses.get(f"{url}/v2/web/tags/list", json={})
    assert ask(http(insecure=frozenset(insecure)), Repository(host, "web")) is not None


@responses.activate
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({}, 30),
        ({"Retry-After": "9" * 40}, 3600),
        ({"Retry-After": "soon"}, 30),
        (
            {
                "Retry-After": "Thu, 01 Jan 2026 00:02:00 GMT",
                "Date": "Thu, 01 Jan 2026 00:00:30 GMT",
            },
            90,
        ),
    ],
)
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_registry_is_asked_again_when_it_says(
    status: int, header: dict[str, str], seconds: int
) -> None:
    responses.get(URL, status=status, headers=header)
    with pytest.raises(Temporary, match=f"ghcr.io answers {status}") as caught:
        ask(http())
    assert caught.value.after == timedelta(seconds=seconds)


@responses.activate
def test_a_host_that_said_how_long_it_is_busy_is_not_asked_until_then() -> None:
    busy, clock = responses.get(URL, status=429, headers={"Retry-After": "60"}), Clock()
    one = http(clock=clock)
    with pytest.raises(Temporary):
        ask(one)
    clock.passes(seconds=20)
    with pytest.raises(Temporary, match=r"ghcr\.io answers 429") as caught:
        ask(one, Repository.parse("ghcr.io/acme/other"))
    assert caught.value.after == timedelta(seconds=40)
    assert busy.call_count == 1
    clock.passes(seconds=40)
    responses.replace(responses.GET, URL, json={})
    assert ask(one) is not None


@responses.activate
def test_an_address_that_fails_keeps_nobody_from_the_others() -> None:
    broken = responses.get(URL, status=500, headers={"Retry-After": "60"})
    responses.get("https://ghcr.io/v2/acme/other/tags/list", json={})
    one = http(clock=Clock())
    for _ in range(2):
        with pytest.raises(Temporary, match=r"ghcr\.io answers 500"):
            ask(one)
    assert broken.call_count == 1
    assert ask(one, Repository.parse("ghcr.io/acme/other")) is not None


@responses.activate
def test_a_host_that_grants_nothing_more_rests_for_its_window() -> None:
    clock, last = Clock(), {"ratelimit-limit": "100;w=21600", "ratelimit-remaining": "0;w=1800"}
    responses.get(URL, json={}, headers=last)
    one = http(clock=clock)
    assert ask(one) is not None, "the last answer is an answer"
    clock.passes(minutes=29)
    with pytest.raises(Temporary, match="nothing left of what it grants"):
        ask(one)
    clock.passes(minutes=1)
    assert ask(one) is not None
    with_some = {"ratelimit-remaining": "1;w=21600"}
    responses.replace(responses.GET, URL, json={}, headers=with_some)
    clock.passes(hours=1)
    assert ask(one) is not None
    assert ask(one) is not None


@responses.activate
@pytest.mark.parametrize(
    "error", [requests.ConnectionError("no"), requests.Timeout("slow"), requests.TooManyRedirects()]
)
def test_an_absent_registry_is_asked_again(error: Exception) -> None:
    responses.get(URL, body=error)
    with pytest.raises(Temporary, match=r"ghcr\.io does not answer: [a-z]"):
        ask(http())


@responses.activate
def test_a_bad_certificate_needs_a_person() -> None:
    responses.get(URL, body=requests.exceptions.SSLError("self-signed"))
    with pytest.raises(Refusal, match=r"certificate of ghcr\.io"):
        ask(http())


@responses.activate
def test_a_host_that_speaks_no_tls_is_named_with_what_to_do() -> None:
    error = "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"
    responses.get(URL, body=requests.exceptions.SSLError(error))
    with pytest.raises(Refusal, match=r"ghcr\.io speaks no TLS: .* TOWLINE_INSECURE_REGISTRIES"):
        ask(http())


@responses.activate
@pytest.mark.parametrize("status", [401, 403])
def test_no_rights_names_the_login_that_has_none(status: int) -> None:
    responses.get(URL, status=status, headers={"WWW-Authenticate": 'Basic realm="x"'})
    with pytest.raises(Refusal, match="the login 'me', or it does not exist"):
        ask(http(login=ME))
    with pytest.raises(Refusal, match="anybody without a login"):
        ask(http())


@responses.activate
def test_a_login_is_never_shown() -> None:
    responses.get(URL, status=403)
    with pytest.raises(Refusal) as caught:
        ask(http(login=ME))
    assert "s3cret" not in f"{caught.value} {ME!r}"


@responses.activate
def test_what_is_not_there_is_none_and_other_answers_are_refused() -> None:
    responses.get(URL, status=404)
    assert ask(http()) is None
    responses.replace(responses.GET, URL, status=418)
    with pytest.raises(Refusal, match="answers 418"):
        ask(http())


@responses.activate
def test_a_body_larger_than_a_manifest_is_refused() -> None:
    responses.get(URL, body=b"x" * (4 * 1024 * 1024 + 1))
    with pytest.raises(Refusal, match="larger than"):
        ask(http())


@responses.activate
@pytest.mark.parametrize("body", ["", "[]", '{"token": 1}', "{}"])
def test_a_token_server_that_gives_none_is_refused(body: str) -> None:
    responses.get(URL, status=401, headers=challenge("https://ghcr.io/token"))
    responses.get("https://ghcr.io/token", body=body)
    with pytest.raises(Refusal, match="token"):
        ask(http())


def test_another_registrys_address_is_not_followed() -> None:
    with pytest.raises(Refusal, match="another registry"):
        http().get(WEB, "https://evil.example/v2/acme/web/tags/list", "application/json")


@responses.activate
def test_of_several_challenges_a_token_goes_first() -> None:
    both = 'Basic realm="x", Bearer realm="https://ghcr.io/token",service="s", Negotiate'
    responses.get(URL, status=401, headers={"WWW-Authenticate": both})
    token = responses.get("https://ghcr.io/token", json={"token": "t"})
    responses.get(URL, json={}, match=[bearer("t")])
    assert ask(http(login=ME)) is not None
    assert token.call_count == 1


@responses.activate
def test_a_password_in_any_letters_is_sent_as_it_is() -> None:
    responses.get(URL, status=401, headers={"WWW-Authenticate": "Negotiate, Basic"})
    sent = "Basic " + base64.b64encode("mé:пароль".encode()).decode()
    match = responses.matchers.header_matcher({"Authorization": sent})
    responses.get(URL, json={}, match=[match])
    assert ask(http(login=Login("mé", "пароль"))) is not None


@responses.activate
def test_a_token_is_replaced_before_it_ends() -> None:
    clock = Clock()
    refused = responses.get(URL, status=401, headers=challenge("https://ghcr.io/token"))
    first = responses.get("https://ghcr.io/token", json={"token": "t1", "expires_in": 300})
    responses.get(URL, json={}, match=[bearer("t1")])
    one = http(clock=clock)
    ask(one)
    responses.replace(responses.GET, "https://ghcr.io/token", json={"token": "t2"})
    clock.passes(seconds=269)
    ask(one)
    second = responses.get(URL, json={}, match=[bearer("t2")])
    clock.passes(seconds=1)
    ask(one)
    assert (refused.call_count, first.call_count, second.call_count) == (1, 1, 1)


HUB = Repository.parse("nginx")
BLOB = "https://registry-1.docker.io/v2/library/nginx/blobs/sha256:1"


def redirected(to: str, one: RegistryHttp) -> Answer | None:
    responses.get(BLOB, status=307, headers={"Location": to}, body=b"x" * 5_000_000)
    responses.add(responses.GET, "https://cdn.example/blob", body=b"content")
    return one.get(HUB, "blobs/sha256:1", "*/*")


@responses.activate
def test_a_redirect_is_followed_without_the_login() -> None:
    responses.get(BLOB, status=401, headers={"WWW-Authenticate": "Basic"})
    login = responses.matchers.header_matcher({"Authorization": "Basic bWU6czNjcmV0"})
    moved = {"Location": "https://cdn.example/blob"}
    responses.get(BLOB, status=307, headers=moved, match=[login])
    cdn = responses.get("https://cdn.example/blob", body=b"content")
    found = http(login=ME).get(HUB, "blobs/sha256:1", "*/*")
    assert found is not None
    assert found.body == b"content"
    assert "Authorization" not in cdn.calls[0].request.headers


@responses.activate
def test_a_redirect_on_the_same_host_keeps_the_login() -> None:
    responses.get(URL, status=401, headers={"WWW-Authenticate": "Basic"})
    responses.get(URL, status=308, headers={"Location": "/elsewhere"}, match=[me()])
    there = responses.get("https://ghcr.io/elsewhere", json={}, match=[me()])
    assert ask(http(login=ME)) is not None
    assert there.call_count == 1


def me() -> Callable[..., Any]:
    return responses.matchers.header_matcher({"Authorization": "Basic bWU6czNjcmV0"})


@responses.activate
@pytest.mark.parametrize(
    "to",
    [
        "http://cdn.example/blob",
        "http://127.0.0.1:8080/blob",
        "https://127.0.0.1/blob",
        "https://localhost/blob",
        "https://10.0.0.1/blob",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/latest/meta-data/",
        "https://[::ffff:169.254.169.254]/",
        "https://inside.example/blob",
        "https://metadata.example/blob",
        "https://me:s3cret@cdn.example/blob",
        "https://cdn.example:port/blob",
        "ftp://cdn.example/blob",
        "file:///etc/passwd",
    ],
)
def test_nobody_sends_us_into_our_own_network(to: str) -> None:
    known = {"inside.example": "10.0.0.7", "metadata.example": "169.254.169.254"}
    with pytest.raises(Refusal):
        redirected(to, http(known=known))
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(
    "realm", ["https://10.0.0.1/token", "http://127.0.0.1/token", "https://inside.example/token"]
)
def test_a_token_server_in_our_own_network_is_not_asked(realm: str) -> None:
    responses.get(URL, status=401, headers=challenge(realm))
    with pytest.raises(Refusal, match="inside our own network"):
        ask(http(login=ME, known={"inside.example": "10.0.0.7"}))
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(
    "realm", ["token", "https://x:99999999/token", "https://[::1/", "ftp://x/"]
)
def test_a_token_server_without_an_address_is_refused(realm: str) -> None:
    responses.get(URL, status=401, headers=challenge(realm))
    with pytest.raises(Refusal, match=r"is no address|is not encrypted"):
        ask(http(login=ME))


@responses.activate
def test_a_private_registry_may_send_us_to_its_neighbour_but_not_to_metadata() -> None:
    harbor = Repository("harbor.lan", "web")
    url = "https://harbor.lan/v2/web/tags/list"
    known = {"harbor.lan": "10.0.0.5", "auth.lan": "10.0.0.6", "meta.lan": "169.254.169.254"}
    responses.get(url, status=401, headers=challenge("https://auth.lan/token"))
    responses.get("https://auth.lan/token", json={"token": "t"})
    responses.get(url, json={}, match=[bearer("t")])
    assert ask(http(known=known), harbor) is not None
    responses.get(url, status=307, headers={"Location": "https://meta.lan/"}, match=[bearer("t")])
    for place in ("https://meta.lan/", "http://127.0.0.1/"):
        responses.reset()
        responses.get(url, status=307, headers={"Location": place})
        with pytest.raises(Refusal, match="inside our own network"):
            ask(http(known=known), harbor)


def test_metadata_is_no_registry() -> None:
    with pytest.raises(Refusal, match="inside our own network"):
        ask(http(), Repository("169.254.169.254", "web"))


@responses.activate
def test_redirects_without_an_end_are_given_up() -> None:
    responses.get(URL, status=302, headers={"Location": URL})
    with pytest.raises(Refusal, match="without end"):
        ask(http())
    assert len(responses.calls) == 6


@responses.activate
def test_a_page_is_asked_for_only_if_it_has_changed() -> None:
    same = responses.matchers.header_matcher({"If-None-Match": '"1"'})
    responses.get(URL, status=304, match=[same])
    found = http().get(WEB, "tags/list", "application/json", etag='"1"')
    assert found is not None
    assert found.status == 304
    responses.replace(responses.GET, URL, status=304)
    with pytest.raises(Refusal, match="answers 304"):
        ask(http())
