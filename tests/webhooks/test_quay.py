"""What Quay's notifications mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.events import Ignored, ImagePushed, Understood
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.senders import read, usual

WEB = Repository("quay.io", "acme/web")


def test_every_pushed_tag_is_looked_at() -> None:
    message = read("quay", usual("quay", "push"))
    assert message.reading == Understood((ImagePushed(WEB, "1.4.2"), ImagePushed(WEB, "latest")))
    assert message.repeats, "neither id nor time comes along"


def test_the_tags_of_old_versions_are_read() -> None:
    reading = read("quay", usual("quay", "push.old")).reading
    assert reading == Understood((ImagePushed(WEB, "1.4.2"),))


def test_many_tags_are_one_look_at_all_of_them() -> None:
    tags = {"updated_tags": [f"1.4.{number}" for number in range(21)]}
    reading = read("quay", usual("quay", "push", tags)).reading
    assert reading == Understood((ImagePushed(WEB, None),))


@pytest.mark.parametrize("name", ["build_success", "vulnerability_found"])
def test_notifications_of_other_kinds_are_ignored(name: str) -> None:
    assert isinstance(read("quay", usual("quay", name)).reading, Ignored)


def test_a_mirror_in_front_is_named_by_the_address() -> None:
    request = replace(usual("quay", "push.old"), registry="quay.example.com:8443")
    there = Repository("quay.example.com:8443", "acme/web")
    assert read("quay", request).reading == Understood((ImagePushed(there, "1.4.2"),))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"docker_url": "quay.io"}, "docker_url names no repository"),
        ({"docker_url": "quay.io/Acme/web"}, "not an image repository"),
        ({"docker_url": None}, "docker_url is missing"),
        ({"updated_tags": "1.4.2"}, "updated_tags is not a list"),
        ({"updated_tags": ["1 4"]}, "updated_tags is not a tag"),
        ({"updated_tags": [None]}, "updated_tags is missing"),
    ],
)
def test_what_is_missing_or_wrong_is_named(values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("quay", usual("quay", "push", values))
