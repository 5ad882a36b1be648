"""The login that says most closely that it is for a repository is taken."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from github_app.warehouse.login_entries import Entry, best, configuration, entries
from github_app.warehouse.ports import Login
from plugin.artifact import Repository
from plugin.errors import Refusal

ME = Login("me", "s3cret")


def auth(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("key", "image", "counts"),
    [
        ("ghcr.io", "ghcr.io/acme/web", True),
        ("GHCR.io", "ghcr.io/acme/web", True),
        ("https://ghcr.io", "ghcr.io/acme/web", True),
        ("https://ghcr.io/v2/", "ghcr.io/acme/web", True),
        ("ghcr.io/acme", "ghcr.io/acme/web", True),
        ("ghcr.io/acme/", "ghcr.io/acme/web", True),
        ("ghcr.io/acme/web", "ghcr.io/acme/web", True),
        ("ghcr.io/acme", "ghcr.io/acme-evil/web", False),
        ("ghcr.io/acme/web/x", "ghcr.io/acme/web", False),
        ("ghcr.io", "ghcr.io.evil.example/acme/web", False),
        ("evil.ghcr.io", "ghcr.io/acme/web", False),
        ("*.azurecr.io", "acme.azurecr.io/web", True),
        ("*.azurecr.io", "a.b.azurecr.io/web", False),
        ("*.azurecr.io", "azurecr.io/web", False),
        ("app*.acme.io", "app-eu.acme.io/web", True),
        ("acme.*", "acme.io/web", True),
        ("*.io", "acme.k8s.io/web", False),
        ("nas.lan:5000", "nas.lan:5000/web", True),
        ("nas.lan:5000", "nas.lan:5001/web", False),
        ("nas.lan", "nas.lan:5000/web", False),
        ("*.lan:5000", "nas.lan:5000/web", True),
        ("[::1]:5000", "[::1]:5000/web", True),
        ("https://index.docker.io/v1/", "nginx", True),
        ("docker.io/acme", "acme/web", True),
        ("docker.io/acme", "nginx", False),
        ("registry-1.docker.io", "nginx", True),
    ],
)
def test_where_an_entry_counts(key: str, image: str, counts: bool) -> None:
    assert Entry.of(key, ME).counts_for(Repository.parse(image)) is counts


def test_the_longest_path_wins_then_a_host_without_stars_then_the_first() -> None:
    keys = ("*.io", "ghcr.io", "*.io/acme", "ghcr.io", "ghcr.io/acme", "ghcr.io/acme/web/api")
    given = [Entry.of(key, Login(str(place), "p")) for place, key in enumerate(keys)]

    def user(image: str) -> str | None:
        found = best(given, Repository.parse(image))
        return found.login.user if found and found.login else None

    assert user("ghcr.io/acme/web/api") == "5"
    assert user("ghcr.io/acme/web") == "4"
    assert user("quay.io/acme/web") == "2"
    assert user("ghcr.io/other") == "1"
    assert user("quay.io/other") == "0"
    assert user("nas.lan/other") is None


@pytest.mark.parametrize(
    ("entry", "login"),
    [
        (auth("me:s3:cret"), Login("me", "s3:cret")),
        ({"username": "me", "password": "s3cret"}, ME),
        ({"username": "x", "password": "y", **auth("me:s3cret")}, ME),
        ({"identitytoken": "t"}, None),
        (auth("me:"), None),
    ],
)
def test_what_an_entry_holds(entry: dict[str, Any], login: Login | None) -> None:
    (found,) = entries({"auths": {"ghcr.io": entry}}, "file")
    assert found == Entry("ghcr.io", (), login)


def test_an_empty_entry_is_none() -> None:
    assert list(entries({"auths": {"ghcr.io": {}}}, "file")) == []
    assert list(entries({}, "file")) == []
    assert list(entries({"auths": None}, "file")) == []


@pytest.mark.parametrize(
    "entry",
    [
        *("s3cret", None, {"auth": "s3cret!"}, {"auth": "s3crét"}, {"auth": 7}, {"auth": ""}),
        *({"auth": base64.b64encode(text).decode()} for text in (b"s3cret", b"s3cret:\xff")),
    ],
)
def test_a_broken_entry_is_named_and_not_shown(entry: object) -> None:
    with pytest.raises(Refusal) as caught:
        list(entries({"auths": {"ghcr.io/acme": entry}}, "/secrets/file"))
    assert "/secrets/file" in str(caught.value)
    assert "ghcr.io/acme" in str(caught.value)
    shown = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert "s3cr" not in shown


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"s3cret", b'{"auths": "s3cret"', b'["s3cret"]', b'{"auths": ["s3cret"]}'),
        *(b"[" * 100_000, b"\xff\xfes3cret"),
    ],
)
def test_a_broken_file_is_named_and_not_shown(content: bytes) -> None:
    with pytest.raises(Refusal, match="/secrets/file is not a Docker configuration") as caught:
        configuration(content, "/secrets/file")
    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__context__ is None
