"""What JFrog Artifactory's webhooks mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.events import Ignored, ImagePushed, Understood, Unknown
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.senders import read, usual

WEB = Repository("acme.jfrog.example.com", "docker-local/front/web")


@pytest.mark.parametrize("name", ["pushed", "pushed.index"])
def test_a_pushed_tag_is_looked_at(name: str) -> None:
    message = read("artifactory", usual("artifactory", name))
    assert message.reading == Understood((ImagePushed(WEB, "1.4.2"),))
    assert (message.kind, message.repeats) == ("docker.pushed", True)


@pytest.mark.parametrize(
    ("registry", "web"),
    [
        ("docker.acme.example.com", Repository("docker.acme.example.com", "front/web")),
        ("acme.example.com/docker", Repository("acme.example.com", "docker/front/web")),
    ],
)
def test_a_subdomain_or_a_virtual_repository_is_named_by_the_address(
    registry: str, web: Repository
) -> None:
    request = replace(usual("artifactory", "pushed"), registry=registry)
    assert read("artifactory", request).reading == Understood((ImagePushed(web, "1.4.2"),))


@pytest.mark.parametrize("name", ["deleted", "promoted", "deployed"])
def test_everything_else_is_ignored(name: str) -> None:
    assert isinstance(read("artifactory", usual("artifactory", name)).reading, Ignored)


def test_an_unknown_domain_is_named() -> None:
    reading = read("artifactory", usual("artifactory", "pushed", {"domain": "moon"})).reading
    assert reading == Unknown("moon.pushed")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"domain": None}, "domain is missing"),
        ({"event_type": {}}, "event_type is not a text"),
        ({"data": None}, "data.image_name is missing"),
        ({"data.tag": "a/b"}, "data.tag is not a tag"),
        ({"data.image_name": "Web"}, "not an image repository"),
        ({"data.repo_key": None}, "data.repo_key is missing"),
        ({"jpd_origin": None}, r"add \?registry=HOST"),
        ({"jpd_origin": "ftp://acme.example.com"}, r"add \?registry=HOST"),
        ({"jpd_origin": "https://["}, r"add \?registry=HOST"),
        ({"jpd_origin": "https://a b/"}, "'a b' is not a registry host"),
    ],
)
def test_what_is_missing_or_wrong_is_named(values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("artifactory", usual("artifactory", "pushed", values))
