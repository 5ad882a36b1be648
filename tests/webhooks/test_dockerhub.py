"""What Docker Hub's webhooks mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.events import ImagePushed, Understood
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.senders import read, usual

WEB = Repository("docker.io", "acme/web")


def test_a_pushed_tag_is_looked_at() -> None:
    message = read("dockerhub", usual("dockerhub", "push"))
    assert message.reading == Understood((ImagePushed(WEB, "1.4.2"),))
    assert (message.kind, message.repeats) == ("push", False)


def test_whoever_pulls_by_another_name_says_so_in_the_address() -> None:
    request = replace(usual("dockerhub", "push"), registry="proxy.example.com:5000/hub")
    web = Repository("proxy.example.com:5000", "hub/acme/web")
    assert read("dockerhub", request).reading == Understood((ImagePushed(web, "1.4.2"),))


def test_the_time_of_a_push_tells_one_from_another() -> None:
    def guid(**values: object) -> str:
        changes = {f"push_data.{name}": value for name, value in values.items()}
        return read("dockerhub", usual("dockerhub", "push", changes)).guid

    assert guid() == guid(pusher="somebody")
    assert len({guid(), guid(pushed_at=1795251601), guid(tag="1.4.3")}) == 3


def test_old_times_are_read_and_missing_ones_allow_for_a_repetition() -> None:
    assert not read("dockerhub", usual("dockerhub", "push", {"push_data.pushed_at": 1.4e9})).repeats
    assert read("dockerhub", usual("dockerhub", "push", {"push_data.pushed_at": None})).repeats


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"repository": None}, "repository.repo_name is missing"),
        ({"repository.repo_name": "Acme/Web"}, "not an image repository"),
        ({"repository.repo_name": "a" * 300}, "longer than 255"),
        ({"push_data.tag": "1 4"}, "push_data.tag is not a tag"),
        ({"push_data.tag": ""}, "push_data.tag is missing"),
        ({"push_data.pushed_at": True}, "push_data.pushed_at is not a text"),
    ],
)
def test_what_is_missing_or_wrong_is_named(values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("dockerhub", usual("dockerhub", "push", values))
