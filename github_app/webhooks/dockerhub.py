"""Docker Hub: a repository's webhook, which nobody signs.

https://docs.docker.com/docker-hub/repos/manage/webhooks/
"""

from __future__ import annotations

from github_app.identity import Identity
from github_app.webhooks import proofs
from github_app.webhooks.fields import maybe_scalar, parsed, text
from github_app.webhooks.ids import hashed
from github_app.webhooks.images import image_at, pushed, tag_in
from github_app.webhooks.message import Delivered, Message, Sender
from plugin.artifact import DOCKER_HUB

proven = proofs.by_address


def read(delivered: Delivered, _identity: Identity, _sender: Sender) -> Message:
    """The tag that was pushed, the only thing Docker Hub tells of; raises Refusal."""
    payload = parsed(delivered.body)
    repository = image_at(delivered.registry, DOCKER_HUB, text(payload, "repository", "repo_name"))
    tag = tag_in(payload, "push_data", "tag")
    at = maybe_scalar(payload, "push_data", "pushed_at")
    guid = hashed(str(repository), tag, at)
    return Message(guid, "push", pushed(repository, [tag]), repeats=at is None)
