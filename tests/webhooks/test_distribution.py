"""What a registry's notifications mean."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from github_app.events import Ignored, ImagePushed, Understood
from github_app.webhooks.message import Message
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks import samples
from tests.webhooks.samples import bodies, changed, names, sample

WEB = Repository("registry.example.com:5000", "acme/web")
PUSHED = {"push.manifest": "1.0.0", "push.index": "2.0.0"}


def read(name: str, values: Mapping[str, object] = {}) -> Message:
    body = bodies(changed(sample("distribution", name), values))
    return samples.read("distribution", {}, body)


@pytest.mark.parametrize(("name", "tag"), PUSHED.items())
def test_a_pushed_tag_is_looked_at(name: str, tag: str) -> None:
    message = read(name)
    assert message.reading == Understood((ImagePushed(WEB, tag),))
    assert message.kind == "push"
    assert message.guid == sample("distribution", name)["events"][0]["id"]


@pytest.mark.parametrize("name", sorted(set(names("distribution")) - set(PUSHED)))
def test_layers_pulls_mounts_and_deletions_are_ignored(name: str) -> None:
    assert isinstance(read(name).reading, Ignored)


def test_an_action_nobody_heard_of_does_not_block_the_registry() -> None:
    assert isinstance(read("push.manifest", {"events.0.action": "sign"}).reading, Ignored)


def test_an_artifact_that_is_no_manifest_is_ignored() -> None:
    values = {"events.0.target.mediaType": "application/octet-stream"}
    assert isinstance(read("push.manifest", values).reading, Ignored)


def test_several_events_in_one_envelope_are_one_delivery() -> None:
    events = [sample("distribution", name)["events"][0] for name in names("distribution")]
    message = samples.read("distribution", {}, bodies({"events": events}))
    assert message.reading == Understood((ImagePushed(WEB, "2.0.0"), ImagePushed(WEB, "1.0.0")))
    assert message.guid.startswith("sha256:")
    assert message.guid == samples.read("distribution", {}, bodies({"events": events})).guid
    assert message.guid != samples.read("distribution", {}, bodies({"events": events[1:]})).guid


def test_an_empty_envelope_is_ignored() -> None:
    assert isinstance(samples.read("distribution", {}, b'{"events": []}').reading, Ignored)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"events": None}, "events is missing"),
        ({"events": ["push"]}, "events holds something else than objects"),
        ({"events.0.id": None}, "id is missing"),
        ({"events.0.request": None}, "request.host is missing"),
        ({"events.0.request.host": 5}, "request.host is not a text"),
        ({"events.0.request.host": "a/b"}, "'a/b' is not a registry host"),
        ({"events.0.target.repository": "A b"}, "'A b' is not an image repository"),
        ({"events.0.target.tag": "a b"}, "target.tag is not a tag"),
        ({"events.0.target.tag": ["1"]}, "target.tag is not a text"),
    ],
)
def test_what_is_missing_or_wrong_is_named(values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("push.manifest", values)


def test_a_host_is_one_however_it_is_written() -> None:
    reading = read("push.manifest", {"events.0.request.host": "Registry.Example.com:5000"}).reading
    assert reading == Understood((ImagePushed(WEB, "1.0.0"),))
