"""What Harbor's webhooks mean, in both of its formats."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.events import Ignored, ImagePushed, Understood, Unknown
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.samples import names, sample
from tests.webhooks.senders import read, usual

WEB = Repository("harbor.example.com", "shop/front/web")
PUSHED = {"push": "1.4.2", "tag": "stable", "cloud.push": "1.4.2"}


@pytest.mark.parametrize(("name", "tag"), PUSHED.items())
def test_a_pushed_tag_is_looked_at(name: str, tag: str) -> None:
    assert read("harbor", usual("harbor", name)).reading == Understood((ImagePushed(WEB, tag),))


@pytest.mark.parametrize("name", sorted(set(names("harbor")) - set(PUSHED)))
def test_everything_else_is_ignored(name: str) -> None:
    assert isinstance(read("harbor", usual("harbor", name)).reading, Ignored)


def test_an_event_is_known_by_its_id_or_by_what_it_says() -> None:
    cloud = read("harbor", usual("harbor", "cloud.push"))
    assert cloud.guid == sample("harbor", "cloud.push")["id"]
    message = read("harbor", usual("harbor", "push"))
    assert message.guid == read("harbor", usual("harbor", "push")).guid
    later = read("harbor", usual("harbor", "push", {"occur_at": 1795251601}))
    assert (later.guid == message.guid, later.repeats) == (False, False)
    assert read("harbor", usual("harbor", "push", {"occur_at": None})).repeats


def test_ids_of_several_sources_are_told_apart_where_they_are_no_ids_of_ours() -> None:
    one = read("harbor", usual("harbor", "cloud.push", {"id": "#1"}))
    other = read("harbor", usual("harbor", "cloud.push", {"id": "#1", "source": "/projects/8"}))
    assert one.guid.startswith("sha256:")
    assert one.guid != other.guid


def test_several_resources_are_looked_at_once_each() -> None:
    resources = [sample("harbor", "push")["event_data"]["resources"][0] for _ in range(2)]
    more = {"event_data.resources": [*resources, {**resources[0], "tag": "1.4"}]}
    reading = read("harbor", usual("harbor", "push", more)).reading
    assert reading == Understood((ImagePushed(WEB, "1.4.2"), ImagePushed(WEB, "1.4")))


def test_a_push_of_nothing_is_ignored() -> None:
    nothing = usual("harbor", "push", {"event_data.resources": []})
    assert isinstance(read("harbor", nothing).reading, Ignored)


def test_a_registry_pulled_from_by_another_name_is_named_by_the_address() -> None:
    request = replace(usual("harbor", "push"), registry="mirror.example.com/harbor/")
    there = Repository("mirror.example.com", "harbor/shop/front/web")
    assert read("harbor", request).reading == Understood((ImagePushed(there, "1.4.2"),))


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("push", {"type": "MOVE_ARTIFACT\r\n"}, "MOVE_ARTIFACT??"),
        ("cloud.push", {"type": "harbor.artifact.moved"}, "harbor.artifact.moved"),
    ],
)
def test_an_unknown_type_is_named(name: str, values: dict[str, object], kind: str) -> None:
    assert read("harbor", usual("harbor", name, values)).reading == Unknown(kind)


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("push", {"type": None}, "type is missing"),
        ("push", {"event_data": None}, "event_data is not an object"),
        ("push", {"event_data.resources": None}, "resources is missing"),
        ("push", {"event_data.resources": {}}, "resources is not a list"),
        ("push", {"event_data.resources": [1]}, "resources holds something else than objects"),
        ("push", {"event_data.resources.0.tag": "a b"}, "tag is not a tag"),
        ("push", {"event_data.resources.0.resource_url": "/x"}, "which registry it is"),
        ("push", {"event_data.repository": {}}, "repository.repo_full_name is missing"),
        ("cloud.push", {"data": []}, "data is not an object"),
        ("cloud.push", {"specversion": "0.3"}, "specversion is not 1.x"),
        ("cloud.push", {"id": ""}, "id is missing"),
    ],
)
def test_what_is_missing_or_wrong_is_named(name: str, values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("harbor", usual("harbor", name, values))
