"""What GitLab's registry says, and what its projects' hooks do not."""

from __future__ import annotations

import pytest

from github_app.events import Ignored, ImagePushed, Understood
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.webhooks.samples import sample
from tests.webhooks.senders import read, sent, usual

WEB = Repository("registry.gitlab.example.com", "shop/front/web")


def test_a_pushed_tag_is_looked_at() -> None:
    request = usual("gitlab", "push")
    kind = "application/vnd.docker.distribution.events.v1+json"
    message = read("gitlab", request.but(content_type=kind))
    assert message.reading == Understood((ImagePushed(WEB, "1.4.2"),))
    assert message.guid == sample("gitlab", "push")["events"][0]["id"]


@pytest.mark.parametrize("name", ["push.layer", "pull", "rename"])
def test_everything_else_is_ignored(name: str) -> None:
    assert isinstance(read("gitlab", usual("gitlab", name)).reading, Ignored)


def test_a_projects_hook_is_ignored_whatever_it_says() -> None:
    for hook in ("Tag Push Hook", "Pipeline Hook", "Hook of the future\n"):
        message = read("gitlab", usual("gitlab", "hook").but(X_Gitlab_Event=hook))
        assert isinstance(message.reading, Ignored)
        assert message.kind == hook.replace("\n", "?")


def test_a_hook_is_json_all_the_same() -> None:
    with pytest.raises(Refusal, match="not JSON"):
        read("gitlab", sent("gitlab", "hook", b"{").but(X_Gitlab_Event="Push Hook"))


def test_what_is_missing_is_named() -> None:
    with pytest.raises(Refusal, match="events is missing"):
        read("gitlab", usual("gitlab", "hook").but(X_Gitlab_Event=None))
