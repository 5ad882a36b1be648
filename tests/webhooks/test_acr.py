"""What Azure's container registry says, through its own webhook and through Event Grid."""

from __future__ import annotations

import pytest

from github_app.events import Answered, Ignored, ImagePushed, Understood, Unknown
from github_app.webhooks.message import Message
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.samples import bodies, names, sample
from tests.webhooks.senders import read, sent, usual

WEB = Repository("acme.azurecr.io", "shop/web")
PUSHED = ("push", "grid.push")


def grid(*events: object) -> Message:
    return read("acr", sent("acr", "grid", bodies(list(events))))


@pytest.mark.parametrize("name", PUSHED)
def test_a_pushed_tag_is_looked_at(name: str) -> None:
    message = read("acr", usual("acr", name))
    assert message.reading == Understood((ImagePushed(WEB, "1.4.2"),))
    payload = sample("acr", name)
    assert message.guid == (payload if name == "push" else payload[0])["id"]


@pytest.mark.parametrize("name", sorted(set(names("acr")) - {*PUSHED, "grid.validation"}))
def test_everything_else_is_ignored(name: str) -> None:
    assert isinstance(read("acr", usual("acr", name)).reading, Ignored)


def test_event_grid_is_answered_with_its_code() -> None:
    reading = read("acr", usual("acr", "grid.validation")).reading
    code = "5A0C8D6E-1F2B-4C3D-9E8F-7A6B5C4D3E2F"
    assert reading == Answered({"validationResponse": code})


def test_several_events_are_one_delivery() -> None:
    event = sample("acr", "grid.push")[0]
    unknown = {**event, "eventType": "Microsoft.ContainerRegistry.Moved"}
    both = grid(event, unknown, {**event, "id": "2"})
    assert both.reading == Understood((ImagePushed(WEB, "1.4.2"),))
    assert both.guid.startswith("sha256:")
    assert grid(unknown).reading == Unknown("Microsoft.ContainerRegistry.Moved")
    assert isinstance(grid().reading, Ignored)


def test_an_unknown_action_is_named() -> None:
    assert read("acr", usual("acr", "push", {"action": "move"})).reading == Unknown("move")


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("push", {"id": None}, "id is missing"),
        ("push", {"action": 7}, "action is not a text"),
        ("push", {"request": None}, "request.host is missing"),
        ("push", {"request.host": "a b"}, "'a b' is not a registry host"),
        ("push", {"target.repository": ".."}, "not an image repository"),
        ("push", {"target.tag": "../x"}, "target.tag is not a tag"),
        ("grid.push", {"0.data": None}, "data is not an object"),
        ("grid.push", {"0.eventType": None}, "eventType is missing"),
        ("grid.push", {"0": "event"}, "the body holds something else than objects"),
        ("grid.validation", {"0.data.validationCode": "<b>"}, "validationCode is not a code"),
        ("grid.validation", {"0.data": None}, "data.validationCode is missing"),
    ],
)
def test_what_is_missing_or_wrong_is_named(name: str, values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("acr", usual("acr", name, values))
