"""What Amazon's registry says through EventBridge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.events import Ignored, ImagePushed, Understood, Unknown
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.samples import names, sample
from tests.webhooks.senders import read, usual


def test_a_pushed_tag_is_looked_at() -> None:
    message = read("ecr", usual("ecr", "push"))
    web = Repository("210987654321.dkr.ecr.eu-central-1.amazonaws.com", "shop/web")
    assert message.reading == Understood((ImagePushed(web, "1.4.2"),))
    assert (message.guid, message.kind) == (sample("ecr", "push")["id"], "ECR Image Action")


def test_registries_in_china_have_a_domain_of_their_own() -> None:
    web = Repository("210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn", "shop/web")
    reading = read("ecr", usual("ecr", "push", {"region": "cn-north-1"})).reading
    assert reading == Understood((ImagePushed(web, "1.4.2"),))


def test_another_name_of_the_registry_is_taken_from_the_address() -> None:
    request = replace(usual("ecr", "push"), registry="ecr.example.com")
    web = Repository("ecr.example.com", "shop/web")
    assert read("ecr", request).reading == Understood((ImagePushed(web, "1.4.2"),))


@pytest.mark.parametrize("name", sorted(set(names("ecr")) - {"push"}))
def test_everything_else_is_ignored(name: str) -> None:
    assert isinstance(read("ecr", usual("ecr", name)).reading, Ignored)


def test_other_services_are_unknown() -> None:
    values = {"detail-type": "EC2 Instance State-change Notification"}
    reading = read("ecr", usual("ecr", "push", values)).reading
    assert reading == Unknown("EC2 Instance State-change Notification")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"id": None}, "id is missing"),
        ({"detail-type": None}, "detail-type is missing"),
        ({"detail": None}, "detail.action-type is missing"),
        ({"account": "evil.example.com/"}, "account is not the number"),
        ({"region": "eu-central-1.evil.example.com/x"}, "region is not a region"),
        ({"detail.repository-name": "a//b"}, "not an image repository"),
        ({"detail.image-tag": "-"}, "image-tag is not a tag"),
        ({"detail.image-tag": ["1"]}, "image-tag is not a text"),
    ],
)
def test_what_is_missing_or_wrong_is_named(values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("ecr", usual("ecr", "push", values))
