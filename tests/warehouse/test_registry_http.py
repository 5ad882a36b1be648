"""Who is asked with which login, and what each answer of a registry means to a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses

from github_app.warehouse.ports import Login
from github_app.warehouse.registry_http import Answer, RegistryHttp
from plugin.artifact import Repository
from plugin.errors import Refusal, Temporary

WEB = Repository.parse("ghcr.io/acme/web")
URL = "https://ghcr.io/v2/acme/web/tags/list"
ME = Login("me", "s3cret")


def http(*, login: Login | None = None, insecure: frozenset[str] = frozenset()) -> RegistryHttp:
    return RegistryHttp(requests.Session(), lambda host: login, insecure)


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
