"""The few words the log has for what a delivery asks for."""

from __future__ import annotations

import pytest

from github_app.events import (
    ArtifactPosted,
    Event,
    FreightAsked,
    ImagePushed,
    InstallationChanged,
    RepositoryChanged,
)
from github_app.webhooks.wording import told
from plugin.artifact import Repository

WEB = Repository("docker.io", "acme/web")
VERSIONS = (("api", "1.3.9"), ("web", "1.4.2"))


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (ImagePushed(WEB, "latest"), "docker.io/acme/web:latest"),
        (ImagePushed(WEB, None), "docker.io/acme/web"),
        (
            RepositoryChanged(1, "acme/gitops", "push to refs/heads/main"),
            "acme/gitops (push to refs/heads/main)",
        ),
        (InstallationChanged(7), "installation 7"),
        (
            ArtifactPosted("acme/gitops", "shop", "", "llm", "1.2", (), "the secret"),
            "llm 1.2 for acme/gitops shop with the secret",
        ),
        (
            ArtifactPosted("acme/gitops", "", "", "llm", "1.2", (), "acme/training"),
            "llm 1.2 for acme/gitops by acme/training",
        ),
        (
            FreightAsked("acme/gitops", "shop", "pair", VERSIONS, "the secret"),
            "api=1.3.9 web=1.4.2 for acme/gitops shop/pair with the secret",
        ),
    ],
)
def test_each_event_says_where_to_look(event: Event, text: str) -> None:
    assert told((event,)) == text


def test_of_many_events_the_first_are_told() -> None:
    pushes = tuple(ImagePushed(WEB, str(number)) for number in range(5))
    assert told(pushes) == (
        "docker.io/acme/web:0, docker.io/acme/web:1, docker.io/acme/web:2 and 2 more"
    )
    assert "more" not in told(pushes[:3])
