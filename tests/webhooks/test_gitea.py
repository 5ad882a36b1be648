"""What the packages of Gitea and Forgejo mean, and how neither is taken for GitHub."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.events import Ignored, ImagePushed, Understood, Unknown
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.samples import GUID, names
from tests.webhooks.senders import Sent, read, sent, usual

WEB = Repository("gitea.example.com", "acme/web")


def forgejo(request: Sent) -> Sent:
    """The same from Forgejo alone."""
    headers = {
        name.replace("X-Gitea", "X-Forgejo"): value
        for name, value in request.headers.items()
        if not name.startswith("X-Gogs")
    }
    return replace(request, headers=headers)


def test_a_pushed_tag_is_looked_at() -> None:
    for request in (usual("gitea", "package.created"), forgejo(usual("gitea", "package.created"))):
        message = read("gitea", request)
        assert message.reading == Understood((ImagePushed(WEB, "1.4.2"),))
        assert (message.guid, message.kind) == (GUID, "package.created")


def test_the_registry_may_have_another_name_than_the_pages() -> None:
    request = replace(usual("gitea", "package.created"), registry="registry.example.com:5000")
    there = Repository("registry.example.com:5000", "acme/web")
    assert read("gitea", request).reading == Understood((ImagePushed(there, "1.4.2"),))


@pytest.mark.parametrize("name", sorted(set(names("gitea")) - {"package.created"}))
def test_everything_else_is_ignored(name: str) -> None:
    assert isinstance(read("gitea", usual("gitea", name)).reading, Ignored)


def test_an_unknown_event_is_named() -> None:
    request = usual("gitea", "push").but(X_Gitea_Event="moon\x1b[31m")
    assert read("gitea", request).reading == Unknown("moon??31m")


def test_gitea_is_not_taken_for_github() -> None:
    request = usual("gitea", "push")
    assert "X-GitHub-Event" in request.headers
    with pytest.raises(Refusal, match="this is Gitea or Forgejo, not GitHub"):
        read("github", request)
    with pytest.raises(Refusal, match="this is Gitea or Forgejo, not GitHub"):
        read("github", forgejo(request))


def test_github_is_not_taken_for_gitea() -> None:
    request = usual("github", "package.published")
    signature = sent("gitea", "package", request.body).headers["X-Gitea-Signature"]
    with pytest.raises(Refusal, match="X-Gitea-Event or X-Forgejo-Event is missing"):
        read("gitea", request.but(X_Gitea_Signature=signature))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"package": None}, "package.type is missing"),
        ({"action": None}, "action is missing"),
        ({"package.version": "a b"}, "package.version is not a tag"),
        ({"package.owner": None}, "package.owner.login is missing"),
        ({"package.name": "../x"}, "not an image repository"),
        ({"package.html_url": None}, r"add \?registry=HOST"),
        ({"package.html_url": "javascript:alert(1)"}, r"add \?registry=HOST"),
    ],
)
def test_what_is_missing_or_wrong_is_named(values: dict[str, object], text: str) -> None:
    with pytest.raises(Refusal, match=text):
        read("gitea", usual("gitea", "package.created", values))


def test_a_missing_id_is_named() -> None:
    with pytest.raises(Refusal, match="X-Gitea-Delivery or X-Forgejo-Delivery is missing"):
        read("gitea", usual("gitea", "push").but(X_Gitea_Delivery=None))
