"""What zot's events mean, in both ways CloudEvents travel."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.events import Ignored, ImagePushed, Understood, Unknown
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.samples import GUID, names, sample
from tests.webhooks.senders import read, usual

WEB = Repository("zot.example.com:5000", "shop/web")
PUSHED = ("image.updated", "structured")


@pytest.mark.parametrize("name", PUSHED)
def test_a_pushed_tag_is_looked_at(name: str) -> None:
    message = read("zot", usual("zot", name))
    assert message.reading == Understood((ImagePushed(WEB, "1.4.2"),))
    assert message.guid == sample("zot", name).get("id", GUID)


@pytest.mark.parametrize("name", sorted(set(names("zot")) - set(PUSHED)))
def test_everything_else_is_ignored(name: str) -> None:
    assert isinstance(read("zot", usual("zot", name)).reading, Ignored)


def test_a_registry_that_says_its_address_need_not_be_named() -> None:
    request = replace(usual("zot", "structured"), registry="")
    assert read("zot", request).reading == Understood((ImagePushed(WEB, "1.4.2"),))


@pytest.mark.parametrize("source", ["zotregistry.dev", "https://zotregistry.dev", "/zot", "urn:x"])
def test_a_registry_that_does_not_must_be(source: str) -> None:
    request = usual("zot", "image.updated").but(ce_source=source)
    with pytest.raises(Refusal, match=r"add \?registry=HOST"):
        read("zot", replace(request, registry=""))


def test_an_unknown_type_is_named() -> None:
    request = usual("zot", "image.updated").but(ce_type="zotregistry.image.moved")
    assert read("zot", request).reading == Unknown("zotregistry.image.moved")


@pytest.mark.parametrize(
    ("header", "value", "text"),
    [
        ("ce_specversion", None, "this is no CloudEvent"),
        ("ce_specversion", "0.3", "specversion is not 1.x"),
        ("ce_id", None, "id is missing"),
        ("ce_type", "", "type is missing"),
        ("ce_source", None, "source is missing"),
    ],
)
def test_a_missing_attribute_is_named(header: str, value: str | None, text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("zot", usual("zot", "image.updated").but(**{header: value}))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"name": None}, "name is missing"),
        ({"name": "Shop"}, "not an image repository"),
        ({"reference": "a b"}, "reference is not a tag"),
    ],
)
def test_what_is_missing_or_wrong_is_named(values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("zot", usual("zot", "image.updated", values))
