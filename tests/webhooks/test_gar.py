"""What Google's registry says through Pub/Sub."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.events import Ignored, ImagePushed, Understood, Unknown
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.samples import sample
from tests.webhooks.senders import read, usual

WEB = Repository("europe-west3-docker.pkg.dev", "acme-shop/images/web")


def test_a_pushed_tag_is_looked_at() -> None:
    message = read("gar", usual("gar", "insert"))
    assert message.reading == Understood((ImagePushed(WEB, "1.4.2"),))
    assert message.guid == sample("gar", "insert")["message"]["messageId"]


def test_whoever_pulls_by_another_name_says_so_in_the_address() -> None:
    request = replace(usual("gar", "insert"), registry="proxy.example.com/google")
    web = Repository("proxy.example.com", "google/acme-shop/images/web")
    assert read("gar", request).reading == Understood((ImagePushed(web, "1.4.2"),))


def test_a_projects_name_may_have_a_domain() -> None:
    tag = {"message.data.tag": "gcr.io/example.com/shop/web:1.4.2"}
    reading = read("gar", usual("gar", "insert", tag)).reading
    web = Repository("gcr.io", "example.com/shop/web")
    assert reading == Understood((ImagePushed(web, "1.4.2"),))


@pytest.mark.parametrize("name", ["insert.untagged", "delete"])
def test_everything_else_is_ignored(name: str) -> None:
    assert isinstance(read("gar", usual("gar", name)).reading, Ignored)


def test_an_unknown_action_is_named() -> None:
    reading = read("gar", usual("gar", "insert", {"message.data.action": "MOVE"})).reading
    assert reading == Unknown("MOVE")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"message": None}, "message.data is missing"),
        ({"message.data": "e30"}, "message.data is not base64"),
        ({"message.data": "\u00e9"}, "message.data is not base64"),
        ({"message.data": "W10="}, "the body is not a JSON object"),
        ({"message.data": "/w=="}, "the body is not UTF-8"),
        ({"message.messageId": None}, "messageId is missing"),
        ({"message.data.action": None}, "action is missing"),
        ({"message.data.tag": "gcr.io/shop/web"}, "tag names no tag"),
        ({"message.data.tag": "gcr.io/shop/web:"}, "is not a tag"),
        ({"message.data.tag": "x" * 600}, "longer than 510"),
        ({"message.data.tag": "gcr.io/" + "x" * 300 + ":1"}, "longer than 255"),
    ],
)
def test_what_is_missing_or_wrong_is_named(values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("gar", usual("gar", "insert", values))
