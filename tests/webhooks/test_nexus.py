"""What Nexus's webhooks mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.events import Ignored, ImagePushed, Understood, Unknown
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.samples import GUID, names
from tests.webhooks.senders import read, usual

PUSHED = ("component.created", "component.updated")


@pytest.mark.parametrize("name", PUSHED)
@pytest.mark.parametrize(
    ("registry", "web"),
    [
        ("docker.example.com:8443", Repository("docker.example.com:8443", "shop/web")),
        ("nexus.example.com/docker", Repository("nexus.example.com", "docker/shop/web")),
    ],
)
def test_a_pushed_tag_is_looked_at(name: str, registry: str, web: Repository) -> None:
    message = read("nexus", replace(usual("nexus", name), registry=registry))
    assert message.reading == Understood((ImagePushed(web, "1.4.2"),))
    assert (message.guid, message.kind) == (GUID, "rm:repository:component")


@pytest.mark.parametrize("name", sorted(set(names("nexus")) - set(PUSHED)))
def test_everything_else_is_ignored(name: str) -> None:
    assert isinstance(read("nexus", usual("nexus", name)).reading, Ignored)


def test_the_address_must_say_which_registry_it_is() -> None:
    with pytest.raises(Refusal, match=r"add \?registry=HOST to the webhook's address"):
        read("nexus", replace(usual("nexus", "component.created"), registry=""))


@pytest.mark.parametrize("registry", ["a b", "https://nexus.example.com", "/", "x/../y", "x" * 300])
def test_a_wrong_registry_in_the_address_is_refused(registry: str) -> None:
    with pytest.raises(Refusal):
        read("nexus", replace(usual("nexus", "component.created"), registry=registry))


def test_what_nobody_heard_of_is_unknown() -> None:
    request = usual("nexus", "component.created")
    assert read("nexus", request.but(X_Nexus_Webhook_Id="moon")).reading == Unknown("moon")
    moved = usual("nexus", "component.created", {"action": "MOVED"})
    assert read("nexus", moved).reading == Unknown("rm:repository:component.MOVED")


@pytest.mark.parametrize("header", ["X_Nexus_Webhook_Id", "X_Nexus_Webhook_Delivery"])
def test_a_missing_header_is_named(header: str) -> None:
    with pytest.raises(Refusal, match="X-Nexus-Webhook-Id or X-Nexus-Webhook-Delivery is missing"):
        read("nexus", usual("nexus", "component.created").but(**{header: None}))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"action": None}, "action is missing"),
        ({"component": None}, "component.format is missing"),
        ({"component.name": None}, "component.name is missing"),
        ({"component.version": "a b"}, "component.version is not a tag"),
    ],
)
def test_what_is_missing_or_wrong_is_named(values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("nexus", usual("nexus", "component.created", values))
