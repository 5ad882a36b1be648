"""What may stand behind the question mark of a webhook's address."""

from __future__ import annotations

import pytest

from github_app.webhooks.address import registry_in
from plugin.errors import Refusal


@pytest.mark.parametrize(
    ("written", "registry"),
    [
        ("docker.example.com", "docker.example.com"),
        ("Docker.Example.com:8443/", "docker.example.com:8443"),
        ("example.com/docker-virtual/acme", "example.com/docker-virtual/acme"),
        ("localhost", "localhost"),
        ("registry:5000", "registry:5000"),
        ("index.docker.io", "docker.io"),
    ],
)
def test_a_registry_is_written_as_images_are_pulled(written: str, registry: str) -> None:
    assert registry_in([("registry", written)]) == registry


def test_nothing_need_stand_there() -> None:
    assert registry_in([]) == ""


@pytest.mark.parametrize(
    "written",
    [
        *("", "/", "http://x", "https://docker.example.com", "acme", "acme/web", "a b.c", "é.com"),
        *("me:hush@docker.example.com", "example.com/Virtual", "example.com//x", "../.."),
        *("some/image", "\x00", "x" * 300),
    ],
)
def test_what_is_no_registry_is_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        registry_in([("registry", written)])
    assert "is not HOST[:PORT][/PREFIX]: write it as images are pulled" in str(refused.value)
    assert len(written) < 5 or written not in str(refused.value)


@pytest.mark.parametrize(
    "query",
    [
        [("regsitry", "docker.example.com")],
        [("token", "hush-hush")],
        [("registry", "a.example"), ("registry", "b.example")],
        [("registry", "a.example"), ("secret", "hush-hush")],
    ],
)
def test_anything_else_there_is_a_mistake(query: list[tuple[str, str]]) -> None:
    with pytest.raises(Refusal) as refused:
        registry_in(query)
    assert "there may be registry=HOST[:PORT][/PREFIX], once, and nothing else" in str(
        refused.value
    )
    assert "hush" not in str(refused.value)
